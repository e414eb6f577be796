"""How far indicators are met (FIGURES.md, Indicators). Pure calculation over frozen records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from projects.linked import LinkedQuantity, sum_as_of
from projects.numbers import Exact, exact_sum, known_sum, lean, lean_ratio, ratio

Ratio = Fraction | int


@dataclass(frozen=True, slots=True)
class ValueFact:
    """An approved value, dated."""

    measured_on: date
    value: Decimal | None
    ratio: Decimal | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class IndicatorFact:
    id: int
    code: str
    level1: str
    level2: str
    area: str
    name: str
    unit: str
    direction: str
    accumulation: str
    final_target: Decimal | None
    midterm_target: Decimal | None
    yearly: Mapping[int, Decimal]
    target_text: str
    department: str
    person: str
    values: tuple[ValueFact, ...]  # the one that counts comes last: by date, then approval, then making
    linked: tuple[LinkedQuantity, ...]

    @property
    def lower_is_better(self) -> bool:
        return self.direction == "lower"

    @property
    def is_cumulative(self) -> bool:
        return self.accumulation == "cumulative"


@dataclass(frozen=True, slots=True)
class Attainment:
    """One indicator against one target. `raw` is None when it cannot be judged (unknown)."""

    indicator: IndicatorFact
    target: Exact | None
    value: Exact | None
    ratio: Decimal | None
    raw: Ratio | None

    @property
    def capped(self) -> Ratio:
        return 0 if self.raw is None else min(1, self.raw)

    @property
    def is_missing(self) -> bool:
        """There is a target, but nothing was reported."""
        return self.raw is not None and self.value is None and self.ratio is None

    @property
    def is_over(self) -> bool:
        return self.raw is not None and self.raw > 1


@dataclass(frozen=True, slots=True)
class AttainmentCount:
    count: int
    unknown: int
    met: int
    equivalent: Ratio
    over: int

    def __add__(self, other: AttainmentCount) -> AttainmentCount:
        """The counts of two disjoint sets of indicators together."""
        return AttainmentCount(
            count=self.count + other.count,
            unknown=self.unknown + other.unknown,
            met=self.met + other.met,
            equivalent=self.equivalent + other.equivalent,
            over=self.over + other.over,
        )

    @property
    def rate(self) -> Fraction | None:
        """equivalent ÷ (count − unknown)."""
        return ratio(self.equivalent, self.count - self.unknown)


def value_as_of(indicator: IndicatorFact, as_of: date) -> tuple[Exact | None, Decimal | None]:
    """(完成值, 完成比例) of the latest approved value by `as_of`; the linked ledger where nothing is typed.

    A 当年 indicator sees only values and ledger rows dated in the year of `as_of`.
    """
    first = first_day(indicator, as_of)
    latest = next((v for v in reversed(indicator.values) if first <= v.measured_on <= as_of), None)
    if latest and (latest.value is not None or latest.ratio is not None):
        return latest.value, latest.ratio
    return linked_as_of(indicator, as_of), None


def linked_as_of(indicator: IndicatorFact, as_of: date) -> Decimal | None:
    """What the linked ledger rows add up to, whatever is typed; None where none are linked."""
    return sum_as_of(indicator.linked, as_of, first_day(indicator, as_of))


def first_day(indicator: IndicatorFact, as_of: date) -> date:
    """From when on values and ledger rows are seen."""
    return date(as_of.year, 1, 1) if indicator.accumulation == "yearly" else date.min


def window_target(indicator: IndicatorFact, kind: str, year: int) -> Exact | None:
    """The target of a window of `kind` (annual, midterm, final) asked in `year`; None if unknown."""
    if kind == "annual":
        return indicator.yearly.get(year)
    own = indicator.midterm_target if kind == "midterm" else indicator.final_target
    if own is not None:
        return own
    if indicator.is_cumulative:
        return known_sum(value for y, value in indicator.yearly.items() if y <= year)
    return indicator.yearly.get(year)


def final_target(indicator: IndicatorFact) -> Exact | None:
    """期满目标, else the sum of the yearly targets (累计) or that of the last year that has one."""
    if indicator.final_target is not None:
        return indicator.final_target
    if indicator.is_cumulative:
        return known_sum(indicator.yearly.values())
    return indicator.yearly[max(indicator.yearly)] if indicator.yearly else None


def raw_attainment(
    indicator: IndicatorFact, target: Exact | None, value: Exact | None, given: Exact | None
) -> Ratio | None:
    """raw: a given ratio counts whatever the target; None where there is no usable target.

    A missing value under a usable target is 0. Where lower is better, a value of 0 is fully met.
    """
    if given is not None:
        return lean(given)
    if target is None or (target == 0 and not indicator.lower_is_better):
        return None
    if value is None:
        return 0
    if indicator.lower_is_better:
        return 1 if value == 0 else lean_ratio(target, value)
    return lean_ratio(value, target)


def attain(
    indicator: IndicatorFact, target: Exact | None, value: Exact | None, given: Decimal | None
) -> Attainment:
    return Attainment(indicator, target, value, given, raw_attainment(indicator, target, value, given))


def window_attainment(indicator: IndicatorFact, kind: str, start: date, as_of: date) -> Attainment:
    """Against the target of the window; an annual window counts what a 累计 indicator gained in it."""
    value, given = value_as_of(indicator, as_of)
    if kind == "annual" and indicator.is_cumulative and value is not None:
        before, _ = value_as_of(indicator, start - timedelta(days=1))
        value = Fraction(value) - Fraction(before or 0)
    return attain(indicator, window_target(indicator, kind, as_of.year), value, given)


def final_attainment(indicator: IndicatorFact, as_of: date) -> Attainment:
    """Against the target of the whole project, with the whole value."""
    return attain(indicator, final_target(indicator), *value_as_of(indicator, as_of))


def count(attainments: Iterable[Attainment]) -> AttainmentCount:
    some = list(attainments)
    raws = [a.raw for a in some]
    return AttainmentCount(
        count=len(some),
        unknown=raws.count(None),
        met=sum(raw is not None and raw >= 1 for raw in raws),
        equivalent=exact_sum(a.capped for a in some),
        over=sum(a.is_over for a in some),
    )


def counts_by_key(attainments: Sequence[Attainment]) -> dict[str, AttainmentCount]:
    """Counts under `*`, `<二级指标>`, `*;<一级任务编号>` and `<二级指标>;<一级任务编号>`."""
    cells: dict[tuple[str, str], list[Attainment]] = defaultdict(list)
    for attainment in attainments:
        cells[attainment.indicator.level2, attainment.indicator.area].append(attainment)
    sums: dict[str, AttainmentCount] = {}
    for (level2, area), some in cells.items():
        counted = count(some)
        for kind in ("*", level2):
            for key in (kind, f"{kind};{area}") if area else (kind,):
                sums[key] = sums[key] + counted if key in sums else counted
    return sums
