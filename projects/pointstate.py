"""In which state a task point is, as of a date: what its badge says and which filters find it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from projects.progress import PointFact

# The states by which lists can be filtered, in the order of their tabs; the words are those of the badges.
FILTERS = (
    *("returned", "overdue", "missing", "zero", "partial", "unrated"),
    *("draft", "submitted", "approved", "early", "over", "not_due"),
)


@dataclass(frozen=True, slots=True)
class PointState:
    """How far a point is (`key`), by how many days it is late, and what happens to its latest entry.

    `key`: not_due, missing (due, nothing reported), zero (reported, result 0), partial, unrated (reported,
    but no ratio follows from it), approved (done), submitted (done only with what waits for review).
    `work`: draft, submitted or returned while the latest entry is undecided, else empty.
    """

    key: str
    days_late: int = 0
    is_early: bool = False
    is_over: bool = False
    work: str = ""

    @property
    def tags(self) -> frozenset[str]:
        """Every filter that finds the point."""
        flags = {"overdue": self.days_late > 0, "early": self.is_early, "over": self.is_over}
        return frozenset({self.key, self.work} - {""} | {name for name, is_set in flags.items() if is_set})

    @property
    def is_done(self) -> bool:
        return self.key == "approved"


def point_state(point: PointFact, as_of: date, work: str = "") -> PointState:
    """The state of a point as of a date; `work` is the state of its latest entry while undecided."""
    return PointState(
        key=standing(point, as_of),
        days_late=point.days_late(as_of),
        is_early=point.is_early(as_of),
        is_over=point.is_over,
        work=work,
    )


def standing(point: PointFact, as_of: date) -> str:
    # Ledger rows that are linked but dated later add up to 0: nothing is reported yet.
    if point.entry is None and not point.quantity:
        return "missing" if point.due_on <= as_of else "not_due"
    if point.r is None:
        return "unrated"
    if point.r == 0:
        return "zero"
    if point.r < 1:
        return "partial"
    return "submitted" if point.entry and point.entry.state == "submitted" else "approved"
