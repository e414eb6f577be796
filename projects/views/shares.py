"""The shares of a point or an indicator as pages show them (templates/projects/_shares.html)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from projects import sharing
from projects.leading import may_split
from projects.models import User
from projects.permissions import can_fill


def rows(user: User, kind: str, shares: Iterable[Any]) -> list[dict[str, Any]]:
    """Each share with the address where the user reports on it."""
    return [
        {
            "share": share,
            "href": reverse("reports:share", args=[kind, share.pk]) if can_fill(user, share) else "",
            "has_reported": sharing.has_reported(share),
        }
        for share in shares
    ]


def shown(user: User, kind: str, subject: Any) -> dict[str, Any]:
    """What a page says about the shares of a subject, and whether the user splits it."""
    shares = sharing.shares_of(subject)
    for share in shares:
        setattr(share, kind, subject)
    return {
        "shares": rows(user, kind, shares),
        "share_total": sharing.total_of(subject, shares),
        "may_split": may_split(user, subject),
    }
