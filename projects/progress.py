"""How far the task points are done: pure calculation over frozen records (FIGURES.md, Task points)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from projects.linked import LinkedQuantity
from projects.numbers import Exact, exact_sum, lean, lean_ratio, ratio

# What is whole is kept as int: most points are done or not, and adding fractions is dear.
Ratio = Fraction | int


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

    @property
    def is_typed(self) -> bool:
        """Whether it says itself how far the point is; else linked ledger rows do."""
        return self.quantity is not None or self.ratio is not None


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
    r: Ratio | None
    # Every ledger row that counts for it, whatever is typed and whenever it was awarded.
    ledger: tuple[LinkedQuantity, ...] = ()

    @property
    def linked(self) -> Exact | None:
        """The sum of the linked ledger rows, where no typed number stands above it."""
        return None if self.entry and self.entry.is_typed else self.quantity

    @property
    def capped(self) -> Ratio:
        return 0 if self.r is None else min(1, self.r)

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


def completion_ratio(planned: Exact | None, quantity: Exact | None, given: Exact | None) -> Ratio | None:
    """r of a point: the given ratio, else quantity ÷ plan; None when neither is known.

    A full ratio beside a quantity above the plan counts as over-fulfilled by quantity.
    """
    by_quantity = lean_ratio(quantity, planned)
    if given is None or (by_quantity is not None and given >= 1 and by_quantity > 1):
        return by_quantity
    return lean(given)


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts over some points; rates are derived, never stored."""

    name: str = ""
    total: int = 0
    due: int = 0
    due_done: Ratio = 0
    done: Ratio = 0
    early: int = 0
    over: int = 0
    extra: int = 0

    def __add__(self, other: Progress) -> Progress:
        """The counts of two disjoint sets of points together."""
        return Progress(
            name=self.name or other.name,
            total=self.total + other.total,
            due=self.due + other.due,
            due_done=self.due_done + other.due_done,
            done=self.done + other.done,
            early=self.early + other.early,
            over=self.over + other.over,
            extra=self.extra + other.extra,
        )

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
    done: Ratio

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
    points: Collection[PointFact], start: date, as_of: date, *, name: str = "", extra: int = 0
) -> Progress:
    """Counts over `points`: due = start ≤ deadline ≤ as_of; fractions stay."""
    due = [point.capped for point in points if point.is_due(start, as_of)]
    return Progress(
        name=name,
        total=len(points),
        due=len(due),
        due_done=exact_sum(due),
        done=exact_sum(point.capped for point in points),
        early=sum(point.is_early(as_of) for point in points),
        over=sum(point.is_over for point in points),
        extra=extra,
    )


def task_figures(
    tasks: Sequence[TaskFact],
    points: Sequence[PointFact],
    extras: Sequence[ExtraFact],
    start: date,
    as_of: date,
) -> TaskFigures:
    """All task figures of the window; each point is counted once, and the counts are added up."""
    cells: dict[tuple[str, int], list[PointFact]] = defaultdict(list)
    for point in points:
        cells[point.area, point.year].append(point)
    by_area_year = {key: progress(some, start, as_of) for key, some in sorted(cells.items())}
    extra = Counter(fact.area for fact in extras)
    by_area = {t.code: Progress(t.name, extra=extra[t.code]) for t in tasks if t.parent_id is None}
    by_year = {year: Progress() for year in sorted({point.year for point in points})}
    for (area, year), some in by_area_year.items():
        by_area[area] += some
        by_year[year] += some
    buckets = Counter(point.bucket for point in points if point.is_due(start, as_of))
    return TaskFigures(
        progress=replace(sum(by_area.values(), Progress()), name=""),
        buckets={name: buckets[name] for name in BUCKETS},
        by_area=by_area,
        by_year={year: YearProgress(some.total, some.done) for year, some in by_year.items()},
        by_area_year=by_area_year,
    )
