"""Text, codes, lists and answers in cells."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.workbook import amounts, cells, days
from projects.workbook.cells import Parser, RawCell, line
from projects.workbook.faults import Problem
from tests.projects.workbook.made import attempt, cell, percentage

UNKNOWN_MARKS = ["", "  ", "XXX", "—", "——", "-", "/", "（略）", "(略)", "／", "\u3000— "]

PARSERS: dict[str, Parser] = {
    "text": cells.text,
    "line": cells.line,
    "code": cells.code,
    "names": cells.names,
    "codes": cells.codes,
    "flag": cells.flag,
    "choice": cells.Choice("学校", "专业群"),
    "quantity": amounts.quantity,
    "signed": amounts.signed,
    "whole": amounts.whole,
    "ratio": amounts.ratio,
    "percent": amounts.percent,
    "measure": amounts.measure,
    "day": days.day,
    "year": days.year,
    "years": days.years,
    "points": days.points,
}
parsers = pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)

anything = st.builds(
    RawCell,
    st.one_of(
        st.none(),
        st.text(),
        st.text(alphabet="0123456789０１２.,，-—/年月日号%％ \n；;、#!REFN", max_size=20),
        st.booleans(),
        st.integers(),
        st.decimals(),
        st.floats().map(lambda number: Decimal(f"{number:.15g}")),
        st.dates(),
        st.datetimes(),
        st.times(),
        st.timedeltas(),
    ),
    st.booleans(),
    st.booleans(),
)


@parsers
@given(found=anything)
def test_a_parser_raises_nothing_but_problems(parse: Parser, found: RawCell) -> None:
    result = attempt(parse, found)
    if isinstance(result, Problem):
        assert result.message
        assert result.expected


@given(found=anything)
def test_every_cell_can_be_shown(found: RawCell) -> None:
    assert len(found.shown) <= cells.LONGEST_SHOWN


@parsers
@pytest.mark.parametrize("mark", UNKNOWN_MARKS)
def test_marks_for_unknown_read_like_an_empty_cell(parse: Parser, mark: str) -> None:
    assert parse(RawCell(mark)) == parse(RawCell())
    assert parse(RawCell()) in (None, "", ())


@parsers
@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#N/A", "#NAME?", "#VALUE!", "#NUM!", "#SPILL!"])
def test_an_excel_error_is_never_a_value(parse: Parser, error: str) -> None:
    with pytest.raises(Problem, match="错误值"):
        parse(RawCell(error))


@parsers
def test_a_formula_without_its_result_is_not_taken_for_an_empty_cell(parse: Parser) -> None:
    with pytest.raises(Problem, match="没有保存计算结果"):
        parse(RawCell(is_uncached=True))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  一项工作 \n", "一项工作"),
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("隐\u200b形\x00字\ufeff符\u202e", "隐形字符"),
        ("制\t表", "制 表"),
        ("\u3000全角空格\u3000", "全角空格"),
        ("①②½", "①②½"),
        ("# 一级标题", "# 一级标题"),
        (2023.0, "2023"),
        (0.10, "0.1"),
        (percentage("0.9543"), "95.43%"),
        (date(2023, 12, 31), "2023-12-31"),
        (datetime(2023, 12, 31, 8, 30), "2023-12-31 08:30"),
        (True, "TRUE"),
    ],
)
def test_text(value: Any, expected: str) -> None:
    assert cells.text(cell(value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("石油化工\n技术专业群", "石油化工技术专业群"),
        ("IET\ncertificate", "IET certificate"),
        ("通过 IET\n认证", "通过 IET认证"),
    ],
)
def test_a_name_that_the_cell_wraps_is_one_line(value: str, expected: str) -> None:
    assert cells.line(cell(value)) == expected


def test_text_has_a_limit() -> None:
    assert len(cells.text(cell("长" * 10_000))) == 10_000
    with pytest.raises(Problem, match="10001 字"):
        cells.text(cell("长" * 10_001))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2.0, "2"),
        (2, "2"),
        (100.0, "100"),
        ("2", "2"),
        ("０２", "02"),
        ("Ａ－１", "A-1"),
        ("2.10", "2.10"),
        (" 1-1 ", "1-1"),
        ("任务\n一", "任务 一"),
        ("①", "①"),
        ("P07", "P07"),
    ],
)
def test_a_code_is_text(value: Any, expected: str) -> None:
    assert cells.code(cell(value)) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (2.1, "请存为文本"),
        (1234567890123456.0, "丢失末尾"),
        (date(2024, 2, 1), "日期"),
        (time(1, 2), "时间"),
        (timedelta(hours=30), "时间"),
        (True, "逻辑值"),
        (percentage("1"), "不是编号"),
        (RawCell(Decimal("NaN")), "不是编号"),
        ("1" * 101, "太长"),
    ],
)
def test_what_is_no_code(value: Any, message: str) -> None:
    with pytest.raises(Problem, match=message):
        cells.code(cell(value))


def test_names_are_split_and_kept_once() -> None:
    assert cells.names(cell("教务处、科研处，学生处；教务处\n财务处,—")) == (
        "教务处",
        "科研处",
        "学生处",
        "财务处",
    )
    assert cells.names(cell("教务处")) == ("教务处",)


def test_codes_are_split_by_semicolons_only() -> None:
    assert cells.codes(cell("1.1.1；1.1.2; １.2\n1.1.1")) == ("1.1.1", "1.1.2", "1.2")
    assert cells.codes(cell(2.0)) == ("2",)
    with pytest.raises(Problem):
        cells.codes(cell(2.1))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("是", True), ("否", False), ("√", True), ("×", False), (None, None), (True, True), (False, False)],
)
def test_flag(value: Any, expected: bool | None) -> None:
    assert cells.flag(cell(value)) is expected


@pytest.mark.parametrize("value", ["也许", 1.0, "是是", date(2023, 1, 1)])
def test_what_is_neither_yes_nor_no(value: Any) -> None:
    with pytest.raises(Problem, match="“是”或“否”"):
        cells.flag(cell(value))


def test_choice_takes_nothing_else() -> None:
    parse = cells.Choice("年度", "中期", "期满")
    assert parse(cell(" 中 期 ")) == "中期"
    with pytest.raises(Problem) as caught:
        parse(cell("季度"))
    assert caught.value.expected == "“年度”、“中期”、“期满”"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("教务\n处", "教务处"),
        ("Hello\nWorld", "Hello World"),
        ("甲 \n\n B", "甲B"),
        ("A\n乙", "A乙"),
        ("\n单位\n", "单位"),
    ],
)
def test_a_break_that_only_wraps_the_cell_is_taken_out(written: str, read: str) -> None:
    assert line(RawCell(written)) == read


def test_a_long_run_of_spaces_costs_no_more_than_its_length() -> None:
    """Backtracking would take minutes: the test would not end."""
    with pytest.raises(Problem):
        line(RawCell("甲" + " " * 9_900 + "乙\n" + "丙" * 300))
    for _ in range(2_000):
        line(RawCell("甲" + " " * 9_900 + "乙\n丙"))
