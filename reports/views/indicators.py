"""绩效指标: target, value and rate of each, in the window and over the whole project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from projects.permissions import fills_for
from reports.forms import IndicatorFilter
from reports.standing import (
    STATES,
    IndicatorRow,
    count_of_all,
    counts_by_area,
    counts_by_level2,
    indicator_rows,
    matching,
)
from reports.views.page import facts_or_404, page, signed_in
from reports.views.tabs import PER_PAGE, Tab, cleared, tab

DEFAULTS = {"level2": "", "area": "", "text": ""}


@login_required
@require_GET
def indicators(request: HttpRequest, pk: int) -> HttpResponse:
    facts = facts_or_404(request, pk)
    form = IndicatorFilter(request.GET, facts)
    form.is_valid()
    asked = {name: form.cleaned_data.get(name, "") for name in DEFAULTS}
    rows = matching(indicator_rows(facts), **asked)
    state = form.cleaned_data.get("state", "")
    shown = [row for row in rows if not state or state in row.tags]
    return page(
        request,
        "reports/indicators.html",
        facts,
        form=form,
        tabs=state_tabs(request, rows, state),
        page=Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        clear=cleared(request) if any(asked.values()) or state else "",
        sum=count_of_all(facts),
        by_level2=counts_by_level2(facts),
        by_area=counts_by_area(facts),
        fills_for=fills_for(signed_in(request), facts.project),
    )


def state_tabs(request: HttpRequest, rows: Sequence[IndicatorRow], state: str) -> list[Tab]:
    """One tab per state that occurs, with its count."""
    counts = Counter(tag for row in rows for tag in row.tags)
    named = [("", "全部", len(rows)), *((key, label, counts[key]) for key, label in STATES.items())]
    return [
        tab(request, "state", key, label, count, is_active=key == state)
        for key, label, count in named
        if count or key in ("", state)
    ]
