"""The one guard: may this be written now? Form, grid, workbook and interface all pass through it.

A window is locked when its report is finalised: what speaks of a day up to its cut-off would change a number
that was handed in. An exception lets one person write on, until a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.core.exceptions import PermissionDenied

from projects.leading import can_write
from projects.models import (
    Membership,
    Project,
    ReportingWindow,
    Reviewed,
    Role,
    TaskPoint,
    User,
    WindowException,
)
from projects.permissions import Fillable


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be written now, and who can help: a sentence for the user."""

    sentence: str
    is_locked: bool = False

    def __str__(self) -> str:
        return self.sentence


class NotWritable(PermissionDenied):
    """What the guard refuses, a lock above all: 403 with its sentence, wherever nothing better is said."""


def writable(user: User, target: Fillable, on: date, today: date) -> Refusal | None:
    """None when the user may write today about the target what speaks of the day `on`; else why not."""
    return Guard(user, target.project, today).refusal(target, on)


def locked(user: User | None, target: Fillable, on: date, today: date) -> Refusal | None:
    """The part of `writable` that asks for locks alone; without a user no exception holds."""
    return Guard(user, target.project, today).lock(target, on)


class Guard:
    """Asks the same about many targets of one project: locks and exceptions are read once."""

    def __init__(self, user: User | None, project: Project, today: date) -> None:
        self.user = user
        self.project = project
        self.today = today

    def refusal(self, target: Fillable, on: date) -> Refusal | None:
        return self.permission(target) or self.lock(target, on)

    def permission(self, target: Fillable) -> Refusal | None:
        """Whether it is somebody else's to fill, or no longer in the task book, whatever the day."""
        if self.user is None or not can_write(self.user, target):
            return Refusal(f"{self.said(target)}，您不能填报。如果应由您填报，请联系{self.helper}。")
        removed_on: date | None = getattr(target, "removed_on", None)
        if removed_on and removed_on <= self.today:
            return Refusal(f"“{str(target)[:40]}”已于 {removed_on} 经批复/备案调出任务书，不再填报。")
        return None

    def lock(self, target: Fillable | None, on: date) -> Refusal | None:
        """Whether a locked window covers the day, and no exception opens it to the user.

        Without a target only an exception for everything does.
        """
        for window in self.windows:
            if on <= window.cutoff and not self.is_excepted(window, target):
                return Refusal(
                    f"“{window}”的报告已定稿，{window.cutoff} 及以前的数据已锁定，{on} 的内容不能再改。"
                    f"确需更正，请联系{self.helper}申请锁定例外。",
                    is_locked=True,
                )
        return None

    def shut(self, target: Fillable) -> Refusal | None:
        """What to know before writing anything: the last window that is locked to the user."""
        closed = [window for window in self.windows if not self.is_excepted(window, target)]
        if not closed:
            return None
        window = closed[-1]
        return Refusal(
            f"“{window}”的报告已定稿，{window.cutoff} 及以前的数据已锁定，完成日期只能填以后的日期。"
            f"确需更正以前的内容，请联系{self.helper}申请锁定例外。",
            is_locked=True,
        )

    @cached_property
    def windows(self) -> list[ReportingWindow]:
        return list(self.project.windows.filter(locked_at__isnull=False).order_by("cutoff"))

    def is_excepted(self, window: ReportingWindow, target: Fillable | None) -> bool:
        points = [points for pk, points in self.exceptions if pk == window.pk]
        key = target.pk if isinstance(target, TaskPoint) else None
        return any(not some or key in some for some in points)

    @cached_property
    def exceptions(self) -> list[tuple[int, set[int]]]:
        """The user's exceptions of today: the window, and the points it is for (none: everything)."""
        if self.user is None:
            return []
        found = WindowException.objects.filter(
            window__in=self.windows,
            user=self.user,
            granted_on__lte=self.today,
            until__gte=self.today,
            ended_at__isnull=True,
        )
        return [
            (each.window_id, {p.pk for p in each.points.all()}) for each in found.prefetch_related("points")
        ]

    def said(self, target: Fillable) -> str:
        owner = getattr(target, "department", None) or getattr(target, "lead", None) or "项目办"
        return f"“{str(target)[:40]}”由{owner}填报"

    @cached_property
    def helper(self) -> str:
        """The project office, with the names of those who work there."""
        office = Membership.objects.filter(
            institution=self.project.institution_id, role=Role.OFFICE, user__is_active=True
        ).select_related("user")
        names = "、".join(str(member.user) for member in office.order_by("id")[:2])
        return f"项目办（{names}）" if names else "本校管理员"


class Locks:
    """What locked windows say to decisions about records of many authors, whose exceptions open them."""

    def __init__(self, project: Project, today: date) -> None:
        self.everybody = Guard(None, project, today)
        self.authors: dict[int, Guard] = {}

    def refusal(self, record: Reviewed) -> Refusal | None:
        refused = self.everybody.lock(record.subject, record.dated)
        if refused is None or record.author is None or record.author.pk not in self.excepted:
            return refused
        return self.guard_of(record.author).lock(record.subject, record.dated)

    def guard_of(self, author: User) -> Guard:
        if author.pk not in self.authors:
            self.authors[author.pk] = Guard(author, self.everybody.project, self.everybody.today)
        return self.authors[author.pk]

    @cached_property
    def excepted(self) -> set[int]:
        """Who has an exception at all: about all others nothing more is asked."""
        windows = self.everybody.windows
        return set(WindowException.objects.filter(window__in=windows).values_list("user", flat=True))
