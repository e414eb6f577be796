"""建设任务完成总体情况: counts over all points, by area, and as pictures."""

from __future__ import annotations

from projects.progress import Progress, TaskFact
from projects.templatetags.numbers import percent
from reports import goals, series
from reports.charts import Bar, TargetBars
from reports.document import Block, Chart, Column, Group, Ref, Row, Runs, Section, Table
from reports.facts import Facts
from reports.sections.numbers import Numbers, number_column, numbers, rounded
from reports.sections.words import (
    joined,
    level,
    listed,
    named,
    project_years,
    sentences,
    subject,
    until,
    window_years,
)
from reports.writing import chart, cutoff_line, row, section, table


def tasks(facts: Facts) -> Section:
    return section("tasks", "建设任务完成总体情况", *blocks(facts))


def blocks(facts: Facts) -> list[Block | None]:
    if not facts.task_figures.progress.total:
        return [sentences("任务书还没有任务点")]
    return [
        summary(facts),
        flags(facts),
        task_table(facts),
        rates_chart(facts),
        progress(facts),
    ]


def all_points(facts: Facts) -> Numbers:
    return numbers(facts, facts.task_figures.progress, "tasks")


def of_area(facts: Facts, area: TaskFact) -> Numbers:
    return numbers(facts, facts.task_figures.by_area[area.code], "tasks", "by_area", area.code)


def summary(facts: Facts) -> Block | None:
    of = all_points(facts)
    whole = joined(
        [
            (f"{subject(facts)}建设任务（{project_years(facts)}）共设任务点", of.count("total"), "个"),
            (f"{until(facts)}已完成", of.count("done"), "个"),
            ("总体完成率为", of.rate("overall_rate")),
        ]
    )
    return sentences(whole, ("其中，", *due(facts)), low_areas(facts), ("详见", Ref("task-rates")))


def due(facts: Facts) -> Runs:
    """What was to be done in the window, and whether the line of 95 % is reached."""
    of, label = all_points(facts), facts.window.label
    rate = facts.task_figures.progress.due_rate
    if rate is None:
        return (f"{window_years(facts)}没有到期的任务点",)
    reached = "达到" if rate >= goals.TASKS else "未达到"
    return joined(
        [
            (f"{window_years(facts)}应完成{label}任务点", of.count("due"), "个"),
            ("已完成", of.count("due_done"), "个"),
            (f"{label}任务完成率为", of.rate("due_rate")),
            f"{reached}{percent(goals.TASKS)}的要求",
        ]
    )


def low_areas(facts: Facts) -> Runs:
    low = [area for area in facts.areas if is_low(facts.task_figures.by_area[area.code])]
    if not low:
        return ()
    rates = listed((area.name, "（", of_area(facts, area).rate("due_rate"), "）") for area in low)
    return (f"未达到{percent(goals.TASKS)}的有", *rates)


def is_low(progress: Progress) -> bool:
    return progress.due_rate is not None and progress.due_rate < goals.TASKS


def flags(facts: Facts) -> Block | None:
    """Early, over-fulfilled and extra: said beside the rates, never silently inside them."""
    ours, counted = all_points(facts), facts.task_figures.progress
    parts = [
        ("提前完成尚未到期的任务点", ours.count("early"), "个") if counted.early else (),
        ("超额完成任务点", ours.count("over"), "个") if counted.over else (),
        ("任务书外新增成果", ours.count("extra"), "项") if counted.extra else (),
    ]
    if not any(parts):
        return None
    lead = "提前完成和新增成果不计入上述完成率；含提前完成及新增的完成率为"
    with_extra = (lead, ours.rate("due_rate_with_extra"))
    beyond = counted.due and (counted.early or counted.extra)
    return sentences(("此外，", *joined(parts)), with_extra if beyond else None)


def task_table(facts: Facts) -> Table:
    """The ministry's 表1-1, the whole project beside the window, with a row for each area."""
    label = facts.window.label
    columns = (
        Column("建设任务", 7),
        Group(
            f"{level(facts)}建设总任务（{project_years(facts)}）",
            (number_column("任务数"), number_column("完成数"), number_column("总体完成率", 4)),
        ),
        Group(
            f"{label}任务（{window_years(facts)}）",
            (number_column("任务数"), number_column("完成数"), number_column(f"{label}完成率", 4)),
        ),
    )
    rows = [task_row(named(area), of_area(facts, area)) for area in facts.areas]
    return table(
        "task-rates",
        f"{project_years(facts)}建设任务完成情况",
        columns,
        [*rows, task_row("合计", all_points(facts), strong=True)],
        unit="个",
        cutoff=cutoff_line(facts.as_of),
        notes=["完成数按任务点完成比例折算，每个任务点最多计1个；完成率＝完成数÷任务数。"],
    )


def task_row(name: str, of: Numbers, strong: bool = False) -> Row:
    whole = (of.count("total"), of.count("done"), of.rate("overall_rate"))
    return row(name, *whole, of.count("due"), of.count("due_done"), of.rate("due_rate"), strong=strong)


def rates_chart(facts: Facts) -> Chart | None:
    by_area = facts.task_figures.by_area
    due = [area for area in facts.areas if by_area[area.code].due]
    if len(due) < 2:
        return None
    bars = tuple(
        Bar(named(area), rounded(facts, by_area[area.code].due_rate), counts(of_area(facts, area)))
        for area in due
    )
    label = facts.window.label
    return chart(
        "task-bars",
        f"各项建设任务{label}任务完成率",
        TargetBars(bars, goals.TASKS, "要求"),
        f"{len(bars)}项建设任务的{label}任务完成率，竖线为{percent(goals.TASKS)}的要求。",
    )


def counts(of: Numbers) -> str:
    return f"{of.count('due_done').text}/{of.count('due').text}"


def progress(facts: Facts) -> Chart | None:
    data = series.progress_chart(facts)
    caption = "任务点计划与完成进度（累计）"
    return chart("task-progress", caption, data, series.sentence(data)) if data else None
