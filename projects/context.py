"""What every page needs for its frame, whatever the view puts in."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from projects.models import Membership, Project
from projects.permissions import first_of, readable_projects, roles_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """`memberships` of the user, the `projects` to choose from, and the first of them as `project` where the
    page is about none: read only where the menu is shown. `today` and `version`."""
    return {
        "memberships": SimpleLazyObject(lambda: memberships(request)),
        "projects": SimpleLazyObject(lambda: projects(request)),
        "project": SimpleLazyObject(lambda: first_of(projects(request))),
        "today": timezone.localdate(),
        "version": version(),
    }


@cache
def version() -> str:
    """The version of the running code, as its project file has it."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def memberships(request: HttpRequest) -> list[Membership]:
    """None for visitors, and where a request failed before it was known who asks."""
    user = getattr(request, "user", None)
    return roles_of(user) if user else []


def projects(request: HttpRequest) -> list[Project]:
    user = getattr(request, "user", None)
    return readable_projects(user) if user and user.is_authenticated else []
