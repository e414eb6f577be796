"""A workbook cannot change what a finalised report says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from indicators.models import IndicatorValue, Outcome
from projects.models import Entry, Project, ReportingWindow, User, WindowException
from reports.exchange import Destination, import_workbook
from tests.workbooks import FULL, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked(now: datetime) -> Project:
    """A project taken in; then its window, whose cut-off is the end of 2023, was locked."""
    outcome = import_workbook(workbook(FULL), now=now, approve=True)
    assert outcome.project
    ReportingWindow.objects.filter(is_main=True).update(locked_at=now)
    return outcome.project


def with_row(title: str, *row: Any) -> dict[str, Any]:
    return {**FULL, title: (*FULL[title], row)}


ROWS = {
    "指标完成": ("1.1", "2023-12-30", 9, None, None),
    "成果台账": (
        *(None, "课程三", "国家", None, None, "2023-05-02", 1, None, None, None),
        *("教务处", "A", "C1", None, None, None),
    ),
}


def test_the_same_workbook_still_comes_in_without_a_change(locked: Project, now: datetime) -> None:
    outcome = import_workbook(workbook(FULL), now=now + timedelta(days=1), approve=True)
    assert outcome.ok, outcome.faults
    assert not any(counts["new"] or counts["changed"] for counts in outcome.counts.values())


@pytest.mark.parametrize("title", ROWS)
def test_a_row_of_a_locked_day_is_a_fault_at_its_date(locked: Project, now: datetime, title: str) -> None:
    before = (Entry.objects.count(), IndicatorValue.objects.count(), Outcome.objects.count())
    outcome = import_workbook(workbook(with_row(title, *ROWS[title])), now=now, approve=True)
    (fault,) = outcome.faults
    row = len(FULL[title]) + 1
    column = "B" if title == "指标完成" else "F"
    assert (fault.sheet, fault.cell) == (title, f"{column}{row}")
    assert "报告已定稿，2023-12-31 及以前的数据已锁定" in fault.message
    assert (Entry.objects.count(), IndicatorValue.objects.count(), Outcome.objects.count()) == before


def test_what_speaks_of_a_later_day_comes_in(locked: Project, now: datetime) -> None:
    outcome = import_workbook(
        workbook(with_row("指标完成", "1.1", "2024-01-31", 9, None, None)), now=now, approve=True
    )
    assert outcome.ok, outcome.faults
    assert outcome.counts["指标完成"]["new"] == 1


def test_an_exception_for_everything_opens_it_to_its_person_until_its_day(
    locked: Project, office: User, now: datetime
) -> None:
    office.memberships.update(institution=locked.institution)
    WindowException.objects.create(
        window=locked.windows.get(is_main=True),
        user=office,
        reason="补录",
        granted_by=office,
        granted_on=date(2024, 3, 1),
        until=date(2024, 3, 5),
    )
    file = workbook(with_row("指标完成", *ROWS["指标完成"]))
    for today, is_open in ((date(2024, 3, 6), False), (None, False), (date(2024, 3, 5), True)):
        file.seek(0)
        to = Destination(locked.institution, by=office, today=today)
        outcome = import_workbook(file, now=now, by=office, approve=True, to=to, dry_run=not is_open)
        assert outcome.ok == is_open, (today, outcome.faults)


def changed(title: str, row: int, **values: Any) -> dict[str, Any]:
    """The workbook with other cells, by header, in one row of a sheet."""
    header = FULL[title][0]
    rows = [list(each) for each in FULL[title]]
    for name, value in values.items():
        rows[row][header.index(name)] = value
    return {**FULL, title: tuple(map(tuple, rows))}


POINT = ("A.1", 2023, 9, "新增教材", 2, "部", None, None, None, None, None, None)
FREE_POINT = ("A.1", 2024, 9, "新增教材", 2, "部", None, None, None, None, None, None)
AMOUNT = (2023, "市财政", None, 20, None, None, None, None, None, None)
SURVEY = ("企业", 2023, 92, None, None, None, None)
LOCKED: dict[str, tuple[dict[str, Any], str]] = {
    "a new amount, by its year": (with_row("经费", *AMOUNT), "经费!A4"),
    "an amount by its day": (changed("经费", 1, **{"支出（万元）": 80}), "经费!H2"),
    "an amount moved out of the window": (changed("经费", 1, 日期="2024-02-01"), "经费!H2"),
    "an amount that goes": ({**FULL, "经费": FULL["经费"][:2]}, "经费"),
    "a new survey": (with_row("满意度", *SURVEY), "满意度!B4"),
    "a changed survey": (changed("满意度", 1, 样本量=900), "满意度!B2"),
    "a new point": (with_row("任务点", *POINT), "任务点!J6"),
    "a changed plan": (changed("任务点", 1, 计划数量=5), "任务点!J2"),
    "a point moved out of the window": (changed("任务点", 2, 截止日期="2024-06-30"), "任务点!J3"),
}


@pytest.mark.parametrize("case", LOCKED)
def test_money_surveys_and_the_task_book_of_locked_days_are_faults(
    locked: Project, now: datetime, case: str
) -> None:
    sheets, place = LOCKED[case]
    outcome = import_workbook(workbook(sheets), now=now, approve=True)
    (fault,) = outcome.faults
    assert "!".join(filter(None, (fault.sheet, fault.cell))) == place
    assert "报告已定稿，2023-12-31 及以前的数据已锁定" in fault.message


@pytest.mark.parametrize(
    "sheets",
    [
        with_row("经费", 2024, *AMOUNT[1:]),
        with_row("经费", "2023-2024", *AMOUNT[1:]),
        with_row("满意度", "企业", 2024, *SURVEY[2:]),
        with_row("任务点", *FREE_POINT),
    ],
)
def test_money_surveys_and_points_of_later_days_come_in(
    locked: Project, now: datetime, sheets: dict[str, Any]
) -> None:
    outcome = import_workbook(workbook(sheets), now=now, approve=True)
    assert outcome.ok, outcome.faults
    assert sum(counts["new"] for counts in outcome.counts.values()) == 1
