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
    scaled = abs(Fraction(value)) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = -1 if value < 0 else 1
    return Decimal(sign * whole).scaleb(-places)


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
    return Fraction(numerator) / Fraction(denominator)


def known_sum(values: Iterable[Exact | None]) -> Fraction | None:
    """Sum of the known values; None when none is known (unknown is never 0)."""
    known = [Fraction(value) for value in values if value is not None]
    return sum(known, Fraction(0)) if known else None
