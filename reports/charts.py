"""Charts as data: frozen dataclasses of exact numbers, stored with a report, drawn by `reports.drawing`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

Width = Literal["wide", "narrow"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One named rate (1 = 100 %), None when unknown; `detail` stands beside it, e.g. `217/224`."""

    name: str
    value: Fraction | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TargetBars:
    """Rates by area as bars, with a tick at the target."""

    bars: tuple[Bar, ...]
    target: Fraction | None = None
    target_name: str = "目标"


@dataclass(frozen=True, slots=True)
class Series:
    """One row of a legend: a value for each group, None where unknown."""

    name: str
    values: tuple[Fraction | None, ...]


@dataclass(frozen=True, slots=True)
class GroupedBars:
    """Up to three series side by side in each group: satisfaction by year, budget, received and spent.

    `unit` is `%` for rates (1 = 100 %), else the unit of the amounts; `target` is in the unit of the values.
    """

    groups: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    target: Fraction | None = None
    target_name: str = "目标"


@dataclass(frozen=True, slots=True)
class Step:
    """Cumulative numbers at the end of a day: planned, and done (None after the as-of date)."""

    day: date
    planned: Fraction | None
    done: Fraction | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What was planned by when, and what was done by when."""

    steps: tuple[Step, ...]
    as_of: date


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rates (1 = 100 %) of one area."""

    name: str
    first: Fraction | None
    second: Fraction | None

    @property
    def difference(self) -> Fraction | None:
        """second − first; None when either is unknown."""
        return None if self.first is None or self.second is None else self.second - self.first


@dataclass(frozen=True, slots=True)
class Dumbbell:
    """Two rates per area and the distance between them; a distance of `alarm` or more is marked."""

    pairs: tuple[Pair, ...]
    first_name: str = "任务完成率"
    second_name: str = "预算执行率"
    alarm: Fraction = Fraction(1, 10)


ChartData = TargetBars | GroupedBars | Progress | Dumbbell
CHART_CLASSES = (Bar, TargetBars, Series, GroupedBars, Step, Progress, Pair, Dumbbell)
