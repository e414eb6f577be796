"""Whatever stands in the cells: an answer, never an exception, and the same file twice changes nothing."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.workbook.headers import Column
from reports.exchange import import_workbook
from reports.sheets import SHEETS as ALL
from tests.conftest import NOW
from tests.workbooks import FULL, workbook

pytestmark = pytest.mark.django_db

SHEETS: dict[str, list[list[Any]]] = {title: [list(row) for row in rows] for title, rows in FULL.items()}
PLACES = [
    (title, row, column)
    for title, rows in SHEETS.items()
    for row in range(len(rows))
    for column in range(len(rows[row]))
]
VALUES = [
    *(None, "", "\u200b", "—", "XXX", 0, 1, -1, 2.5, 101, 2022, 2023.12, 10**15, 1e-7, 0.1234567, True),
    *("#REF!", "甲\n乙", "一" * 60, "一" * 400, "🎓", "'; --", "是", "否", "学校", "专业群", "年度", "期满"),
    *(date(2024, 2, 1), datetime(2024, 2, 1, 8, 30), "2023-12-31", "2023.12", "1889-01-01", "２０２２"),
    *("2022-2023", "2023-2022", "A", "A.1", "2", "B", "L1", "C1", "1.1", "A.1/2022/1"),
    *("A.1/2022/9；2/2023/3-1", "1.1；1.9", "教务处、招生处"),
    *("95%", "国家级", "优", "合计", "人工", "指标完成率", "数量指标", "最新", "越低越好"),
    *(header for rows in FULL.values() for header in rows[0]),
]

# What fits in a cell, as against what does not: nothing, and the other values of its column.
FITTING = [
    ((title, row, column), value)
    for title, row, column in PLACES
    if row and title != "项目"
    for value in (None, *(other[column] for other in SHEETS[title][1:]))
]
OPTIONAL = [
    (sheet.title, SHEETS[sheet.title][0].index(column.header))
    for sheet in ALL
    for column in sheet.columns
    if isinstance(column, Column) and not column.required and sheet.title != "项目"
]

misfits = st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(VALUES)), min_size=1, max_size=4)
fits = st.lists(st.sampled_from(FITTING), max_size=4)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.one_of(fits, misfits),
    without_sheets=st.sets(st.sampled_from(list(FULL)[1:]), max_size=3),
    without_columns=st.sets(st.sampled_from(OPTIONAL), max_size=3),
    stands=st.booleans(),
    approve=st.booleans(),
)
def test_any_workbook_is_taken_in_or_refused_with_places(
    changes: Any, without_sheets: Any, without_columns: Any, stands: bool, approve: bool
) -> None:
    sheets = deepcopy(SHEETS)
    for (title, row, column), value in changes:
        sheets[title][row][column] = value
    file = workbook(
        {
            title: [[v for at, v in enumerate(row) if (title, at) not in without_columns] for row in rows]
            for title, rows in sheets.items()
            if title not in without_sheets
        }
    )
    with transaction.atomic():
        if stands:
            import_workbook(workbook(FULL), now=NOW, approve=not approve)
        outcome = import_workbook(file, now=NOW, approve=approve)
        assert outcome.ok or all(fault.message and fault.expected for fault in outcome.faults)
        if outcome.ok:
            file.seek(0)
            again = import_workbook(file, now=NOW, approve=approve)
            assert again.ok
            assert again.changes_nothing, again.counts
        transaction.set_rollback(True)
