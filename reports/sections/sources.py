"""Money by source: that of the window beside that of all years, each under its key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from funding.execution import AmountFact, Execution, execution
from projects.numbers import ratio
from reports.document import Figure
from reports.facts import Facts
from reports.sections.numbers import Numbers, money, numbers, rate

NO_SOURCE = "未注明来源"


@dataclass(frozen=True, slots=True)
class Line:
    """A source, or the total."""

    facts: Facts
    name: str
    window: Execution
    key: str
    whole: Execution
    whole_path: tuple[str, ...]

    @property
    def of_window(self) -> Numbers:
        return numbers(self.facts, self.window, "funding", self.key)

    @property
    def of_whole(self) -> Numbers:
        return numbers(self.facts, self.whole, "funding", *self.whole_path)

    @property
    def missing(self) -> Figure:
        """What of the budget of the window has not come in."""
        budget, received = self.window.budget, self.window.received
        short = None if budget is None or received is None else budget - received
        return money(short, "funding", self.key, "missing")

    def share(self, kind: str) -> Figure:
        """Money of the window as a share of the budget of all years."""
        amount = getattr(self.window, kind)
        return rate(self.facts, ratio(amount, self.whole.budget), "funding", self.key, f"{kind}_of_total")


def sources(facts: Facts) -> list[Line]:
    """One for each source, in file order, also where every amount is unknown; one for money without any."""
    names = list(dict.fromkeys(fact.source for fact in facts.amounts))
    known = [source(facts, name) for name in names if name]
    # Where no money has a source, that line would be the total.
    return [*known, without_source(facts)] if known and "" in names else known


def source(facts: Facts, name: str) -> Line:
    key = f"source:{name}"
    whole = execution(fact for fact in facts.amounts if fact.source == name)
    return Line(facts, name, facts.funding.get(key), key, whole, ("all_years", key))


def without_source(facts: Facts) -> Line:
    key = "without:source"
    amounts = [fact for fact in facts.amounts if not fact.source]
    window = execution(within(facts, amounts))
    return Line(facts, NO_SOURCE, window, key, execution(amounts), ("all_years", key))


def total(facts: Facts) -> Line:
    window, whole = facts.funding.get("window"), facts.funding.get("all_years")
    return Line(facts, "合计", window, "window", whole, ("all_years",))


def within(facts: Facts, amounts: Iterable[AmountFact]) -> list[AmountFact]:
    return [fact for fact in amounts if fact.is_within(facts.window.start, facts.as_of)]
