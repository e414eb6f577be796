"""Titles above a table, repeated headers in it, notes below it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.workbook import amounts, cells, days
from projects.workbook.cells import RawCell
from projects.workbook.columns import Column, Table, parse_fields, parse_table
from projects.workbook.reading import read_sheets
from tests.projects.workbook.made import saved, sheet, workbook
from tests.projects.workbook.test_cells import anything

HEADER = ["任务编号", "年度", "序号", "任务点", "计划数量", "单位"]
POINTS = (
    Column("任务编号", "task", cells.code, required=True),
    Column("年度", "year", days.year, required=True),
    Column("序号", "seq", cells.code, required=True),
    Column("任务点", "text", cells.text, required=True),
    Column("计划数量", "planned", amounts.quantity),
    Column("单位", "unit", cells.line),
)
FUNDS = (
    Column("年度", "years", days.years, required=True),
    Column("资金来源", "source", cells.line),
    Column("预算（万元）", "budget", amounts.quantity),
)
DEPARTMENTS = (Column("部门名称", "name", cells.line, required=True), Column("类型", "kind", cells.line))
EVIDENCE = (
    Column("文件名", "file_name", cells.text, required=True),
    Column("材料名称", "title", cells.text, required=True),
)
FIELDS = (Column("项目编号", "code", cells.code, required=True), Column("项目名称", "name", cells.line))
ROW = ["1-1", 2022.0, 1.0, "建设课程", 4.0, "门"]


def notices(table: Table) -> list[str]:
    return [str(notice) for notice in table.notices]


def below(*rows: Any, columns: Any = POINTS, data: Any = ROW) -> Table:
    return parse_table(sheet([column.header for column in columns], data, *rows), columns)


# Above


def test_titles_above_the_header_are_passed_over_and_cells_stay_the_files_own() -> None:
    table = parse_table(
        sheet(
            ["一览表"],
            ["单位：项", None, None, "2023年12月"],
            [],
            HEADER,
            ROW,
            [*ROW[:4], "多", "门"],
        ),
        POINTS,
    )
    assert [row.number for row in table.rows] == [5, 6]
    assert [fault.cell for fault in table.faults] == ["E6"]
    assert notices(table) == ["任务点!A4: 第 4 行是表头，上面的标题已忽略：“一览表”；“单位：项 2023年12月”"]


def test_a_title_that_is_merged_over_rows_does_not_confuse() -> None:
    book = workbook(任务点=[["一览表"], [None, "年度"], HEADER, [*ROW[:1], 2022, 1, *ROW[3:]]])
    book["任务点"].merge_cells("A1:F1")
    book["任务点"].merge_cells("A2:A2")
    table = parse_table(read_sheets(saved(book))["任务点"], POINTS)
    assert (len(table.rows), table.faults) == (1, [])


def test_a_header_merged_over_two_rows_is_no_row() -> None:
    table = parse_table(
        sheet([*HEADER[:4], "计划"], [*HEADER[:4], "计划数量", "单位"], ROW),
        POINTS,
    )
    assert (len(table.rows), table.faults) == (1, [])
    assert "planned" in table.present


def test_a_title_called_like_a_column_is_not_the_header() -> None:
    table = parse_table(
        sheet(["年度", "2022"], ["年度", "资金来源", "预算（万元）"], [2022.0, "省财政", 5.0]), FUNDS
    )
    assert (table.rows[0].values["budget"], table.faults) == (5, [])


def test_the_header_is_looked_for_in_thirty_rows() -> None:
    assert len(parse_table(sheet(*[["题"]] * 29, HEADER, ROW), POINTS).rows) == 1
    assert parse_table(sheet(*[["题"]] * 30, HEADER, ROW), POINTS).lacking


def test_without_a_full_header_the_row_that_clearly_knows_more_is_named() -> None:
    table = parse_table(sheet(["一览表"], HEADER[:3], ROW[:3]), POINTS)
    assert [str(fault) for fault in table.faults] == [
        "任务点: 缺少必填列“任务点”（按第 2 行为表头）；应为：有“任务点”列的工作表"
    ]
    assert table.rows[0].values["task"] == "1-1"
    first = parse_table(sheet(["任务编号", "甲"], ["任务编号", "年度"], ROW[:2]), POINTS)
    assert "（按第" not in str(first.faults[0])


def test_a_header_that_is_repeated_is_noticed_and_passed_over() -> None:
    table = below(["任务编号", "年度 ", "序号*", "任务点", "计划数量", "单位"], ROW)
    assert [row.number for row in table.rows] == [2, 4]
    assert notices(table) == ["任务点!A3: 这一行重复了表头，已忽略"]


def test_fields_below_a_title() -> None:
    rows = (["项目基本信息"], ["字段", "值"], ["项目编号", "P-1"], ["项目名称", None])
    table = parse_fields(sheet(*rows, title="项目"), FIELDS)
    assert table.rows[0].at("code") == "B3"
    assert table.rows[0].values["code"] == "P-1"
    assert notices(table) == ["项目!A2: 第 2 行是表头，上面的标题已忽略：“项目基本信息”"]


# Below


@pytest.mark.parametrize(
    "rows",
    [
        [["注：完成数量按自然年统计。"]],
        [[], ["备注：无"]],
        [["说明："], ["1. 数据来自教务系统"], ["2. 课程按门计"]],
        [["填表人：张三"], ["审核人：李四"], ["2023年12月31日"]],
        [["填表人：张三", None, None, "审核人：李四", None, "日期：2023-12-31"]],
        [["填表人：", "张三", None, "审核人（签字）：", "李四", date(2023, 12, 31)]],
        [[None, None, "制表人：张三"]],
        [["合计", None, None, None, 4.0]],
        [[None, None, None, "合 计", 4.0], ["注：合计按门计"]],
        [["※ 以上为任务书内容"]],
        [["（注：以上含专业群）"]],
        [["以上数据截至 2023 年底，由教务处提供。"]],
        [["联系电话：", 13800000000.0]],
        [["注1：一"], ["注2：二"], [None, None, "共 3 页"]],
    ],
)
def test_notes_below_are_noticed_and_are_no_rows(rows: Any) -> None:
    table = below(*rows)
    assert (len(table.rows), table.faults) == (1, [])
    (notice,) = notices(table)
    start = 3 if rows[0] else 4
    assert notice.startswith(f"任务点!A{start}: 第 {start} 行起是表后说明，已忽略：“") or not rows[0]
    assert all(cell.split()[0] in notice for row in rows for cell in row if isinstance(cell, str))


@pytest.mark.parametrize(
    "row",
    [
        [None, 2022.0, 2.0, "建设教材", 2.0, "部"],  # no code
        ["1-1", None, None, None],  # only begun
        ["1-1"],
        [None, None, None, "建设教材"],
        [None, None, None, "说明：编写教材", 2.0, "部"],
        [None, None, None, "建设教材；"],
        ["合计", 2022.0, 1.0, None, 4.0],
        ["合计", None, None, "建设教材", 4.0],
        ["去年"],
        [None, None, None, None, 4.0],
        ["—"],
        ["#REF!"],
    ],
)
def test_a_faulty_last_row_is_a_fault(row: Any) -> None:
    table = below(row)
    assert {fault.cell[1:] for fault in table.faults} == {"3"}
    assert not table.notices


def test_a_row_below_a_note_makes_it_no_note() -> None:
    table = below(["注：下面是专业群"], ["1-1", 2022.0, 2.0, "建设教材"])
    assert {fault.cell for fault in table.faults} == {"B3", "C3", "D3"}
    assert not table.notices
    assert below(["注：一"], ["1-2"]).faults


def test_a_complete_row_is_data_whatever_its_words_are() -> None:
    table = below(columns=EVIDENCE, data=["说明：附件.pdf", "工作说明"])
    assert (len(table.rows), table.notices) == (1, [])
    assert below(columns=EVIDENCE, data=["说明.pdf", None]).faults


def test_sheets_with_one_required_column() -> None:
    table = below(["注：以上为职能部门"], ["1. 按机构文件排列"], columns=DEPARTMENTS, data=["教务处", None])
    assert [row.values["name"] for row in table.rows] == ["教务处"]
    assert len(table.notices) == 1
    mixed = below(["注：以下为教学单位"], ["机械学院"], columns=DEPARTMENTS, data=["教务处", None])
    assert [row.values["name"] for row in mixed.rows][-1] == "机械学院"
    assert not mixed.notices
    total = below(["合计", None, 5.0], columns=FUNDS, data=[2022.0, "省财政", 5.0])
    assert (len(total.rows), total.faults) == (1, [])
    assert below(["合计", "省财政", 5.0], columns=FUNDS, data=[2022.0, "省财政", 5.0]).faults


texts = st.sampled_from(
    [
        "注：说明",
        "合计",
        "填表人：张三",
        "1. 说明",
        "1-1",
        "任务编号",
        "年度",
        "课程",
        "以上数据，截至年底。",
        "门",
    ]
)
some = st.one_of(anything, texts.map(RawCell), st.just(RawCell(2022)), st.just(RawCell("1-1")))


@settings(deadline=None, max_examples=200)
@given(rows=st.lists(st.lists(some, max_size=7), max_size=8))
def test_no_row_is_left_out_without_a_word(rows: Any) -> None:
    raw = sheet(["一览表"], HEADER, ROW)
    raw.rows.extend(rows)
    table = parse_table(raw, POINTS)
    read = {row.number for row in table.rows}
    told = {int(notice.cell[1:]) for notice in table.notices if "重复了表头" in notice.message}
    below = [int(notice.cell[1:]) for notice in table.notices if "表后说明" in notice.message]
    start = below[0] if below else len(raw.rows) + 1
    for number, cells_ in enumerate(raw.rows[2:], 3):
        is_empty = all(cell.is_empty for cell in cells_[: len(HEADER)])
        assert is_empty or (number in read) + (number in told) + (number >= start) == 1
    # A row whose required cells can all be read is always one of the rows.
    complete = parse_table(sheet(HEADER, ROW), POINTS).rows[0].values
    raw.rows.append(raw.rows[2])
    assert parse_table(raw, POINTS).rows[-1].values == complete
