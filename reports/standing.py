"""What the table pages list: indicators, outcome targets with their ledger rows, money. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from funding.execution import AmountFact, Execution, execution, grouped
from indicators.attainment import Attainment, AttainmentCount, IndicatorFact
from indicators.landmarks import NO_UNIT, OutcomeFact, TargetFact, TargetProgress
from indicators.models.scoring import Method
from indicators.scoring import DEFAULT_SCALE, Mark, Score
from projects.progress import TaskFact
from projects.templatetags.numbers import count
from reports import goals
from reports.dashboard import level_rank
from reports.facts import Facts

METHODS = {method.value: str(method.label) for method in Method}
STATES = {
    "met": "达标",
    "over": "其中超额",
    "short": "未达标",
    "missing": "未填报",
    "unknown": "无法判断",
}


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator against the target of the window and against that of the whole project."""

    window: Attainment
    final: Attainment

    @property
    def indicator(self) -> IndicatorFact:
        return self.window.indicator

    @property
    def state(self) -> str:
        """A key of STATES, the most telling one."""
        if self.window.raw is None:
            return "unknown"
        if self.window.is_missing:
            return "missing"
        if self.window.is_over:
            return "over"
        return "met" if self.window.raw == 1 else "short"

    @property
    def tags(self) -> set[str]:
        """Every filter that finds it: what is over-fulfilled is met, as in all counts."""
        return {self.state, "met"} if self.state == "over" else {self.state}

    @property
    def is_zero(self) -> bool:
        """Reported, and the result is nothing."""
        return self.state == "short" and self.window.raw == 0


def indicator_rows(facts: Facts) -> list[IndicatorRow]:
    return [
        IndicatorRow(window, final)
        for window, final in zip(facts.attainments, facts.final_attainments, strict=True)
    ]


def matching(rows: Iterable[IndicatorRow], level2: str, area: str, text: str) -> list[IndicatorRow]:
    """The rows of a 二级指标 and an area whose code, name or department holds the text; empty means any."""
    wanted = text.casefold()
    return [
        row
        for row in rows
        if level2 in ("", row.indicator.level2)
        and area in ("", row.indicator.area)
        and wanted in f"{row.indicator.code} {row.indicator.name} {row.indicator.department}".casefold()
    ]


@dataclass(frozen=True, slots=True)
class CountRow:
    """A group of indicators with its counts in the window and over the whole project."""

    key: str
    name: str
    window: AttainmentCount
    final: AttainmentCount

    @property
    def is_low(self) -> bool:
        return self.window.rate is not None and self.window.rate < goals.INDICATORS


def counts_by_level2(facts: Facts) -> list[CountRow]:
    keys = [key for key in facts.indicators if ";" not in key and key != "*"]
    return [CountRow(key, key, facts.indicators[key], facts.final_indicators[key]) for key in keys]


def count_of_all(facts: Facts) -> CountRow | None:
    if "*" not in facts.indicators:
        return None
    return CountRow("*", "合计", facts.indicators["*"], facts.final_indicators["*"])


def counts_by_area(facts: Facts) -> list[CountRow]:
    keyed = [(f"*;{area.code}", area) for area in facts.areas]
    return [
        CountRow(area.code, f"{area.code} {area.name}", facts.indicators[key], facts.final_indicators[key])
        for key, area in keyed
        if key in facts.indicators
    ]


@dataclass(frozen=True, slots=True)
class TargetRow:
    """An outcome target with the ledger rows that count for it as of the date."""

    progress: TargetProgress
    outcomes: tuple[OutcomeFact, ...]

    @property
    def target(self) -> TargetFact:
        return self.progress.target


@dataclass(frozen=True, slots=True)
class AreaTargets:
    """The targets of one area; `area` None holds those of no area."""

    area: TaskFact | None
    rows: tuple[TargetRow, ...]

    @property
    def reached(self) -> int:
        return sum(row.progress.is_reached for row in self.rows)


