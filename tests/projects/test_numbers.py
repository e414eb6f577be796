"""Rounding and writing of exact numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.numbers import amount_text, known_sum, plain, rate_text, ratio, round_half_up

exact = st.decimals(min_value=-(10**9), max_value=10**9, places=6)


@given(exact, st.integers(0, 5))
def test_rounding_agrees_with_the_decimal_library(value: Decimal, places: int) -> None:
    assert round_half_up(value, places) == value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@given(st.integers(1, 1000))
def test_a_sum_of_equal_parts_is_whole(parts: int) -> None:
    assert sum([Fraction(1, parts)] * parts) == 1
    assert amount_text(sum([Fraction(1, parts)] * parts, Fraction(0))) == "1"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("217.000", "217"),
        ("28.50", "28.5"),
        ("0E+2", "0"),
        ("1E+3", "1000"),
        ("-0", "0"),
        ("0.000001", "0.000001"),
    ],
)
def test_plain_has_no_zeros_and_no_exponent(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_halves_go_up() -> None:
    assert rate_text(Fraction(1, 800)) == "0.13"
    assert rate_text(Fraction(217, 224)) == "96.88"
    assert amount_text(Decimal("4.78335")) == "4.7834"


def test_unknown_stays_unknown() -> None:
    assert rate_text(None) is None
    assert amount_text(None) is None
    assert ratio(None, 3) is None
    assert ratio(3, None) is None
    assert known_sum([None, None]) is None
    assert known_sum([None, 0]) == 0


def test_a_rate_over_nothing_is_unknown() -> None:
    assert ratio(0, 0) is None
    assert ratio(Decimal("2.5"), 0) is None
