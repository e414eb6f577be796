"""尚未开展（完成）的任务: each point that is due and not done, with its reason and expected date."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from projects.gathered import lineage
from projects.progress import PointFact, TaskFact
from projects.templatetags.numbers import day
from reports.document import Block, Column, Ref, Section, Table
from reports.facts import Facts
from reports.sections.numbers import count, number_column
from reports.sections.points import done_rate, due_of_area, planned, quantity, state, zero_notes
from reports.sections.words import area_id, below_area, named, sentences, until, window_years
from reports.writing import Value, cutoff_line, merged, row, section, table

TITLE = "尚未开展（完成）的任务"


def unfinished(facts: Facts, points: Sequence[PointFact]) -> list[PointFact]:
    return [point for point in points if facts.is_due(point) and point.capped < 1]


def of_area(facts: Facts, area: TaskFact) -> Section:
    return section(area_id("left", area), TITLE, *area_blocks(facts, area))


def area_blocks(facts: Facts, area: TaskFact) -> list[Block | None]:
    due = due_of_area(facts, area.code)
    if not due:
        return [sentences(f"{window_years(facts)}没有到期的任务点")]
    left = unfinished(facts, due)
    if not left:
        return [sentences(f"无。{until(facts)}，本项到期任务点已全部完成")]
    number = count(len(left), "tasks", "by_area", area.code, "unfinished")
    id = area_id("reasons", area)
    said = (f"{until(facts)}，本项到期任务点尚有", number, "个未开展或未全部完成，详见", Ref(id))
    return [sentences(said), area_table(facts, left, id)]


def reason(facts: Facts, point: PointFact) -> str:
    """Why it is not done; where nobody says so, at least whether anything was reported."""
    written = (point.entry.reason or point.entry.description) if point.entry else ""
    return written or state(facts, point) or "未说明"


def expected(point: PointFact) -> str:
    return day(point.entry.expected_on) if point.entry else day(None)


def columns(*before: Column) -> tuple[Column, ...]:
    return (
        *before,
        Column("年度", 2, "center"),
        Column("任务点", 7),
        number_column("计划", 2, droppable=True),
        number_column("完成", 2, droppable=True),
        number_column("完成率", 3),
        Column("未完成原因", 7),
        Column("预计完成", 4, "center", droppable=True),
        Column("责任部门", 4, droppable=True),
    )


def point_cells(facts: Facts, point: PointFact, *before: str) -> list[Value]:
    done = planned(point), quantity(point), done_rate(facts, point)
    said = reason(facts, point), expected(point), point.department
    return [*before, str(point.year), point.text, *done, *said]


def area_table(facts: Facts, points: Sequence[PointFact], id: str) -> Table:
    return table(
        id,
        f"{window_years(facts)}{TITLE}",
        columns(Column("子任务", 5, droppable=True)),
        [row(*point_cells(facts, point, below_area(facts, point))) for point in points],
        cutoff=cutoff_line(facts.as_of),
        notes=zero_notes(points),
    )


def overview_table(facts: Facts) -> Table | None:
    """All of them on one list, for those who must act."""
    left = unfinished(facts, facts.points)
    if not left:
        return None
    return table(
        "unfinished",
        "未完成任务点一览",
        columns(Column("建设任务", 5), Column("序号", 2, "center")),
        [
            line
            for name, some in groupby(enumerate(left, 1), key=lambda numbered: place(facts, numbered[1]))
            for line in merged((name,), [point_cells(facts, point, str(at)) for at, point in some])
        ],
        cutoff=cutoff_line(facts.as_of),
        notes=zero_notes(left),
    )


def place(facts: Facts, point: PointFact) -> str:
    """The task that the point stands under; its code tells those above it."""
    return named(lineage(facts.tasks, point.task_id)[-1])
