"""Sums by window, year, source and task, and what is unknown in them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from funding.execution import AmountFact, execution, funding_figures

START, AS_OF = date(2021, 1, 1), date(2022, 12, 31)


def amount(
    kind: str, number: str | None, years: tuple[int, int] = (2021, 2021), **changes: Any
) -> AmountFact:
    fields: dict[str, Any] = {"source": "", "task": "", "dated_on": None}
    return AmountFact(kind, *years, amount=None if number is None else Decimal(number), **fields | changes)


def test_a_span_counts_only_as_a_whole_and_never_under_one_year() -> None:
    figures = funding_figures(
        [amount("budget", "10", (2021, 2022)), amount("budget", "7", (2022, 2023))], START, AS_OF
    )
    assert figures.by_key["window"].budget == 10
    assert figures.by_key["all_years"].budget == 17
    assert not [key for key in figures.by_key if key.startswith("year:")]


def test_a_dated_amount_belongs_where_its_date_lies() -> None:
    spent = amount("spent", "3.33", (2022, 2022), dated_on=date(2023, 1, 5))
    assert funding_figures([spent], START, AS_OF).by_key.keys() == {"all_years"}
    early = funding_figures([spent], START, date(2023, 1, 5)).by_key
    assert early["year:2023"].spent == Fraction("3.33")


def test_unknown_is_never_zero() -> None:
    nothing = funding_figures([amount("received", None, source="省财政")], START, AS_OF)
    assert nothing.by_key == {}
    assert nothing.unknown["source:省财政"].received is None
    partly = execution([amount("received", None), amount("received", "5"), amount("budget", "0")])
    assert (partly.received, partly.spent, partly.receipt_rate) == (5, None, None)
    assert partly.partly_unknown == {"received"}


amounts = st.builds(
    amount,
    st.sampled_from(["budget", "received", "spent"]),
    st.none() | st.decimals(0, 10**6, places=2).map(str),
    st.sampled_from([(2021, 2021), (2022, 2022), (2021, 2022), (2022, 2023)]),
    source=st.sampled_from(["", "省财政", "学校自筹"]),
)


@given(st.lists(amounts, max_size=20))
def test_the_sources_add_up_to_the_window(rows: list[AmountFact]) -> None:
    named = [row for row in rows if row.source]
    figures = funding_figures(named, START, AS_OF).by_key
    by_source = [money.budget or 0 for key, money in figures.items() if key.startswith("source:")]
    window = figures.get("window")
    assert sum(by_source) == ((window and window.budget) or 0)
