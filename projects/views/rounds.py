"""填报批次: the rounds of a project, and the form of one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from projects.models import Project, Round
from projects.permissions import Action, project_or_404
from projects.reviewing import chain
from projects.round_form import RoundForm
from projects.rounds import Phase, answered, days_left, following, phase, standing
from projects.views.page import CONFLICT, UNPROCESSABLE, facts_for, page, signed_in


@login_required
@require_GET
def rounds(request: HttpRequest, pk: int) -> HttpResponse:
    """All rounds, the latest first, with how far the running ones are."""
    project = project_or_404(signed_in(request), pk, Action.ROUNDS)
    today = timezone.localdate()
    found = list(of_project(project).prefetch_related("tasks", "deadlines"))
    facts = facts_for(request, project, default=today) if found else None
    desks = {level.number: f"{level.desk}审核" for level in chain(project)}
    rows = [
        {
            "round": each,
            "phase": phase(each, today),
            "days_left": days_left(each, today),
            "standing": standing(each, facts, answered(each)),
            "deadlines": [(desks.get(one.level, ""), one.closes_on) for one in each.deadlines.all()],
        }
        for each in found
        if facts
    ]
    return page(request, "projects/rounds.html", project, rows=rows, open=Phase.OPEN, coming=Phase.COMING)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """A round made from the last one."""
    project = project_or_404(signed_in(request), pk, Action.ROUNDS)
    last = of_project(project).first()
    initial = following(last, timezone.localdate())
    return form_page(
        request, project, RoundForm(request.POST or None, initial=initial, project=project), last
    )


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int, round_pk: int) -> HttpResponse:
    project = project_or_404(signed_in(request), pk, Action.ROUNDS)
    with transaction.atomic():
        found = get_object_or_404(of_project(project).select_for_update(of=("self",)), pk=round_pk)
        return form_page(request, project, RoundForm(request.POST or None, instance=found, project=project))


def form_page(
    request: HttpRequest, project: Project, form: RoundForm, last: Round | None = None
) -> HttpResponse:
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            saved = form.save()
        messages.success(request, f"已保存填报批次“{saved}”。")
        return redirect("projects:rounds", project.pk)
    status = (CONFLICT if form.is_overtaken else UNPROCESSABLE) if form.is_bound else 200
    context = {"form": form, "last": last, "section": "projects:rounds"}
    return page(request, "projects/round.html", project, status=status, **context)


def of_project(project: Project) -> QuerySet[Round]:
    return Round.objects.filter(project=project)
