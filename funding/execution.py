"""Budget, receipts and spending in 万元, and the rates between them (FIGURES.md, Funding). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from projects.numbers import known_sum, ratio

KINDS = ("budget", "received", "spent")


@dataclass(frozen=True, slots=True)
class AmountFact:
    """One amount; `kind` is one of KINDS, `amount` None is an amount known to exist but unknown."""

    kind: str
    first_year: int
    last_year: int
    source: str
    task: str
    amount: Decimal | None
    dated_on: date | None

    def is_within(self, start: date, as_of: date) -> bool:
        """A dated amount belongs where its date lies, another one where its whole span of years lies."""
        if self.dated_on:
            return start <= self.dated_on <= as_of
        return start.year <= self.first_year and self.last_year <= as_of.year

    @property
    def year(self) -> int | None:
        """The one year it counts under; None for a span."""
        if self.dated_on:
            return self.dated_on.year
        return self.first_year if self.first_year == self.last_year else None


@dataclass(frozen=True, slots=True)
class Execution:
    """Sums of known amounts (None: none known) and whether some amount in a sum is unknown."""

    budget: Fraction | None
    received: Fraction | None
    spent: Fraction | None
    partly_unknown: frozenset[str] = frozenset()

    @property
    def receipt_rate(self) -> Fraction | None:
        """资金到位率 = received ÷ budget."""
        return ratio(self.received, self.budget)

    @property
    def spent_of_received(self) -> Fraction | None:
        """资金支出率 = spent ÷ received."""
        return ratio(self.spent, self.received)

    @property
    def spent_of_budget(self) -> Fraction | None:
        """预算执行率 = spent ÷ budget."""
        return ratio(self.spent, self.budget)

    @property
    def is_known(self) -> bool:
        return any(value is not None for value in (self.budget, self.received, self.spent))


@dataclass(frozen=True, slots=True)
class FundingFigures:
    """Sums by key: `all_years`, `window`, `year:<年>`, `source:<来源>`, `task:<编号>`.

    Keys under which every amount is unknown are kept apart in `unknown`, for tables that must show them.
    """

    by_key: dict[str, Execution]
    unknown: dict[str, Execution]

    def get(self, key: str) -> Execution:
        return self.by_key.get(key) or self.unknown.get(key) or Execution(None, None, None)


def execution(amounts: Iterable[AmountFact]) -> Execution:
    by_kind: dict[str, list[Decimal | None]] = {kind: [] for kind in KINDS}
    for fact in amounts:
        by_kind[fact.kind].append(fact.amount)
    sums = {kind: known_sum(values) for kind, values in by_kind.items()}
    partly = frozenset(kind for kind, values in by_kind.items() if sums[kind] is not None and None in values)
    return Execution(**sums, partly_unknown=partly)


def grouped(
    amounts: Sequence[AmountFact], key: Callable[[AmountFact], object | None]
) -> dict[object, Execution]:
    """Execution by key, in order of first appearance; amounts without a key are left out."""
    groups: dict[object, list[AmountFact]] = defaultdict(list)
    for fact in amounts:
        name = key(fact)
        if name:
            groups[name].append(fact)
    return {name: execution(facts) for name, facts in groups.items()}


def funding_figures(amounts: Sequence[AmountFact], start: date, as_of: date) -> FundingFigures:
    window = [fact for fact in amounts if fact.is_within(start, as_of)]
    sums = {"all_years": execution(amounts), "window": execution(window)}
    for prefix, key in (
        ("year", lambda fact: fact.year),
        ("source", lambda fact: fact.source),
        ("task", lambda fact: fact.task),
    ):
        sums |= {f"{prefix}:{name}": total for name, total in grouped(window, key).items()}
    return FundingFigures(
        by_key={key: total for key, total in sums.items() if total.is_known},
        unknown={key: total for key, total in sums.items() if not total.is_known},
    )
