"""The figures of a project under the keys of FIGURES.md, exact; text only at output."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from funding.execution import Execution
from indicators.attainment import AttainmentCount
from projects.numbers import Exact, amount_text, rate_text
from projects.progress import Progress

if TYPE_CHECKING:
    from reports.facts import Facts

SEGMENT = re.compile(r"\.?(?:\[(?P<bracketed>[^\]]*)\]|(?P<bare>[^.\[\]]+))")

AREA_AMOUNTS = ("total", "due", "due_done", "done", "early", "over", "extra")
AREA_RATES = ("due_rate", "overall_rate", "due_rate_with_extra")
MONEY = ("budget", "received", "spent")
MONEY_RATES = ("receipt_rate", "spent_of_received", "spent_of_budget")


@dataclass(frozen=True, slots=True)
class Amount:
    """A count, amount or mark: printed with at most four decimals."""

    value: Exact | None

    @property
    def text(self) -> str | None:
        return amount_text(self.value)


@dataclass(frozen=True, slots=True)
class Rate:
    """A ratio (1 = 100 %): printed as percent with two decimals."""

    value: Exact | None

    @property
    def text(self) -> str | None:
        return rate_text(self.value)

    @property
    def percent(self) -> Fraction | None:
        return None if self.value is None else Fraction(self.value) * 100


Tree = dict[str, Any]


def leaves(record: object, amounts: tuple[str, ...], rates: tuple[str, ...] = ()) -> Tree:
    return {name: Amount(getattr(record, name)) for name in amounts} | {
        name: Rate(getattr(record, name)) for name in rates
    }


def figures(facts: Facts) -> Tree:
    """Everything `manage.py figures` prints, as a tree of Amount and Rate leaves."""
    return {
        "project": facts.project.code,
        "as_of": facts.as_of.isoformat(),
        **{name: part(facts) for name, part in PARTS.items()},
        "score": score_figures(facts),
    }


def indicator_tree(facts: Facts) -> Tree:
    return {
        "window": {key: attainment_tree(c) for key, c in facts.indicators.items()},
        "final": {key: attainment_tree(c) for key, c in facts.final_indicators.items()},
    }


def funding_tree(facts: Facts) -> Tree:
    return {key: money_tree(money) for key, money in facts.funding.by_key.items()}


def satisfaction_list(facts: Facts) -> list[Tree]:
    return [{"who": row.who, "year": row.year, "percent": Amount(row.percent)} for row in facts.satisfaction]


def progress_tree(progress: Progress) -> Tree:
    return leaves(progress, AREA_AMOUNTS, AREA_RATES)


def task_tree(facts: Facts) -> Tree:
    tasks = facts.task_figures
    return progress_tree(tasks.progress) | {
        "buckets": {name: Amount(number) for name, number in tasks.buckets.items()},
        "by_area": {
            code: {"name": progress.name, **progress_tree(progress)}
            for code, progress in tasks.by_area.items()
        },
        "by_year": {
            str(year): leaves(progress, ("planned", "done"), ("rate",))
            for year, progress in tasks.by_year.items()
        },
    }


def attainment_tree(counted: AttainmentCount) -> Tree:
    return leaves(counted, ("count", "unknown", "met", "equivalent", "over"), ("rate",))


def money_tree(money: Execution) -> Tree:
    return leaves(money, MONEY, MONEY_RATES)


def outcome_tree(facts: Facts) -> Tree:
    outcomes = facts.outcome_figures
    return {
        "targets": {
            level: {unit: leaves(s, ("kinds", "target", "done", "reached")) for unit, s in units.items()}
            for level, units in outcomes.targets.items()
        },
        "achieved": {
            level: {unit: leaves(s, ("kinds", "number")) for unit, s in units.items()}
            for level, units in outcomes.achieved.items()
        },
    }


# What a score may depend on, by the first segment of a figure key.
PARTS: dict[str, Callable[[Facts], Any]] = {
    "tasks": task_tree,
    "indicators": indicator_tree,
    "funding": funding_tree,
    "outcomes": outcome_tree,
    "satisfaction": satisfaction_list,
}


def score_figures(facts: Facts) -> Tree | None:
    score = facts.score
    if score is None:
        return None
    tree = {
        "total": Amount(score.total),
        "grade": score.grade,
        "weight": Amount(score.weight),
        "unmarked": Amount(score.unmarked),
        "vetoes": list(score.vetoes),
    }
    if facts.composite:
        tree |= {"composite": Amount(facts.composite.total), "composite_grade": facts.composite.grade}
    return tree


def as_json(node: Any) -> Any:
    """The tree with its leaves as text, as FIGURES.md prints them."""
    if isinstance(node, Mapping):
        return {key: as_json(value) for key, value in node.items()}
    if isinstance(node, list):
        return [as_json(value) for value in node]
    return node.text if isinstance(node, Amount | Rate) else node


def segments(key: str) -> list[str]:
    """`tasks.by_area[A.1].due` → tasks, by_area, A.1, due."""
    return [match["bracketed"] or match["bare"] or "" for match in SEGMENT.finditer(key)]


def lookup(tree: Tree, key: str) -> Any:
    """The node under a figure key; None where there is none."""
    return descend(tree, segments(key))


def descend(node: Any, path: list[str]) -> Any:
    for segment in path:
        if not isinstance(node, Mapping) or segment not in node:
            return None
        node = node[segment]
    return node


def percent_lookup(facts: Facts, score: Tree) -> Callable[[str], Fraction | None]:
    """key → exact value for veto conditions, a rate as percent; None when unknown or not a number.

    Only the part of the figures that a key asks for is formed, once. `score` is what stands before vetoes.
    """
    parts = PARTS | {"score": lambda facts: score}
    part = cache(lambda name: parts[name](facts) if name in parts else None)

    def find(key: str) -> Fraction | None:
        name, *rest = segments(key) or [""]
        leaf = descend(part(name), rest)
        if isinstance(leaf, Rate):
            return leaf.percent
        if isinstance(leaf, Amount) and leaf.value is not None:
            return Fraction(leaf.value)
        return None

    return find
