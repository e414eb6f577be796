"""What offices write above their columns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.workbook import amounts, cells, days
from projects.workbook.columns import Column, Table, YearColumns, parse_fields, parse_table
from projects.workbook.synonyms import SYNONYMS, Heading, heading, words_for
from reports.sheets import EVERY
from tests.projects.workbook.made import percentage, sheet

MONEY = (
    Column("年度", "year", days.year, required=True),
    Column("预算（万元）", "budget", amounts.quantity),
    Column("责任部门", "department", cells.line),
    Column("完成日期", "done_on", days.day),
    Column("完成比例", "ratio", amounts.ratio),
    Column("完成值", "value", amounts.measure),
    Column("权重", "weight", amounts.quantity),
    Column("目标数量", "target", amounts.quantity),
    YearColumns("targets", amounts.measure),
)


def read(header: str, value: Any = None) -> Table:
    return parse_table(sheet(["年度", header], [2022.0, value], title="经费"), MONEY)


def notices(table: Table) -> list[str]:
    return [str(notice) for notice in table.notices]


@pytest.mark.parametrize(
    "header",
    [
        "预算（万元）",
        "预算(万元)",
        "预算\n（万元）",
        " 预 算 ［万元］ ",
        "预算【万元】*",
        "*预算（万元）",
        "预算（万元）（必填）＊",
        "预算（万元）：",
        "预算金额（万元）",
        "经费预算 (万元)",
    ],
)
def test_spaces_brackets_and_marks_do_not_matter(header: str) -> None:
    table = read(header, 12.5)
    assert table.rows[0].values["budget"] == Decimal("12.5")
    assert not table.faults
    assert not table.notices


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("责任单位", "department"),
        ("牵头部门", "department"),
        ("完成时间", "done_on"),
        ("完成值（项）", "value"),
    ],
)
def test_other_words_are_understood(header: str, name: str) -> None:
    assert name in read(header).present


def test_a_header_without_its_unit_is_read_with_a_notice() -> None:
    table = read("预算", 12.5)
    assert table.rows[0].values["budget"] == Decimal("12.5")
    assert notices(table) == ["经费: 列“预算”（B1）没有写单位，按“万元”读取"]


@pytest.mark.parametrize(
    "header", ["预算（元）", "预算（%）", "权重（%）", "责任部门（协同）", "完成日期（计划）"]
)
def test_another_unit_is_not_taken_for_ours(header: str) -> None:
    table = read(header, 12.5)
    assert table.present == {"year"}
    (notice,) = notices(table)
    assert notice.startswith(f"经费: 列“{header}”（B1）括号中的内容与“")


@pytest.mark.parametrize(
    ("header", "name", "value", "expected"),
    [
        ("完成比例", "ratio", 0.9543, "0.9543"),
        ("完成比例", "ratio", "95.43%", "0.9543"),
        ("完成比例（%）", "ratio", 95.43, "0.9543"),
        ("完成率（％）", "ratio", "95.43%", "0.9543"),
        ("完成率(%)", "ratio", percentage("0.9543"), "0.9543"),
        ("完成值（%）", "value", 95.43, "95.43"),
        ("完成值（%）", "value", percentage("0.9543"), "95.43"),
    ],
)
def test_percent_is_the_same_number_in_every_spelling(
    header: str, name: str, value: Any, expected: str
) -> None:
    assert read(header, value).rows[0].values[name] == Decimal(expected)


def test_yearly_targets_by_other_words() -> None:
    header = ["年度", "2022年度目标", "2023目标值（门）", "2024年目标"]
    table = parse_table(sheet(header, [2022.0, 1.0, 2.0, 3.0]), MONEY)
    assert table.rows[0].values["targets"] == {2022: 1, 2023: 2, 2024: 3}


def test_our_own_header_stands_before_another_word_and_a_notice_says_so() -> None:
    for header, at in ((["年度", "责任单位", "责任部门"], 2), (["年度", "责任部门", "责任单位"], 1)):
        values: list[Any] = [2022.0, "甲", "乙"]
        table = parse_table(sheet(header, values), MONEY)
        assert table.rows[0].values["department"] == values[at]
        assert not table.faults
        assert "“责任单位”" in notices(table)[0]
        assert "已忽略" in notices(table)[0]


def test_two_other_words_for_one_column_are_a_fault() -> None:
    table = parse_table(sheet(["年度", "责任单位", "牵头部门"], [2022.0, "甲", "乙"]), MONEY)
    assert [str(fault) for fault in table.faults] == [
        "任务点!C1: 列与 B1 “责任单位”是同一列（责任部门），重复：“牵头部门”；应为：只出现一次的列"
    ]


def test_fields_by_other_words() -> None:
    columns = (
        Column("项目编号", "code", cells.code, required=True),
        Column("学校名称", "school", cells.line),
    )
    rows: Sequence[Sequence[Any]] = (["项目", "内容"], ["项目代码：", "P-1"], ["学校", "某校"])
    table = parse_fields(sheet(*rows, title="项目"), columns)
    assert (table.rows[0].values, table.faults) == ({"code": "P-1", "school": "某校"}, [])


def headers_of(columns: Any) -> list[str]:
    return [column.header for column in columns if isinstance(column, Column)]


@pytest.mark.parametrize("known", EVERY, ids=lambda known: known.title)
def test_no_word_stands_for_two_columns_of_a_sheet(known: Any) -> None:
    own = {heading(header).word for header in headers_of(known.columns)}
    meant: dict[str, str] = {}
    for header in headers_of(known.columns):
        for word in words_for(header):
            assert word not in own
            assert meant.setdefault(word, header) == header


def test_every_word_of_the_table_belongs_to_a_header() -> None:
    known = {header for each in EVERY for header in headers_of(each.columns)} | {"字段", "值"}
    assert set(SYNONYMS) <= known
    assert all(header not in words for header, words in SYNONYMS.items())


@given(text=st.text(min_size=1, max_size=40).map("名".__add__))
def test_any_text_is_a_heading_that_marks_do_not_change(text: str) -> None:
    assert heading(f" *{text}（必填）* ：") == heading(text)


def test_a_heading_keeps_what_is_in_other_brackets() -> None:
    assert heading("目标（一）数量") == Heading("目标(一)数量")
