"""Several rows of the ledger at once: handing in drafts, approving what was handed in."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from indicators import ledger
from indicators.duplicates import SAME_NAME, Keys, is_reference, twins
from indicators.models import Outcome
from projects import review
from projects.asking import asked, key_in
from projects.guard import NotWritable
from projects.models import Project, State, User
from projects.permissions import Action, can_fill, project_or_404
from projects.reviewing import Panel
from projects.views.page import signed_in
from reports.facts import Facts, gather
from reports.inspection.kinds import BY_MODEL
from reports.inspection.queue import items_of
from reports.views.bulk import FAULTY

MOST = 2000


@login_required
@require_POST
def many(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one step with the chosen rows; those that cannot take it stay, and it is said why."""
    user = signed_in(request)
    project = project_or_404(user, pk, Action.FILL)
    back = HttpResponseRedirect(f"{reverse('reports:outcomes', args=[pk])}?view=mine")
    seen = {
        key: version
        for text, _, version in (text.partition(":") for text in request.POST.getlist("row")[:MOST])
        if (key := key_in(text)) is not None
    }
    rows = Outcome.objects.visible_to(user, project).filter(pk__in=seen)
    chosen = list(rows.select_related("department", "author").order_by("position", "pk"))
    for row in chosen:
        row.project = project
    if not chosen:
        messages.error(request, "请先勾选成果。")
        return back
    verb = "通过" if request.POST.get("step") == "approve" else "提交"
    if verb == "通过":
        question = asked(request.GET)
        facts = gather(project, question.as_of, pending=question.pending)
        done, left = approve(chosen, seen, user, facts)
    else:
        done, left = submit(chosen, seen, user, project)
    if done:
        messages.success(request, f"已{verb} {done} 项成果。")
    for row, why in left[:5]:
        messages.error(request, f"{row.code} {row.name[:30]}：{why}")
    if len(left) > 5:
        messages.error(request, f"另有 {len(left) - 5} 项没有{verb}。")
    return back


Left = list[tuple[Outcome, str]]


def submit(rows: Sequence[Outcome], seen: dict[int, str], user: User, project: Project) -> tuple[int, Left]:
    """Hand in the drafts among them, except those that repeat another row without a reason."""
    left: Left = []
    ready: list[Outcome] = []
    double = repeated(rows, user, project)
    for row in rows:
        if row.state != State.DRAFT or not can_fill(user, row):
            left.append((row, f"现在是“{row.get_state_display()}”，或不由您提交。"))
        elif row.pk in double:
            left.append((row, "可能重复，请先打开这一项写明理由或改为引用。"))
        else:
            ready.append(row)
    if not ready:
        return 0, left
    now = timezone.now()
    try:
        with transaction.atomic():
            locked = Outcome.objects.select_for_update().filter(pk__in=[row.pk for row in ready])
            # What was seen is a draft: in another state it has another version.
            unchanged = {
                row.pk for row in locked.order_by("pk") if seen.get(row.pk) == review.version_of(row)
            }
            still = [row for row in ready if row.pk in unchanged]
            left += [(row, review.OVERTAKEN) for row in ready if row.pk not in unchanged]
            if still:
                ledger.refuse(still, by=user, now=now)
                ledger.submit_all(still, by=user, now=now)
    except (review.NotAllowed, NotWritable) as refusal:
        return 0, [*left, (ready[0], str(refusal))]
    return len(still), left


def approve(rows: Sequence[Outcome], seen: dict[int, str], user: User, facts: Facts) -> tuple[int, Left]:
    """Pass those at whose level the user sits; a repetition without a reason and what has a failed check are
    looked at one by one."""
    project = facts.project
    panel = Panel(project, timezone.localdate())
    seats = {row.pk: panel.seat(user, row) for row in rows if row.state == State.SUBMITTED}
    mine = [row for row in rows if seats.get(row.pk)]
    double = repeated(rows, user, project)
    faults = {
        item.record.pk: "；".join(check.sentence for check in item.faults)
        for item in items_of(BY_MODEL[Outcome], mine, panel, user, facts)
        if item.faults
    }
    left: Left = [(row, "现在不由您审核。") for row in rows if not seats.get(row.pk)]
    left += [(row, "可能重复，请打开这一项逐项审核。") for row in mine if row.pk in double]
    left += [
        (row, f"{faults[row.pk]}。{FAULTY}。") for row in mine if row.pk in faults and row.pk not in double
    ]
    ready = [row for row in mine if row.pk not in double and row.pk not in faults]
    behalf = {pk: seat.behalf for pk, seat in seats.items() if seat}
    done, others = review.approve_all(
        ready, panel=panel, by=user, now=timezone.now(), seen=seen, behalf=behalf
    )
    return len(done), [*left, *others]


def repeated(rows: Sequence[Outcome], user: User, project: Project) -> set[int]:
    """The rows that repeat others of the college and say nothing about it."""
    open_rows = [row for row in rows if not row.duplicate_reason.strip() and not is_reference(row)]
    found = twins([Keys(row.name_key, row.number_key) for row in open_rows], project, user)
    chosen = {row.pk for row in rows}
    return {
        open_rows[at].pk
        for at, some in found.items()
        # Of one document a list holds many prizes: among the chosen ones only the name tells.
        if any(
            twin.id != open_rows[at].pk and (twin.id not in chosen or SAME_NAME in twin.why) for twin in some
        )
    }
