"""成果台账: the targets with what counts for them, and the ledger itself."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from projects.permissions import fills_for
from reports.dashboard import outcome_levels
from reports.forms import LedgerFilter
from reports.standing import achieved_texts, ledger_rows, matching_outcomes, targets_by_area
from reports.views.page import facts_or_404, page, signed_in
from reports.views.tabs import PER_PAGE, cleared, tab

LEDGER = "ledger"


@login_required
@require_GET
def outcomes(request: HttpRequest, pk: int) -> HttpResponse:
    facts = facts_or_404(request, pk)
    form = LedgerFilter(request.GET, facts)
    form.is_valid()
    asked = {name: form.cleaned_data.get(name, "") for name in ("level", "area", "text")}
    rows = matching_outcomes(ledger_rows(facts), **asked)
    is_ledger = form.cleaned_data.get("view") == LEDGER or not facts.outcome_figures.progress
    targets = len(facts.outcome_figures.progress)
    return page(
        request,
        "reports/outcomes.html",
        facts,
        form=form,
        tabs=[
            tab(request, "view", "", "成果目标", targets, is_active=not is_ledger),
            tab(request, "view", LEDGER, "台账", len(facts.outcomes), is_active=is_ledger),
        ],
        is_ledger=is_ledger,
        areas=targets_by_area(facts),
        levels=outcome_levels(facts),
        fills_for=fills_for(signed_in(request), facts.project),
        achieved=achieved_texts(facts),
        page=Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        clear=cleared(request) if any(asked.values()) else "",
    )
