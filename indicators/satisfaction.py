"""Satisfaction as a rate for scoring (FIGURES.md). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from projects.numbers import ratio

DEFAULT_TARGET = Decimal(90)


@dataclass(frozen=True, slots=True)
class SatisfactionFact:
    """`percent` as entered (81 is 81 %), None when unknown."""

    who: str
    year: int
    percent: Decimal | None
    target: Decimal | None
    sample: int | None
    surveyor: str
    source: str

    @property
    def required(self) -> Decimal:
        return DEFAULT_TARGET if self.target is None else self.target

    @property
    def capped(self) -> Fraction:
        """min(1, percent ÷ target); a target of 0 is met."""
        reached = ratio(self.percent, self.required)
        return Fraction(1) if reached is None else min(Fraction(1), reached)


def satisfaction_rate(results: Sequence[SatisfactionFact], year: int) -> Fraction | None:
    """Mean over the groups asked, each with its newest known year up to `year`; None without any."""
    newest: dict[str, SatisfactionFact] = {}
    for result in results:
        if result.percent is None or result.year > year:
            continue
        if result.who not in newest or newest[result.who].year < result.year:
            newest[result.who] = result
    return ratio(sum((r.capped for r in newest.values()), Fraction(0)), len(newest))
