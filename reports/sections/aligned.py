"""What the task book promised beside what was done, point by point, numbered as in the task book."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from projects.progress import ExtraFact, PointFact, TaskFact
from reports.document import Cell, Column, Table
from reports.facts import Facts
from reports.sections.numbers import number_column
from reports.sections.points import account, done_rate
from reports.sections.words import area_id, below_area
from reports.writing import cell, cutoff_line, merged, table

# ① to ㊿ stand in three blocks of Unicode.
CIRCLED = [
    chr(start + at) for start, size in ((0x2460, 20), (0x3251, 15), (0x32B1, 15)) for at in range(size)
]


def side_by_side(
    facts: Facts, area: TaskFact, points: Sequence[PointFact], extras: Sequence[ExtraFact]
) -> Table:
    """What the task book promised beside what was done, row by row; extras end a year."""
    years = sorted({*(point.year for point in points), *(extra.year for extra in extras)})
    return table(
        area_id("points", area),
        f"{area.name}任务点及完成情况",
        (
            Column("年份", 3, "center"),
            Column("子任务", 5, droppable=True),
            Column("任务点（任务书）", 10),
            Column("实际完成情况", 10),
            number_column("完成率", 3),
        ),
        [
            line
            for year in years
            for line in merged(
                (f"{year}年",),
                [
                    *planned_rows(facts, [point for point in points if point.year == year]),
                    *extra_rows(points, [extra for extra in extras if extra.year == year], year),
                ],
            )
        ],
        cutoff=cutoff_line(facts.as_of),
    )


def planned_rows(facts: Facts, points: Sequence[PointFact]) -> list[list[Cell]]:
    rows = []
    for name, some in groupby(points, key=lambda point: below_area(facts, point)):
        own = list(some)
        rows += [
            [
                *([cell(name, rowspan=len(own))] * (not at)),
                cell(mark(point.seq) + point.text),
                cell(mark(point.seq) + account(facts, point)),
                cell(done_rate(facts, point)),
            ]
            for at, point in enumerate(own)
        ]
    return rows


def extra_rows(points: Sequence[PointFact], extras: Sequence[ExtraFact], year: int) -> list[list[Cell]]:
    """Numbered on after the points of the year; nothing was promised, so nothing stands beside them."""
    last = sum(point.year == year for point in points)
    return [
        [cell(""), cell(""), cell(mark(str(last + at)) + extra.content + said_early(extra)), cell("")]
        for at, extra in enumerate(extras, 1)
    ]


def said_early(extra: ExtraFact) -> str:
    return "（提前完成）" if extra.is_early else "（新增）"


def mark(seq: str) -> str:
    """① for 1, as task books number points; other numbers in brackets."""
    number = int(seq) if seq.isdecimal() else 0
    return CIRCLED[number - 1] if 0 < number <= len(CIRCLED) else f"（{seq}）"
