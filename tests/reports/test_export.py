"""Export: a project given out imports again to the same records, figures equal to the last digit."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from projects.models import Institution, Project
from reports.exchange import import_workbook
from reports.export import export_workbook
from reports.facts import gather
from reports.figures import as_json, figures
from tests.conftest import DATA

pytestmark = pytest.mark.django_db

EXAMPLES = ["maoming-school", "maoming-petrochem", "rules", "rules-annual", "rules-final"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_export_changes_nothing(name: str, now: datetime) -> None:
    project = import_workbook(DATA / f"{name}.xlsx", now=now, approve=True).project
    assert project
    file = export_workbook(project)
    again = import_workbook(BytesIO(file), now=now + timedelta(hours=1), approve=True)
    assert not again.faults
    assert {title: n for title, n in again.counts.items() if n["new"] or n["changed"] or n["missing"]} == {}
    assert not again.notices


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_export_makes_the_same_project_elsewhere(name: str, now: datetime) -> None:
    project = import_workbook(DATA / f"{name}.xlsx", now=now, approve=True).project
    assert project
    file, before = export_workbook(project), as_json(figures(gather(project)))
    Project.objects.update(code="ANOTHER")
    Institution.objects.update(name="另一所学院")
    again = import_workbook(BytesIO(file), now=now, approve=True).project
    assert again
    assert as_json(figures(gather(again))) == before
    assert cells_of(export_workbook(again)) == cells_of(file)


def cells_of(file: bytes) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(BytesIO(file))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
