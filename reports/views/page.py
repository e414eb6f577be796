"""What every page about figures does: fetch with permission, gather facts, hand the frame its context."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from projects.asking import asked
from projects.models import User
from projects.permissions import Action, project_or_404, visible_projects
from reports.facts import Facts, gather


def facts_or_404(request: HttpRequest, pk: int, action: Action = Action.VIEW) -> Facts:
    """The facts of a project the user may see, as of the date the address asks for."""
    question = asked(request.GET)
    project = project_or_404(signed_in(request), pk, action)
    return gather(project, question.as_of, pending=question.pending)


def signed_in(request: HttpRequest) -> User:
    """The user of a view behind `login_required`."""
    assert isinstance(request.user, User)
    return request.user


def frame(request: HttpRequest, facts: Facts) -> dict[str, Any]:
    """Context of templates/base.html: project, date, switcher."""
    return {
        "facts": facts,
        "project": facts.project,
        "projects": visible_projects(signed_in(request)),
        "as_of": facts.as_of,
        "default_as_of": facts.window.cutoff,
        "pending": facts.pending,
    }


def page(request: HttpRequest, template: str, facts: Facts, **context: Any) -> HttpResponse:
    return render(request, template, {**frame(request, facts), **context})
