"""审核: the queue of the project office, one entry at a time, oldest first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from projects import history, review
from projects.changes import changes
from projects.effect import effects
from projects.forms import DecisionForm
from projects.gathered import lineage
from projects.models import Entry, Project, State
from projects.permissions import Action, entry_to_review_or_404, project_or_404
from projects.views.files import file_rows
from projects.views.page import UNPROCESSABLE, facts_for, facts_page, signed_in, to_point

# So many are listed beside the one under review; the rest follows as these are done.
LISTED = 30


@login_required
@require_GET
def queue(request: HttpRequest, pk: int) -> HttpResponse:
    project = project_or_404(signed_in(request), pk, Action.REVIEW)
    return desk(request, project, request.GET.get("entry", ""), DecisionForm())


def desk(
    request: HttpRequest, project: Project, asked: str, form: DecisionForm, status: int = 200
) -> HttpResponse:
    """The queue with the entry asked for, or else its first, under review."""
    facts = facts_for(request, project)
    waiting = list(waiting_in(project).select_related("point__task", "point__department", "author"))
    position = next((i for i, entry in enumerate(waiting) if str(entry.pk) == asked), 0)
    context: dict[str, Any] = {
        "section": "projects:review",
        "waiting": waiting,
        "listed": listed(waiting, position),
        "position": position + 1,
        "form": form,
    }
    if waiting:
        entry = waiting[position]
        names = {"": f"{facts.window.label}任务完成率"} | {t.code: t.name for t in facts.tasks}
        context |= {
            "entry": entry,
            "seen": review.version_of(entry),
            "lineage": lineage(facts.tasks, entry.point.task_id),
            "effects": effects(facts.points, entry, facts.window.start, facts.as_of, names),
            "files": file_rows(entry.point),
            "previous": waiting[position - 1] if position else None,
            "next": waiting[position + 1] if position + 1 < len(waiting) else None,
            **compared(entry),
        }
    return facts_page(request, "projects/review.html", facts, status=status, **context)


def waiting_in(project: Project) -> Any:
    return Entry.objects.of(project).filter(state=State.SUBMITTED).order_by("submitted_at", "id")


def listed(waiting: list[Entry], position: int) -> list[Entry]:
    """A stretch of the queue around the entry under review."""
    start = max(0, min(position - LISTED // 2, len(waiting) - LISTED))
    return waiting[start : start + LISTED]


def compared(entry: Entry) -> dict[str, Any]:
    """The entry beside the one before it, and the words with which that one was returned."""
    others = Entry.objects.filter(point=entry.point_id, pk__lt=entry.pk).exclude(state=State.DRAFT)
    before = others.order_by("-id").first()
    returned = history.comments([before]) if before and before.state == State.RETURNED else {}
    return {
        "before": before,
        "changes": changes(entry.point, before, entry),
        "returned": returned.get(before.pk) if before else None,
    }


@login_required
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    return decide(request, pk, DecisionForm(request.POST), "已通过", review.approve, now=timezone.now())


@login_required
@require_POST
def return_for_revision(request: HttpRequest, pk: int) -> HttpResponse:
    form = DecisionForm(request.POST, must_say=True)
    return decide(request, pk, form, "已退回", review.return_for_revision)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """From the page of the point, and back to it."""
    user = signed_in(request)
    entry = entry_to_review_or_404(user, pk)
    form = DecisionForm(request.POST, must_say=True)
    try:
        comment = form.cleaned_data["comment"] if form.is_valid() else ""
        review.revoke(entry, by=user, comment=comment, now=timezone.now())
    except review.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已撤销通过 {entry.point.code}，由填报人修改后再提交。")
    return to_point(entry.point_id)


def decide(
    request: HttpRequest, pk: int, form: DecisionForm, done: str, verb: Any, **arguments: Any
) -> HttpResponse:
    """Take the decision and go on to the next entry of the queue; after a fault, stay."""
    user = signed_in(request)
    entry = entry_to_review_or_404(user, pk)
    project = entry.point.task.project
    if form.is_valid():
        follower, comment = following(entry), form.cleaned_data["comment"]
        try:
            verb(entry, by=user, comment=comment, seen=request.POST.get("seen", ""), **arguments)
        except review.NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{done} {entry.point.code}。")
            return to_queue(request, project, follower)
    entry.refresh_from_db(fields=["state"])
    if entry.state == State.SUBMITTED:
        return back(request, entry, form)
    if form.errors:
        messages.error(request, f"该填报现在是“{entry.get_state_display()}”，可能他人已处理。")
    if words := form["comment"].value():
        messages.error(request, f"您写的审核意见没有保存：“{words}”")
    return to_queue(request, project, None)


def back(request: HttpRequest, entry: Entry, form: DecisionForm) -> HttpResponse:
    """The same entry again, with what was typed; the address of the decision is none to come back to."""
    answer = desk(request, entry.point.task.project, str(entry.pk), form, UNPROCESSABLE)
    answer["HX-Push-Url"] = "false"
    return answer


def following(entry: Entry) -> Entry | None:
    """The entry after this one in the queue; after the last, the first."""
    waiting = list(waiting_in(entry.point.task.project))
    position = waiting.index(entry) if entry in waiting else -1
    rest = [*waiting[position + 1 :], *waiting[: max(position, 0)]]
    return rest[0] if rest else None


def to_queue(request: HttpRequest, project: Project, entry: Entry | None) -> HttpResponseRedirect:
    """The queue as of the same date."""
    query = request.GET.copy()
    if entry:
        query["entry"] = str(entry.pk)
    address = reverse("projects:review", args=[project.pk])
    return HttpResponseRedirect(f"{address}?{query.urlencode()}" if query else address)
