"""Seats at the levels of review: which role sits where, and how far a seat reaches."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q

from projects.models import Delegation, Membership, Reviewed, ReviewLog, Role, User

# The role at whose level a member sits.
SEATED = {
    Role.HEAD: Role.HEAD,
    Role.LEADER: Role.LEADER,
    Role.GROUP_LEADER: Role.LEADER,
    Role.OFFICE: Role.OFFICE,
    Role.ADMIN: Role.OFFICE,
    Role.PRINCIPAL: Role.PRINCIPAL,
}


@dataclass(frozen=True, slots=True)
class Seat:
    """The right of a user to review at the levels of a role, own or `behalf` of who is away.

    A head's reaches as far as the `department`, a leader's as far as the `tasks` (None: all).
    """

    user: User
    role: Role
    department: int | None = None
    tasks: frozenset[int] | None = None
    behalf: User | None = None

    def covers(self, department: int | None, task: int | None) -> bool:
        if self.role == Role.HEAD:
            return department is not None and department == self.department
        return self.tasks is None or task in self.tasks

    def condition(self, model: type[Reviewed]) -> Q:
        """The records that it covers."""
        if self.role == Role.HEAD:
            return Q(**{model.DEPARTMENT: self.department})
        return Q() if self.tasks is None else Q(**{f"{model.TASK}__in": self.tasks})


def limits(memberships: list[int]) -> dict[int, set[int]]:
    """The tasks to which roles are limited, by membership; those without limit are left out."""
    found: dict[int, set[int]] = defaultdict(set)
    links = Membership.tasks.through.objects.filter(membership__in=memberships)
    for member, task in links.values_list("membership_id", "task_id"):
        found[member].add(task)
    return dict(found)


def standing_in(institution: int, today: date) -> Any:
    """The delegations of a college in force on a day."""
    return Delegation.objects.filter(
        institution=institution,
        since__lte=today,
        until__gte=today,
        ended_at=None,
        substitute__is_active=True,
    ).select_related("absent", "substitute")


def approved_by(user: User, model: type[Reviewed]) -> Q:
    """The records that the user has approved, at any level, since they were submitted."""
    logs = ReviewLog.objects.filter(content_type=ContentType.objects.get_for_model(model)).order_by()
    later = logs.filter(object_id=OuterRef("object_id"), verb="submit", pk__gt=OuterRef("pk"))
    return Q(Exists(logs.filter(~Exists(later), object_id=OuterRef("pk"), by=user, verb="approve")))


def place(record: Reviewed) -> tuple[int | None, int | None]:
    """The department and the task a record belongs to."""
    return reached(record, record.DEPARTMENT), reached(record, record.TASK)


def reached(record: Reviewed, path: str) -> int | None:
    *steps, last = path.split("__")
    there: Any = record
    for step in steps:
        there = getattr(there, step)
    found: int | None = getattr(there, f"{last}_id")
    return found
