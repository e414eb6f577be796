"""项目总览: where the project stands, in one sentence, five cards and what has to be done now."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from reports import goals
from reports.cards import cards
from reports.dashboard import (
    area_rows,
    department_rows,
    heat_map,
    losses,
    outcome_levels,
    satisfaction_table,
)
from reports.series import figure
from reports.verdict import verdict
from reports.views.page import facts_or_404, page
from reports.watch import MOST, heading, watched

CHARTS = ("progress", "execution")


@login_required
@require_GET
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    facts = facts_or_404(request, pk)
    areas = area_rows(facts)
    urgent = watched(facts)
    shown = urgent[:MOST]
    return page(
        request,
        "reports/overview.html",
        facts,
        verdict=verdict(facts),
        cards=cards(facts),
        areas=areas,
        goal=goals.TASKS,
        low_areas=sum(area.is_low for area in areas),
        has_money=any(area.money.is_known for area in areas),
        heat=heat_map(facts, areas),
        urgent=shown,
        urgent_title=heading(len(shown), is_today=facts.as_of == timezone.localdate()),
        urgent_count=len(urgent),
        departments=department_rows(facts),
        charts=[made for name in CHARTS if (made := figure(name, facts))],
        levels=outcome_levels(facts),
        losses=losses(facts.score),
        satisfaction=satisfaction_table(facts),
    )
