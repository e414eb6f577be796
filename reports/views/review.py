"""审核: what waits for the user, one record at a time, of whatever kind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from projects import review
from projects.asking import asked
from projects.changes import beside
from projects.forms import DecisionForm
from projects.gathered import lineage
from projects.models import ReviewLog, ReviewPhrase, State, User
from projects.permissions import Action, can, require, require_withdraw
from projects.reviewing import PHRASES, Panel
from projects.rounds import asking, review_days
from projects.seen import seen_of
from projects.templatetags.numbers import day
from projects.views.errors import conflict
from projects.views.files import file_rows
from projects.views.page import CONFLICT, UNPROCESSABLE
from reports.facts import Facts, gather
from reports.inspection.access import panel_or_404, record_of_project_or_404, record_or_404, seat_or_403
from reports.inspection.decided import decided_by, returned_by, today_by
from reports.inspection.effects import effects
from reports.inspection.filters import TABS, QueueFilter, tabs_of
from reports.inspection.kinds import Kind, key_of
from reports.inspection.queue import Item, grouped, waiting
from reports.views.page import page, signed_in

# So many are listed beside the one under review; the rest follows as these are done.
LISTED = 30


@login_required
@require_GET
def queue(request: HttpRequest, pk: int) -> HttpResponse:
    panel = panel_or_404(signed_in(request), pk)
    if request.GET.get("tab") in TABS[1:]:
        return past(request, panel)
    return desk(request, panel, request.GET.get("item", ""), DecisionForm())


def facts_of(request: HttpRequest, panel: Panel) -> Facts:
    question = asked(request.GET)
    return gather(panel.project, question.as_of, pending=question.pending)


def desk(
    request: HttpRequest,
    panel: Panel,
    wanted: str,
    form: DecisionForm,
    *,
    status: int = 200,
    had: dict[str, str] | None = None,
) -> HttpResponse:
    """The queue with the record asked for, or else its first, under review; `had` what the user saw of it
    before it changed."""
    user, facts = signed_in(request), facts_of(request, panel)
    everything = waiting(panel, user, facts)
    narrowed = QueueFilter(request.GET, everything)
    # What is asked for stays in sight, also where the filter does not fit it.
    items = [item for item in everything if narrowed.fits(item) or item.key == wanted]
    position = next((i for i, item in enumerate(items) if item.key == wanted), 0)
    context: dict[str, Any] = {
        "waiting": everything,
        "items": items,
        "groups": grouped(items, listed(items, position)),
        "rest": max(0, len(items) - LISTED),
        "position": position + 1,
        "form": form,
        "filter": narrowed,
        "phrases": phrases(panel),
    }
    if items:
        context |= {
            "previous": items[position - 1] if position else None,
            "next": items[position + 1] if position + 1 < len(items) else None,
            **under_review(items[position], panel, facts, had),
        }
    return answer(request, facts, panel, context, status)


def answer(
    request: HttpRequest, facts: Facts, panel: Panel, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    user = signed_in(request)
    frame: dict[str, Any] = {
        "section": "reports:review",
        "tabs": tabs_of(request, context.get("waiting")),
        "desks": desks(panel, user),
        "done_today": today_by(user, panel.today),
        "levels": panel.chain,
        "review_days": review_days(panel, user, asking(panel.project, panel.today)),
    }
    return page(request, "reports/review.html", facts, status=status, **frame | context)


def past(request: HttpRequest, panel: Panel) -> HttpResponse:
    """What the user returned and has not come back, or what they decided lately."""
    user, facts = signed_in(request), facts_of(request, panel)
    find = returned_by if request.GET["tab"] == "returned" else decided_by
    return answer(request, facts, panel, {"past": find(user, panel.project)})


def desks(panel: Panel, user: User) -> str:
    """`项目办（终审）`: at which levels the user reviews."""
    held = {seat.role for seat in panel.seats_of(user)}
    return "、".join(
        level.desk + ("（终审）" if level == panel.last else f"（第 {level.number} 级）")
        for level in panel.chain
        if level.role in held
    )


def listed(items: Sequence[Item], position: int) -> Sequence[Item]:
    """A stretch of the queue around the one under review."""
    start = max(0, min(position - LISTED // 2, len(items) - LISTED))
    return items[start : start + LISTED]


def phrases(panel: Panel) -> list[str]:
    """The usual words of the college, else ours."""
    own = ReviewPhrase.objects.filter(institution=panel.project.institution_id)
    return list(own.values_list("text", flat=True)) or list(PHRASES)


def under_review(item: Item, panel: Panel, facts: Facts, had: dict[str, str] | None) -> dict[str, Any]:
    lines = item.kind.lines(item.record)
    task = item.kind.task(item.record)
    return {
        "item": item,
        "unit": item.kind.unit(item.record),
        "behalf": str(item.behalf or ""),
        "is_last": item.level == panel.last,
        "lineage": lineage(facts.tasks, task.pk if task else None),
        "effects": effects(item.record, facts),
        "promised": [line for line in item.kind.promised(item.record, facts) if line[1]],
        "shown": json.dumps(dict(lines), ensure_ascii=False),
        "had": beside(had, lines) if had else [],
        "files": files_of(item.kind, item.record),
        "flow": flow(panel, item.record),
        **compared(item, lines),
    }


def compared(item: Item, lines: list[tuple[str, str]]) -> dict[str, Any]:
    """The record beside what was submitted before it, and the words with which it was returned."""
    before, subject = None, item.kind.model.SUBJECT
    if subject:
        others = item.record.subject.reports.filter(pk__lt=item.record.pk).exclude(state=State.DRAFT)
        before = others.order_by("-id").first()
        if before:
            setattr(before, subject, item.record.subject)
    giving_back = review.logs_of([before or item.record]).filter(verb__in=review.GIVING_BACK)
    is_returned = item.returned if before is None else before.state == State.RETURNED
    return {
        "before": before,
        "before_on": day(before.submitted_at or before.created_at) if before else "",
        "changes": beside(dict(item.kind.lines(before)) if before else {}, lines),
        "returned": giving_back.select_related("by").order_by("id").last() if is_returned else None,
        "growth": growth(item),
    }


def growth(item: Item) -> Fraction | None:
    """This value less the one that was approved last."""
    now, last = item.submission.quantity, item.last.amount if item.last else None
    return None if now is None or last is None else Fraction(now) - Fraction(last)


def files_of(kind: Kind, record: Any) -> list[dict[str, Any]]:
    """The materials, with what is shown of each in the page."""
    if kind.evidence is None:
        return []
    pictures = (".jpg", ".jpeg", ".png", ".gif", ".webp")
    return [
        row | {"is_picture": str(row["name"]).lower().endswith(pictures)} for row in file_rows(record.subject)
    ]


def flow(panel: Panel, record: Any) -> list[dict[str, str]]:
    """Where it is: who handed it in, who passed which level, who has it now."""
    logs = list(review.logs_of([record]).select_related("by", "on_behalf_of").order_by("id"))
    start = max((i for i, log in enumerate(logs) if log.verb == "submit"), default=0)
    passed = {log.level: log for log in logs[start:] if log.verb in ("approve", "skip", "own")}
    steps = [{"label": f"{record.author or '工作簿导入'}提交", "status": "done"}]
    now = panel.level_of(record)
    for level in panel.chain:
        if level.number < now.number:
            steps.append({"label": step_of(level.desk, passed.get(level.number)), "status": "done"})
        elif level == now:
            steps.append({"label": panel.whereabouts(record).partition("等待")[2], "status": "now"})
        else:
            steps.append({"label": f"{level.desk}审核", "status": "next"})
    return [*steps, {"label": "计入正式数字", "status": "next"}]


def step_of(desk: str, log: ReviewLog | None) -> str:
    if log is None:
        return f"{desk}已审"
    if log.verb == "skip":
        return f"{desk}没有可审核的账号，已跳过"
    absent = f"，代{log.on_behalf_of}" if log.on_behalf_of else ""
    return f"{log.by}（{desk}{absent}）" + ("本人提交，免审" if log.verb == "own" else "通过")


@login_required
@require_POST
def approve(request: HttpRequest, pk: int, kind: str, record_pk: int) -> HttpResponse:
    return decide(request, pk, kind, record_pk, "approve")


@login_required
@require_POST
def return_for_revision(request: HttpRequest, pk: int, kind: str, record_pk: int) -> HttpResponse:
    return decide(request, pk, kind, record_pk, "return")


def decide(request: HttpRequest, pk: int, slug: str, record_pk: int, verb: str) -> HttpResponse:
    """Take the decision and go on to the next of the queue; after a fault, stay."""
    user = signed_in(request)
    panel = panel_or_404(user, pk)
    kind, record = record_or_404(panel, slug, record_pk)
    seat = seat_or_403(panel, user, kind, record)
    faults = faults_shown(request) if verb == "approve" else 0
    form = DecisionForm(request.POST, must_say=verb == "return", faults=faults)
    key = key_of(kind, record)
    if form.is_valid():
        try:
            told = take(verb, record, user, seat.behalf if seat else None, form, seen_of(request))
        except review.Overtaken as refusal:
            messages.error(request, f"{refusal}请对照两个版本后再决定。")
            return back(request, panel, key, form, CONFLICT, had=seen_lines(request))
        except review.NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{told} {kind.code(record)}。")
            return to_queue(request, panel, request.POST.get("next", ""))
    record.refresh_from_db(fields=["state", "passed"])
    if form.errors and record.state == State.SUBMITTED and panel.seat(user, record):
        return back(request, panel, key, form, UNPROCESSABLE)
    if form.errors:
        messages.error(request, f"该填报现在是“{record.get_state_display()}”，可能他人已处理。")
    if words := form["comment"].value():
        messages.error(request, f"您写的审核意见没有保存：“{words}”")
    return to_queue(request, panel, "")


def take(verb: str, record: Any, user: User, behalf: User | None, form: DecisionForm, seen: str) -> str:
    """What became of it, in a word."""
    comment = form.cleaned_data["comment"]
    if verb == "return":
        review.return_for_revision(record, by=user, comment=comment, seen=seen, behalf=behalf)
        return "已退回"
    done = review.approve(record, by=user, now=timezone.now(), comment=comment, seen=seen, behalf=behalf)
    if done.state == State.APPROVED:
        return "已通过"
    return (
        "本级已通过，转" + Panel(record.subject.project, timezone.localdate()).level_of(done).desk + "审核："
    )


def faults_shown(request: HttpRequest) -> int:
    """How many failed checks the reviewer had before their eyes."""
    told = request.POST.get("faults", "")
    return int(told) if told.isdecimal() and len(told) < 4 else 0


def seen_lines(request: HttpRequest) -> dict[str, str]:
    """What the page of the decision showed; what is no longer readable was nothing."""
    try:
        lines = json.loads(request.POST.get("shown", "{}"))
    except ValueError:
        return {}
    return {str(label): str(text) for label, text in lines.items()} if isinstance(lines, dict) else {}


def back(
    request: HttpRequest,
    panel: Panel,
    key: str,
    form: DecisionForm,
    status: int,
    had: dict[str, str] | None = None,
) -> HttpResponse:
    """The same record again, with what was typed; the address of the decision is none to come back to."""
    again = desk(request, panel, key, form, status=status, had=had)
    again["HX-Push-Url"] = "false"
    return again


def to_queue(request: HttpRequest, panel: Panel, item: str) -> HttpResponseRedirect:
    """The queue with the same filters, as of the same date."""
    query = request.GET.copy()
    query.pop("item", None)
    if item:
        query["item"] = item
    address = reverse("reports:review", args=[panel.project.pk])
    return HttpResponseRedirect(f"{address}?{query.urlencode()}" if query else address)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int, kind: str, record_pk: int) -> HttpResponse:
    """撤销通过, from wherever the record is shown, and back to it."""
    user = signed_in(request)
    panel, of, record = record_of_project_or_404(user, pk, kind, record_pk)
    require(can(user, Action.REVIEW, panel.project), "只有项目办可以撤销通过。")
    form = DecisionForm(request.POST, must_say=True)
    try:
        comment = form.cleaned_data["comment"] if form.is_valid() else ""
        review.revoke(record, by=user, comment=comment, now=timezone.now(), seen=seen_of(request))
    except review.Overtaken as refusal:
        typed = form["comment"].value() or ""
        return conflict(request, str(refusal), kind_href(of, record), typed=typed)
    except review.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已撤销通过 {of.code(record)}，由填报人修改后再提交。")
    return HttpResponseRedirect(kind_href(of, record))


def kind_href(of: Kind, record: Any) -> str:
    """Where a record stands, as of today."""
    return f"{of.href(record)}?as_of={timezone.localdate()}"


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int, kind: str, record_pk: int) -> HttpResponse:
    """撤回 by whoever handed it in, before anybody has approved it; back to 我的任务."""
    user = signed_in(request)
    _, of, record = record_of_project_or_404(user, pk, kind, record_pk)
    require_withdraw(user, record)
    try:
        review.withdraw(record, by=user)
    except review.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已撤回 {of.code(record)}，可以继续修改后再提交。")
    return HttpResponseRedirect(reverse("reports:mine", args=[pk]))
