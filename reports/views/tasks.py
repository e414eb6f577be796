"""建设任务: the tree with its progress, the list of task points with filters, one task."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from projects.gathered import lineage
from projects.permissions import can_fill, task_or_404, undecided
from projects.pointstate import FILTERS
from projects.templatetags.components import BADGES
from reports import goals
from reports.facts import Facts
from reports.forms import ANY, area_choices
from reports.pointlist import (
    PointRow,
    in_state,
    matching,
    point_rows,
    state_counts,
    task_rows,
    tasks_below,
)
from reports.views.page import facts_or_404, page, signed_in
from reports.views.tabs import PER_PAGE, Tab, tab


class PointFilter(forms.Form):
    year = forms.ChoiceField(label="年度", required=False)
    department = forms.ChoiceField(label="责任部门", required=False)
    area = forms.ChoiceField(label="建设任务", required=False)
    text = forms.CharField(label="编号、内容、责任人", required=False, max_length=100)
    state = forms.ChoiceField(
        required=False, choices=[ANY, *((key, key) for key in FILTERS)], widget=forms.HiddenInput
    )
    view = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, facts: Facts) -> None:
        super().__init__(data)
        years = sorted({point.year for point in facts.points})
        departments = sorted({point.department for point in facts.points} - {""})
        self.fields["year"].choices = [ANY, *((str(year), f"{year} 年") for year in years)]  # type: ignore[attr-defined]
        self.fields["department"].choices = [ANY, *((name, name) for name in departments)]  # type: ignore[attr-defined]
        self.fields["area"].choices = area_choices(facts)  # type: ignore[attr-defined]

    def asked(self) -> dict[str, str]:
        """What narrows the list, the state apart; what is no choice narrows nothing and is told."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("year", "department", "area", "text")}

    @property
    def asked_state(self) -> str:
        return str(self.cleaned_data.get("state", ""))


@login_required
@require_GET
def tasks(request: HttpRequest, pk: int) -> HttpResponse:
    """The tree; the list of points as soon as something is asked of it."""
    facts = facts_or_404(request, pk)
    form = PointFilter(request.GET, facts)
    asked = form.asked()
    as_list = request.GET.get("view") == "points" or any(asked.values()) or bool(form.asked_state)
    context = listed(request, facts, form, asked) if as_list else {"rows": task_rows(facts, facts.tasks)}
    return page(request, "reports/tasks.html", facts, form=form, as_list=as_list, goal=goals.TASKS, **context)


def listed(request: HttpRequest, facts: Facts, form: PointFilter, asked: dict[str, str]) -> dict[str, Any]:
    found = matching(all_rows(request, facts), **asked)
    return {
        **points_page(request, found, form.asked_state),
        "is_filtered": any(asked.values()) or bool(form.asked_state),
    }


def all_rows(request: HttpRequest, facts: Facts) -> list[PointRow]:
    return point_rows(facts, undecided(signed_in(request), facts.project))


def points_page(request: HttpRequest, rows: list[PointRow], state: str) -> dict[str, Any]:
    """One page of the rows in a state, and a tab for every state that occurs."""
    shown = in_state(rows, state)
    return {
        "tabs": state_tabs(request, rows, state),
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
    }


def state_tabs(request: HttpRequest, rows: list[PointRow], active: str) -> list[Tab]:
    everything = tab(request, "state", "", "全部", len(rows), is_active=not active)
    return [
        everything,
        *(
            tab(request, "state", key, BADGES[key].label, count, is_active=key == active)
            for key, count in state_counts(rows)
            if count or key == active
        ),
    ]


@login_required
@require_GET
def task(request: HttpRequest, pk: int, task_pk: int) -> HttpResponse:
    """One task with the tasks below it and the points at or below it."""
    facts = facts_or_404(request, pk)
    record = task_or_404(facts.project, task_pk)
    below = tasks_below(facts.tasks, record.pk)
    path = lineage(facts.tasks, record.pk)
    state = request.GET.get("state", "")
    rows = [row for row in all_rows(request, facts) if row.fact.task_id in below]
    return page(
        request,
        "reports/task.html",
        facts,
        section="reports:tasks",
        may_ask=can_fill(signed_in(request), record),
        task=record,
        path=path[:-1],
        own=task_rows(facts, [path[-1]])[0],
        children=task_rows(facts, [t for t in facts.tasks if t.parent_id == record.pk]),
        extras=[extra for extra in facts.extras if extra.task_id in below],
        goal=goals.TASKS,
        **points_page(request, rows, state if state in FILTERS else ""),
    )