def targets_by_area(facts: Facts) -> list[AreaTargets]:
    counting: dict[int | None, list[OutcomeFact]] = defaultdict(list)
    for outcome in facts.outcomes:
        if outcome.counts(facts.as_of):
            counting[outcome.target].append(outcome)
    rows: dict[str, list[TargetRow]] = defaultdict(list)
    for progress in facts.outcome_figures.progress:
        target = progress.target
        rows[target.area].append(TargetRow(progress, tuple(counting[target.id])))
    areas: list[TaskFact | None] = [*facts.areas, None]
    return [AreaTargets(area, tuple(rows[code])) for area in areas if rows[code := area.code if area else ""]]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A ledger row, whether it counts as of the date, and for which target (None: 其他标志性成果)."""

    outcome: OutcomeFact
    counts: bool
    target: TargetFact | None


def ledger_rows(facts: Facts) -> list[LedgerRow]:
    targets = {progress.target.id: progress.target for progress in facts.outcome_figures.progress}
    return [
        LedgerRow(outcome, outcome.counts(facts.as_of), targets.get(outcome.target or 0))
        for outcome in facts.outcomes
    ]


def matching_outcomes(rows: Iterable[LedgerRow], level: str, area: str, text: str) -> list[LedgerRow]:
    wanted = text.casefold()
    return [
        row
        for row in rows
        if level in ("", (o := row.outcome).level)
        and area in ("", o.area)
        and wanted in f"{o.code} {o.name} {o.document_no} {o.issuer} {o.department}".casefold()
    ]


@dataclass(frozen=True, slots=True)
class MarkRow:
    """An item of the scoring scheme as a line of its table."""

    mark: Mark
    is_sum: bool

    @property
    def depth(self) -> int:
        """Indented three steps at most."""
        return min(self.mark.depth, 3)

    @property
    def method(self) -> str:
        return "合计" if self.is_sum else METHODS.get(self.mark.item.method, "")

    @property
    def scale(self) -> Decimal:
        scale = self.mark.item.scale
        return DEFAULT_SCALE if scale is None else scale

    @property
    def is_overridden(self) -> bool:
        """A hand mark stands instead of the automatic one."""
        return self.mark.automatic is not None and self.mark.item.self_mark is not None


def mark_rows(score: Score) -> list[MarkRow]:
    parents = {mark.item.parent_id for mark in score.marks}
    return [MarkRow(mark, mark.item.id in parents) for mark in score.marks]


@dataclass(frozen=True, slots=True)
class MoneyRow:
    name: str
    money: Execution


@dataclass(frozen=True, slots=True)
class MoneyTable:
    """Money by one key; the rows without it come last, so that the rows add up to the total."""

    title: str
    column: str
    rows: tuple[MoneyRow, ...]
    total: Execution


def money_tables(facts: Facts, *, all_years: bool) -> list[MoneyTable]:
    """By source, year and task, over the window or over everything that is recorded."""
    amounts = facts.amounts if all_years else window_amounts(facts.amounts, facts.window.start, facts.as_of)
    names = {task.code: f"{task.code} {task.name}" for task in facts.tasks}
    places = {name: place for place, name in enumerate(names.values())}
    total = execution(amounts)
    kinds: tuple[tuple[str, str, Callable[[AmountFact], str], str, Callable[[str], Any]], ...] = (
        ("按来源", "资金来源", lambda fact: fact.source, "未注明来源", lambda name: 0),
        (
            *("按年度", "年度", lambda fact: f"{fact.year} 年" if fact.year else "", "跨年，不归单一年度"),
            lambda name: name,
        ),
        ("按任务", "建设任务", lambda fact: names.get(fact.task, ""), "未分到任务", places.__getitem__),
    )
    return [
        MoneyTable(title, column, tuple(money_rows(amounts, key, rest, rank)), total)
        for title, column, key, rest, rank in kinds
    ]


def window_amounts(amounts: Sequence[AmountFact], start: date, as_of: date) -> list[AmountFact]:
    return [fact for fact in amounts if fact.is_within(start, as_of)]


def money_rows(
    amounts: Sequence[AmountFact],
    key: Callable[[AmountFact], str],
    rest: str,
    rank: Callable[[str], Any],
) -> list[MoneyRow]:
    """One row per key, ordered by `rank` (equal ones as they first appear); [] where no amount has one."""
    rows = [MoneyRow(str(name), money) for name, money in grouped(amounts, key).items()]
    rows.sort(key=lambda row: rank(row.name))
    others = [fact for fact in amounts if not key(fact)]
    return [*rows, MoneyRow(rest, execution(others))] if rows and others else rows


def achieved_texts(facts: Facts) -> list[tuple[str, str]]:
    """(level, `3 项 4 个`): rows of the ledger and what they add up to, unit by unit."""
    by_level = facts.outcome_figures.achieved
    return [
        (level, "，".join(achieved_text(s.kinds, s.number, unit) for unit, s in by_level[level].items()))
        for level in sorted(by_level, key=level_rank)
    ]


def achieved_text(kinds: int, number: Decimal, unit: str) -> str:
    if unit != NO_UNIT:
        return f"{kinds} 项 {count(number)} {unit}"
    return f"{kinds} 项" if number == kinds else f"{kinds} 项（计 {count(number)} 项）"
