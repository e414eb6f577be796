"""A college nobody has seen: other codes, three levels of tasks, 2025–2029, unknown money, a deep score."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from projects.models import Project
from reports.build import build
from reports.document import Document, Table, plain_text
from reports.exchange import import_workbook
from reports.facts import gather
from reports.kinds import KINDS, Kind, kind
from reports.numbering import dangling, flow
from reports.renderers import renderer
from tests.reports.test_sections import all_figures, table_of, texts
from tests.workbooks import Rows, workbook

Take = Callable[[dict[str, Rows]], Project]

pytestmark = pytest.mark.django_db

LONG = "学校与区域龙头企业共建产业学院，修订人才培养方案，开发活页式教材，教师到企业实践。" * 12
SCHOOL: dict[str, Rows] = {
    "项目": (
        ("字段", "值"),
        ("项目编号", "XY-2025"),
        ("项目名称", "新双高建设项目"),
        ("学校名称", "远山职业技术大学"),
        ("建设层面", "学校"),
        ("建设起始年", 2025),
        ("建设结束年", 2029),
        ("统计时段类型", "年度"),
        ("统计开始日期", "2026-01-01"),
        ("统计截止日期", "2026-12-31"),
        ("综合权重", 30),
        ("一级任务统称", "九大改革任务"),
        ("百分比小数位", 1),
    ),
    "建设任务": (
        ("任务编号", "上级编号", "任务名称", "牵头部门", "成效"),
        ("甲", None, "立德树人", "党委宣传部", "形成“五维育人”格局。\n入选典型案例。"),
        ("甲.1", "甲", "思政课程", "马克思主义学院", None),
        ("甲.1.a", "甲.1", "课程团队建设", None, "团队获评优秀。"),
        ("甲.1.b", "甲.1", "实践基地建设", None, None),
        ("T02", None, "产教融合", None, None),
        ("空", None, "尚未分解的任务", None, None),
    ),
    "任务点": (
        ("任务编号", "年度", "序号", "任务点", "计划数量", "单位", "责任部门"),
        ("甲.1.a", 2025, 1, "组建课程团队", 3, "个", "马克思主义学院"),
        ("甲.1.a", 2026, 1, "建成示范课程", 4, "门", "马克思主义学院"),
        ("甲.1.b", 2026, 1, "建成实践基地", 3, "个", "学生工作部"),
        ("甲.1.b", 2026, 2, "开展实践活动", None, None, "学生工作部"),
        ("T02", 2026, "一", "共建产业学院", 2, "个", None),
        ("T02", 2027, "二", "共建实训中心", 1, "个", None),
    ),
    "完成情况": (
        ("任务编号", "年度", "序号", "完成日期", "完成数量", "实际完成情况", "未完成原因", "预计完成日期"),
        ("甲.1.a", 2026, 1, "2026-12-01", 3, LONG, "一门待验收", "2027-03-31"),
        ("甲.1.b", 2026, 1, "2026-11-01", 0, None, None, None),
        ("T02", 2026, "一", "2026-10-01", 5, "共建五个", None, None),
        ("T02", 2027, "二", "2026-10-01", 1, "提前建成", None, None),
    ),
    "绩效指标": (
        ("指标编号", "一级指标", "二级指标", "任务编号", "指标名称", "单位", "期满目标", "2026年目标"),
        *(
            (f"{n}.{m}", "产出指标", level2, "甲.1", f"{level2}第{m}项", "项", 10 * m, 2 * m)
            for n, level2 in enumerate(("数量指标", "质量指标", "时效指标", "成本指标"), 1)
            for m in (1, 2)
        ),
        ("9.1", "效益指标", "社会效益指标", None, "社会评价", "分", None, None),
    ),
    "指标完成": (
        ("指标编号", "统计日期", "完成值"),
        ("1.1", "2025-12-31", 1),
        ("1.1", "2026-12-31", 4),
        ("2.1", "2026-12-31", 1),
    ),
    "经费": (
        ("年度", "资金来源", "任务编号", "预算（万元）", "到位（万元）", "支出（万元）"),
        (2026, "中央财政", None, "XXX", "XXX", "XXX"),
        (2026, "学校自筹", "T02", "—", "—", "—"),
    ),
    "评分表": (
        ("评分编号", "上级编号", "评分项", "分值", "计分方式", "范围", "内涵说明"),
        ("1", None, "产出", None, "合计", None, None),
        ("1.1", "1", "任务", None, "合计", None, None),
        ("1.1.1", "1.1", "进度", None, "合计", None, None),
        ("1.1.1.1", "1.1.1", "年度任务", 40, "任务完成率", None, "按任务书年度任务"),
        ("1.1.1.2", "1.1.1", "总体任务", 20, "总体完成率", None, None),
        ("1.2", "1", "指标", 30, "指标完成率", "数量指标;甲.1", None),
        ("2", None, "资金", 10, "资金到位率", None, None),
    ),
    "等级": (("等级", "下限"), ("优", 90), ("良", 80), ("中", 60), ("差", 0)),
}
GROUP: dict[str, Rows] = {
    "项目": (
        ("字段", "值"),
        ("项目编号", "XY-2025-Q"),
        ("项目名称", "智能制造专业群建设项目"),
        ("学校名称", "远山职业技术大学"),
        ("建设层面", "专业群"),
        ("专业群名称", "智能制造专业群"),
        ("上级项目编号", "XY-2025"),
        ("建设起始年", 2025),
        ("建设结束年", 2029),
        ("统计时段类型", "年度"),
        ("统计开始日期", "2026-01-01"),
        ("统计截止日期", "2026-12-31"),
        ("综合权重", 70),
    ),
    **{name: SCHOOL[name] for name in ("建设任务", "任务点", "完成情况", "等级")},
    "额外成果": (
        ("任务编号", "年度", "序号", "完成日期", "内容", "提前完成"),
        ("空", 2026, 1, "2026-05-01", "新增一项", "否"),
    ),
    "评分表": (("评分编号", "评分项", "分值", "计分方式"), ("1", "任务", 100, "任务完成率")),
}


@pytest.fixture
def take(now: datetime) -> Take:
    def taken(sheets: dict[str, Rows]) -> Project:
        outcome = import_workbook(workbook(sheets), now=now, approve=True)
        assert outcome.ok, outcome.faults
        assert outcome.project
        return Project.objects.with_window().get(pk=outcome.project.pk)

    return taken


def reported(project: Project, identifier: str) -> Document:
    return build(gather(project), kind(identifier))


def said(document: Document) -> str:
    """Headings, captions, column titles and text in reading order."""
    parts = []
    for placed in flow(document):
        part = placed.part
        parts += [placed.title, getattr(part, "caption", "")]
        parts += [leaf.title for leaf in getattr(part, "leaves", ())]
        parts.append("".join(map(plain_text, getattr(part, "runs", ()))))
    return "\n".join(parts)


@pytest.mark.parametrize("chosen", KINDS, ids=lambda each: each.identifier)
@pytest.mark.parametrize("sheets", [SCHOOL, GROUP], ids=["school", "group"])
def test_every_kind_reports_it(sheets: dict[str, Rows], chosen: Kind, take: Take) -> None:
    take(SCHOOL)
    document = build(gather(take(sheets)), chosen)
    assert dangling(document) == []
    words = said(document)
    assert [word for word in ("中期", "十大", "None", "2022") if word in words] == []
    assert renderer("html").render(document)


@pytest.mark.parametrize("chosen", KINDS, ids=lambda each: each.identifier)
@pytest.mark.parametrize("left_out", [*SCHOOL, "nothing but the project"], ids=lambda name: f"without {name}")
def test_sheets_may_be_missing(left_out: str, chosen: Kind, take: Take) -> None:
    needed = {"项目"} if left_out.startswith("nothing") else needed_without(left_out)
    document = build(gather(take({name: SCHOOL[name] for name in SCHOOL if name in needed})), chosen)
    assert dangling(document) == []


def needed_without(left_out: str) -> set[str]:
    """The sheets that do not lean on the one left out."""
    leaning = {
        "项目": set[str](),
        "建设任务": {"任务点", "完成情况", "绩效指标", "指标完成", "经费", "评分表"},
        "任务点": {"完成情况"},
        "绩效指标": {"指标完成"},
    }
    gone = leaning.get(left_out, set()) | ({left_out} - {"项目"})
    return set(SCHOOL) - gone


def test_areas_are_called_and_numbered_as_here(take: Take) -> None:
    document = reported(take(SCHOOL), "school-midterm")
    titles = [placed.title for placed in flow(document) if placed.is_heading]
    assert "二、九大改革任务完成情况" in titles
    assert {"1. 立德树人", "1.1 基本情况", "2. 产教融合", "3. 尚未分解的任务", "4. 其他绩效指标"} <= set(
        titles
    )
    captions = [each.part.caption for each in flow(document) if isinstance(each.part, Table)]
    assert "2025—2029年建设任务完成情况" in captions
    assert "2026年立德树人任务点完成情况" in captions


def test_three_levels_of_tasks_are_merged_over_their_points(take: Take) -> None:
    rows = table_of(reported(take(SCHOOL), "school-midterm"), "points-甲").rows
    assert [texts(row)[0] for row in rows[:2]] == [
        "甲.1 思政课程／甲.1.a 课程团队建设",
        "甲.1 思政课程／甲.1.b 实践基地建设",
    ]
    assert rows[1].cells[0].rowspan == 2


def test_rates_have_one_decimal_here(take: Take) -> None:
    rates = {f.text for f in all_figures(reported(take(SCHOOL), "school-midterm")) if f.text.endswith("%")}
    assert "43.8%" in rates
    assert [text for text in rates if len(text.partition(".")[2]) > 2] == []


def test_unknown_money_is_a_dash_and_never_naught(take: Take) -> None:
    document = reported(take(SCHOOL), "school-midterm")
    for id in ("funding-receipts", "funding-spending"):
        rows = [texts(row) for row in table_of(document, id).rows]
        assert [row[0] for row in rows] == ["中央财政", "学校自筹", "合计"]
        assert {text for row in rows for text in row[1:]} == {"—"}
    assert "预算总经费未知" in said(document)
    ids = {each.part.id for each in flow(document) if isinstance(each.part, Table)}
    assert not {"funding-years", "funding-tasks", "funding-spending-tasks"} & ids


def test_a_deep_score_keeps_its_tree_and_waits_for_what_is_unknown(take: Take) -> None:
    rows = [texts(row) for row in table_of(reported(take(SCHOOL), "school-midterm"), "score-table").rows]
    assert [row[0] for row in rows] == [
        "1 产出",
        "　1.1 任务",
        "　　1.1.1 进度",
        "　　　1.1.1.1 年度任务",
        "　　　1.1.1.2 总体任务",
        "　1.2 指标",
        "2 资金",
        "综合评价",
    ]
    assert rows[6][2:] == ["10", "—", ""]


def test_a_year_counts_what_it_gained_and_the_end_the_whole(take: Take) -> None:
    """指标 1.1: four in all against ten, three of them in this year against two."""
    table = table_of(reported(take(SCHOOL), "school-midterm"), "indicators-甲")
    assert texts(table.rows[0]) == ["数量指标", "1.1 数量指标第1项", "项", "10", "4", "40%", "2", "3", "150%"]
    sums = texts(table.rows[2])
    assert sums[:2] == ["小计（期满达标0个，年度达标1个、超额1个）", "个"]


def test_many_categories_of_indicators_are_left_to_the_list(take: Take) -> None:
    table = table_of(reported(take(SCHOOL), "school-midterm"), "rates-甲")
    assert [column.title for column in table.columns] == ["年度任务点", "年度绩效指标合计"]


def test_extras_of_an_area_without_points_are_reported(take: Take) -> None:
    take(SCHOOL)
    rows = table_of(reported(take(GROUP), "group-construction"), "points-空").rows
    assert [texts(row) for row in rows] == [["2026年", "", "①新增一项（新增）", ""]]


def test_school_and_group_weigh_together(take: Take) -> None:
    take(GROUP)
    words = said(reported(take({**SCHOOL, "评分表": GROUP["评分表"]}), "school-midterm"))
    assert "学校层面的综合权重为30%，综合得分为43.76分" in words


def test_a_gap_in_one_score_is_a_gap_in_the_composite(take: Take) -> None:
    take(GROUP)
    assert "综合得分暂无法计算" in said(reported(take(SCHOOL), "school-midterm"))
