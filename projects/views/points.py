"""One task point: its promise, what was reported, its evidence, and the figures it moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from projects import changing, history, review
from projects.adjustable import field_of
from projects.adjustable import shown as value_shown
from projects.forms import EvidenceForm
from projects.gathered import Gathered, gathered, lineage, point_of
from projects.models import (
    ChangeRequest,
    Entry,
    Membership,
    ReviewLog,
    Role,
    State,
    TaskPoint,
    User,
)
from projects.models.change import DELETION
from projects.original import ORIGINAL
from projects.permissions import (
    Action,
    can,
    can_fill,
    may_withdraw,
    point_or_404,
    undecided,
    visible_entries,
)
from projects.pointstate import PointState, point_state
from projects.progress import PointFact
from projects.reviewing import Panel, panel_of
from projects.views.files import file_rows
from projects.views.page import facts_for, facts_page, signed_in
from projects.views.shares import shown


@login_required
@require_GET
def point(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    point = point_or_404(user, pk)
    facts = facts_for(request, point.task.project)
    if not stands(facts, pk):
        facts = gathered(facts.project, facts.as_of, pending=facts.pending, basis=ORIGINAL)
    fact = point_of(facts, pk)
    entries = list(visible_entries(user, facts.project).filter(point=point).select_related("author"))
    latest = max(entries, key=lambda entry: entry.pk, default=None)
    if latest:
        latest.point = point
    panel = panel_of(user, facts.project)
    return facts_page(
        request,
        "projects/point.html",
        facts,
        section="reports:tasks",
        point=point,
        fact=fact,
        state=point_state(fact, facts.as_of, work_of(latest)),
        uncounted=uncounted(entries, facts.as_of),
        lineage=lineage(facts.tasks, point.task_id),
        area=facts.task_figures.by_area[fact.area],
        events=timeline(point, entries, panel),
        levels=panel.chain,
        siblings=siblings(facts, fact, undecided(user, facts.project)),
        counts=fact.is_due(facts.window.start, facts.as_of),
        assisting="、".join(department.name for department in point.co_departments.all()),
        files=file_rows(point, user),
        evidence_form=EvidenceForm(upload=reverse("reports:proof_add", args=["point", point.pk])),
        changes=[Told(each) for each in changing.requests_about(point)],
        may_ask=can_fill(user, point),
        removed_text=f"自 {point.removed_on} 起不再统计和填报；已有的填报和佐证保留，这里按原任务书显示。",
        **steps(user, point, latest, panel),
        **shown(user, "point", point),
    )


def stands(facts: Gathered, pk: int) -> bool:
    """Whether the point is in the task book as of the date; what was taken out is shown by the original."""
    return any(point.id == pk for point in facts.points)


@dataclass(frozen=True, slots=True)
class Told:
    """A change of the task book in a sentence: 2024-05-10 起计划数量由 3 改为 2，粤教〔2024〕5号."""

    request: ChangeRequest

    def __str__(self) -> str:
        asked = self.request
        field = field_of("taskpoint", asked.field)
        old, new = value_shown(field, asked.old_value), value_shown(field, asked.new_value)
        what = f"{field.label}由 {old} 改为 {new}"
        if asked.field == DELETION:
            what = field.label
        if asked.state == ChangeRequest.State.APPROVED:
            return f"{asked.in_force_on} 起{what}，{asked.approval_no}"
        return f"{asked.asked_on} 申请{what}：{asked.get_state_display()}"


def uncounted(entries: list[Entry], as_of: date) -> Entry | None:
    """The latest approved entry, when it tells of a day after `as_of`."""
    approved = (entry for entry in entries if entry.state == State.APPROVED)
    latest = max(approved, key=lambda entry: entry.pk, default=None)
    return latest if latest and latest.effective_on > as_of else None


def work_of(entry: Entry | None) -> str:
    """The state of a latest entry while it is undecided."""
    return "" if entry is None or entry.state == State.APPROVED else str(entry.state)


def steps(user: User, point: TaskPoint, latest: Entry | None, panel: Panel) -> dict[str, Any]:
    """What the user may do next with the point."""
    fills = can_fill(user, point) and not (point.removed_on and point.removed_on <= timezone.localdate())
    waits = latest is not None and latest.state == State.SUBMITTED
    return {
        "latest": latest,
        "seen": review.version_of(latest),
        "may_add": fills,
        "may_fill": fills and not waits,
        "may_submit": fills and latest is not None and latest.state == State.DRAFT,
        "may_withdraw": latest is not None
        and waits
        and may_withdraw(user, latest)
        and review.is_untouched(latest),
        "latest_seen": review.version_of(latest),
        "may_revoke": latest is not None
        and latest.state == State.APPROVED
        and can(user, Action.REVIEW, point.task.project),
        "may_review": latest is not None and waits and panel.seat(user, latest) is not None,
        "whereabouts": panel.whereabouts(latest) if latest and waits else "",
    }


def timeline(point: TaskPoint, entries: list[Entry], panel: Panel) -> list[history.Event]:
    logs: dict[int, list[ReviewLog]] = defaultdict(list)
    kind = ContentType.objects.get_for_model(Entry)
    pks = [entry.pk for entry in entries]
    for log in ReviewLog.objects.filter(content_type=kind, object_id__in=pks).select_related(
        "by", "on_behalf_of"
    ):
        logs[log.object_id].append(log)
    people = {entry.author for entry in entries} | {log.by for each in logs.values() for log in each}
    return history.events(point, entries, logs, named(point, people), panel.chain)


def named(subject: Any, people: Iterable[User | None]) -> dict[int, str]:
    """`周敏（项目办）`, `高远（党政办公室）`: by user id. A department that has nothing to do with the
    point or indicator is left out: who has moved there did not do this there."""
    users = {user.pk: user for user in people if user}
    members = Membership.objects.filter(user__in=users, institution=subject.project.institution_id)
    names = {pk: str(user) for pk, user in users.items()}
    own = subject.owners()
    for member in members.select_related("department"):
        if member.department_id and member.department_id not in own:
            continue
        place = member.department.name if member.department else Role(member.role).label
        names[member.user_id] = f"{users[member.user_id]}（{place}）"
    return names


@dataclass(frozen=True, slots=True)
class Sibling:
    fact: PointFact
    state: PointState
    href: str


def siblings(facts: Gathered, fact: PointFact, work: Mapping[int, str]) -> list[Sibling]:
    """The other points of the same task; `work` as `undecided` gives it."""
    return [
        Sibling(
            other,
            point_state(other, facts.as_of, work.get(other.id, "")),
            reverse("projects:point", args=[other.id]),
        )
        for other in facts.points
        if other.task_id == fact.task_id and other.id != fact.id
    ]
