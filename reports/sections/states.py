"""How the points of all areas stand: by year of the task book, and the due ones by state."""

from __future__ import annotations

from collections.abc import Mapping

from projects.progress import BUCKETS, TaskFact
from reports.document import Block, Column, Ref, Row, Table
from reports.facts import Facts
from reports.sections.numbers import Numbers, count, number_column, numbers
from reports.sections.points import due_of_area
from reports.sections.tasks import of_area
from reports.sections.words import listed, named, sentences, until
from reports.writing import cutoff_line, row, table

STATES = {"done": "全部完成", "over": "超额完成", "partial": "部分完成", "not_started": "未开展或未填报"}


def states(facts: Facts) -> Block | None:
    """Due points by state; two of the states are not the same to a reader, though both count as 0."""
    if not facts.task_figures.progress.due:
        return None
    due = numbers(facts, facts.task_figures.progress, "tasks").count("due")
    buckets = facts.task_figures.buckets
    parts = listed(
        (words, count(buckets[name], "tasks", "buckets", name), "个")
        for name, words in STATES.items()
        if buckets[name]
    )
    return sentences(
        (f"{until(facts)}，到期的任务点共", due, "个，其中", *parts),
        ("各年度计划与完成情况见", Ref("task-years"), "，到期任务点的状态见", Ref("task-states")),
    )


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
    if not facts.task_figures.progress.due:
        return None
    by_area = facts.task_figures.by_area
    rows = [
        state_row(named(area), of_area(facts, area), area_buckets(facts, area), "tasks", "by_area", area.code)
        for area in facts.areas
        if by_area[area.code].due
    ]
    total = numbers(facts, facts.task_figures.progress, "tasks")
    return table(
        "task-states",
        "到期任务点完成状态",
        (Column("建设任务", 7), number_column("到期"), *(number_column(name) for name in STATES.values())),
        [*rows, state_row("合计", total, facts.task_figures.buckets, "tasks", strong=True)],
        unit="个",
        cutoff=cutoff_line(facts.as_of),
    )


def area_buckets(facts: Facts, area: TaskFact) -> dict[str, int]:
    due = due_of_area(facts, area.code)
    return {name: sum(point.bucket == name for point in due) for name in BUCKETS}


def state_row(name: str, of: Numbers, buckets: Mapping[str, int], *path: object, strong: bool = False) -> Row:
    cells = [count(buckets[state], *path, "buckets", state) for state in STATES]
    return row(name, of.count("due"), *cells, strong=strong)
