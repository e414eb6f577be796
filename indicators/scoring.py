"""Marks, total, vetoes, grade and composite (FIGURES.md, Satisfaction, score). Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from projects.numbers import Exact, round_half_up
from projects.workbook.cells import code_text

DEFAULT_SCALE = Decimal(10)
SUM, MANUAL = "sum", "manual"
SCOPE_SPLIT = re.compile(r"[;；]")
CONDITION = re.compile(r"^(?P<key>.+?)\s*(?P<sign>[<＜][=＝]|[≤<＜])\s*(?P<limit>\d+(?:\.\d+)?)\s*[%％]?$")


@dataclass(frozen=True, slots=True)
class Scope:
    """What an automatic item is narrowed to: a 二级指标 and/or the area of a task."""

    level2: str = ""
    area: str = ""

    @property
    def indicator_key(self) -> str:
        kind = self.level2 or "*"
        return f"{kind};{self.area}" if self.area else kind


def scope_parts(text: str) -> list[str]:
    """`数量指标;2` → 数量指标, 2. A `*` narrows nothing."""
    parts = (part.strip() for part in SCOPE_SPLIT.split(text))
    return [part for part in parts if part not in ("", "*")]


def parse_scope(text: str, areas: Mapping[str, str]) -> Scope:
    """`数量指标;2` → Scope. A part that is a task code (key of `areas`) means that task's area."""
    level2 = area = ""
    for part in scope_parts(text):
        if (code := code_text(part)) in areas:
            area = areas[code]
        else:
            level2 = part
    return Scope(level2, area)


@dataclass(frozen=True, slots=True)
class ItemFact:
    id: int
    parent_id: int | None
    code: str
    name: str
    full_mark: Decimal | None
    weight: Decimal | None
    scale: Decimal | None
    method: str
    scope: str
    self_mark: Decimal | None
    deduction_reason: str
    meaning: str

    @property
    def own_full_mark(self) -> Fraction | None:
        """分值, or 权重 × 分制 where a weight is given; None where neither says."""
        if self.weight is not None:
            return Fraction(self.weight) * Fraction(DEFAULT_SCALE if self.scale is None else self.scale)
        return None if self.full_mark is None else Fraction(self.full_mark)


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of one item. `automatic` is what its rate alone would give; `mark` is what counts."""

    item: ItemFact
    depth: int
    full: Fraction
    rate: Fraction | None
    automatic: Fraction | None
    mark: Fraction | None
    unmarked: int

    @property
    def lost(self) -> Fraction:
        return self.full - (self.mark or 0)


@dataclass(frozen=True, slots=True)
class Band:
    name: str
    lower: Decimal


@dataclass(frozen=True, slots=True)
class VetoFact:
    name: str
    condition: str
    is_triggered: bool | None
    grade: str


@dataclass(frozen=True, slots=True)
class Score:
    marks: tuple[Mark, ...]
    total: Fraction
    full: Fraction
    unmarked: int
    grade: str | None
    weight: Decimal | None
    vetoes: tuple[str, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Composite:
    """综合得分 over a school project and its groups; unknown while a part or a weight is."""

    total: Decimal | None
    grade: str | None


@dataclass(frozen=True, slots=True)
class Scheme:
    """评分表, 等级 and 否决项 of one project, in file order."""

    items: tuple[ItemFact, ...]
    bands: tuple[Band, ...]
    vetoes: tuple[VetoFact, ...]


Rates = Callable[[str, Scope], Fraction | None]


def mark_items(items: Sequence[ItemFact], areas: Mapping[str, str], rates: Rates) -> tuple[Mark, ...]:
    """Every item with its mark, parents before children, in file order among siblings."""
    children: dict[int | None, list[ItemFact]] = defaultdict(list)
    for item in items:
        children[item.parent_id].append(item)

    def marks_of(item: ItemFact, depth: int) -> list[Mark]:
        below = [marks_of(child, depth + 1) for child in children[item.id]]
        own = (
            sum_mark(item, depth, [marks[0] for marks in below])
            if below
            else single_mark(item, depth, areas, rates)
        )
        return [own, *(mark for marks in below for mark in marks)]

    return tuple(mark for root in children[None] for mark in marks_of(root, 0))


def sum_mark(item: ItemFact, depth: int, children: Sequence[Mark]) -> Mark:
    """A parent's mark is the sum of its children, whatever is typed on it."""
    full = item.own_full_mark
    if full is None:
        full = sum((child.full for child in children), Fraction(0))
    total = sum((child.mark or Fraction(0) for child in children), Fraction(0))
    return Mark(item, depth, full, None, None, total, sum(child.unmarked for child in children))


def single_mark(item: ItemFact, depth: int, areas: Mapping[str, str], rates: Rates) -> Mark:
    full = item.own_full_mark or Fraction(0)
    is_hand_only = item.method in (MANUAL, SUM)
    rate = None if is_hand_only else rates(item.method, parse_scope(item.scope, areas))
    automatic = None if rate is None else Fraction(round_half_up(full * min(Fraction(1), rate), 2))
    hand = hand_mark(item)
    mark = automatic if hand is None else hand
    return Mark(item, depth, full, rate, automatic, mark, int(mark is None))


def hand_mark(item: ItemFact) -> Fraction | None:
    if item.self_mark is None:
        return None
    return Fraction(item.self_mark) * Fraction(1 if item.weight is None else item.weight)


def grade_of(total: Exact, bands: Sequence[Band]) -> str | None:
    """The highest band whose lower bound the total, rounded to 2 decimals, reaches."""
    rounded = round_half_up(total, 2)
    reached = [band for band in bands if band.lower <= rounded]
    return max(reached, key=lambda band: band.lower).name if reached else None


def lowest_grade(grades: Sequence[str | None], bands: Sequence[Band]) -> str | None:
    """The lowest of the known grades by their bands."""
    lower = {band.name: band.lower for band in bands}
    known = [grade for grade in grades if grade is not None]
    return min(known, key=lambda grade: lower.get(grade, Decimal(-1)), default=None)


def veto_holds(veto: VetoFact, figure: Callable[[str], Fraction | None]) -> bool:
    """Whether a veto holds; `figure(key)` gives a rate as percent. Unknown or malformed does not hold."""
    if not veto.condition:
        return bool(veto.is_triggered)
    match = CONDITION.match(veto.condition.strip())
    value = figure(match["key"].strip()) if match else None
    if match is None or value is None:
        return False
    limit = Fraction(match["limit"])
    return value < limit if match["sign"] in "<＜" else value <= limit


def composite_of(parts: Sequence[tuple[Score | None, Decimal | None]]) -> Decimal | None:
    """Σ of total × weight ÷ 100, each half-up to 2; None unless weights add to 100 and all is marked."""
    if any(score is None or score.unmarked or weight is None for score, weight in parts):
        return None
    if sum(weight or 0 for _, weight in parts) != 100:
        return None
    return sum(
        (round_half_up(s.total * Fraction(w) / 100, 2) for s, w in parts if s and w is not None), Decimal(0)
    )
