"""What the ledger gives to a task point, on pages that lie below it."""

from __future__ import annotations

from typing import Any

from django import template

from indicators.models import OutcomePoint
from projects.linked import sum_as_of
from projects.models import State, TaskPoint
from projects.progress import PointFact
from reports.facts import Facts

register = template.Library()


@register.inclusion_tag("reports/_linked.html")
def linked_outcomes(point: TaskPoint, fact: PointFact, facts: Facts, may_fill: bool) -> dict[str, Any]:
    """关联成果 n 条，合计 x: the approved rows that are linked, and what those that count add up to."""
    links = OutcomePoint.objects.filter(point=point, outcome__state=State.APPROVED)
    return {
        "point": point,
        "number": links.count(),
        "total": sum_as_of(fact.ledger, facts.as_of),
        "as_of": facts.as_of,
        "typed": fact.entry.quantity if fact.entry and fact.entry.quantity is not None else None,
        "may_fill": may_fill,
    }
