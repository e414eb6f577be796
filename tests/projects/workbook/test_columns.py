"""From raw sheets to tables of typed rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from projects.workbook import amounts, cells, days
from projects.workbook.columns import Column, Table, YearColumns, duplicate_keys, parse_fields, parse_table
from projects.workbook.faults import Fault
from projects.workbook.raw import RawSheet
from projects.workbook.references import position
from tests.projects.workbook.made import cell, percentage, sheet
from tests.projects.workbook.test_cells import anything

POINTS = (
    Column("任务编号", "task", cells.code, required=True),
    Column("年度", "year", days.year, required=True),
    Column("序号", "seq", cells.code, required=True),
    Column("计划数量", "planned", amounts.quantity),
    Column("单位", "unit", cells.text, default="项"),
    Column("协同部门", "departments", cells.names),
    Column("预算（万元）", "budget", amounts.quantity),
    YearColumns("targets", amounts.quantity),
)
FIELDS = (
    Column("项目编号", "code", cells.code, required=True),
    Column("建设起始年", "start_year", days.year, required=True),
    Column("综合权重", "weight", amounts.percent),
    Column("统计时段类型", "kind", cells.Choice("年度", "中期", "期满"), default="中期"),
)


def sentences(table: Table) -> list[str]:
    return [str(fault) for fault in table.faults]


def test_columns_are_found_by_header_in_any_order() -> None:
    table = parse_table(
        sheet(["序号 ", "年 度", "任务编号*", "预算\n(万元)"], [1.0, 2022.0, "1-1", 12.5]), POINTS
    )
    (row,) = table.rows
    assert row.values == {
        "task": "1-1",
        "year": 2022,
        "seq": "1",
        "planned": None,
        "unit": "项",
        "departments": (),
        "budget": Decimal("12.5"),
        "targets": {},
    }
    assert table.present == {"task", "year", "seq", "budget"}
    assert not table.faults
    assert not table.notices


def test_each_value_knows_its_cell() -> None:
    table = parse_table(
        sheet(["任务编号", "年度", "序号", "2022年目标"], [], ["1-1", 2022.0, 1.0, percentage("0.5")]),
        (*POINTS[:3], YearColumns("targets", amounts.measure)),
    )
    (row,) = table.rows
    assert row.number == 3
    assert [row.at("task"), row.at("seq"), row.at("targets", 2022)] == ["A3", "C3", "D3"]
    assert row.shown("targets", 2022) == "50%"
    assert row.at("planned") == "A3"
    assert row.shown("planned") == ""
    assert str(table.fault(row, "year", "太早", "2023")) == "任务点!B3: 太早：“2022”；应为：2023"


def test_year_columns_give_a_dict_by_year() -> None:
    header = ["任务编号", "年度", "序号", "2022年目标", "2023 年目标", "1000年目标"]
    table = parse_table(sheet(header, ["1", 2022.0, 1.0, 3.0, None, 5.0]), POINTS)
    assert table.rows[0].values["targets"] == {2022: Decimal(3), 2023: None}
    assert "targets" in table.present
    assert [str(notice) for notice in table.notices] == ["任务点: 不认识的列“1000年目标”（F1），已忽略"]


def test_rows_do_not_share_their_years() -> None:
    table = parse_table(
        sheet(["任务编号", "年度", "序号", "2022年目标"], ["1", 2022.0, 1.0, 1.0], ["1", 2022.0, 2.0, 2.0]),
        POINTS,
    )
    assert [row.values["targets"] for row in table.rows] == [{2022: 1}, {2022: 2}]


def test_a_default_stands_for_an_unknown_cell() -> None:
    table = parse_table(
        sheet(
            ["任务编号", "年度", "序号", "单位"], *(["1", 2022.0, 1.0, unit] for unit in ("个", "—", None))
        ),
        POINTS,
    )
    assert [row.values["unit"] for row in table.rows] == ["个", "项", "项"]


def test_zero_and_no_are_not_unknown() -> None:
    columns = (
        Column("数量", "number", amounts.quantity, required=True),
        Column("提前", "early", cells.flag, default=True),
    )
    table = parse_table(sheet(["数量", "提前"], [0.0, "否"]), columns)
    assert table.rows[0].values == {"number": 0, "early": False}


def test_all_faults_of_a_sheet_are_named_at_once() -> None:
    table = parse_table(
        sheet(
            ["任务编号", "年度", "序号", "计划数量", "预算（万元）"],
            ["1-1", 2022.0, 1.0, "两项", -3.0],
            ["1-1", 2022.0, 2.0, 1.0, 1.0],
            ["1-1", "—", 3.0, 1.0, 1.0],
            [2.1, 2022.0, 4.0, 1.0, "#REF!"],
        ),
        POINTS,
    )
    assert sentences(table) == [
        "任务点!D2: 不是数字：“两项”；应为：数字，例如 12.5",
        "任务点!E2: 不能为负数：“-3”；应为：0 或正数",
        "任务点!B4: 必填，不能为空：“—”；应为：“年度”的内容",
        "任务点!A5: 编号是带小数的数字，分不清 2.1 和 2.10，请存为文本：“2.1”；"
        "应为：文本格式的编号，例如 2-1",
        "任务点!E5: 单元格是 Excel 错误值：“#REF!”；应为：没有错误的公式，或直接填写的内容",
    ]
    assert [row.number for row in table.rows] == [2, 3, 4, 5]
    assert [row.number for row in table.telling("task", "planned")] == [3, 4]
    assert table.rows[0].values["task"] == "1-1"
    assert "planned" not in table.rows[0].values


def test_a_year_that_cannot_be_read_takes_the_dict_away() -> None:
    header = ["任务编号", "年度", "序号", "2022年目标", "2023年目标"]
    table = parse_table(sheet(header, ["1", 2022.0, 1.0, "x", "y"]), POINTS)
    assert [fault.cell for fault in table.faults] == ["D2", "E2"]
    assert "targets" not in table.rows[0].values


def test_missing_required_columns_are_named_and_rows_tell_nothing_there() -> None:
    table = parse_table(sheet(["任务编号", "计划数量"], ["1-1", 1.0], ["1-2", "x"]), POINTS)
    assert [fault.message for fault in table.faults] == [
        "缺少必填列“年度”",
        "缺少必填列“序号”",
        "不是数字",
    ]
    assert sentences(table)[0].startswith("任务点: 缺少必填列“年度”")
    assert table.lacking == {"year", "seq"}
    assert [row.values.get("task") for row in table.rows] == ["1-1", "1-2"]
    assert not list(table.telling("task", "year"))


def test_the_same_header_twice_is_a_fault() -> None:
    table = parse_table(
        sheet(["任务编号", "年度", "序号", "计划数量", "计划数量"], ["1", 2022.0, 1.0, 1.0, 2.0]), POINTS
    )
    assert [(fault.cell, fault.message) for fault in table.faults] == [("E1", "列与 D1 重复")]


def test_unknown_columns_are_noticed_and_ignored() -> None:
    table = parse_table(
        sheet(
            ["任务编号", "年度", "序号", "备注", None, None],
            ["1", 2022.0, 1.0, "#REF!", "旁注", None],
            [None, None, None, "只有备注"],
        ),
        POINTS,
    )
    assert [str(notice) for notice in table.notices] == [
        "任务点: 不认识的列“备注”（D1），已忽略",
        "任务点: E 列没有表头，已忽略",
    ]
    assert len(table.rows) == 1
    assert not table.faults


def test_only_truly_empty_rows_are_passed_over() -> None:
    table = parse_table(
        sheet(["任务编号", "年度", "序号"], [], [None, None, None], ["—", None, None]), POINTS
    )
    assert [fault.cell for fault in table.faults] == ["A4", "B4", "C4"]


def test_a_sheet_that_could_not_be_read_lacks_what_it_needs() -> None:
    fault = Fault("任务点", "", "", "工作表太大")
    for parse, columns in ((parse_table, POINTS), (parse_fields, FIELDS)):
        table = parse(RawSheet("任务点", faults=(fault,)), columns)
        assert (table.rows, table.faults) == ([], [fault])
        assert table.lacking == {column.name for column in columns if column.required}


def test_duplicate_keys_name_both_rows() -> None:
    table = parse_table(
        sheet(
            ["任务编号", "年度", "序号", "计划数量"],
            [2.0, 2022.0, 1.0, "x"],
            ["3", 2022.0, 1.0, 1.0],
            ["2", "2022年", "1", 1.0],
            [2.0, None, 1.0, 1.0],
        ),
        POINTS,
    )
    assert [str(fault) for fault in duplicate_keys(table, ("task", "year", "seq"))] == [
        "任务点!A4: 与第 2 行重复：“2、2022年、1”；应为：只填一行，或填写不同的编号"
    ]


def test_unknown_keys_are_not_compared() -> None:
    table = parse_table(sheet(["编号"], [None], ["—"]), (Column("编号", "code", cells.code),))
    assert not list(duplicate_keys(table, ("code",)))


def fields(*rows: Any) -> Table:
    return parse_fields(sheet(["字段", "值"], *rows, title="项目"), FIELDS)


def test_fields_make_one_row() -> None:
    table = fields(["项目编号", 7.0], [], ["综合权重", "30%"], ["建设起始年*", "2022年"])
    (row,) = table.rows
    assert row.values == {"code": "7", "start_year": 2022, "weight": Decimal(30), "kind": "中期"}
    assert [row.at("code"), row.at("weight"), row.at("kind")] == ["B2", "B4", ""]
    assert [row.shown("weight"), row.shown("kind")] == ["30%", ""]
    assert table.present == {"code", "start_year", "weight"}


def test_fields_may_stand_in_other_columns() -> None:
    table = parse_fields(
        sheet(["序", "值", "字段"], [1.0, "P-1", "项目编号"], [2.0, 2022.0, "建设起始年"], title="项目"),
        FIELDS,
    )
    assert table.rows[0].at("start_year") == "B3"


def test_faults_of_fields() -> None:
    table = fields(
        ["项目编号", None],
        ["综合权重", "三成"],
        ["统计时段类型", "季度"],
        ["综合权重", 30.0],
        ["颜色", "红"],
        [None, "多余"],
    )
    assert sentences(table) == [
        "项目!A5: 字段与 A3 重复：“综合权重”；应为：只出现一次的字段",
        "项目: 缺少必填字段“建设起始年”；应为：有“建设起始年”字段的工作表",
        "项目!B2: 必填，不能为空；应为：“项目编号”的内容",
        "项目!B3: 不是数字：“三成”；应为：数字，例如 12.5",
        "项目!B4: 不是可选的内容：“季度”；应为：“年度”、“中期”、“期满”",
    ]
    assert [str(notice) for notice in table.notices] == [
        "项目: 不认识的字段“颜色”（A6），已忽略",
        "项目: 第 7 行没有字段名，已忽略",
    ]
    assert table.rows[0].values == {}


def test_a_sheet_of_fields_needs_its_header() -> None:
    table = parse_fields(sheet(["项目编号", "P-1"], title="项目"), FIELDS)
    assert sentences(table) == ["项目: 缺少表头“字段”或“值”；应为：第 1 行写有“字段”和“值”的工作表"]


headers = st.sampled_from(
    [*(column.header for column in POINTS if isinstance(column, Column)), "2022年目标", "备注"]
)


@settings(deadline=None)
@given(
    header=st.lists(st.one_of(headers.map(cell), anything), max_size=8),
    rows=st.lists(st.lists(anything, max_size=9)),
)
def test_any_sheet_becomes_a_table_whose_faults_name_cells_that_exist(header: Any, rows: Any) -> None:
    raw = RawSheet("任务点", [header, *rows])
    assume(not raw.is_blank)
    table = parse_table(raw, POINTS)
    table.faults.extend(duplicate_keys(table, ("task", "year", "seq")))
    for fault in table.faults:
        assert "\n" not in str(fault)
        if fault.cell:
            index, column = position(fault.cell)
            assert index < len(raw.rows)
            assert column < max(map(len, raw.rows))
    for row in table.telling("task", "year"):
        assert row.values["task"]
        assert 1990 <= row.values["year"] <= 2100


@given(
    rows=st.lists(
        st.lists(st.one_of(anything, st.sampled_from(["字段", "值", "项目编号"]).map(cell)), max_size=4)
    )
)
def test_any_sheet_becomes_fields(rows: Any) -> None:
    raw = RawSheet("项目", rows)
    assume(not raw.is_blank)
    parse_fields(raw, FIELDS)
    parse_fields(RawSheet("项目", [[cell("字段"), cell("值")], *rows]), FIELDS)


def test_dates_and_names_are_typed_values() -> None:
    columns = (Column("完成日期", "done_on", days.day), Column("部门", "departments", cells.names))
    table = parse_table(sheet(["完成日期", "部门"], ["2022.12", "教务处、科研处"]), columns)
    assert table.rows[0].values == {"done_on": date(2022, 12, 31), "departments": ("教务处", "科研处")}
