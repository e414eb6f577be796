"""我的任务: the points a user fills, what needs doing first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from projects import review
from projects.gathered import Gathered
from projects.models import Entry, ReviewLog, State, User
from projects.permissions import (
    Action,
    fills_all,
    memberships_of,
    points_to_fill,
    project_or_404,
    visible_entries,
)
from projects.pointstate import PointState, point_state
from projects.progress import PointFact
from projects.rounds import answered, days_left, running, standing
from projects.views.page import facts_for, facts_page, signed_in

ROWS = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A point with the entry it waits for; `returned` is the decision that sent it back."""

    fact: PointFact
    state: PointState
    entry: Entry | None = None
    returned: ReviewLog | None = None

    @property
    def href(self) -> str:
        return reverse("projects:point", args=[self.fact.id])

    @property
    def step(self) -> tuple[str, str]:
        """What to do next: words and address."""
        fill = reverse("projects:fill", args=[self.fact.id])
        words = {"returned": "修改后再提交", "draft": "继续填写", "submitted": ""}
        if self.state.work:
            return words[self.state.work], fill
        return ("" if self.state.is_done else "填报" if self.state.key in EMPTY else "更新进展"), fill


EMPTY = ("missing", "not_due")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that need the same; the first group that takes a row has it."""

    key: str
    title: str
    takes: Callable[[PointState], bool]


GROUPS = (
    Group("returned", "已退回，按意见修改后再提交", lambda state: state.work == "returned"),
    Group("waiting", "已提交，等待项目办审核", lambda state: state.work == "submitted"),
    Group("draft", "草稿，还没有提交", lambda state: state.work == "draft"),
    Group("done", "已完成", lambda state: state.is_done),
    Group("late", "已到期而没有完成", lambda state: state.days_late > 0 or state.key == "missing"),
    Group("open", "已填报，尚未完成", lambda state: state.key not in EMPTY),
    Group("not_due", "未到期", lambda state: True),
)
# What must be done now, most urgent first.
TODO = ("returned", "late", "draft")
TABS = (
    ("todo", "待处理", TODO),
    ("waiting", "已提交", ("waiting",)),
    ("open", "进行中", ("open",)),
    ("done", "已完成", ("done",)),
    ("not_due", "未到期", ("not_due",)),
    ("all", "全部", (*TODO, "waiting", "open", "done", "not_due")),
)


def group_of(row: Row) -> Group:
    return next(group for group in GROUPS if group.takes(row.state))


@login_required
@require_GET
def mine(request: HttpRequest, pk: int) -> HttpResponse:
    """As of today, unless the address asks for another date: what is due is a matter of today."""
    user, today = signed_in(request), timezone.localdate()
    project = project_or_404(user, pk, Action.FILL)
    facts = facts_for(request, project, default=today)
    rows = list(rows_of(user, facts))
    asked = request.GET.get("tab", "")
    key, _, groups = next((tab for tab in TABS if tab[0] == asked), TABS[0])
    page = Paginator([row for name in groups for row in grouped(rows, name)], ROWS).get_page(
        request.GET.get("page")
    )
    return facts_page(
        request,
        "projects/mine.html",
        facts,
        default=today,
        tabs=[tab_of(tab, rows, key, request) for tab in TABS],
        tab=key,
        page=page,
        sections=[(group, list(some)) for group, some in groupby(page, group_of)],
        total=len(rows),
        places=places(user, facts),
        **round_of(facts, rows, today),
    )


def round_of(facts: Gathered, rows: Iterable[Row], today: date) -> dict[str, Any]:
    """The round that is running, and which of these points nobody has filled in it yet."""
    asked = running(facts.project, today)
    if asked is None:
        return {}
    own = {row.fact.id for row in rows}
    left = [p for p in standing(asked, facts, answered(asked)).left if p.id in own]
    return {"round": asked, "days_left": days_left(asked, today), "left": len(left)}


def rows_of(user: User, facts: Gathered) -> Iterator[Row]:
    own = set(points_to_fill(user, facts.project).values_list("pk", flat=True))
    waiting = undecided(user, facts)
    returned = comments(entry for entry in waiting.values() if entry.state == State.RETURNED)
    for fact in facts.points:
        if fact.id in own:
            entry = waiting.get(fact.id)
            state = point_state(fact, facts.as_of, entry.state if entry else "")
            yield Row(fact, state, entry, returned.get(entry.pk) if entry else None)


def undecided(user: User, facts: Gathered) -> dict[int, Entry]:
    """By point its latest entry, where that is a draft, waits for review or was returned."""
    latest = visible_entries(user, facts.project).latest_per_point()
    return {entry.point_id: entry for entry in latest.exclude(state=State.APPROVED)}


def comments(entries: Iterable[Entry]) -> dict[int, ReviewLog]:
    """By entry the decision that returned it."""
    logs = ReviewLog.objects.filter(
        content_type__app_label="projects",
        content_type__model="entry",
        object_id__in=[entry.pk for entry in entries],
        verb__in=review.GIVING_BACK,
    )
    return {log.object_id: log for log in logs.select_related("by").order_by("id")}


def grouped(rows: Iterable[Row], name: str) -> list[Row]:
    """The rows of one group, the longest overdue first."""
    return sorted((row for row in rows if group_of(row).key == name), key=lambda row: row.fact.due_on)


def tab_of(tab: tuple[str, str, tuple[str, ...]], rows: list[Row], active: str, request: HttpRequest) -> Any:
    key, label, groups = tab
    query = {name: request.GET[name] for name in ("as_of", "pending", "basis") if name in request.GET}
    return {
        "label": label,
        "count": sum(group_of(row).key in groups for row in rows),
        "href": "?" + urlencode(query | ({} if key == TABS[0][0] else {"tab": key})),
        "is_active": key == active,
    }


def places(user: User, facts: Gathered) -> list[str]:
    """In whose name the user fills."""
    if fills_all(user, facts.project):
        return ["全部部门"]
    return sorted({m.department.name for m in memberships_of(user, facts.project) if m.department})
