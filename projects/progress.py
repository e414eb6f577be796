"""How far the task points are done: pure calculation over frozen records (FIGURES.md, Task points)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from projects.numbers import Exact, ratio

ONE = Fraction(1)
ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class TaskFact:
    """A node of the task tree; `area` is the code of its root."""

    id: int
    code: str
    name: str
    parent_id: int | None
    area: str
    lead: str
    effect: str
    depth: int


@dataclass(frozen=True, slots=True)
class EntryFact:
    """The entry that counts for a point as of a date."""

    id: int
    state: str
    effective_on: date
    quantity: Decimal | None
    ratio: Decimal | None
    description: str
    reason: str
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class PointFact:
    """A task point with what counts for it as of a date.

    `quantity` is the typed one, else the sum of the linked ledger rows; `r` is the completion ratio,
    None when unknown (未填报比例).
    """

    id: int
    code: str
    task_id: int
    area: str
    year: int
    seq: str
    text: str
    unit: str
    planned: Decimal | None
    due_on: date
    department: str
    person: str
    entry: EntryFact | None
    quantity: Exact | None
    r: Fraction | None

    @property
    def capped(self) -> Fraction:
        return ZERO if self.r is None else min(ONE, self.r)

    @property
    def is_over(self) -> bool:
        return self.r is not None and self.r > 1

    @property
    def bucket(self) -> str:
        if not self.r:
            return "not_started"
        return "over" if self.r > 1 else "done" if self.r == 1 else "partial"

    def is_due(self, start: date, as_of: date) -> bool:
        return start <= self.due_on <= as_of

    def is_early(self, as_of: date) -> bool:
        return self.due_on > as_of and self.capped == 1

    def days_late(self, as_of: date) -> int:
        """Days since the deadline while not done; 0 when done or not yet due."""
        return 0 if self.capped == 1 else max(0, (as_of - self.due_on).days)


@dataclass(frozen=True, slots=True)
class ExtraFact:
    """An extra achievement of the window."""

    area: str
    task_id: int
    year: int
    seq: str
    achieved_on: date
    content: str
    is_early: bool | None


def completion_ratio(planned: Exact | None, quantity: Exact | None, given: Exact | None) -> Fraction | None:
    """r of a point: the given ratio, else quantity ÷ plan; None when neither is known.

    A full ratio beside a quantity above the plan counts as over-fulfilled by quantity.
    """
    by_quantity = ratio(quantity, planned)
    if given is None:
        return by_quantity
    if by_quantity is not None and given >= 1 and by_quantity > 1:
        return by_quantity
    return Fraction(given)


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts over some points; rates are derived, never stored."""

    name: str = ""
    total: int = 0
    due: int = 0
    due_done: Fraction = ZERO
    done: Fraction = ZERO
    early: int = 0
    over: int = 0
    extra: int = 0

    @property
    def due_rate(self) -> Fraction | None:
        return ratio(self.due_done, self.due)

    @property
    def overall_rate(self) -> Fraction | None:
        return ratio(self.done, self.total)

    @property
    def due_rate_with_extra(self) -> Fraction | None:
        return ratio(self.due_done + self.early + self.extra, self.due)


@dataclass(frozen=True, slots=True)
class YearProgress:
    """Points of one year, due or not."""

    planned: int
    done: Fraction

    @property
    def rate(self) -> Fraction | None:
        return ratio(self.done, self.planned)


@dataclass(frozen=True, slots=True)
class TaskFigures:
    progress: Progress
    buckets: dict[str, int]
    by_area: dict[str, Progress]
    by_year: dict[int, YearProgress]
    by_area_year: dict[tuple[str, int], Progress] = field(default_factory=dict)


BUCKETS = ("not_started", "partial", "done", "over")


def progress(
    points: Iterable[PointFact], start: date, as_of: date, *, name: str = "", extra: int = 0
) -> Progress:
    """Counts over `points`: due = start ≤ deadline ≤ as_of; fractions stay."""
    total = due = early = over = 0
    due_done = done = ZERO
    for point in points:
        capped = point.capped
        total += 1
        over += point.is_over
        early += point.is_early(as_of)
        if capped:
            done += capped
        if point.is_due(start, as_of):
            due += 1
            due_done += capped
    return Progress(name, total, due, due_done, done, early, over, extra)


def task_figures(
    tasks: Sequence[TaskFact],
    points: Sequence[PointFact],
    extras: Sequence[ExtraFact],
    start: date,
    as_of: date,
) -> TaskFigures:
    """All task figures of the window from `start` to `as_of`."""
    extra_areas = [extra.area for extra in extras]
    by_area: dict[str, list[PointFact]] = {t.code: [] for t in tasks if t.parent_id is None}
    by_year: dict[int, list[PointFact]] = defaultdict(list)
    by_area_year: dict[tuple[str, int], list[PointFact]] = defaultdict(list)
    for point in points:
        by_area[point.area].append(point)
        by_year[point.year].append(point)
        by_area_year[point.area, point.year].append(point)
    names = {t.code: t.name for t in tasks}
    due = [p for p in points if p.is_due(start, as_of)]
    return TaskFigures(
        progress=progress(points, start, as_of, extra=len(extras)),
        buckets={b: sum(p.bucket == b for p in due) for b in BUCKETS},
        by_area={
            code: progress(some, start, as_of, name=names[code], extra=extra_areas.count(code))
            for code, some in by_area.items()
        },
        by_year={
            year: YearProgress(len(some), sum((p.capped for p in some), ZERO))
            for year, some in sorted(by_year.items())
        },
        by_area_year={key: progress(some, start, as_of) for key, some in sorted(by_area_year.items())},
    )
