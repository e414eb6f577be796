"""Exact numbers: one rounding rule, one way to write a number down.

Figures are `Fraction` while they are calculated, so that a sum of thirds is exact, and become
decimal text only where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

Exact = Fraction | Decimal | int


def round_half_up(value: Exact, places: int) -> Decimal:
    """`value` rounded to `places` decimals, halves away from zero, as offices and ministries do."""
    numerator, denominator = value.as_integer_ratio()
    whole = (2 * abs(numerator) * 10**places + denominator) // (2 * denominator)
    return Decimal(whole if numerator >= 0 else -whole).scaleb(-places)


def lean(value: Exact) -> Fraction | int:
    """The same number, as an int where it is whole: much cheaper to add and compare."""
    numerator, denominator = value.as_integer_ratio()
    return numerator if denominator == 1 else Fraction(value)


def plain(value: Decimal) -> str:
    """Decimal text without trailing zeros and without exponent: `217`, `28.5`, `0`."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def amount_text(value: Exact | None) -> str | None:
    """A count, amount or mark as FIGURES prints it: at most 4 decimals, half-up; None stays unknown."""
    return None if value is None else plain(round_half_up(value, 4))


def rate_text(value: Exact | None) -> str | None:
    """A ratio (1 = 100 %) as a percent string with two decimals, half-up; None stays unknown."""
    return None if value is None else format(round_half_up(Fraction(value) * 100, 2), "f")


def ratio(numerator: Exact | None, denominator: Exact | None) -> Fraction | None:
    """numerator ÷ denominator; None when either is unknown or the denominator is 0."""
    if numerator is None or not denominator:
        return None
    above, below = numerator.as_integer_ratio(), denominator.as_integer_ratio()
    return Fraction(above[0] * below[1], above[1] * below[0])


def lean_ratio(numerator: Exact | None, denominator: Exact | None) -> Fraction | int | None:
    """As `ratio`, and as an int where it is whole."""
    if numerator is None or not denominator:
        return None
    if numerator == denominator:  # as most are
        return 1
    quotient = ratio(numerator, denominator)
    return None if quotient is None else lean(quotient)


def exact_sum(values: Iterable[Fraction | int]) -> Fraction | int:
    """The sum, whole numbers apart from fractions: one fraction must not make every later step dear."""
    whole, parts = 0, Fraction(0)
    for value in values:
        if isinstance(value, int):
            whole += value
        else:
            parts += value
    return lean(parts + whole)


def known_sum(values: Iterable[Exact | None]) -> Fraction | None:
    """Sum of the known values; None when none is known (unknown is never 0)."""
    known = [Fraction(value) for value in values if value is not None]
    return sum(known, Fraction(0)) if known else None
