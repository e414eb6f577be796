"""What a reviewer decided: what is still with its authors, and the last decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, QuerySet

from projects import review
from projects.models import Project, Reviewed, ReviewLog, State, User
from reports.inspection.kinds import KINDS, Kind, Placed

LATELY = 100
DECIDED = ("approve", "return", "revoke")


@dataclass(frozen=True, slots=True)
class Decision(Placed):
    """One decision, and the record as it stands now."""

    log: ReviewLog
    kind: Kind
    record: Any

    @property
    def verb(self) -> str:
        return review.VERBS[self.log.verb]


def returned_by(user: User, project: Project) -> list[Decision]:
    """What the user gave back and nobody has handed in again, the latest first."""
    logs = of(user).filter(verb__in=review.GIVING_BACK)
    found = sorted(decisions(logs, project, State.RETURNED), key=lambda decision: decision.log.pk)
    latest = {(decision.kind.slug, decision.record.pk): decision for decision in found}
    return sorted(latest.values(), key=lambda decision: -decision.log.pk)


def decided_by(user: User, project: Project) -> list[Decision]:
    """The user's last decisions, the latest first."""
    found = decisions(of(user).filter(verb__in=DECIDED), project)
    return sorted(found, key=lambda decision: -decision.log.pk)[:LATELY]


def of(user: User) -> QuerySet[ReviewLog]:
    return ReviewLog.objects.filter(by=user).select_related("on_behalf_of").order_by("-id")


def decisions(logs: QuerySet[ReviewLog], project: Project, state: str | None = None) -> Iterator[Decision]:
    """By kind the last of them about records of the project (in `state`): two queries each."""
    for kind in KINDS:
        records = kind.model._base_manager.filter(**{kind.model.PROJECT: project.pk})
        if state:
            records = not_superseded(kind.model, records.filter(state=state))
        own = logs.filter(
            content_type=ContentType.objects.get_for_model(kind.model), object_id__in=records.values("pk")
        )[:LATELY]
        by_pk = records.select_related(*kind.related).in_bulk([log.object_id for log in own])
        for log in own:
            yield Decision(log, kind, by_pk[log.object_id])


def not_superseded(model: type[Reviewed], records: QuerySet[Any]) -> QuerySet[Any]:
    """Those after which no other was made about the same subject."""
    if not model.SUBJECT:
        return records
    newer = model._base_manager.filter(**{model.SUBJECT: OuterRef(model.SUBJECT), "pk__gt": OuterRef("pk")})
    return records.filter(~Exists(newer))


def today_by(user: User, today: date) -> int:
    """How many decisions the user took today."""
    return ReviewLog.objects.filter(by=user, verb__in=DECIDED, at__date=today).count()
