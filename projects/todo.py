"""待办: how much a person has to do now in a project. Read on every page.

What is to be filled is what 我的任务 lists as open, of every kind of row, and that follows from the
facts: too much to read for every page. So its numbers are kept for a short time by person, project and day.
Their key says what the person wrote last, which is one query: after a write of their own they are counted
anew, in whichever process. What others do (a row returned, a round opened) shows after LASTS seconds at the
latest, and at once on 我的任务 itself, which counts its own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db.models import Count, QuerySet, Subquery
from django.utils import timezone
from django.utils.module_loading import import_string

from projects.models import Message, Project, ReviewLog, User, ZeroReport
from projects.permissions import Action, can, fills_all
from projects.reviewing import kinds, panel_of, waiting_count

# So many seconds what others did may go unnoticed.
LASTS = 60
Groups = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Todo:
    """`returned`, `unfilled` and `drafts` are the open rows of 我的任务, `reviews` is to be decided about."""

    returned: int = 0
    unfilled: int = 0
    drafts: int = 0
    reviews: int = 0

    @property
    def to_fill(self) -> int:
        return self.returned + self.unfilled + self.drafts

    @property
    def total(self) -> int:
        return self.to_fill + self.reviews


def todo_of(user: User, project: Project) -> Todo:
    """What the user has to do in the project today, counted once per request."""
    kept: dict[int, Todo] = user.__dict__.setdefault("_todo", {})
    if project.pk not in kept:
        kept[project.pk] = counted(user, project, timezone.localdate())
    return kept[project.pk]


def counted(user: User, project: Project, today: date) -> Todo:
    reviews = waiting_count(panel_of(user, project), user)
    # Whoever may fill in everything is not the one who has to: that is the departments' to do.
    if fills_all(user, project) or not can(user, Action.WRITE, project):
        return Todo(reviews=reviews)
    key = key_of(user, project, today)
    groups: Groups | None = cache.get(key)
    if groups is None:
        count: Callable[[User, Project, date], Groups] = import_string(settings.OPEN_ROWS)
        groups = count(user, project, today)
        cache.set(key, groups, LASTS)
    return made(groups, reviews)


def keep(user: User, project: Project, today: date, groups: Groups) -> None:
    """Whoever has just read all rows says how many are open, by their group."""
    cache.set(key_of(user, project, today), dict(groups), LASTS)


def made(groups: Groups, reviews: int) -> Todo:
    returned, unfilled, drafts = (groups.get(name, 0) for name in ("returned", "missing", "draft"))
    return Todo(returned, unfilled, drafts, reviews)


def key_of(user: User, project: Project, today: date) -> str:
    """Another one after each write of the user; one query."""
    asked: dict[str, Any] = {
        "log": last(ReviewLog.objects.filter(by=user)),
        "note": last(LogEntry.objects.filter(user=user)),
        "zero": last(ZeroReport.objects.filter(by=user)),
    }
    for model in kinds():
        name, own = model._meta.model_name, model._default_manager.filter(author=user)
        # Also how many: a draft may be thrown away.
        many = own.order_by().values("author").annotate(many=Count("pk")).values("many")
        asked |= {f"last_{name}": last(own), f"many_{name}": Subquery(many)}
    (stamp,) = User.objects.filter(pk=user.pk).annotate(**asked).values_list(*asked)
    return f"todo:{user.pk}:{project.pk}:{today}:{'-'.join(str(part or 0) for part in stamp)}"


def last(records: QuerySet[Any]) -> Subquery:
    return Subquery(records.order_by("-pk").values("pk")[:1])


def unread(user: User) -> int:
    """How many messages the user has not read."""
    return Message.objects.of(user).unread().count()
