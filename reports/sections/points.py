"""Task points one by one: what was planned, what was done, and how that is told apart from not reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from projects.pointstate import standing
from projects.progress import PointFact
from reports.document import Cell, Column, Row, Runs, Table
from reports.facts import Facts
from reports.sections.numbers import count, number_column, rate
from reports.sections.won import WON, with_won
from reports.sections.words import Clause, below_area, joined
from reports.writing import cell, cutoff_line, merged, row, table

LINE = "\n"
# With more years than this side by side, their columns get too narrow for text.
MOST_YEARS = 2
DASH_NOTE = "“—”为未填报或未经审核通过。"
# What is said of a point that nobody has described, by where it stands.
STATES = {"not_due": "未到期", "missing": "未填报", "zero": "填报为零", "unrated": "未填报完成比例"}


def of_area(facts: Facts, area: str) -> list[PointFact]:
    return [point for point in facts.points if point.area == area]


def due_of_area(facts: Facts, area: str) -> list[PointFact]:
    return [point for point in of_area(facts, area) if facts.is_due(point)]


def done_rate(facts: Facts, point: PointFact) -> Runs:
    return (rate(facts, point.r, "points", point.code, "r"),)


def planned(point: PointFact) -> Runs:
    return (count(point.planned, "points", point.code, "planned"),)


def quantity(point: PointFact) -> Runs:
    return (count(point.quantity, "points", point.code, "quantity"),)


def account(facts: Facts, point: PointFact) -> str:
    """What was done, in the words of those who did it; where nothing is said, what that means."""
    return (point.entry and point.entry.description) or state(facts, point)


def state(facts: Facts, point: PointFact) -> str:
    """Not due, not reported, reported as zero, or without a ratio: never the same as each other."""
    return STATES.get(standing(point, facts.as_of), "")


def point_table(facts: Facts, points: Sequence[PointFact], id: str, caption: str) -> Table:
    """Years as columns where they are few and no quantity is known, else as rows."""
    years = sorted({point.year for point in points})
    counted = any(point.planned is not None or point.quantity is not None for point in points)
    if counted or not 1 < len(years) <= MOST_YEARS:
        return by_rows(facts, points, id, caption)
    return by_columns(facts, points, years, id, caption)


def by_rows(facts: Facts, points: Sequence[PointFact], id: str, caption: str) -> Table:
    """A row for each point; sub-task, year and what was won are merged over theirs."""
    groups = [(some, task_rows(facts, name, some)) for name, some in by_task(facts, points)]
    return table(
        id,
        caption,
        (
            Column("子任务", 5, droppable=True),
            Column("年度", 2, "center"),
            Column("任务点", 9),
            number_column("计划", 2, droppable=True),
            number_column("完成", 2, droppable=True),
            Column("单位", 2, "center", droppable=True),
            number_column("完成率", 3),
            Column("完成情况", account_weight(facts, points), droppable=True),
            WON,
        ),
        with_won(facts, groups),
        cutoff=cutoff_line(facts.as_of),
        notes=[*over_notes(points), *zero_notes(points)],
    )


def account_weight(facts: Facts, points: Sequence[PointFact]) -> int:
    """Long accounts get more of the width, so that their rows do not get taller than a page."""
    longest = max(len(account(facts, point)) for point in points)
    return 11 if longest <= 100 else 16 if longest <= 250 else 24


def by_task(facts: Facts, points: Sequence[PointFact]) -> Iterable[tuple[str, list[PointFact]]]:
    for name, some in groupby(points, key=lambda point: below_area(facts, point)):
        yield name, list(some)


def task_rows(facts: Facts, name: str, points: Sequence[PointFact]) -> list[Row]:
    rows: list[list[Runs | Cell]] = []
    for year, some in groupby(points, key=lambda point: point.year):
        own = [point_cells(facts, point) for point in some]
        rows += [[*([cell(str(year), rowspan=len(own))] * (not at)), *cells] for at, cells in enumerate(own)]
    return merged((name,), rows)


def point_cells(facts: Facts, point: PointFact) -> list[Runs]:
    known = point.planned is not None or point.quantity is not None
    return [
        (point.text,),
        planned(point),
        quantity(point),
        (point.unit if known else "",),
        done_rate(facts, point),
        (account(facts, point),),
    ]


def by_columns(
    facts: Facts, points: Sequence[PointFact], years: Sequence[int], id: str, caption: str
) -> Table:
    """A row for each sub-task; what was done in a year is a list, and so is what was won."""
    groups = [
        (some, [row(name, *(told(facts, [p for p in some if p.year == year]) for year in years))])
        for name, some in by_task(facts, points)
    ]
    unknown = any(point.r is None for point in points)
    return table(
        id,
        caption,
        (
            Column("子任务", 4, droppable=True),
            *(Column(f"{year}年", 8) for year in years),
            WON,
        ),
        with_won(facts, groups),
        cutoff=cutoff_line(facts.as_of),
        notes=[*over_notes(points), *([DASH_NOTE] if unknown else [])],
    )


def told(facts: Facts, points: Sequence[PointFact]) -> Runs:
    """`（1）任务点：完成情况。` in lines; how far only where it is not just done."""
    return joined((told_point(facts, at, point) for at, point in enumerate(points, 1)), LINE)


def told_point(facts: Facts, at: int, point: PointFact) -> Clause:
    said = account(facts, point)
    text = f"（{at}）{point.text}" + (f"：{said.rstrip('。')}" if said else "")
    if point.r == 1:
        return (text, "。")
    return (text, "（完成率", *done_rate(facts, point), "）。")


def over_notes(points: Sequence[PointFact]) -> list[str]:
    over = any(point.is_over for point in points)
    return ["完成率超过100%为超额完成，计入总数时按1个计。"] if over else []


def zero_notes(points: Sequence[PointFact]) -> list[str]:
    """Said only where somebody could take the one for the other."""
    unknown = any(None in (point.planned, point.quantity, point.r) for point in points)
    zero = any(0 in (point.quantity, point.r) for point in points)
    dash = "“—”为没有数量、未填报或未经审核通过" if unknown else ""
    naught = "“0”为已填报、完成数为零" if zero else ""
    said = "；".join(filter(None, (dash, naught)))
    return [f"{said}。"] if said else []
