"""成果台账: the targets with what counts for them, and the ledger itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from indicators.models import Outcome
from projects import review
from projects.models import Project, State, User
from projects.permissions import Action, can, can_fill, fills_for, readable_projects
from projects.reviewing import Panel
from reports.dashboard import outcome_levels
from reports.forms import LedgerFilter
from reports.standing import achieved_texts, ledger_rows, matching_outcomes, targets_by_area
from reports.views.page import facts_or_404, page, signed_in
from reports.views.tabs import PER_PAGE, cleared, tab

LEDGER, MINE = "ledger", "mine"


@login_required
@require_GET
def outcomes(request: HttpRequest, pk: int) -> HttpResponse:
    facts = facts_or_404(request, pk)
    form = LedgerFilter(request.GET, facts)
    form.is_valid()
    asked = {name: form.cleaned_data.get(name, "") for name in ("level", "area", "text")}
    rows = matching_outcomes(ledger_rows(facts), **asked)
    user, view = signed_in(request), form.cleaned_data.get("view")
    is_mine = view == MINE
    is_ledger = not is_mine and (view == LEDGER or not facts.outcome_figures.progress)
    waiting = waiting_rows(user, facts.project)
    number = waiting.count()
    targets = len(facts.outcome_figures.progress)
    return page(
        request,
        "reports/outcomes.html",
        facts,
        form=form,
        tabs=[
            tab(request, "view", "", "成果目标", targets, is_active=not is_ledger and not is_mine),
            tab(request, "view", LEDGER, "台账", len(facts.outcomes), is_active=is_ledger),
            tab(request, "view", MINE, "未计入", number, is_active=is_mine),
        ],
        **(steps_of(waiting, user, facts.project) if is_mine else {}),
        has_waiting=bool(number),
        is_mine=is_mine,
        may_enter=can(user, Action.FILL, facts.project),
        first_projects={each.code: each for each in readable_projects(user)},
        is_ledger=is_ledger,
        areas=targets_by_area(facts),
        levels=outcome_levels(facts),
        fills_for=fills_for(signed_in(request), facts.project),
        achieved=achieved_texts(facts),
        page=Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        clear=cleared(request) if any(asked.values()) else "",
    )


def waiting_rows(user: User, project: Project) -> QuerySet[Any]:
    """What is entered and does not count yet, as far as the user may see it."""
    rows = Outcome.objects.visible_to(user, project).exclude(state=State.APPROVED)
    return rows.select_related("department", "author").order_by("-position", "-pk")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that does not count yet, and what the user may do with it."""

    row: Outcome
    seen: str
    may_submit: bool
    may_decide: bool


def steps_of(rows: Iterable[Outcome], user: User, project: Project) -> dict[str, Any]:
    """Returned rows first, then drafts, then what waits for review."""
    panel = Panel(project, timezone.localdate())
    order = {State.RETURNED: 0, State.DRAFT: 1, State.SUBMITTED: 2}
    found = []
    for row in sorted(rows, key=lambda row: order[State(row.state)]):
        row.project = project
        may_submit = row.state == State.DRAFT and can_fill(user, row)
        may_decide = row.state == State.SUBMITTED and panel.seat(user, row) is not None
        found.append(Waiting(row, review.version_of(row), may_submit, may_decide))
    return {
        "waiting": found,
        "may_submit_some": any(each.may_submit for each in found),
        "may_decide_some": any(each.may_decide for each in found),
    }
