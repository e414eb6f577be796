"""What ledger rows are linked to: the search for the link editor, and the rows of a point or indicator."""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from indicators import ledger
from indicators.attainment import first_day
from indicators.duplicates import is_reference
from indicators.models import Indicator, Outcome, OutcomeIndicator, OutcomePoint
from projects import review
from projects.asking import asked, key_in
from projects.models import State, User
from projects.permissions import Action, can, can_fill, point_or_404, project_or_404, require
from projects.views.page import CONFLICT, facts_page, signed_in
from reports.facts import Facts, gather
from reports.ledger_forms import Places, link_choice

MOST_FOUND = 20
MOST_OFFERED = 200
LINKS: dict[str, Any] = {"point": OutcomePoint, "indicator": OutcomeIndicator}


@login_required
@require_GET
def search(request: HttpRequest, pk: int) -> JsonResponse:
    """Points and indicators whose code or words hold what is asked for; those of the task come first, then
    those counted in the same unit."""
    user = signed_in(request)
    project = project_or_404(user, pk, Action.FILL)
    places = Places(project, user)
    wanted = request.GET.get("q", "").strip().casefold()[:100]
    task, unit = key_in(request.GET.get("task", "")), request.GET.get("unit", "")
    below = subtree(places, task) if task is not None else set()
    choices = [
        *(link_choice("point", point) for point in places.points.values()),
        *(link_choice("indicator", each) for each in places.indicators.values()),
    ]
    found = [c for c in choices if wanted in f"{c['code']} {c['text']}".casefold()]
    if not wanted and not below:
        found = []
    elif not wanted:
        found = [c for c in found if c["task"] in below]
    found.sort(key=lambda c: (c["task"] not in below, bool(unit) and c["unit"] != unit))
    return JsonResponse({"items": found[:MOST_FOUND], "more": max(0, len(found) - MOST_FOUND)})


def subtree(places: Places, task: int) -> set[int]:
    """A task with all tasks below it."""
    parents = dict(places.project.tasks.values_list("pk", "parent_id"))
    found = {task} & parents.keys()
    while more := {pk for pk, parent in parents.items() if parent in found} - found:
        found |= more
    return found


