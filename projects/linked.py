"""What linked ledger rows give to a task point or an indicator, as of any date. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from projects.numbers import Exact, amount_text, plain


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


def difference(
    linked: Exact | None,
    typed: Exact | None,
    unit: str,
    *,
    percent: Decimal | None = None,
    planned: Exact | None = None,
    reached: Exact | None = None,
) -> str:
    """What is asked when a typed number is not what the ledger adds up to; empty when nothing is.

    A typed number that differs counts, but needs a reason. So does a typed `percent`: one other than that of
    the ledger (`reached`: its ratio to the plan), up to the decimals typed; without a plan any.
    """
    if linked is None:
        return ""
    asks_percent = percent is not None and (reached is None or not rounds_to(percent, reached))
    if not asks_percent and (typed is None or linked == typed):
        return ""
    unit = unit or "项"
    ledger = f"台账合计 {said(linked)} {unit}"
    mine = [] if typed is None else [f"{said(typed)} {unit}"]
    is_more = typed is not None and typed > linked
    if asks_percent and percent is not None:
        if reached is not None:
            ledger += f"（计划 {said(planned)} {unit}，完成 {said(Fraction(reached) * 100)}%）"
        mine.append(f"完成比例 {plain(percent)}%")
        is_more = is_more or reached is None or percent > Fraction(reached) * 100
    told = f"{ledger}，填报 {'、'.join(mine)}"
    if is_more:
        return f"{told}，请写明原因，或到成果台账补登。"
    return f"{told}，请写明原因，或到成果台账核对关联。"


def rounds_to(percent: Decimal, ratio: Exact) -> bool:
    """Whether somebody who writes so many decimals may write that ratio so."""
    exponent = percent.normalize().as_tuple().exponent
    step = Fraction(1, 10 ** max(0, -exponent)) if isinstance(exponent, int) else Fraction(1)
    return abs(Fraction(percent) - Fraction(ratio) * 100) < step


def said(value: Exact | None) -> str:
    return "—" if value is None else amount_text(value) or "—"
