"""How numbers and dates are written on the pages. Unknown is "—", never 0; halves are rounded up.

`""` is what a template makes of a name it cannot resolve, e.g. a figure of a window that does not exist.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from django import template
from django.utils import timezone

from projects.numbers import Exact, plain, round_half_up

register = template.Library()

UNKNOWN = "—"
MINUS = "\N{MINUS SIGN}"
Number = Exact | Literal[""] | None


def known(value: Number) -> Exact | None:
    return None if value == "" else value


@register.filter
def percent(ratio: Number) -> str:
    """A ratio (1 = 100 %) with at most two decimals: `96.88%`, `97.5%`, `100%`."""
    exact = known(ratio)
    return UNKNOWN if exact is None else signed(plain(hundredfold(exact))) + "%"


@register.filter
def points_diff(ratio: Number) -> str:
    """A difference of two ratios in percentage points (点), always with its sign: `+2.69`, `−27.6`, `0`."""
    exact = known(ratio)
    if exact is None:
        return UNKNOWN
    points = hundredfold(exact)
    return ("+" if points > 0 else "") + signed(plain(points))


@register.filter
def money(amount: Number) -> str:
    """An amount of 万元 with thousands commas and at most two decimals; the unit stands in the heading."""
    exact = known(amount)
    if exact is None:
        return UNKNOWN
    return signed(f"{round_half_up(exact, 2):,f}".rstrip("0").rstrip("."))


@register.filter
def count(quantity: Number) -> str:
    """A count or quantity; fractions stay: `28.5`, `4.7833`."""
    exact = known(quantity)
    return UNKNOWN if exact is None else signed(plain(round_half_up(exact, 4)))


def hundredfold(ratio: Exact) -> Decimal:
    return round_half_up(Fraction(ratio) * 100, 2)


def signed(text: str) -> str:
    """A true minus sign, as wide as the digits."""
    return text.replace("-", MINUS, 1)


@register.filter
def day(value: date | datetime | str | None) -> str:
    """`2023-12-31`, on screen."""
    return local_date(value).isoformat() if isinstance(value, date) else UNKNOWN


@register.filter
def cn_day(value: date | datetime | str | None) -> str:
    """`2023年12月31日`, in reports."""
    if not isinstance(value, date):
        return UNKNOWN
    value = local_date(value)
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter
def moment(value: datetime | str | None) -> str:
    """`2024-03-15 14:02`, the time of our clocks."""
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else UNKNOWN


def local_date(value: date) -> date:
    """The day on our calendar: a moment stored as the evening in UTC may be tomorrow here."""
    return timezone.localtime(value).date() if isinstance(value, datetime) else value
