"""Task books of the shapes that colleges have; nothing of their tables is dropped in silence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reports.conversion import meanings
from reports.conversion.layout import layouts
from reports.conversion.remarks import HEADER, LEFT, LOOK, READ, Remark
from reports.conversion.taskbook import TaskBook, read_taskbook
from reports.conversion.taskbook_pages import taskbook_workbook
from reports.conversion.word import Line, WordCell, WordTable, read_word
from tests.wordfiles import LEFT as ACROSS
from tests.wordfiles import UP, Grid, word


def book(*blocks: str | Grid) -> TaskBook:
    return read_taskbook(layouts(read_word(word(*blocks)).tables), meanings.guess)


def tasks(found: TaskBook) -> list[tuple[str, str, str]]:
    return [(task.code, task.parent, task.name) for task in found.tree.tasks.values()]


def points(found: TaskBook) -> list[tuple[str, int | None, str, str]]:
    return [(point.task, point.year, point.seq, point.text) for point in found.points]


def notes(found: TaskBook) -> list[str]:
    return [note for remark in found.remarks for note in remark.notes]


def remark(found: TaskBook, content: str) -> Remark:
    return next(each for each in found.remarks if content in each.content)


def test_one_long_table() -> None:
    found = book(
        [
            ["任务", "子任务", "年度", "任务点", "责任部门"],
            ["1 加强党的建设", "1-1 健全机制", "2022年度", "①制定制度②开展培训", "党委办公室"],
            [UP, UP, "2023年度", "①总结经验", "党委办公室"],
            [UP, "1-2 建强支部", "2022年度", "建成样板支部 2 个", "组织部"],
        ]
    )
    assert tasks(found) == [("1", "", "加强党的建设"), ("1-1", "1", "健全机制"), ("1-2", "1", "建强支部")]
    assert points(found) == [
        ("1-1", 2022, "1", "制定制度"),
        ("1-1", 2022, "2", "开展培训"),
        ("1-1", 2023, "1", "总结经验"),
        ("1-2", 2022, "1", "建成样板支部 2 个"),
    ]
    assert [point.department for point in found.points] == ["党委办公室"] * 3 + ["组织部"]
    assert [each.state for each in found.remarks] == [HEADER, READ, READ, READ]
    assert found.remarks[1].made == ["1-1/2022/1", "1-1/2022/2"]


def test_a_quantity_is_suggested_and_marked() -> None:
    found = book(
        [["任务", "年度", "任务点"], ["1 课程", "2022", "建成 3 门课程"], ["", "2023", "3 门课程、2 部教材"]]
    )
    one, several = found.points
    assert (one.planned, one.unit, one.guesses) == (Decimal(3), "门", {"planned", "unit"})
    assert (several.planned, several.unit) == (None, "")
    assert "第 1 点有几个数量（3 门、2 部），没有填计划数量" in notes(found)


def test_years_as_columns() -> None:
    found = book(
        [
            ["任务", "子任务", "分年度任务点", ACROSS, ACROSS],
            [UP, UP, "2022年度", "2023年度", "2024年度"],
            ["任务一：加强党的建设", "1-1 健全机制", "①制定制度\n②开展培训", "1.总结\n2.推广", "—"],
            [UP, "1-2 建强支部", "（1）调研（2）立项", "跨年建设", ACROSS],
        ]
    )
    assert points(found) == [
        ("1-1", 2022, "1", "制定制度"),
        ("1-1", 2022, "2", "开展培训"),
        ("1-1", 2023, "1", "总结"),
        ("1-1", 2023, "2", "推广"),
        ("1-2", 2022, "1", "调研"),
        ("1-2", 2022, "2", "立项"),
        ("1-2", 2024, "1", "跨年建设"),
    ]
    assert "单元格跨几个年度，任务点按最后一年 2024 读入" in notes(found)


def test_one_table_per_area_with_its_name_above() -> None:
    header = ["子任务", "年度", "任务点"]
    found = book(
        "三、建设任务",
        "任务一：加强党的建设",
        [header, ["1-1 健全机制", "2022", "制定制度"]],
        "任务二：打造人才培养高地",
        [header, ["改革培养模式", "2022", "制定方案"], ["", "2023", "实施"]],
    )
    assert tasks(found) == [
        ("1", "", "加强党的建设"),
        ("1-1", "1", "健全机制"),
        ("2", "", "打造人才培养高地"),
        ("2-1", "2", "改革培养模式"),
    ]
    assert [point.task for point in found.points] == ["1-1", "2-1", "2-1"]
    assert found.tree.tasks["2-1"].is_counted
    assert "任务“改革培养模式”没有编号，按次序编为 2-1" in notes(found)


def test_areas_in_rows_of_their_own() -> None:
    found = book(
        [
            ["子任务", "年度", "任务点"],
            ["任务一：加强党的建设", ACROSS, ACROSS],
            ["1-1 健全机制", "2022", "制定制度"],
            ["任务二：打造高地", ACROSS, ACROSS],
            ["1 改革", "2022", "制定方案"],
            ["2-2 创新", ACROSS, ACROSS],
            ["", "2022", "调研"],
        ]
    )
    places = [("1", ""), ("1-1", "1"), ("2", ""), ("2-1", "2"), ("2-2", "2")]
    assert [task[:2] for task in tasks(found)] == places
    assert [point.task for point in found.points] == ["1-1", "2-1", "2-2"]
    assert remark(found, "任务二").made == ["任务 2"]


def test_a_column_of_tasks_under_a_heading_holds_its_sub_tasks() -> None:
    found = book("任务一：加强党的建设", [["任务", "年度", "任务点"], ["健全机制", "2022", "制定制度"]])
    assert tasks(found) == [("1", "", "加强党的建设"), ("1-1", "1", "健全机制")]


def test_a_column_that_repeats_the_heading() -> None:
    found = book("任务一：加强党的建设", [["任务", "年度", "任务点"], ["加强党的建设", "2022", "制定制度"]])
    assert points(found) == [("1", 2022, "1", "制定制度")]


def test_a_heading_alone_is_the_task() -> None:
    found = book("1 加强党的建设", [["年度", "任务点"], ["2022", "制定制度"]])
    assert points(found) == [("1", 2022, "1", "制定制度")]


def test_a_table_over_several_pages() -> None:
    """The header is repeated; a piece that was cut off has none at all."""
    header = ["任务", "年度", "任务点"]
    found = book(
        [header, ["1 党建", "2022", "制定制度"], header, ["", "2023", "总结"]],
        "续表",
        [["2 人才", "2022", "调研"]],
        "续表",
        [header, ["2 人才", "2023", "推广"]],
    )
    assert points(found) == [
        ("1", 2022, "1", "制定制度"),
        ("1", 2023, "1", "总结"),
        ("2", 2022, "1", "调研"),
        ("2", 2023, "1", "推广"),
    ]
    assert [each.state for each in found.remarks].count(HEADER) == 3


def test_titles_and_units_above_the_header() -> None:
    found = book([["任务分解表", ACROSS, ACROSS], ["任务", "年度", "任务点"], ["1 党建", "2022", "调研"]])
    assert len(found.points) == 1


def test_one_point_a_row_is_numbered_by_task_and_year() -> None:
    rows = [["1 党建", "2022", "调研"], ["1 党建", "2022", "立项"], ["1 党建", "2023", "建设"]]
    found = book([["任务", "年度", "任务点"], *rows])
    assert [point.seq for point in found.points] == ["1", "2", "1"]


def test_a_merged_cell_of_points_is_read_once() -> None:
    rows = [["1 党建", "2022", "①调研②立项", "教务处"], [UP, UP, UP, "学生处"]]
    found = book([["任务", "年度", "任务点", "责任部门"], *rows])
    assert [point.text for point in found.points] == ["调研", "立项"]


def test_details_of_a_row() -> None:
    found = book(
        [
            ["任务编号", "任务", "年度", "任务点", "数量", "单位", "牵头部门", "完成时间", "验收依据"],
            ["2", "课程", "2022", "建设课程", "4", "门", "教务处、各二级学院", "2022年6月", "文件"],
            ["2", "课程", "2023", "出版教材 2 部", "", "", "教务处", "年底", ""],
        ]
    )
    first, second = found.points
    assert (first.task, first.planned, first.unit) == ("2", Decimal(4), "门")
    assert (first.department, first.co_departments) == ("教务处", "各二级学院")
    assert (first.due_on, first.evidence_required) == (date(2022, 6, 30), "文件")
    assert "planned" not in first.guesses
    assert second.due_on is None
    assert (second.planned, second.unit) == (Decimal(2), "部")
    assert "截止日期“年底”不是日期，没有读入" in notes(found)


def test_what_is_not_known_is_left_to_be_filled_in() -> None:
    found = book([["任务", "年度", "任务点"], ["", "第一年", "调研"]])
    (point,) = found.points
    assert (point.task, point.year) == ("", None)
    assert point.guesses == {"task", "year"}
    assert {"没有认出年度，请补填", "年度写作“第一年”"} <= set(notes(found))


def test_a_span_of_years_counts_in_the_last() -> None:
    found = book([["任务", "年度", "任务点"], ["1 党建", "2022-2023", "调研"]])
    assert found.points[0].year == 2023
    assert found.remarks[-1].state == LOOK


def test_a_task_whose_parent_is_not_in_the_file() -> None:
    found = book([["任务", "年度", "任务点"], ["3-1 课程", "2022", "调研"]])
    assert tasks(found) == [("3", "", ""), ("3-1", "3", "课程")]
    assert "没有找到任务 3 的名称，请在“建设任务”中补填" in notes(found)


def test_one_number_for_two_names_is_told() -> None:
    found = book([["任务", "年度", "任务点"], ["1 党建", "2022", "调研"], ["1 课程", "2022", "立项"]])
    assert "编号 1 已是“党建”，这里写作“课程”" in notes(found)


def test_columns_and_tables_that_are_not_read_are_listed() -> None:
    found = book(
        [["任务", "年度", "任务点", "备注"], ["1 党建", "2022", "调研", "重要"]],
        [["经费来源", "金额"], ["学校自筹", "30"]],
    )
    assert "没有读入的列：备注" in notes(found)
    assert "重要" in remark(found, "调研").content
    left = remark(found, "学校自筹")
    assert (left.table, left.row, left.state) == (2, 2, LEFT)
    assert left.notes == ["表格没有读入：没有任务点列，也没有指标名称列"]


WORDS = st.sampled_from(
    [
        "",
        "—",
        "#N/A",
        "任务",
        "任务点",
        "年度",
        "2022年度",
        "1-1 党建",
        "任务一：党建",
        "①调研②立项",
        "=1+1",
        "甲" * 20_000,
    ]
) | st.text("①1.（）年度任务点2023-、；门", max_size=12)


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=8))
def test_whatever_stands_in_a_table_is_read_or_listed(table: Grid) -> None:
    rows = [
        [WordCell((Line(text),) if text else (), at, n) for n, text in enumerate(row)]
        for at, row in enumerate(table)
    ]
    found = read_taskbook(layouts([WordTable(1, (), rows)]), meanings.guess)
    assert {each.row for each in found.remarks} == {at for at, row in enumerate(table, 1) if any(row)}
    assert all(point.text and point.seq for point in found.points)
    keys = [(point.task, point.year, point.seq) for point in found.points]
    assert len(set(keys)) == len(keys)
    assert taskbook_workbook(found, (), None, None)


def test_every_row_is_accounted_for() -> None:
    rows = [
        ["1 党建", "2022", "调研"],
        ["", "", ""],
        ["说明：以上为必做", ACROSS, ACROSS],
        ["2 课程", "2022", ""],
    ]
    found = book([["任务", "年度", "任务点"], *rows])
    assert [(each.row, each.state) for each in found.remarks] == [
        (1, HEADER),
        (2, READ),
        (4, LEFT),
        (5, LOOK),
    ]
    assert remark(found, "2 课程").notes == ["没有任务点"]
