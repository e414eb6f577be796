"""Selection of ledger rows: which count, and who sees those that do not count yet."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from projects.querysets import approved_by

if TYPE_CHECKING:
    from projects.models import Project, User


def in_ledger(known_at: datetime | None, prefix: str = "", *, pending: bool = False) -> Q:
    """Condition on a ledger row: approved at `known_at` (None: now), or also submitted (`pending`).

    What a workbook brought in has no `decided_at`: it counts from the beginning. A row is mended in place,
    so what was revoked may have been approved again since.
    """
    if known_at is None:
        return approved_by(None, prefix, pending=pending)
    imported = Q(**{f"{prefix}decided_at": None}) & (
        Q(**{f"{prefix}state": "approved"}) | Q(**{f"{prefix}revoked_at__gt": known_at})
    )
    decided = Q(**{f"{prefix}decided_at__lte": known_at}) & (
        Q(**{f"{prefix}revoked_at": None})
        | Q(**{f"{prefix}revoked_at__gt": known_at})
        | Q(**{f"{prefix}revoked_at__lte": F(f"{prefix}decided_at")})
    )
    condition = imported | decided
    return condition | Q(**{f"{prefix}state": "submitted"}) if pending else condition


class OutcomeQuerySet(models.QuerySet[Any]):
    def in_ledger(self, known_at: datetime | None = None, *, pending: bool = False) -> OutcomeQuerySet:
        return self.filter(in_ledger(known_at, pending=pending))

    def visible_to(self, user: User, project: Project) -> OutcomeQuerySet:
        """The rows of the project; of drafts and returned ones only the user's own, those of the own
        department, and for who fills everything all."""
        from projects.permissions import fills_all, own_departments

        rows = self.filter(project=project)
        if fills_all(user, project):
            return rows
        own = Q(author=user) | Q(department__in=own_departments(user, project))
        return rows.filter(Q(state__in=("approved", "submitted")) | own)
