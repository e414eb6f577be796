"""What every page needs for its frame, whatever the view puts in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from projects.models import Membership
from projects.permissions import roles_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """`memberships` of the user, read only by the pages that show the menu, and `today`."""
    return {"memberships": SimpleLazyObject(lambda: memberships(request)), "today": timezone.localdate()}


def memberships(request: HttpRequest) -> list[Membership]:
    """None for visitors, and where a request failed before it was known who asks."""
    user = getattr(request, "user", None)
    return roles_of(user) if user else []
