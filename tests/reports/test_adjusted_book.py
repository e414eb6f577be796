"""Workbooks after changes of the task book: what left it stays out; a file that would undo one says so."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest

from indicators.models import Indicator, Outcome, OutcomeTarget
from projects.models import Entry, Project, TaskPoint, User
from projects.models.change import DELETION
from reports.exchange import Outcome as Taken
from reports.exchange import import_workbook
from reports.export import export_workbook
from reports.facts import gather
from reports.figures import as_json, figures
from tests.conftest import person
from tests.reports.test_basis import adjust

IN_FORCE = date(2023, 6, 15)


@pytest.fixture
def clerk(rules: Project) -> User:
    return person("zhoumin", "周敏", "office", rules.institution, None)


def taken(file: bytes, now: datetime, **others: Any) -> Taken:
    return import_workbook(BytesIO(file), now=now, approve=True, **others)


def changed(record: Any, by: User, now: datetime, **wanted: str) -> None:
    told = {name.replace("__", "."): text for name, text in wanted.items()}
    adjust(type(record)._base_manager.get(pk=record.pk), told, by, now, IN_FORCE)


def test_the_original_workbook_says_what_it_would_undo(rules: Project, clerk: User, now: datetime) -> None:
    original = export_workbook(rules)
    point = TaskPoint.objects.of(rules).filter(planned__gt=1).earliest("pk")
    indicator = Indicator.objects.filter(project=rules, final_target__gt=1).earliest("pk")
    target = indicator.targets.earliest("year") if indicator.targets.exists() else None
    changed(point, clerk, now, planned="77")
    changed(indicator, clerk, now, final_target="88")
    if target:
        changed(indicator, clerk, now, **{f"targets__{target.year}": "99"})
    outcome = taken(original, now, dry_run=True)
    assert outcome.ok
    told = [
        str(notice) for notice in outcome.notices if "由" in notice.message and "导入将改为" in notice.message
    ]
    assert any("“计划数量”已按 5号（自 2023-06-15 起生效）" in each and "任务点!" in each for each in told)
    assert any("“期满目标”已按 5号" in each and "调整为 88" in each for each in told)
    assert len(told) == 2 + (target is not None)
    # A file of now agrees.
    assert not [n for n in taken(export_workbook(rules), now, dry_run=True).notices if "5号" in n.message]


def test_a_point_that_moved_would_be_made_again(rules: Project, clerk: User, now: datetime) -> None:
    original = export_workbook(rules)
    point = TaskPoint.objects.of(rules).earliest("pk")
    changed(point, clerk, now, year=f"{point.year + 1}-77")
    outcome = taken(original, now, dry_run=True)
    assert any("导入会另建一条" in notice.message for notice in outcome.notices)
    assert outcome.counts["任务点"]["new"] == 1


def test_what_left_the_task_book_is_neither_exported_nor_missed_nor_brought_back(
    rules: Project, clerk: User, now: datetime
) -> None:
    original = export_workbook(rules)
    entry = Entry.objects.of(rules).filter(state="approved").earliest("pk")
    won = Outcome.objects.filter(project=rules).exclude(target=None).earliest("pk")
    indicator = Indicator.objects.filter(project=rules).exclude(values=None).earliest("pk")
    for record in (entry.point, indicator, won.target):
        changed(record, clerk, now, **{DELETION: ""})
    again = export_workbook(rules)
    outcome = taken(again, now, dry_run=True)
    assert outcome.ok, outcome.faults
    counts = outcome.counts
    for title in ("任务点", "绩效指标", "成果目标"):
        assert counts[title]["missing"] == counts[title]["new"] == counts[title]["changed"] == 0, title
    outcome = taken(original, now)
    assert outcome.ok
    assert sum("导入不会恢复" in notice.message for notice in outcome.notices) == 3
    assert TaskPoint.objects.get(pk=entry.point_id).removed_on == IN_FORCE
    assert OutcomeTarget.objects.filter(project=rules, removed_on=None).count() > 0


def test_a_copy_made_from_the_file_has_the_same_figures(rules: Project, clerk: User, now: datetime) -> None:
    entry = Entry.objects.of(rules).filter(state="approved").earliest("pk")
    changed(entry.point, clerk, now, **{DELETION: ""})
    other = TaskPoint.objects.of(rules).exclude(pk=entry.point_id).filter(planned__gt=1).earliest("pk")
    changed(other, clerk, now, planned="77")
    day = date(2023, 12, 31)
    before, file = as_json(figures(gather(rules, day)))["tasks"], export_workbook(rules)
    Project.objects.filter(pk=rules.pk).update(code="ALT")
    outcome = taken(file, now)
    assert outcome.ok, outcome.faults
    assert outcome.project
    assert as_json(figures(gather(outcome.project, day)))["tasks"] == before
