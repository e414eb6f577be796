"""满意度: what each group said, year by year."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from reports.dashboard import satisfaction_table
from reports.series import figure
from reports.views.page import facts_or_404, page


@login_required
@require_GET
def satisfaction(request: HttpRequest, pk: int) -> HttpResponse:
    facts = facts_or_404(request, pk)
    return page(
        request,
        "reports/satisfaction.html",
        facts,
        table=satisfaction_table(facts),
        chart=figure("satisfaction", facts),
    )