@login_required
@require_GET
def linked(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """关联成果 of a point or an indicator: which rows count for it, and which of the ledger may."""
    user = signed_in(request)
    return linked_page(request, user, kind, target_or_404(user, kind, pk))


def linked_page(
    request: HttpRequest,
    user: User,
    kind: str,
    target: Any,
    *,
    status: int = 200,
    chosen: Set[int] = frozenset(),
) -> HttpResponse:
    """`chosen` are the rows that were ticked when somebody else was faster."""
    project = target.project
    may_fill = can_fill(user, target)
    facts = gather(project, asked(request.GET).as_of, pending=asked(request.GET).pending)
    rows = linked_rows(kind, target, facts, user)
    text = request.GET.get("q", "").strip()[:100]
    have = {row["outcome"].pk for row in rows}
    offered = Outcome.objects.visible_to(user, project).exclude(pk__in=have).select_related("department")
    for word in text.split():
        offered = offered.filter(name__icontains=word) | offered.filter(code__icontains=word)
    return facts_page(
        request,
        "reports/linked_outcomes.html",
        facts,
        status=status,
        chosen=chosen,
        section="reports:tasks" if kind == "point" else "reports:indicators",
        kind=kind,
        target=target,
        rows=rows,
        total=sum_of(rows),
        may_fill=may_fill,
        may_count=can(user, Action.REVIEW, project),
        q=text,
        offered=[
            (outcome, review.version_of(outcome))
            for outcome in (offered.order_by("-awarded_on", "-pk")[:MOST_OFFERED] if may_fill else [])
        ],
        most=MOST_OFFERED,
    )


def target_or_404(user: User, kind: str, pk: int) -> Any:
    if kind == "point":
        return point_or_404(user, pk)
    if kind != "indicator":
        raise Http404
    found = Indicator.objects.select_related("department", "task").prefetch_related("co_departments")
    indicator = get_object_or_404(found, pk=pk)
    indicator.project = project_or_404(user, indicator.project_id)
    return indicator


def linked_rows(kind: str, target: Any, facts: Facts, user: User) -> list[dict[str, Any]]:
    """Each linked row the user may see, and whether it adds to the number as of the date."""
    counting = {outcome.id for outcome in facts.outcomes if outcome.counts(facts.as_of)}
    first = None
    if kind == "indicator":
        fact = next((a.indicator for a in facts.attainments if a.indicator.id == target.pk), None)
        first = first_day(fact, facts.as_of) if fact else None
    links = LINKS[kind].objects.filter(**{kind: target}).order_by("-outcome__awarded_on", "outcome_id")
    visible = Outcome.objects.visible_to(user, target.project).values("pk")
    links = links.filter(outcome__in=visible).select_related("outcome__department")
    rows = []
    for link in links:
        outcome = link.outcome
        outcome.project = target.project
        in_time = first is None or outcome.awarded_on >= first
        adds = link.counts and outcome.pk in counting and in_time
        why = "" if adds else why_not(link, outcome, facts)
        rows.append({"outcome": outcome, "counts": link.counts, "adds": adds, "why": why})
    return rows


def why_not(link: Any, outcome: Outcome, facts: Facts) -> str:
    if not link.counts:
        return "仅引用，不计数量"
    if is_reference(outcome):
        return f"首计在 {outcome.first_project_code}"
    if outcome.state != State.APPROVED and not (facts.pending and outcome.state == State.SUBMITTED):
        return f"{outcome.get_state_display()}，通过后计入"
    if outcome.awarded_on > facts.as_of:
        return f"{facts.as_of} 以后获批"
    return "不在统计年度内"


def sum_of(rows: list[dict[str, Any]]) -> Decimal:
    return sum((row["outcome"].quantity for row in rows if row["adds"]), Decimal(0))


@login_required
@require_POST
def add(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """从台账中选择: link the chosen rows. What counts already is linked as counting by the office alone."""
    user = signed_in(request)
    target = target_or_404(user, kind, pk)
    owner = target.department or "项目办"
    require(can_fill(user, target), f"“{str(target)[:40]}”由{owner}填报，您不能关联成果。")
    project = target.project
    counts = request.POST.get("counts") == "1"
    # `12:version` that stood beside the box.
    ticked = [text.partition(":") for text in request.POST.getlist("outcome")[:MOST_OFFERED]]
    seen = {key: version for text, _, version in ticked if (key := key_in(text)) is not None}
    chosen = list(Outcome.objects.visible_to(user, project).filter(pk__in=seen))
    back = HttpResponseRedirect(reverse("reports:linked", args=[kind, target.pk]))
    for outcome in chosen:
        outcome.project = project
    is_office = can(user, Action.REVIEW, project)
    fixed = [o for o in chosen if o.state in (State.APPROVED, State.SUBMITTED) and counts and not is_office]
    if not chosen:
        messages.error(request, "请先在台账中勾选成果。")
    elif fixed:
        messages.error(
            request,
            f"{fixed[0].code} 等 {len(fixed)} 项已通过或在审核中，“计入”会改变已审核的数字，由项目办关联；"
            "您可以关联为“仅引用”，或请项目办计入。没有保存。",
        )
    else:
        try:
            changed = ledger.link(
                chosen, of=kind, target=target.pk, counts=counts, by=user, now=timezone.now(), seen=seen
            )
        except review.Overtaken as refusal:
            code = refusal.record.code if isinstance(refusal.record, Outcome) else ""
            messages.error(
                request,
                f"您打开页面之后，成果 {code} 有了变化，没有关联。请核对下面现在的内容和关系，再选一次。",
            )
            return linked_page(request, user, kind, target, status=CONFLICT, chosen=seen.keys())
        except review.NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"已关联 {changed} 项成果（{'计入' if counts else '仅引用'}）。")
    return back
