"""Where a number leads: from the key of a figure to the page that shows it with its records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from projects.asking import asked
from projects.models import Project, TaskPoint
from projects.permissions import project_or_404
from reports.facts import Facts
from reports.figures import segments
from reports.kinds import kinds_for
from reports.views.page import signed_in

PAGES = {
    "tasks": "reports:tasks",
    "points": "reports:tasks",
    "extras": "reports:tasks",
    "indicators": "reports:indicators",
    "outcomes": "reports:outcomes",
    "funding": "reports:funding",
    "satisfaction": "reports:satisfaction",
    "score": "reports:score",
}
# What has no page of its own stands in the report.
SECTIONS = {"visions": "#r-visions", "comparisons": "#r-comparisons"}


@login_required
@require_GET
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """`?key=tasks.by_area.3.due` → the page of task 3, as of the same date. 404 for what is no figure."""
    project = project_or_404(signed_in(request), pk)
    as_of = asked(request.GET).as_of
    query = f"?{urlencode({'as_of': as_of})}" if as_of else ""
    path = segments(request.GET.get("key", ""))
    return redirect(address(project, path) + query + SECTIONS.get("".join(path[:1]), ""))


def proof_url(facts: Facts) -> str:
    """What the key of a figure of these facts is put after."""
    query: dict[str, Any] = {"as_of": facts.as_of} if facts.as_of != facts.window.cutoff else {}
    query |= {"basis": facts.basis} if facts.is_original else {}
    return f"{reverse('reports:proof', args=[facts.project.pk])}?{urlencode(query | {'key': ''})}"


def address(project: Project, path: Sequence[str]) -> str:
    match path:
        case ["tasks", "by_area", code, *_]:
            if task := project.tasks.filter(code=code).first():
                return reverse("reports:task", args=[project.pk, task.pk])
        case ["points", code, *_]:
            points = TaskPoint.objects.of(project).select_related("task")
            if point := next((each for each in points if each.code == code), None):
                return reverse("projects:point", args=[point.pk])
        case [part, *_] if part in SECTIONS:
            return reverse("reports:document", args=[project.pk, kinds_for(project)[0].identifier])
        case [part, *_] if part in PAGES:
            return reverse(PAGES[part], args=[project.pk])
    raise Http404
