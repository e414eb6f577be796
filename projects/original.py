"""The task book as it stands on a day. Pure: approved changes in, values to lay over the records out.

Records hold what is in force today. A question that lies before a change came into force, or that asks for
the original task book, lays the old values over them; one that lies after a change to come, its new value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from projects.adjustable import field_of
from projects.models.change import DELETION

CURRENT, ORIGINAL = "current", "original"
BASES = (CURRENT, ORIGINAL)
Record = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change that was approved at `decided_at`, holds from `in_force_on` on and was written into the record
    at `written_at`, if it was yet."""

    id: int
    kind: str
    object_id: int
    field: str
    old: str
    new: str
    in_force_on: date
    decided_at: datetime
    written_at: datetime | None

    def is_known(self, known_at: datetime | None) -> bool:
        return known_at is None or self.decided_at <= known_at

    def holds(self, as_of: date, known_at: datetime | None) -> bool:
        return self.is_known(known_at) and self.in_force_on <= as_of


@dataclass(frozen=True, slots=True)
class Original:
    """Values to lay over records, and the records that stood in the task book then."""

    as_of: date
    values: Mapping[Record, Mapping[str, str]] = field(default_factory=dict)
    standing: frozenset[Record] = frozenset()

    def stands(self, kind: str, pk: int, removed_on: date | None) -> bool:
        """Whether a record counts: not taken out by the date, or taken out by what does not hold here."""
        return removed_on is None or removed_on > self.as_of or (kind, pk) in self.standing

    def typed(self, kind: str, pk: int) -> dict[str, Any]:
        """The values to lay over a record, by field; empty for nearly all."""
        told = self.values.get((kind, pk))
        return {name: field_of(kind, name).typed(text) for name, text in told.items()} if told else {}


def as_stood(
    adjustments: Iterable[Adjustment], as_of: date, known_at: datetime | None = None, basis: str = CURRENT
) -> Original:
    """The task book as of a date: of a change that does not hold the old value, of one that holds and is not
    written yet the new one. The last comes off first, so of a field the oldest value remains."""
    values: dict[Record, dict[str, str]] = {}
    standing = set()
    for each in sorted(adjustments, key=lambda a: (a.decided_at, a.id), reverse=True):
        record = (each.kind, each.object_id)
        holds = basis != ORIGINAL and each.holds(as_of, known_at)
        if each.field == DELETION:
            standing |= set() if holds else {record}
        elif not holds:
            values.setdefault(record, {})[each.field] = each.old
        elif each.written_at is None:
            values.setdefault(record, {}).setdefault(each.field, each.new)
    return Original(as_of, values, frozenset(standing))
