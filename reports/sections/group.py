"""专业群建设报告: outcomes and money first, then each task with what was promised beside what was done."""

from __future__ import annotations

from projects.progress import TaskFact
from reports.document import Block, Column, Ref, Row, Runs, Section, Table
from reports.facts import Facts
from reports.sections import indicators, outcomes, satisfaction, scores, spending, unfinished
from reports.sections.aligned import side_by_side
from reports.sections.funding import receipt_summary, receipt_table, spending_summary
from reports.sections.funding import spending_table as source_spending
from reports.sections.numbers import count, number_column, numbers
from reports.sections.points import due_of_area
from reports.sections.states import year_table
from reports.sections.tasks import all_points, due, flags, of_area, rates_chart
from reports.sections.words import (
    area_id,
    joined,
    listed,
    named,
    project_years,
    sentences,
    subject,
    until,
    window_years,
)
from reports.writing import cutoff_line, merged, row, section, table


def basics(facts: Facts) -> Section:
    return section(
        "basics",
        "专业群基本情况",
        section("goals", "项目总体目标实现情况及效果", *outcomes.blocks(facts), outcomes.level_table(facts)),
        section("funding", "项目经费到位及执行情况", *money(facts)),
    )


def money(facts: Facts) -> list[Block | None]:
    """By year and by task; by source only where the records name several, or no year."""
    if not facts.amounts:
        return [sentences("没有经费记录")]
    by_year = spending.year_table(facts)
    several = len({fact.source for fact in facts.amounts}) > 1
    receipts, spent = receipt_table(facts), source_spending(facts)
    return [
        receipt_summary(facts, by_year or receipts),
        spending_summary(facts, None if by_year else spent),
        by_year,
        *([receipts, spent] if several or by_year is None else []),
        spending.task_table(facts),
        spending.spending_table(facts),
    ]


def completion(facts: Facts) -> Section | None:
    if not facts.areas:
        return None
    parts = [area_part(facts, area) for area in facts.areas]
    return section(
        "completion",
        "专业群建设完成情况",
        section("completion-overview", f"{facts.window.label}建设任务完成概况", *summary(facts)),
        section("completion-areas", "具体建设任务完成情况", *parts),
        section("unfinished-points", unfinished.TITLE, *left(facts)),
    )


def summary(facts: Facts) -> list[Block | None]:
    below = sum(task.depth == 1 for task in facts.tasks)
    counted = [(count(len(facts.areas), "tasks", "areas"), "个一级任务")]
    if below:
        counted.append((count(below, "tasks", "subtasks"), "个子任务"))
    tree = (f"{subject(facts)}建设任务共有", *listed(counted))
    if not facts.task_figures.progress.total:
        return [sentences(tree, "任务书还没有任务点")]
    return [
        sentences(tree, due(facts), overall(facts), ("详见", Ref("area-years"))),
        flags(facts),
        area_table(facts),
        year_table(facts),
        rates_chart(facts),
    ]


def overall(facts: Facts) -> Runs:
    of = all_points(facts)
    return joined(
        [
            (f"{project_years(facts)}任务点共", of.count("total"), "个"),
            ("已完成", of.count("done"), "个"),
            ("总体完成率为", of.rate("overall_rate")),
        ]
    )


def left(facts: Facts) -> list[Block | None]:
    return [unfinished.overview_table(facts) or sentences(f"无。{until(facts)}，到期任务点已全部完成")]


def area_table(facts: Facts) -> Table:
    """Due points by task and year; what came of a task is merged over its years."""
    label = facts.window.label
    return table(
        "area-years",
        f"{label}建设任务完成情况一览",
        (
            Column("建设任务", 6),
            Column("年度", 3, "center"),
            number_column("任务点"),
            number_column("完成数"),
            number_column(f"{label}完成率", 4),
            Column("成效", 10, droppable=True),
        ),
        [*(line for area in facts.areas for line in year_rows(facts, area)), sum_row(facts)],
        unit="个",
        cutoff=cutoff_line(facts.as_of),
    )


def year_rows(facts: Facts, area: TaskFact) -> list[Row]:
    path = ("tasks", "by_area", area.code)
    found = [
        (f"{year}年", numbers(facts, each, *path, "by_year", year))
        for (code, year), each in facts.task_figures.by_area_year.items()
        if code == area.code and each.due
    ] or [("", of_area(facts, area))]
    rows = [(name, of.count("due"), of.count("due_done"), of.rate("due_rate")) for name, of in found]
    return merged((named(area),), rows, (area.effect,))


def sum_row(facts: Facts) -> Row:
    of = all_points(facts)
    return row("合计", "", of.count("due"), of.count("due_done"), of.rate("due_rate"), "", strong=True)


def area_part(facts: Facts, area: TaskFact) -> Section:
    points = sorted(due_of_area(facts, area.code), key=lambda point: point.year)
    extras = [extra for extra in facts.extras if extra.area == area.code]
    own = [each for each in facts.attainments if each.indicator.area == area.code]
    caption = f"{area.name}绩效指标完成情况"
    return section(
        area_id("area", area),
        area.name,
        side_by_side(facts, area, points, extras) if points or extras else None,
        counts(facts, area),
        indicators.list_table(facts, own, area_id("indicators", area), caption, area.code) if own else None,
    )


def counts(facts: Facts, area: TaskFact) -> Block | None:
    """`2022年、2023年人才培养模式创新部分共有任务点16个，完成16个，完成率100%。`"""
    of, progress = of_area(facts, area), facts.task_figures.by_area[area.code]
    if not progress.due:
        return sentences((f"{window_years(facts)}没有到期的任务点，任务点共", of.count("total"), "个"))
    lead = f"{window_years(facts)}{area.name}部分共有任务点"
    done = (lead, of.count("due"), "个，完成", of.count("due_done"), "个，完成率为", of.rate("due_rate"))
    extra = ("，任务书外新增成果", of.count("extra"), "项") if progress.extra else ()
    return sentences((*done, *extra))


def attainment(facts: Facts) -> Section | None:
    """Indicators, satisfaction and score, as far as the group has them."""
    parts = [
        section("indicators", "绩效指标完成情况", *indicator_blocks(facts)) if facts.attainments else None,
        section("satisfaction", "满意度指标完成情况", *satisfaction.blocks(facts))
        if facts.satisfaction
        else None,
        section("score", f"{facts.window.label}自评", *scores.blocks(facts)) if facts.score else None,
    ]
    return section("attainment", "绩效指标、满意度和自评情况", *parts) if any(parts) else None


def indicator_blocks(facts: Facts) -> list[Block | None]:
    rest = [each for each in facts.attainments if not each.indicator.area]
    caption = "其他绩效指标完成情况"
    return [
        *indicators.blocks(facts),
        indicators.list_table(facts, rest, "other-indicators", caption) if rest else None,
    ]
