"""What the database refuses of reports, texts and waivers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError

from projects.models import Project, User
from reports.models import Narrative, Report, Waiver


@pytest.fixture
def report(project: Project, office: User) -> Report:
    return Report.objects.create(
        project=project,
        kind="school-midterm",
        title="中期自评报告",
        as_of=date(2023, 12, 31),
        created_by=office,
    )


@pytest.mark.parametrize("missing", ["kind", "title"])
def test_a_report_has_kind_and_title(report: Report, missing: str) -> None:
    setattr(report, missing, "")
    with pytest.raises(IntegrityError, match="report_has_kind_and_title"):
        report.save()


def test_a_text_belongs_to_a_report_or_to_its_project(report: Report, office: User) -> None:
    for owner in ({"report": report}, {"project": report.project}):
        Narrative.objects.create(section="foreword", author=office, **owner)
    assert Narrative.objects.count() == 2


@pytest.mark.parametrize("both", [True, False])
def test_a_text_belongs_to_one_of_them_only(report: Report, office: User, both: bool) -> None:
    owner: dict[str, Any] = {"report": report, "project": report.project} if both else {}
    with pytest.raises(IntegrityError, match="narrative_of_report_or_project"):
        Narrative.objects.create(section="foreword", author=office, **owner)


@pytest.mark.parametrize("owner", ["report", "project"])
def test_a_section_has_one_text(report: Report, office: User, owner: str) -> None:
    values: dict[str, Any] = {owner: report if owner == "report" else report.project, "author": office}
    Narrative.objects.create(section="foreword", **values)
    Narrative.objects.create(section="summary", **values)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        Narrative.objects.create(section="foreword", **values)


def test_a_text_names_its_section(report: Report, office: User) -> None:
    with pytest.raises(IntegrityError, match="narrative_has_section"):
        Narrative.objects.create(section="", report=report, author=office)


def test_a_finding_is_waived_once(project: Project, office: User) -> None:
    values: dict[str, Any] = {"project": project, "reason": "财务尚未结账", "by": office}
    Waiver.objects.create(rule="spent-within-received", ref="source:学校自筹", **values)
    Waiver.objects.create(rule="spent-within-received", ref="source:省级财政", **values)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        Waiver.objects.create(rule="spent-within-received", ref="source:学校自筹", **values)


@pytest.mark.parametrize("missing", ["rule", "reason"])
def test_a_waiver_says_of_what_and_why(project: Project, office: User, missing: str) -> None:
    values = {"rule": "spent-within-received", "reason": "财务尚未结账", missing: ""}
    with pytest.raises(IntegrityError, match="waiver_says_why"):
        Waiver.objects.create(project=project, by=office, **values)
