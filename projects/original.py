"""The task book as it stood before adjustments. Pure: changes in force in, old values out.

Records hold what was adjusted. A question that lies before a change came into force, or that asks for the
original task book, lays the old values over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    """A change that was written into the task book at `decided_at` and holds from `in_force_on` on."""

    id: int
    kind: str
    object_id: int
    field: str
    old: str
    new: str
    in_force_on: date
    decided_at: datetime

    def is_known(self, known_at: datetime | None) -> bool:
        return known_at is None or self.decided_at <= known_at

    def holds(self, as_of: date, known_at: datetime | None) -> bool:
        return self.is_known(known_at) and self.in_force_on <= as_of


@dataclass(frozen=True, slots=True)
class Original:
    """Old values to lay over records, and the records that stood in the task book then."""

    as_of: date
    values: Mapping[Record, Mapping[str, str]] = field(default_factory=dict)
    standing: frozenset[Record] = frozenset()

    def stands(self, kind: str, pk: int, removed_on: date | None) -> bool:
        """Whether a record counts: not taken out by the date, or taken out by what does not hold here."""
        return removed_on is None or removed_on > self.as_of or (kind, pk) in self.standing

    def typed(self, kind: str, pk: int) -> dict[str, Any]:
        """The old values of a record, by field; empty for nearly all."""
        told = self.values.get((kind, pk))
        return {name: field_of(kind, name).typed(text) for name, text in told.items()} if told else {}


def not_holding(
    adjustments: Iterable[Adjustment], as_of: date, known_at: datetime | None, basis: str
) -> list[Adjustment]:
    """Those that the question goes back behind: all of them for the original task book."""
    return [each for each in adjustments if basis == ORIGINAL or not each.holds(as_of, known_at)]


def before(adjustments: Sequence[Adjustment], as_of: date) -> Original:
    """What stood before these changes. The last comes off first, so of a field the oldest value remains."""
    values: dict[Record, dict[str, str]] = {}
    standing = set()
    for each in sorted(adjustments, key=lambda a: (a.decided_at, a.id), reverse=True):
        if each.field == DELETION:
            standing.add((each.kind, each.object_id))
        else:
            values.setdefault((each.kind, each.object_id), {})[each.field] = each.old
    return Original(as_of, values, frozenset(standing))
