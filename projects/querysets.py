"""Selection: which records, for whom, as of when. No calculation here."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, FilteredRelation, OuterRef, Q

if TYPE_CHECKING:
    from projects.models import User

# Experts and authorities see handed-in reports only, never the working records.
READING_ROLES = ("filler", "head", "leader", "group_leader", "finance", "office", "principal", "admin")


def approved_by(known_at: datetime | None, prefix: str = "", *, pending: bool = False) -> Q:
    """Condition on a reviewed record: approved at `known_at` (None: now), or also submitted (`pending`).

    Approved at a moment = decided by then and not revoked by then. Withdrawn approvals keep `decided_at`.
    """
    if known_at is None:
        condition = Q(**{f"{prefix}state": "approved"})
    else:
        condition = Q(**{f"{prefix}decided_at__lte": known_at}) & (
            Q(**{f"{prefix}revoked_at__isnull": True}) | Q(**{f"{prefix}revoked_at__gt": known_at})
        )
    return condition | Q(**{f"{prefix}state": "submitted"}) if pending else condition


class MembershipQuerySet(models.QuerySet[Any]):
    def reading(self) -> MembershipQuerySet:
        return self.filter(role__in=READING_ROLES)


class ProjectQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> ProjectQuerySet:
        """Projects of the institutions in which the user has a role that reads working records."""
        if user.is_superuser:
            return self
        return self.filter(
            institution__memberships__user=user, institution__memberships__role__in=READING_ROLES
        ).distinct()

    def with_window(self) -> ProjectQuerySet:
        """Each project with its institution and, as `main`, its main window (None: it has none).

        `is_adjusted`: a change of its task book is in force; `has_levels`: its levels of review are not the
        usual ones. Without these nobody need look for them.
        """
        main = FilteredRelation("windows", condition=Q(windows__is_main=True))
        changes = self.model.change_requests.field.model._default_manager
        adjusted = Exists(changes.filter(project=OuterRef("pk"), decided_at__isnull=False))
        levels = Exists(self.model.levels.field.model._default_manager.filter(project=OuterRef("pk")))
        annotated = self.annotate(main=main, is_adjusted=adjusted, has_levels=levels)
        return annotated.select_related("main", "institution")

    def groups_of(self, project: Any) -> ProjectQuerySet:
        """The professional-group projects that name `project` as their parent."""
        return self.filter(
            parent_code=project.code, institution_id=project.institution_id, level="group"
        ).order_by("code")


class TaskPointQuerySet(models.QuerySet[Any]):
    def of(self, project: Any) -> TaskPointQuerySet:
        return self.filter(task__project=project)

    def visible_to(self, user: User) -> TaskPointQuerySet:
        from projects.models import Project

        return self.filter(task__project__in=Project.objects.visible_to(user))

    def due(self, start: date, as_of: date) -> TaskPointQuerySet:
        """Points whose deadline lies in the window; an annual window counts that year's points."""
        return self.filter(due_on__gte=start, due_on__lte=as_of)


class EntryQuerySet(models.QuerySet[Any]):
    def of(self, project: Any) -> EntryQuerySet:
        return self.filter(point__task__project=project)

    def latest_per_point(self) -> EntryQuerySet:
        """Of each point the entry made last."""
        latest = self.order_by().values("point").annotate(latest=models.Max("pk"))
        return self.model._default_manager.filter(pk__in=latest.values("latest"))

    def not_superseded(self) -> EntryQuerySet:
        """Those after which no other was made for their point."""
        newer = self.model._default_manager.filter(point=OuterRef("point"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(newer))

    def counting(self, as_of: date, known_at: datetime | None = None) -> EntryQuerySet:
        return self.filter(approved_by(known_at), effective_on__lte=as_of)
