"""What linked ledger rows give to a task point or an indicator, as of any date. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.numbers import Exact, plain


@dataclass(frozen=True, slots=True)
class LinkedQuantity:
    """A ledger row that counts (计入) for a point or an indicator."""

    awarded_on: date
    quantity: Decimal


def sum_as_of(rows: Iterable[LinkedQuantity], as_of: date, first: date = date.min) -> Decimal | None:
    """The sum of the rows awarded by then (and not before `first`); None where nothing is linked at all."""
    known = list(rows)
    if not known:
        return None
    return sum((row.quantity for row in known if first <= row.awarded_on <= as_of), Decimal(0))


def difference(linked: Exact | None, typed: Exact | None, unit: str) -> str:
    """What is asked when a typed number is not what the ledger adds up to; empty when nothing is.

    A typed number that differs counts, but needs a reason.
    """
    if linked is None or typed is None or linked == typed:
        return ""
    unit = unit or "项"
    told = f"台账合计 {plain(Decimal(str(linked)))} {unit}，填报 {plain(Decimal(str(typed)))} {unit}"
    if typed > linked:
        return f"{told}，请写明原因，或到成果台账补登。"
    return f"{told}，请写明原因，或到成果台账核对关联。"
