"""经费: budget, received and spent by source, year and task, each rate with its true denominator."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from projects.permissions import Action, can
from reports import goals
from reports.series import figure
from reports.standing import money_tables
from reports.views.page import facts_or_404, page, signed_in
from reports.views.tabs import tab

ALL_YEARS = "all"


@login_required
@require_GET
def funding(request: HttpRequest, pk: int) -> HttpResponse:
    facts = facts_or_404(request, pk)
    all_years = request.GET.get("years") == ALL_YEARS
    total = facts.funding.get("all_years" if all_years else "window")
    return page(
        request,
        "reports/funding.html",
        facts,
        tabs=[
            tab(request, "years", "", f"{facts.window.label}统计时段", is_active=not all_years),
            tab(request, "years", ALL_YEARS, "全部年度", is_active=all_years),
        ],
        all_years=all_years,
        may_import=can(signed_in(request), Action.MONEY, facts.project),
        receipts=goals.RECEIPTS,
        spending=goals.SPENDING,
        total=total,
        tables=[table for table in money_tables(facts, all_years=all_years) if table.rows],
        chart=None if all_years else figure("funding", facts),
    )
