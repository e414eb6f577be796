"""Landmark outcomes by level and unit (FIGURES.md, Outcomes). Pure; quantities never add over units."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from projects.numbers import ratio

NO_LEVEL = "未标级别"
NO_UNIT = "项"
SYNONYMS = {"国家": "国家级", "省部级": "省级", "市厅级": "市级", "未定级": NO_LEVEL, "": NO_LEVEL}
AT_LEAST = re.compile(r"(?:及|或)?以上$")
# What is not among these, 国际组织 or a level of a trade, has no place above or below them.
ASCENDING = ("校级", "市级", "省级", "国家级")


def normal_level(text: str) -> str:
    """A level in the words of the figures: 省部级 → 省级, 省部级及以上 → 省级以上, empty → 未标级别."""
    base, at_least = AT_LEAST.subn("", text.strip())
    return SYNONYMS.get(base, base) + ("以上" if at_least else "")


def falls_below(level: str, wanted: str) -> bool:
    """Whether a thing won at `level` is less than a target of level `wanted`, or `wanted` 以上, asks for.

    What has no level, or one that cannot be compared, never is.
    """
    own, least = normal_level(level), normal_level(wanted).removesuffix("以上")
    return own in ASCENDING and least in ASCENDING and ASCENDING.index(own) < ASCENDING.index(least)


def below_target(level: str, wanted: str) -> str:
    """The sentence about it for people; empty where it is not so."""
    if not falls_below(level, wanted):
        return ""
    return f"成果级别“{normal_level(level)}”低于成果目标的级别“{normal_level(wanted)}”"


@dataclass(frozen=True, slots=True)
class OutcomeFact:
    """A ledger row; `target` is the id of the target it counts for."""

    id: int
    code: str
    name: str
    level: str
    kind: str
    grade: str
    awarded_on: date
    quantity: Decimal
    issuer: str
    document_no: str
    department: str
    area: str
    target: int | None
    is_reference: bool
    task_id: int | None = None
    first_project: str = ""

    def counts(self, as_of: date) -> bool:
        """References count in the project named first, and nothing counts before it is awarded."""
        return not self.is_reference and self.awarded_on <= as_of


@dataclass(frozen=True, slots=True)
class TargetFact:
    id: int
    code: str
    name: str
    level: str
    target: Decimal
    unit: str
    area: str
    target_text: str
    department: str


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """A target with what counts for it."""

    target: TargetFact
    done: Decimal

    @property
    def is_reached(self) -> bool:
        return self.done >= self.target.target

    @property
    def rate(self) -> Fraction | None:
        return ratio(self.done, self.target.target)


@dataclass(frozen=True, slots=True)
class TargetSum:
    kinds: int
    target: Decimal
    done: Decimal
    reached: int


@dataclass(frozen=True, slots=True)
class AchievedSum:
    kinds: int
    number: Decimal


@dataclass(frozen=True, slots=True)
class OutcomeFigures:
    """By level, then unit, in file order."""

    targets: dict[str, dict[str, TargetSum]]
    achieved: dict[str, dict[str, AchievedSum]]
    progress: tuple[TargetProgress, ...]
    others: tuple[OutcomeFact, ...]

    def rate(self, area: str = "") -> Fraction | None:
        """Mean over the targets (of one area) of min(1, done ÷ target); a target of 0 is met."""
        rates = [
            Fraction(1) if p.rate is None else min(Fraction(1), p.rate)
            for p in self.progress
            if not area or p.target.area == area
        ]
        return ratio(sum(rates, Fraction(0)), len(rates))


def outcome_figures(
    targets: Sequence[TargetFact], outcomes: Sequence[OutcomeFact], as_of: date
) -> OutcomeFigures:
    counting = [outcome for outcome in outcomes if outcome.counts(as_of)]
    done: dict[int, Decimal] = defaultdict(Decimal)
    for outcome in counting:
        if outcome.target is not None:
            done[outcome.target] += outcome.quantity
    progress = tuple(TargetProgress(target, done[target.id]) for target in targets)
    return OutcomeFigures(
        targets=sums_of_targets(progress),
        achieved=sums_of_achieved(counting, {target.id: target.unit for target in targets}),
        progress=progress,
        others=tuple(outcome for outcome in counting if outcome.target is None),
    )


def sums_of_targets(progress: Sequence[TargetProgress]) -> dict[str, dict[str, TargetSum]]:
    groups: dict[tuple[str, str], list[TargetProgress]] = defaultdict(list)
    for item in progress:
        groups[item.target.level, item.target.unit].append(item)
    sums: dict[str, dict[str, TargetSum]] = defaultdict(dict)
    for (level, unit), some in groups.items():
        sums[level][unit] = TargetSum(
            kinds=len(some),
            target=sum((p.target.target for p in some), Decimal(0)),
            done=sum((p.done for p in some), Decimal(0)),
            reached=sum(p.is_reached for p in some),
        )
    return dict(sums)


def sums_of_achieved(
    outcomes: Sequence[OutcomeFact], units: dict[int, str]
) -> dict[str, dict[str, AchievedSum]]:
    groups: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for outcome in outcomes:
        unit = NO_UNIT if outcome.target is None else units[outcome.target]
        groups[outcome.level, unit].append(outcome.quantity)
    sums: dict[str, dict[str, AchievedSum]] = defaultdict(dict)
    for (level, unit), quantities in groups.items():
        sums[level][unit] = AchievedSum(len(quantities), sum(quantities, Decimal(0)))
    return dict(sums)
