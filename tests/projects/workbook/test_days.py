"""Dates, years and references to task points in cells."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.workbook import days
from projects.workbook.faults import Problem
from tests.projects.workbook.made import cell, percentage

FULL_WIDTH = str.maketrans("0123456789-/.", "０１２３４５６７８９－／．")


@given(when=st.dates(days.EARLIEST, days.LATEST))
def test_every_spelling_of_a_date_is_the_same_date(when: date) -> None:
    y, m, d = when.year, when.month, when.day
    spellings = [
        f"{y}-{m:02}-{d:02}",
        f"{y}/{m}/{d}",
        f"{y}.{m}.{d:02}",
        f"{y}年{m}月{d}日",
        f" {y} 年 {m:02} 月 {d} 日 ",
        f"{y}-{m:02}-{d:02} 00:00:00",
        f"{y}—{m}—{d}",
        f"{y}-{m:02}-{d:02}".translate(FULL_WIDTH),
        when,
        datetime(y, m, d),
    ]
    assert {days.day(cell(spelling)) for spelling in spellings} == {when}


@given(year=st.integers(1990, 2100), month=st.integers(1, 12))
def test_a_month_is_its_last_day(year: int, month: int) -> None:
    last = date(year, month, monthrange(year, month)[1])
    spellings = [f"{year}.{month}", f"{year}.{month:02}", f"{year}年{month}月", f"{year}-{month}"]
    assert {days.day(cell(spelling)) for spelling in spellings} == {last}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2023-02-29", "没有这一天"),
        ("2023.13", "没有这一天"),
        ("明年", "不是日期"),
        ("2023", "不是日期"),
        ("20231231", "不是日期"),
        ("31/12/2023", "不是日期"),
        ("1989-12-31", "超出范围"),
        ("2101-01-01", "超出范围"),
        (date(1900, 1, 1), "超出范围"),
        (date(9999, 12, 31), "超出范围"),
        (datetime(2023, 12, 31, 15, 30), "时刻"),
        (time(0, 0), "不是日期"),
        (timedelta(days=1), "不是日期"),
        (True, "不是日期"),
        (2023.12, "请存为文本"),
        (2023.0, "请存为文本"),
        (45291.0, "是数字，不是日期"),
        (float("nan"), "不是日期"),
    ],
)
def test_what_is_no_date(value: Any, message: str) -> None:
    with pytest.raises(Problem, match=message):
        days.day(cell(value))


def test_a_serial_number_is_named_as_the_date_it_may_mean() -> None:
    with pytest.raises(Problem) as caught:
        days.day(cell(45291.0))
    assert "2023-12-31" in caught.value.expected


@pytest.mark.parametrize("value", [2022.0, 2022, "2022", "2022年", "２０２２ 年", "2022年度"])
def test_year(value: Any) -> None:
    assert days.year(cell(value)) == 2022


@pytest.mark.parametrize(
    "value", [1989.0, 2101.0, 22.0, 2022.5, "22", "二〇二二", True, date(2022, 1, 1), percentage("20.22")]
)
def test_what_is_no_year(value: Any) -> None:
    with pytest.raises(Problem, match="不是年份"):
        days.year(cell(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2022.0, (2022, 2022)),
        ("2022年", (2022, 2022)),
        ("2022-2023", (2022, 2023)),
        ("2022—2023", (2022, 2023)),
        ("2022——2023年", (2022, 2023)),
        ("2022年-2023年", (2022, 2023)),
        ("2022 ～ 2023", (2022, 2023)),
        ("2022至2025", (2022, 2025)),
    ],
)
def test_years(value: Any, expected: tuple[int, int]) -> None:
    assert days.years(cell(value)) == expected


@pytest.mark.parametrize("value", ["2023-2022", "2022-23", "1980-2022", "前两年", 2022.5])
def test_what_is_no_span(value: Any) -> None:
    with pytest.raises(Problem, match="年份"):
        days.years(cell(value))


def test_references_to_task_points() -> None:
    assert days.points(cell("2-1/2022/3")) == (("2-1", 2022, "3"),)
    assert days.points(cell("2-1/2022/3；A.1/2023年/01;2-1/2022/3")) == (
        ("2-1", 2022, "3"),
        ("A.1", 2023, "01"),
    )
    assert days.points(cell("a/b/2022/3")) == (("a/b", 2022, "3"),)


@pytest.mark.parametrize(
    "value", ["2-1", "2-1/3", "2-1/两年/3", "/2022/3", "2-1/2022/", 3.0, date(2022, 1, 3)]
)
def test_what_is_no_task_point(value: Any) -> None:
    with pytest.raises(Problem):
        days.points(cell(value))
