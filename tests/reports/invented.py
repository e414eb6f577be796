"""A report of an invented college, long enough for every trouble that pages make. No database."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from reports.charts import Bar, GroupedBars, Series, TargetBars
from reports.document import Column, Document, Figure, Grade, Group, Ref, Section, Signature, Table
from reports.writing import (
    cell,
    chart,
    cutoff_line,
    merged,
    note,
    paragraph,
    period_line,
    row,
    section,
    table,
)

START, CUTOFF = date(2022, 1, 1), date(2023, 12, 31)
AREAS = ("加强党的建设", "打造技术技能人才培养高地", "打造高水平双师队伍", "提升国际化水平")
STORY = (
    "学校坚持把立德树人作为根本任务，政校行企协同推进人才培养模式改革，2022—2023年共建设产业学院6个、"
    "订单班23个，校企合作开发教材14部，教师到企业实践累计1,280人次，社会服务到款额1,264.35万元。"
)
DONE = "（1）修订人才培养方案12份，成立教材工作委员会；（2）立项省级精品课程3门；（3）完成年度培训计划。"

DUE_RATE = Figure.percent("tasks.due_rate", Fraction(217, 224))
OUTCOME_ROWS = 96


def number(title: str, weight: int = 2) -> Column:
    return Column(title, weight, "number")


def center(title: str, weight: int = 1) -> Column:
    return Column(title, weight, "center")


def invented() -> Document:
    return Document(
        institution="滨海职业技术学院",
        project="省域高水平高等职业院校建设项目",
        title="中期检查分析自评报告",
        kind="school-midterm",
        start=START,
        as_of=CUTOFF,
        chapters=(
            section("preface", "前言", paragraph(STORY * 2), numbered=False),
            overview(),
            areas(),
            section("open", "尚未开展（完成）的任务", paragraph("详见", Ref("missing"), "。"), missing()),
            satisfaction(),
        ),
        version="v2",
        cover_lines=("建设单位：滨海职业技术学院", "报送时间：2024年4月"),
        signature=Signature(),
    )


def overview() -> Section:
    return section(
        "overview",
        "基本情况",
        section(
            "goals",
            "总体目标的实现程度及效果概述",
            section(
                "tasks",
                "建设任务完成总体情况",
                paragraph(
                    "中期任务完成率为", DUE_RATE, "。详见", Ref("task-totals"), "和", Ref("rates"), "。"
                ),
                table(
                    "task-totals",
                    "2022—2025年建设任务情况表",
                    (
                        Group("总任务数", (number("任务数"), number("完成数"), number("总体完成率"))),
                        Group("中期任务数", (number("任务数"), number("完成数"), number("中期完成率"))),
                    ),
                    [
                        row(
                            447,
                            222,
                            Figure.percent("tasks.overall_rate", Fraction(222, 447)),
                            224,
                            217,
                            DUE_RATE,
                        )
                    ],
                    unit="个",
                    cutoff=cutoff_line(CUTOFF),
                ),
                chart("rates", "各建设任务中期完成率", bars(), "四项建设任务的中期完成率。"),
            ),
            section("outcomes", "标志性成果", paragraph("详见", Ref("outcome-list"), "。"), outcomes()),
            section("score", "中期自评", grade()),
        ),
        section(
            "money",
            "项目经费到位和执行情况概述",
            *(paragraph(STORY[at:] + STORY) for at in (0, 9, 17)),
            funding(),
        ),
    )


def bars() -> TargetBars:
    values = (Fraction(1), Fraction(57, 58), None, Fraction(23, 25))
    return TargetBars(tuple(map(Bar, AREAS, values)), Fraction(95, 100), "要求")


def grade() -> Grade:
    score, full = Figure.count("score.total", 86), Figure.count("score.full", 100)
    return Grade(score, full, "良", ("“资金到位率低于95%”未触发。",))


def outcomes() -> Table:
    columns = (
        Column("建设任务", 3),
        Column("标志性成果名称", 6),
        center("级别", 2),
        number("量化指标"),
        number("完成数"),
        Column("备注", 2, droppable=True),
    )
    each = OUTCOME_ROWS // len(AREAS)
    rows = [
        line
        for at, area in enumerate(AREAS)
        for line in merged((area,), [outcome(at * each + place) for place in range(each)])
    ]
    total = row(cell("合计", colspan=3), 5000, None, "", strong=True)
    return table(
        "outcome-list", "标志性成果一览表", columns, [*rows, total], unit="项（个）", notes=[UNKNOWN_NOTE]
    )


UNKNOWN_NOTE = "注：“—”为未填报或未经审核通过，“0”为已填报、完成数为零。"


def outcome(at: int) -> tuple[str, str, int, int | None, str]:
    return (
        f"第{at + 1}项成果：职业教育示范性虚拟仿真实训基地",
        ("国家级", "省级", "")[at % 3],
        at + 1,
        at % 7 or None,
        "",
    )


def funding() -> Table:
    columns = (
        Column("资金来源", 4),
        Group("预算", (number("2022—2025年", 3), number("2022—2023年", 3))),
        number("到位资金", 3),
        number("中期到位率", 3),
    )
    rows = [
        row("财政专项经费", *(Figure.money(f"m{at}", at) for at in (3942, 3821, 5352)), "140.07%"),
        row("学校自筹经费", Figure.money("m", Fraction("20129.5")), *(Figure.money("m", None),) * 2, None),
        row("合计", Figure.money("m", Fraction("24681.5")), "13,253", "13,253", "100%", strong=True),
    ]
    return table(
        "funding-source",
        "各来源资金预算安排及到位情况",
        columns,
        rows,
        unit="万元",
        cutoff=cutoff_line(CUTOFF),
    )


def areas() -> Section:
    return section(
        "areas",
        "十大项目指标完成情况",
        *(area(at, name) for at, name in enumerate(AREAS[:2])),
        decimal=True,
        tables_by_part=True,
    )


def area(at: int, name: str) -> Section:
    columns = (
        Column("建设任务", 3),
        center("年度", 2),
        Column("验收要点完成情况", 7),
        Column("数量指标完成情况", 4, droppable=True),
        Column("标志性成果", 3),
    )
    rows = [
        line
        for task in range(3)
        for line in merged(
            (f"{at + 1}-{task + 1} 夯实基层组织",),
            [("2022年", DONE * (2 + 3 * task), ""), ("2023年", DONE, None)],
            ("党建工作样板支部1个\n省级党建课题4项",),
        )
    ]
    return section(
        f"area-{at}",
        name,
        section(
            f"area-{at}-base", "基本情况", paragraph(STORY), paragraph("见", Ref(f"area-{at}-points"), "。")
        ),
        section(
            f"area-{at}-done",
            "建设任务完成情况",
            table(f"area-{at}-points", f"{name}任务完成情况表", columns, rows),
            note("本节文字材料尚未填写。"),
        ),
    )


def missing() -> Table:
    columns = (
        center("序号"),
        Column("建设任务", 4),
        center("年度", 2),
        Column("任务点", 6),
        Group("完成情况", (number("完成数"), number("计划数"), number("完成度"))),
        Column("未完成原因", 5),
        center("预计完成\n时间", 3),
        Column("责任部门", 4),
    )
    rows = [
        row(
            at,
            AREAS[at % 4],
            "2023",
            "立项现代学徒制试点1个",
            *value,
            "主管部门当年未开展认定",
            "2024年6月",
            "教务处",
        )
        for at, value in enumerate([(0, 1, "0%"), (None, 1, None)] * 9, start=1)
    ]
    return table("missing", "尚未开展（完成）的任务点一览表", columns, rows, unit="个（项）")


def satisfaction() -> Section:
    years = (
        Series("2022年", (Fraction(9122, 10000), Fraction(9923, 10000))),
        Series("2023年", (Fraction(6362, 10000), None)),
    )
    return section(
        "satisfaction",
        "满意度指标完成情况",
        *(paragraph(STORY[at:] + STORY) for at in (3, 29)),
        table(
            "by-year",
            "满意度指标完成情况表",
            (Column("对象", 3), number("2022年"), number("2023年")),
            [row("在校生", "91.22%", "63.62%"), row("用人单位", "99.23%", None)],
            cutoff=period_line(START, CUTOFF),
        ),
        chart("by-year-chart", "各年度满意度", GroupedBars(("在校生", "用人单位"), years, "%"), "满意度。"),
    )
