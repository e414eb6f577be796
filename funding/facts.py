"""From records to frozen facts: every amount of one project, in one query."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Value

from funding.execution import AmountFact
from funding.models import Amount, BudgetLine, Expenditure, Receipt
from projects.models import Project


def amount_facts(project: Project) -> list[AmountFact]:
    budget, received, spent = (
        amounts(model, kind, project)
        for model, kind in ((BudgetLine, "budget"), (Receipt, "received"), (Expenditure, "spent"))
    )
    rows = budget.union(received, spent, all=True).order_by("position", "id")
    return [
        AmountFact(kind, first, last, source or "", task or "", amount, dated_on)
        for kind, first, last, source, task, amount, dated_on, *_ in rows
    ]


def amounts(model: type[Amount], kind: str, project: Project) -> QuerySet[Amount, tuple[Any, ...]]:
    return (
        model._default_manager.filter(project=project)
        .order_by()
        .annotate(kind=Value(kind))
        .values_list(
            *("kind", "first_year", "last_year", "source__name", "task__code", "amount", "dated_on"),
            *("position", "id"),
        )
    )
