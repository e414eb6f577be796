"""The rules of FIGURES.md for indicators, one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.attainment import (
    IndicatorFact,
    ValueFact,
    counts_by_key,
    final_attainment,
    final_target,
    raw_attainment,
    value_as_of,
    window_attainment,
    window_target,
)
from projects.linked import LinkedQuantity

START, CUTOFF = date(2022, 1, 1), date(2023, 12, 31)


def indicator(**changes: Any) -> IndicatorFact:
    fields: dict[str, Any] = {
        "id": 1,
        "code": "1.1.1",
        "level1": "产出指标",
        "level2": "数量指标",
        "area": "2",
        "name": "省级以上课程",
        "unit": "门",
        "direction": "higher",
        "accumulation": "cumulative",
        "final_target": None,
        "midterm_target": None,
        "yearly": {},
        "target_text": "",
        "department": "",
        "person": "",
        "values": (),
        "linked": (),
    }
    return IndicatorFact(**fields | changes)


def exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def value(day: str, number: str | None = None, ratio: str | None = None) -> ValueFact:
    return ValueFact(date.fromisoformat(day), exact(number), exact(ratio))


@pytest.mark.parametrize(
    ("kind", "changes", "target"),
    [
        ("midterm", {"midterm_target": Decimal(4), "yearly": {2022: Decimal(1)}}, 4),
        ("midterm", {"yearly": {2022: Decimal(2), 2023: Decimal(3), 2024: Decimal(9)}}, 5),
        ("midterm", {"accumulation": "latest", "yearly": {2022: Decimal(2), 2023: Decimal(3)}}, 3),
        ("midterm", {"accumulation": "yearly", "yearly": {2022: Decimal(2)}}, None),
        ("annual", {"midterm_target": Decimal(4), "yearly": {2023: Decimal(3)}}, 3),
        ("annual", {"midterm_target": Decimal(4)}, None),
        ("final", {"final_target": Decimal(10), "midterm_target": Decimal(4)}, 10),
        ("final", {"midterm_target": Decimal(4)}, None),
        ("midterm", {"midterm_target": Decimal(0)}, 0),
    ],
)
def test_target_of_a_window(kind: str, changes: dict[str, Any], target: int | None) -> None:
    assert window_target(indicator(**changes), kind, 2023) == target


def test_target_of_the_whole_project() -> None:
    yearly = {2022: Decimal(2), 2025: Decimal(3)}
    assert final_target(indicator(yearly=yearly)) == 5
    assert final_target(indicator(yearly=yearly, accumulation="latest")) == 3
    assert final_target(indicator(yearly=yearly, final_target=Decimal(9))) == 9
    assert final_target(indicator()) is None


@pytest.mark.parametrize(
    ("direction", "target", "number", "given_ratio", "raw"),
    [
        ("higher", "4", "3", None, Fraction(3, 4)),
        ("higher", "4", "8", None, 2),
        ("higher", None, "3", None, None),
        ("higher", "0", "3", None, None),
        ("higher", "0", None, None, None),
        ("higher", "4", None, None, 0),
        ("higher", None, None, "0.8", Fraction(4, 5)),
        ("higher", "4", "1", "0.8", Fraction(4, 5)),
        ("lower", "4", "5", None, Fraction(4, 5)),
        ("lower", "1", "0", None, 1),
        ("lower", "0", "0", None, 1),
        ("lower", "0", "2", None, 0),
        ("lower", "0", None, None, 0),
    ],
)
def test_raw_attainment(
    direction: str, target: str | None, number: str | None, given_ratio: str | None, raw: Fraction | None
) -> None:
    parts = (exact(target), exact(number), exact(given_ratio))
    assert raw_attainment(indicator(direction=direction), *parts) == raw


def test_the_latest_value_counts_and_ties_go_to_the_later_approved() -> None:
    values = (value("2022-06-01", "1"), value("2023-06-01", "2"), value("2023-06-01", "3"))
    subject = indicator(values=(*values, value("2024-01-01", "9")))
    assert value_as_of(subject, CUTOFF) == (3, None)
    assert value_as_of(subject, date(2022, 12, 31)) == (1, None)
    assert value_as_of(subject, date(2021, 12, 31)) == (None, None)


def test_a_yearly_indicator_sees_only_its_year() -> None:
    subject = indicator(accumulation="yearly", values=(value("2022-12-31", "5"),))
    assert value_as_of(subject, CUTOFF) == (None, None)
    assert final_attainment(subject, date(2022, 12, 31)).value == 5


def test_an_annual_window_counts_what_was_gained_in_it() -> None:
    subject = indicator(
        yearly={2023: Decimal(4)}, values=(value("2022-12-31", "5"), value("2023-12-31", "7.5"))
    )
    annual = window_attainment(subject, "annual", date(2023, 1, 1), CUTOFF)
    assert (annual.value, annual.raw) == (Fraction(5, 2), Fraction(5, 8))
    assert final_attainment(subject, CUTOFF).value == Decimal("7.5")


def test_an_annual_window_takes_a_given_ratio_as_it_is() -> None:
    subject = indicator(values=(value("2022-12-31", "5"), value("2023-12-31", None, "0.6")))
    assert window_attainment(subject, "annual", date(2023, 1, 1), CUTOFF).raw == Fraction(3, 5)


def test_ledger_rows_fill_in_where_nothing_is_typed() -> None:
    linked = (LinkedQuantity(date(2022, 5, 1), Decimal(2)), LinkedQuantity(date(2023, 5, 1), Decimal(1)))
    assert value_as_of(indicator(linked=linked), CUTOFF) == (3, None)
    assert value_as_of(indicator(linked=linked, accumulation="yearly"), CUTOFF) == (1, None)
    typed = indicator(linked=linked, values=(value("2022-06-01", "9"),))
    assert value_as_of(typed, CUTOFF) == (9, None)
    annual = window_attainment(
        indicator(linked=linked, yearly={2023: Decimal(2)}), "annual", date(2023, 1, 1), CUTOFF
    )
    assert annual.raw == Fraction(1, 2)


def test_a_missing_value_counts_as_zero_but_unknown_targets_leave_the_rate() -> None:
    subjects = [
        indicator(midterm_target=Decimal(2), values=(value("2023-01-01", "1"),)),
        indicator(midterm_target=Decimal(2)),
        indicator(area="", level2="质量指标"),
    ]
    counts = counts_by_key([window_attainment(s, "midterm", START, CUTOFF) for s in subjects])
    assert set(counts) == {"*", "数量指标", "*;2", "数量指标;2", "质量指标"}
    assert (counts["*"].count, counts["*"].unknown, counts["*"].rate) == (3, 1, Fraction(1, 4))
    assert counts["质量指标"].rate is None


quantities = st.decimals(min_value=0, max_value=1000, places=2)


@given(target=quantities.filter(bool), number=quantities, direction=st.sampled_from(["higher", "lower"]))
def test_met_means_at_least_or_at_most_the_target(target: Decimal, number: Decimal, direction: str) -> None:
    raw = raw_attainment(indicator(direction=direction), target, number, None)
    assert raw is not None
    met = number >= target if direction == "higher" else number <= target
    assert (raw >= 1) == met
