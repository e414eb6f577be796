"""What approving an entry does to the rates. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from projects.models import Entry
from projects.progress import EntryFact, PointFact, completion_ratio, progress


@dataclass(frozen=True, slots=True)
class Effect:
    """A rate as it is and as it would be; None where nothing is due."""

    label: str
    before: Fraction | None
    after: Fraction | None


def effects(
    points: Sequence[PointFact], entry: Entry, start: date, as_of: date, names: dict[str, str]
) -> list[Effect]:
    """The rates that approving `entry` touches: `names` labels the whole (`""`) and the areas by code."""
    area = next(point.area for point in points if point.id == entry.point_id)
    after = [approved(point, entry, as_of) if point.id == entry.point_id else point for point in points]
    return [
        Effect(
            names[code],
            progress(within(points, code), start, as_of).due_rate,
            progress(within(after, code), start, as_of).due_rate,
        )
        for code in ("", area)
    ]


def within(points: Sequence[PointFact], code: str) -> list[PointFact]:
    return [point for point in points if not code or point.area == code]


def approved(point: PointFact, entry: Entry, as_of: date) -> PointFact:
    """The point once `entry` counts, unless a later day counts already or its day is after `as_of`."""
    if entry.effective_on > as_of or (point.entry and point.entry.effective_on > entry.effective_on):
        return point
    typed = entry.quantity is not None or entry.ratio is not None
    quantity = entry.quantity if typed else point.linked
    counting = EntryFact(
        id=entry.pk,
        state="approved",
        effective_on=entry.effective_on,
        quantity=entry.quantity,
        ratio=entry.ratio,
        description=entry.description,
        reason=entry.reason,
        expected_on=entry.expected_on,
    )
    ratio = completion_ratio(point.planned, quantity, entry.ratio)
    return replace(point, entry=counting, quantity=quantity, r=ratio)
