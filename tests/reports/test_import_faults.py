"""Everything that is wrong with a workbook is told at once, and nothing twice."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from projects.models import Institution
from projects.workbook.headers import Column
from projects.workbook.references import cell_name, position
from reports.exchange import Destination, Outcome, import_workbook
from reports.sheets import SHEETS
from tests.conftest import DATA, NOW
from tests.workbooks import ENTRIES, FULL, POINTS, PROJECT, TASKS, Rows, edited, saved, small, workbook

pytestmark = pytest.mark.django_db


def take(source: dict[str, Rows] | BytesIO, **options: Any) -> Outcome:
    return import_workbook(workbook(source) if isinstance(source, dict) else source, now=NOW, **options)


def sentences(outcome: Outcome) -> list[str]:
    return [str(fault) for fault in outcome.faults]


def places(outcome: Outcome) -> list[tuple[str, str]]:
    return [(fault.sheet, fault.cell) for fault in outcome.faults]


class Plant(NamedTuple):
    """A cell of the full workbook made wrong. Rows count as in the file, in 项目 a column is a field."""

    sheet: str
    row: int
    column: str
    value: Any

    @property
    def cell(self) -> str:
        if self.sheet == "项目":
            return f"B{[field for field, _ in FULL['项目']].index(self.column) + 1}"
        return cell_name(self.row, FULL[self.sheet][0].index(self.column))


# One fault each, whatever else is wrong: cells that cannot be read, names of nothing, contradictions.
PLANTS = (
    Plant("项目", 0, "建设结束年", 2021),
    Plant("项目", 0, "统计截止日期", "1889-12-31"),
    Plant("项目", 0, "百分比小数位", 7),
    Plant("项目", 0, "综合权重", -3),
    Plant("统计时段", 2, "截止日期", "2021-12-31"),
    Plant("统计时段", 3, "名称", "首年"),
    Plant("统计时段", 3, "类型", "季度"),
    Plant("部门", 3, "负责人", "一" * 101),
    Plant("部门", 3, "部门名称", None),
    Plant("建设任务", 3, "上级编号", "Z"),
    Plant("建设任务", 3, "任务名称", None),
    Plant("建设任务", 3, "建设组长", "一" * 101),
    Plant("建设任务", 4, "上级编号", 2),
    Plant("任务点", 4, "任务编号", "A.9"),
    Plant("任务点", 4, "序号", "一" * 51),
    Plant("任务点", 2, "计划数量", "许多"),
    Plant("任务点", 3, "年度", 1889),
    Plant("任务点", 3, "截止日期", 2023.12),
    Plant("任务点", 3, "单位", "一" * 51),
    Plant("任务点", 5, "计划数量", -1),
    Plant("完成情况", 2, "序号", 9),
    Plant("完成情况", 2, "完成数量", "三门"),
    Plant("完成情况", 2, "预计完成日期", "明年"),
    Plant("完成情况", 3, "完成比例", "全部"),
    Plant("额外成果", 2, "任务编号", "A.8"),
    Plant("额外成果", 2, "提前完成", "也许"),
    Plant("绩效指标", 2, "任务编号", "A.7"),
    Plant("绩效指标", 2, "2023年目标", "六"),
    Plant("绩效指标", 3, "一级指标", "其他指标"),
    Plant("绩效指标", 3, "单位", "一" * 51),
    Plant("指标完成", 2, "统计日期", 45000),
    Plant("指标完成", 4, "指标编号", "9-9"),
    Plant("指标完成", 4, "完成值", "#REF!"),
    Plant("成果目标", 2, "任务编号", "A.6"),
    Plant("成果目标", 2, "目标数量", None),
    Plant("成果台账", 2, "成果编号", "C9"),
    Plant("成果台账", 2, "关联任务点", "2/2023/9"),
    Plant("成果台账", 2, "关联指标", "1.9"),
    Plant("成果台账", 2, "数量", -1),
    Plant("成果台账", 3, "台账编号", "L1"),
    Plant("成果台账", 3, "获批日期", "2023-13-01"),
    Plant("经费", 2, "任务编号", "A.5"),
    Plant("经费", 2, "预算（万元）", -100),
    Plant("经费", 2, "支出类别", "一" * 201),
    Plant("经费", 3, "年度", "2023-2022"),
    Plant("满意度", 2, "样本量", 0.5),
    Plant("满意度", 3, "满意度（%）", 101),
    Plant("等级", 3, "下限", 90),
    Plant("评分表", 3, "上级编号", "8"),
    Plant("评分表", 3, "扣分原因", None),
    Plant("评分表", 4, "权重", None),
    Plant("评分表", 4, "自评得分", "八分"),
    Plant("否决项", 2, "条件", "进度太慢"),
    Plant("否决项", 2, "结果等级", "不及格"),
    Plant("发展对比", 2, "单位", "一" * 51),
    Plant("愿景目标", 2, "任务编号", "A.4"),
    Plant("佐证材料", 2, "起止页码", "1" * 51),
    Plant("佐证材料", 2, "序号", 8),
    Plant("佐证材料", 2, "指标编号", "1.8"),
    Plant("佐证材料", 2, "台账编号", "L9"),
    Plant("原报告数", 3, "位置", "第1页"),
)
# Where the fault is told in another cell than the one that was changed.
TOLD_AT = {
    ("评分表", "扣分原因"): "自评得分",
    ("评分表", "权重"): "评分项",
    ("完成情况", "序号"): "任务编号",
    ("佐证材料", "序号"): "任务编号",
    ("原报告数", "位置"): "指标键",
}
FULL_BOOK = workbook(FULL).getvalue()


def planted(plants: list[Plant]) -> BytesIO:
    return edited(BytesIO(FULL_BOOK), **{f"{plant.sheet}!{plant.cell}": plant.value for plant in plants})


def told_at(plant: Plant) -> tuple[str, str]:
    return plant.sheet, plant._replace(column=TOLD_AT.get((plant.sheet, plant.column), plant.column)).cell


def test_the_full_workbook_has_every_sheet_and_every_column() -> None:
    for sheet in SHEETS:
        rows = FULL[sheet.title]
        headers = [field for field, _ in rows] if sheet.title == "项目" else rows[0]
        missing = {column.header for column in sheet.columns if isinstance(column, Column)} - set(headers)
        assert not missing, sheet.title


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.sheet} {plant.column}")
def test_each_fault_is_told_once_with_its_place_its_value_and_what_would_be_right(plant: Plant) -> None:
    (fault,) = take(planted([plant])).faults
    assert (fault.sheet, fault.cell) == told_at(plant)
    assert fault.message
    assert fault.expected
    if told_at(plant) == (plant.sheet, plant.cell) and plant.value is not None:
        assert fault.value.rstrip("…") in str(plant.value)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plants=st.lists(st.sampled_from(PLANTS), unique=True, min_size=2))
def test_all_faults_are_told_at_once_however_many_a_row_has(plants: list[Plant]) -> None:
    outcome = take(planted(plants))
    assert sorted(places(outcome)) == sorted(map(told_at, plants))
    assert not Institution.objects.exists()


def test_all_of_them_are_told_in_the_order_of_the_file() -> None:
    told = places(take(planted(list(PLANTS))))
    assert sorted(told) == sorted(map(told_at, PLANTS))
    titles = [sheet.title for sheet in SHEETS]
    assert told == sorted(told, key=lambda place: (titles.index(place[0]), position(place[1])))


def without_column(rows: Rows, header: str) -> Rows:
    at = rows[0].index(header)
    return [(*row[:at], *row[at + 1 :]) for row in rows]


@pytest.mark.parametrize(
    ("sheet", "rows", "told"),
    [
        ("建设任务", without_column(TASKS, "任务编号"), ["建设任务: 缺少必填列“任务编号”"]),
        (
            "建设任务",
            [("甲", "上级编号", "乙"), *TASKS[1:]],
            ["建设任务: 缺少必填列“任务编号”", "建设任务: 缺少必填列“任务名称”"],
        ),
        ("任务点", without_column(POINTS, "序号"), ["任务点: 缺少必填列“序号”"]),
        ("任务点", [(*POINTS[0], "年度"), *POINTS[1:]], ["任务点!G1: 列与 B1 重复"]),
        # What cannot be read may well be what is named elsewhere.
        ("任务点", [POINTS[0], ("A.1", "二〇二二", *POINTS[1][2:]), POINTS[2]], ["任务点!B2: 不是年份"]),
    ],
)
def test_what_cannot_be_read_does_not_make_faults_elsewhere(sheet: str, rows: Rows, told: list[str]) -> None:
    found = sentences(take(small(**{sheet: rows})))
    assert len(found) == len(told), found
    assert all(sentence.startswith(begin) for sentence, begin in zip(found, told, strict=True)), found


@pytest.mark.parametrize(("cell", "code"), [(2.1, "2.1"), (date(2024, 2, 1), "2-1")])
def test_a_code_that_excel_has_spoilt_is_told_where_it_stands(cell: Any, code: str) -> None:
    points = [POINTS[0], *((code, *row[1:]) for row in POINTS[1:])]
    outcome = take(small(建设任务=[*TASKS[:2], (cell, "A", "子任务")], 任务点=points, 完成情况=None))
    assert places(outcome) == [("建设任务", "A3")]


def test_a_bad_sheet_does_not_hide_what_is_wrong_in_the_others() -> None:
    sheets = small(
        项目=[PROJECT[0], *PROJECT[2:]],
        建设任务=without_column(TASKS, "任务编号"),
        任务点=[*POINTS, ("A.1", 2024, 1, "课程", "许多", "门")],
        完成情况=[*ENTRIES, ("A.1", 2022, 9, "2022-12-01", 3, "没有这个任务点")],
    )
    assert places(take(sheets)) == [("项目", ""), ("建设任务", ""), ("任务点", "E4"), ("完成情况", "A3")]
    assert places(take({**sheets, "项目": []})) == [
        ("", ""),
        ("建设任务", ""),
        ("任务点", "E4"),
        ("完成情况", "A3"),
    ]


def test_a_sheet_that_cannot_be_read_at_all_does_not_hide_the_others() -> None:
    book = load_workbook(workbook(small(任务点=[*POINTS, ("A.1", 2024, 1, "课程", -1, "门")])))
    book["建设任务"]["XFD1000000"] = 1
    assert places(take(saved(book))) == [("建设任务", ""), ("任务点", "E4")]


def test_a_real_task_book_without_its_key_column_has_one_fault() -> None:
    file = edited(DATA / "maoming-school.xlsx", **{"建设任务!A1": "编码"})
    assert sentences(take(file)) == ["建设任务: 缺少必填列“任务编号”；应为：有“任务编号”列的工作表"]


def test_a_part_of_a_project_is_not_judged_while_it_is_not_told_which_project() -> None:
    take(small())
    part = {"项目": PROJECT, "完成情况": [ENTRIES[0], ("A.1", 2023, 1, "2023-12-01", 2, "两部")]}
    assert take(part).ok
    unnamed = [PROJECT[0], ("项目编号", "—"), *PROJECT[2:]]
    assert places(take({**part, "项目": unnamed})) == [("项目", "B2")]


def test_another_colleges_records_do_not_show_in_the_faults(college: Institution) -> None:
    take(small())
    part = {"项目": PROJECT, "任务点": [POINTS[0], ("A.9", 2022, 1, "试探", 1, "门")]}
    assert places(take(part, to=Destination(college))) == [("项目", "B4")]
    claimed = {**part, "项目": [*PROJECT[:3], ("学校名称", college.name), *PROJECT[4:]]}
    assert places(take(claimed, to=Destination(college))) == [("项目", "B2")]
    with CaptureQueriesContext(connection) as queries:
        take(part, to=Destination(college))
    assert not [query for query in queries if "projects_task" in query["sql"]]


def test_equal_rows_of_the_ledger_are_seen_in_the_fault() -> None:
    rows = [("名称", "获批日期"), ("课程一", "2022-05-01"), ("课程一", "2022-05-01")]
    (fault,) = take(small(成果台账=rows)).faults
    assert (fault.cell, fault.message, fault.value) == ("A3", "与第 2 行重复", "课程一、2022-05-01")


def test_rows_of_one_material_must_agree() -> None:
    header = ("文件名", "材料名称", "发文单位", "起止页码", "任务编号", "年度", "序号")
    rows = [
        header,
        ("甲.pdf", "通知", "校办", "1-3", "A.1", 2022, 1),
        ("甲.pdf", "通知", "教务处", "1-3", "A.1", 2023, 1),
        ("甲.pdf", "通知", None, "4-6", "A.1", 2022, 1),
    ]
    assert sentences(take(small(佐证材料=rows))) == [
        "佐证材料!C3: 同一材料与第 2 行填写的不一致：“教务处”；应为：各行一致的内容",
        "佐证材料!D4: 同一材料与第 2 行填写的不一致：“4-6”；应为：各行一致的内容",
    ]


def test_an_unsaved_formula_is_no_empty_amount() -> None:
    assert places(take(small(经费=[("年度", "预算（万元）"), (2022, "=1+1")]))) == [("经费", "B2")]
