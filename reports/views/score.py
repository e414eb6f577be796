"""评分: the scheme as a tree, with the mark of each item and why."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from projects.numbers import ratio
from reports.cards import score_card
from reports.standing import mark_rows
from reports.verdict import mark, missing_to_next, plain
from reports.views.page import facts_or_404, page


@login_required
@require_GET
def score(request: HttpRequest, pk: int) -> HttpResponse:
    facts = facts_or_404(request, pk)
    if facts.score is None:
        return page(request, "reports/score.html", facts)
    return page(
        request,
        "reports/score.html",
        facts,
        score=facts.score,
        total=mark(facts.score.total),
        share=ratio(facts.score.total, facts.score.full),
        target=score_card(facts).target,
        missing=plain(missing_to_next(facts.score)).lstrip("，"),
        composite=facts.composite,
        rows=mark_rows(facts.score),
    )
