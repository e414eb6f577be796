"""Lists of task points with their states, and the task tree with its progress. Pure: Facts → rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from projects.pointstate import FILTERS, PointState, point_state
from projects.progress import PointFact, Progress, TaskFact, progress
from reports.facts import Facts


@dataclass(frozen=True, slots=True)
class PointRow:
    fact: PointFact
    state: PointState

    def has(self, text: str) -> bool:
        fields = (self.fact.code, self.fact.text, self.fact.department, self.fact.person)
        return any(text.casefold() in field.casefold() for field in fields)


def point_rows(facts: Facts, work: Mapping[int, str]) -> list[PointRow]:
    """Every point in the order of the task book; `work` as `permissions.undecided` gives it."""
    return [PointRow(p, point_state(p, facts.as_of, work.get(p.id, ""))) for p in facts.points]


def matching(
    rows: Iterable[PointRow], *, year: str = "", department: str = "", area: str = "", text: str = ""
) -> list[PointRow]:
    return [
        row
        for row in rows
        if year in ("", str(row.fact.year))
        and department in ("", row.fact.department)
        and area in ("", row.fact.area)
        and row.has(text)
    ]


def in_state(rows: Iterable[PointRow], state: str) -> list[PointRow]:
    """The rows a state filter finds; what is overdue, longest first."""
    found = [row for row in rows if not state or state in row.state.tags]
    return sorted(found, key=lambda row: row.fact.due_on) if state == "overdue" else found


def state_counts(rows: Iterable[PointRow]) -> list[tuple[str, int]]:
    """How many points each state filter finds."""
    counts = Counter(tag for row in rows for tag in row.state.tags)
    return [(key, counts[key]) for key in FILTERS]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task with the progress of all points at or below it."""

    task: TaskFact
    progress: Progress
    overdue: int

    @property
    def undone(self) -> object:
        return self.progress.due - self.progress.due_done


class Belonging(Protocol):
    """What belongs to a task: a point, an extra achievement."""

    @property
    def task_id(self) -> int: ...


Item = TypeVar("Item", bound=Belonging)


def by_task(tasks: Sequence[TaskFact], items: Iterable[Item]) -> dict[int, list[Item]]:
    """By task the items at or below it; parents stand before their children."""
    below: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        below[item.task_id].append(item)
    for task in reversed(tasks):
        if task.parent_id is not None:
            below[task.parent_id] += below[task.id]
    return below


def task_rows(facts: Facts, tasks: Sequence[TaskFact]) -> list[TaskRow]:
    start, as_of = facts.window.start, facts.as_of
    points, extras = by_task(facts.tasks, facts.points), by_task(facts.tasks, facts.extras)
    return [
        TaskRow(
            task,
            progress(points[task.id], start, as_of, name=task.name, extra=len(extras[task.id])),
            sum(point.days_late(as_of) > 0 for point in points[task.id]),
        )
        for task in tasks
    ]


def tasks_below(tasks: Sequence[TaskFact], root: int) -> set[int]:
    """The ids of a task and of all tasks below it; parents stand before their children."""
    found = {root}
    for task in tasks:
        if task.parent_id in found:
            found.add(task.id)
    return found
