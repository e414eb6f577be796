"""What a reviewer should look at before approving: the checks of one submitted row. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from projects.numbers import Exact
from projects.progress import completion_ratio
from projects.templatetags.numbers import count, percent

# Beyond this the number or the plan is more likely wrong than the work that good.
SURPRISING = Fraction(3, 2)


@dataclass(frozen=True, slots=True)
class Submission:
    """A submitted row with what is known beside it.

    `last` is what was approved last (None: nothing), `linked` the sum of the ledger rows that count for it
    (None: none is linked), `materials` name and date of each piece of evidence. Only what `is_cumulative`
    cannot become less.
    """

    on: date
    quantity: Exact | None = None
    ratio: Exact | None = None
    planned: Exact | None = None
    lower_is_better: bool = False
    is_cumulative: bool = True
    last: Exact | None = None
    linked: Exact | None = None
    needs_evidence: bool = False
    materials: tuple[tuple[str, date | None], ...] = ()
    due_on: date | None = None
    reason: str | None = None
    # What a locked window says to approving it, and what the level of its target does.
    locked: str = ""
    too_low: str = ""

    @property
    def done(self) -> Exact | None:
        """How far it is done, as far as that follows."""
        if self.lower_is_better:
            return self.ratio
        quantity = self.linked if self.quantity is None and self.ratio is None else self.quantity
        return completion_ratio(self.planned, quantity, self.ratio)


@dataclass(frozen=True, slots=True)
class Check:
    """One sentence; `is_ok` False asks the reviewer to look."""

    is_ok: bool
    sentence: str


def checks(row: Submission, start: date, cutoff: date, today: date) -> list[Check]:
    """What was looked at, faults first."""
    found = [
        *of_refusals(row),
        *of_date(row, start, cutoff, today),
        *of_numbers(row),
        *of_evidence(row, start, cutoff if row.on <= cutoff else today),
        *of_reason(row, today),
    ]
    return sorted(found, key=lambda check: check.is_ok)


def of_refusals(row: Submission) -> Iterator[Check]:
    if row.locked:
        yield Check(False, f"现在不能通过：{row.locked}")
    if row.too_low:
        yield Check(False, row.too_low)


def of_date(row: Submission, start: date, cutoff: date, today: date) -> Iterator[Check]:
    if row.on > today:
        yield Check(False, f"日期 {row.on} 晚于今天")
    elif row.on < start:
        yield Check(False, f"日期 {row.on} 早于统计时段开始日 {start}")
    elif row.on > cutoff:
        # Work of the years to come is reviewed as it is done.
        yield Check(True, f"日期 {row.on} 在统计截止日 {cutoff} 之后，计入以后的时段")
    else:
        yield Check(True, "日期在统计时段内，不晚于今天")


def of_numbers(row: Submission) -> Iterator[Check]:
    if row.quantity is not None and row.ratio is not None and row.planned and not row.lower_is_better:
        if (row.quantity >= row.planned) == (row.ratio >= 1):
            yield Check(True, "数量与完成度一致")
        else:
            yield Check(
                False,
                f"数量 {count(row.quantity)}、计划 {count(row.planned)}，完成度却是 {percent(row.ratio)}",
            )
    if row.is_cumulative and row.last is not None and row.quantity is not None:
        if row.quantity < row.last:
            yield Check(False, f"累计数 {count(row.quantity)} 比上次通过的 {count(row.last)} 少")
        else:
            yield Check(True, f"累计数不少于上次通过的 {count(row.last)}")
    if row.linked is not None and row.quantity is not None:
        if row.quantity == row.linked:
            yield Check(True, "与成果台账的合计一致")
        else:
            yield Check(False, f"填报 {count(row.quantity)}，关联的成果台账合计 {count(row.linked)}")
    if row.done is not None and row.done > SURPRISING:
        yield Check(False, f"超额完成 {percent(row.done)}，请核对数量和计划")


def of_evidence(row: Submission, start: date, last: date) -> Iterator[Check]:
    if row.needs_evidence:
        if row.materials:
            yield Check(True, f"有佐证材料 {len(row.materials)} 份")
        else:
            yield Check(False, "要求佐证，但没有佐证材料")
    outside = [(name, day) for name, day in row.materials if day and not start <= day <= last]
    for name, day in outside:
        yield Check(False, f"佐证“{name}”的日期 {day} 不在统计时段内")
    if any(day for _, day in row.materials) and not outside:
        yield Check(True, "佐证日期在统计时段内")


def of_reason(row: Submission, today: date) -> Iterator[Check]:
    """Where a reason is asked for (`reason` not None): of what is due and not done."""
    if row.reason is None or row.due_on is None or row.due_on > today:
        return
    if (row.done is None or row.done < 1) and not row.reason:
        yield Check(False, "到期未完成，没有写未完成原因")
