"""One row per state of a task point (the states of the interface guide)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from projects.pointstate import FILTERS, PointState, point_state
from projects.progress import EntryFact, PointFact
from projects.templatetags.components import BADGES

DUE = date(2023, 12, 31)
BEFORE, ON_THE_DAY, LATER = date(2023, 12, 30), DUE, date(2024, 1, 12)


def fact(
    r: str | None = None, *, entry: bool = True, state: str = "approved", linked: int | None = None
) -> PointFact:
    """A point due on 2023-12-31 with ratio `r`, by an entry unless it comes from the ledger or not at all."""
    given = EntryFact(1, state, BEFORE, None, Decimal(r) if r else None, "", "", None)
    return PointFact(
        id=1,
        code="8-2-2023-03",
        task_id=1,
        area="8",
        year=2023,
        seq="3",
        text="编印学校《规章制度汇编》第二版",
        unit="部",
        planned=Decimal(2),
        due_on=DUE,
        department="党政办公室",
        person="高远",
        entry=given if entry else None,
        quantity=None if linked is None else Fraction(linked),
        r=Fraction(r) if r else None if linked is None else Fraction(linked, 2),
    )


NOTHING = fact(entry=False)


@pytest.mark.parametrize(
    ("point", "as_of", "expected"),
    [
        (NOTHING, BEFORE, PointState("not_due")),
        (NOTHING, ON_THE_DAY, PointState("missing")),
        (NOTHING, LATER, PointState("missing", days_late=12)),
        (fact(entry=False, linked=0), BEFORE, PointState("not_due")),
        (fact(entry=False, linked=0), LATER, PointState("missing", days_late=12)),
        (fact(entry=False, linked=1), LATER, PointState("partial", days_late=12)),
        (fact(entry=False, linked=2), LATER, PointState("approved")),
        (fact("0"), BEFORE, PointState("zero")),
        (fact("0"), LATER, PointState("zero", days_late=12)),
        (fact(None), LATER, PointState("unrated", days_late=12)),
        (fact("0.5"), BEFORE, PointState("partial")),
        (fact("0.5"), ON_THE_DAY, PointState("partial")),
        (fact("0.5"), LATER, PointState("partial", days_late=12)),
        (fact("1"), BEFORE, PointState("approved", is_early=True)),
        (fact("1"), ON_THE_DAY, PointState("approved")),
        (fact("1.5"), LATER, PointState("approved", is_over=True)),
        (fact("1", state="submitted"), LATER, PointState("submitted")),
    ],
)
def test_state_of_a_point(point: PointFact, as_of: date, expected: PointState) -> None:
    assert point_state(point, as_of) == expected


def test_the_latest_entry_is_told_beside_how_far_the_point_is() -> None:
    state = point_state(fact("0.5"), LATER, work="returned")
    assert (state.key, state.work) == ("partial", "returned")
    assert state.tags == {"partial", "returned", "overdue"}


def test_a_point_is_found_by_its_flags() -> None:
    assert point_state(fact("1.5"), BEFORE).tags == {"approved", "early", "over"}


def test_every_filter_has_a_badge() -> None:
    assert set(FILTERS) <= set(BADGES)
