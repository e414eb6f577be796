"""What does not count in a report though somebody has entered it: it waits, is a draft, or was returned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from projects.models import State, User
from projects.reviewing import Panel
from reports.inspection.decided import not_superseded
from reports.inspection.kinds import KINDS, Kind, Placed

LABELS = {State.SUBMITTED: "待审核", State.DRAFT: "草稿", State.RETURNED: "已退回"}


@dataclass(frozen=True, slots=True)
class Undecided(Placed):
    """`badge` and `where` say how far it is and who has it, `is_mine` whether that is who asks."""

    kind: Kind
    record: Any
    badge: str
    where: str
    is_mine: bool


def undecided(panel: Panel, user: User, as_of: date) -> list[Undecided]:
    """What was filled in last about each subject up to the date and is not approved, by department."""
    found: list[Undecided] = []
    for kind in KINDS:
        own = {kind.model.PROJECT: panel.project.pk, f"{kind.model.DATE}__lte": as_of}
        records = not_superseded(kind.model, kind.model._base_manager.filter(**own))
        records = records.filter(state__in=LABELS).select_related(*kind.related)
        found += [standing(kind, record, panel, user) for record in records]
    return sorted(found, key=lambda each: (str(each.department or ""), each.code))


def standing(kind: Kind, record: Any, panel: Panel, user: User) -> Undecided:
    if record.state != State.SUBMITTED:
        return Undecided(kind, record, record.state, "", is_mine=False)
    where = "等待" + panel.whereabouts(record).partition("等待")[2]
    is_mine = panel.seat(user, record) is not None
    return Undecided(kind, record, panel.standing(record)[0], where, is_mine)


def by_state(found: Iterable[Undecided]) -> list[tuple[State, str, int]]:
    """How many are in each state, with its words."""
    states = [each.record.state for each in found]
    return [(state, label, states.count(state)) for state, label in LABELS.items()]
