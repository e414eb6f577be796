"""How the points of all areas stand: by year of the task book, and by state, due or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from projects.pointstate import standing
from projects.progress import PointFact
from reports.document import Block, Column, Figure, Group, Ref, Table
from reports.facts import Facts
from reports.sections import points
from reports.sections.numbers import count, number_column, numbers
from reports.sections.words import listed, named, sentences, until
from reports.writing import cutoff_line, row, table

# What is done of due points, and what else nothing is done of: reported as nothing is not unreported.
BUCKETS = {"done": "全部完成", "over": "超额完成", "partial": "部分完成"}
NOT_STARTED = {"zero": "填报为零", "missing": "未填报", "unrated": "未填报比例"}


def states(facts: Facts) -> Block | None:
    """Due points by state, and how many are not due yet."""
    if not facts.task_figures.progress.due:
        return None
    figures = state_figures(facts, facts.points)
    words = {**BUCKETS, **NOT_STARTED}
    parts = listed((words[name], figures[name], "个") for name in words if figures[name].value)
    later = ("另有", figures["not_due"], "个未到期") if figures["not_due"].value else None
    return sentences(
        (f"{until(facts)}，到期的任务点共", figures["due"], "个，其中", *parts),
        later,
        ("各年度计划与完成情况见", Ref("task-years"), "，任务点的状态见", Ref("task-states")),
    )


def state_figures(facts: Facts, some: Sequence[PointFact], *path: object) -> dict[str, Figure]:
    """How many points are not due and in each state, in the order of the table; of an area, or of all."""
    due = [point for point in some if facts.is_due(point)]
    buckets = Counter(point.bucket for point in due)
    standings = Counter(standing(point, facts.as_of) for point in due if point.bucket == "not_started")
    found: dict[tuple[str, ...], int] = {
        ("states", "not_due"): sum(point.due_on > facts.as_of for point in some),
        ("due",): len(due),
        **{("buckets", name): buckets[name] for name in (*BUCKETS, "not_started")},
        **{("states", name): standings[name] for name in NOT_STARTED},
    }
    return {key[-1]: count(number, "tasks", *path, *key) for key, number in found.items()}


def year_table(facts: Facts) -> Table | None:
    """What each year planned, due or not, and what is done of it by now."""
    by_year = facts.task_figures.by_year
    if not by_year:
        return None
    columns = number_column("计划任务点"), number_column("完成数"), number_column("完成率")
    return table(
        "task-years",
        "各年度任务点计划与完成情况",
        (Column("年度", 3, "center"), *columns),
        [
            row(f"{year}年", of.count("planned"), of.count("done"), of.rate("rate"))
            for year, each in by_year.items()
            for of in [numbers(facts, each, "tasks", "by_year", year)]
        ],
        unit="个",
        cutoff=cutoff_line(facts.as_of),
        notes=["按任务点所属年度统计，包括尚未到期的任务点。"],
    )


def state_table(facts: Facts) -> Table | None:
    """Every point in its state; those reported without a ratio have a column only where there are any."""
    if not facts.task_figures.progress.due:
        return None
    whole = state_figures(facts, facts.points)
    shown = [name for name, number in whole.items() if name != "unrated" or number.value]
    rows = [
        row(named(area), *(figures[name] for name in shown))
        for area in facts.areas
        if (own := points.of_area(facts, area.code))
        for figures in [state_figures(facts, own, "by_area", area.code)]
    ]
    split = (words for name, words in NOT_STARTED.items() if name in shown)
    return table(
        "task-states",
        "任务点完成状态",
        (
            Column("建设任务", 7),
            number_column("未到期"),
            number_column("到期"),
            *(number_column(words) for words in BUCKETS.values()),
            Group("未开展", (number_column("合计"), *(number_column(words) for words in split))),
        ),
        [*rows, row("合计", *(whole[name] for name in shown), strong=True)],
        unit="个",
        cutoff=cutoff_line(facts.as_of),
        notes=["“填报为零”为已填报、完成数为零；“未填报”为到期而没有已审核通过的填报。"],
    )
