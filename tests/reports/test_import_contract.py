"""The exchange workbook rule by rule, as offices keep it: what is taken in, what is told, what stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from funding.models import BudgetLine, Expenditure, Receipt
from indicators.models import Comparison, Indicator, Outcome, SatisfactionResult, ScoringItem, Veto, Vision
from projects.models import (
    Entry,
    Evidence,
    ExtraAchievement,
    PointEvidence,
    Project,
    ReportingWindow,
    Task,
    TaskPoint,
)
from reports.exchange import Outcome as Result
from reports.exchange import compare_workbook, import_workbook
from reports.facts import gather
from reports.models import PrintedFigure
from tests.conftest import NOW
from tests.workbooks import ENTRIES, FULL, PROJECT, TASKS, Rows, saved, small, workbook

pytestmark = pytest.mark.django_db

MONEY = ("年度", "资金来源", "预算（万元）", "到位（万元）")
MATERIALS = ("文件名", "材料名称", "发文单位", "起止页码", "任务编号", "年度", "序号", "指标编号")
MARKS = ("评分编号", "上级编号", "评分项", "分值", "权重", "分制", "计分方式", "范围", "自评得分")

# What the workbook has no column for, or the full one leaves out: it speaks of no group.
NOT_IN_FULL = {
    *("group_id", "parent_code", "author_id", "assignee_id", "revoked_at", "report_wording", "file_id"),
    *("removed_on", "linked_at", "problems", "help_needed"),
    *("submitted_at", "decided_at", "duplicate_reason", "supported_target_id"),
}


def take(source: dict[str, Rows] | BytesIO, now: datetime = NOW, **options: Any) -> Result:
    file = workbook(source) if isinstance(source, dict) else source
    result = import_workbook(file, now=now, **options)
    assert result.ok, result.faults
    return result


def notices(source: dict[str, Rows]) -> list[str]:
    return [str(notice) for notice in take(source).notices]


def altered(sheets: dict[str, Rows], alter: Callable[[Workbook], None]) -> BytesIO:
    book = load_workbook(workbook(sheets))
    alter(book)
    return saved(book)


def test_every_column_is_taken_in_and_the_second_time_nothing_changes() -> None:
    assert not take(FULL, approve=True).notices
    first = (Task, TaskPoint, Entry, ExtraAchievement, Indicator, Outcome, SatisfactionResult, BudgetLine)
    for model in (Project, *first, ScoringItem, Comparison, Vision, Evidence, PointEvidence, PrintedFigure):
        # Some row of the workbook fills every column.
        rows: list[Any] = list(model._default_manager.values())
        never = {name for name in rows[0] if all(row[name] in (None, "") for row in rows)}
        # Who fills in a survey is said on the page 分工.
        own = {"department_id"} if model is SatisfactionResult else set()
        assert never <= NOT_IN_FULL | own, model
    assert Veto.objects.get(name="弄虚作假").is_triggered is False
    again = take(FULL, approve=True)
    assert again.changes_nothing
    assert not any(count["missing"] for count in again.counts.values())


def test_a_sheet_as_an_office_keeps_it() -> None:
    """Other order and spelling of headers, merged and hidden, dates and percentages as cells."""
    points = (
        ("序号", "年 度*", "任务点", "计划数量", "任务编号 *", "备注"),
        (1, "2022年", "课程", "１２", 2, "不导入"),
        (None, None, None, None, None, None),
        ("3-1", None, "教材", "—", None, None),
        (1, "２０２３", "培训", 0, None, None),
    )
    entries = (
        ("完成\n比例", "完成日期", "任务编号", "年度", "序号", "实际完成情况"),
        (0.955, date(2022, 12, 1), "2", 2022, "1", " 十二门 "),
    )

    def alter(book: Workbook) -> None:
        book["任务点"].merge_cells("E2:E5")
        book["任务点"].merge_cells("B2:B4")
        book["任务点"].sheet_state = "hidden"
        book["完成情况"]["A2"].number_format = "0.0%"
        book["项目"].append(["综合权重", 0.3])
        book["项目"]["B10"].number_format = "0%"

    sheets = small(建设任务=[TASKS[0], (2, "/", "二号任务")], 任务点=points, 完成情况=entries)
    result = take(altered(sheets, alter), approve=True)
    assert [str(notice) for notice in result.notices] == [
        "任务点: 工作表是隐藏的，内容照常读取",
        "任务点: 不认识的列“备注”（F1），已忽略",
    ]
    assert list(TaskPoint.objects.values_list("task__code", "year", "seq", "planned")) == [
        ("2", 2022, "1", 12),
        ("2", 2022, "3-1", None),
        ("2", 2023, "1", 0),
    ]
    entry = Entry.objects.get()
    assert (entry.ratio, entry.description) == (Decimal("0.955"), "十二门")
    assert Project.objects.get().composite_weight == 30


def test_a_blank_sheet_changes_nothing() -> None:
    take(small(经费=[MONEY, (2022, "省财政", 3, 3)]))
    result = take(small(经费=[], 任务点=[]))
    assert [str(notice) for notice in result.notices] == [
        "任务点: 工作表是空的，已忽略",
        "经费: 工作表是空的，已忽略",
    ]
    assert not {"经费", "任务点"} & result.counts.keys()
    assert BudgetLine.objects.get().amount == 3


def test_money_that_is_gone_from_the_file_is_a_change() -> None:
    take(small(经费=[MONEY, (2022, "省财政", 3, 3), (2023, "省财政", 4, None)]))
    result = take(small(经费=[MONEY, (2022, "省财政", 3, 3)]))
    assert result.counts["经费"] == {"new": 0, "changed": 0, "unchanged": 1, "missing": 1}
    assert not result.changes_nothing
    assert [str(notice) for notice in result.notices] == [
        "经费: 整表替换：以前导入的 1 行不在文件中，不再保留"
    ]
    assert BudgetLine.objects.get().amount == 3


def test_rows_of_money_without_any_column_of_amounts_are_unknown_amounts() -> None:
    sheets = small(经费=[MONEY[:2], (2022, "省财政")])
    take(sheets)
    amounts = [model._default_manager.get().amount for model in (BudgetLine, Receipt, Expenditure)]
    assert amounts == [None] * 3
    assert take(sheets).changes_nothing


def test_a_project_that_is_no_group_any_more() -> None:
    def told(level: str, group: str | None) -> dict[str, Rows]:
        fields = (("建设层面", level), ("专业群名称", group), ("上级项目编号", "LATER"))
        return small(项目=[*PROJECT[:4], *fields, *PROJECT[5:]])

    take(told("专业群", "机电"))
    assert str(Project.objects.get().group) == "机电"
    take(told("学校", None))
    assert Project.objects.get().group is None
    assert take(told("学校", None)).changes_nothing


def test_a_further_window_may_not_take_the_name_of_the_main_one() -> None:
    take(small())
    ReportingWindow.objects.update(name="中期")
    header = ("名称", "类型", "开始日期", "截止日期")
    sheets = small(统计时段=[header, ("中期", "年度", "2022-01-01", "2022-12-31")])
    (fault,) = import_workbook(workbook(sheets), now=NOW).faults
    assert (fault.sheet, fault.cell, fault.value) == ("统计时段", "A2", "中期")
    assert ReportingWindow.objects.get().cutoff == date(2023, 12, 31)


def test_two_colleges_may_use_the_same_codes() -> None:
    take(FULL, approve=True)
    other = [
        PROJECT[0],
        ("项目编号", "T-2"),
        ("项目名称", "另一项目"),
        ("学校名称", "另一学院"),
        *PROJECT[4:],
    ]
    take({**FULL, "项目": other, "部门": [("部门名称",), ("教务处",)]}, approve=True)
    mine, theirs = Project.objects.order_by("code")
    assert theirs.institution.departments.count() == 2
    lead = Task.objects.exclude(lead=None).values_list("project", "lead__institution__name")
    assert set(lead) == {(mine.pk, "测试职业学院"), (theirs.pk, "另一学院")}
    assert gather(mine).task_figures.progress == gather(theirs).task_figures.progress
    assert take(FULL, approve=True).changes_nothing


def test_a_material_is_told_once_and_proves_several_things() -> None:
    rows = [
        MATERIALS,
        ("甲.pdf", "通知", None, None, None, None, None, None),
        ("甲.pdf", "通知", "校办", "1-3", "A.1", 2022, 1, "1.1"),
        ("甲.pdf", "通知", None, "4", "A.1", 2023, 1, None),
        ("甲.pdf", "通知", None, "4", "A.1", 2023, 1, None),
    ]
    sheets = {**small(佐证材料=rows), "绩效指标": FULL["绩效指标"]}
    take(sheets)
    material = Evidence.objects.get()
    assert material.issuer == "校办"
    assert list(PointEvidence.objects.values_list("point__year", "pages")) == [(2022, "1-3"), (2023, "4")]
    assert take(sheets).changes_nothing
    fewer = take({**sheets, "佐证材料": [MATERIALS, ("甲.pdf", "通知", "校办", *[None] * 5)]})
    assert fewer.counts["佐证材料"] == {"new": 0, "changed": 0, "unchanged": 1, "missing": 3}
    changed = [rows[0], (*rows[2][:2], "教务处", *rows[2][3:])]
    assert take({**sheets, "佐证材料": changed}).counts["佐证材料"]["changed"] == 1
    assert Evidence.objects.get().issuer == "教务处"


def test_pages_of_a_material_that_proves_nothing_are_not_taken_in() -> None:
    assert notices(small(佐证材料=[MATERIALS, ("甲.pdf", "通知", None, "1-3", *[None] * 4)])) == [
        "佐证材料!D2: 没有写明佐证的对象，起止页码和支撑说明没有导入"
    ]


def test_marks_and_scopes_that_are_hardly_meant_are_told() -> None:
    rows = [
        MARKS,
        ("1", None, "产出", 50, None, None, "合计", None, 40),
        ("1.1", "1", "质量", 40, None, None, "人工", None, 45),
        ("1.2", "1", "数量", None, 2, None, "人工", None, 12),
        ("2", None, "指标", 10, None, None, "指标完成率", "数量指标；A.9", None),
        ("3", None, "任务", 10, None, None, "任务完成率", "A.1", None),
        ("4", None, "管理", 15, 2, 10, "人工", None, 5),
    ]
    told = notices({**small(评分表=rows), "绩效指标": FULL["绩效指标"]})
    assert [notice for notice in told if notice.startswith("评分表")] == [
        "评分表!I3: 自评得分 45 高于满分 40，按所填计分",
        "评分表!I4: 自评得分 12 高于满分 10，按所填计分",
        "评分表!I2: 有下级的评分项按下级得分合计，自评得分不计",
        "评分表!D7: 分值 15 不等于权重×分制，按权重×分制计分",
        "评分表!H5: 范围“A.9”既不是任务编号，也不是绩效指标中的二级指标，算不出完成率",
    ]
    score = gather(Project.objects.get()).score
    assert score is not None
    assert [mark.mark for mark in score.marks[:3]] == [69, 45, 24]


def test_a_preview_knows_what_the_file_itself_names(tmp_path: Path) -> None:
    (path := tmp_path / "任务书.xlsx").write_bytes(workbook(FULL).getvalue())
    seen = compare_workbook(path)
    assert (seen.faults, seen.notices) == ((), ())


def test_a_plain_number_of_percent_in_a_column_of_ratios_is_told() -> None:
    rows = [(*ENTRIES[0], "完成比例"), ("A.1", 2022, 1, "2022-12-01", 3, "三门", 95)]
    assert notices(small(完成情况=rows)) == [
        "完成情况!G2: 完成比例 95 就是 9500%；如果是百分之95，请写成 95%"
    ]


def test_a_scope_is_a_kind_of_indicators_as_it_is_written() -> None:
    header = ("指标编号", "一级指标", "二级指标", "指标名称", "期满目标", "中期目标")
    indicators = [header, ("1", "产出指标", "质量指标（校级）", "课程", 2, 2)]
    values = [("指标编号", "统计日期", "完成值"), ("1", "2023-12-31", 1)]
    marks = [MARKS, ("1", None, "质量", 10, None, None, "指标完成率", "质量指标（校级）", None)]
    assert notices(small(绩效指标=indicators, 指标完成=values, 评分表=marks)) == []
    take(small(绩效指标=indicators, 指标完成=values, 评分表=marks), approve=True)
    score = gather(Project.objects.get()).score
    assert score is not None
    assert score.total == 5


def test_a_veto_may_ask_for_the_total() -> None:
    marks = [MARKS, ("1", None, "管理", 100, None, None, "人工", None, 55)]
    bands = [("等级", "下限"), ("优", 90), ("中", 50), ("差", 0)]
    vetoes = [("编号", "名称", "条件", "结果等级"), ("V1", "总分过低", "score.total＜60", "差")]
    take(small(评分表=marks, 等级=bands, 否决项=vetoes))
    score = gather(Project.objects.get()).score
    assert score is not None
    assert (score.grade, score.vetoes) == ("差", ("总分过低",))
