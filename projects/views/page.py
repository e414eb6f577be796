"""What the pages of this app share: who asks, and the frame of templates/base.html."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from projects.asking import asked
from projects.gathered import Gathered, gathered, outside
from projects.models import Project, User

UNPROCESSABLE, CONFLICT, FORBIDDEN = 422, 409, 403


def refused_with(refusal: Exception) -> int:
    """What a page is answered with that says why something was not written: 403 by the guard, else 409."""
    return FORBIDDEN if isinstance(refusal, PermissionDenied) else CONFLICT


def signed_in(request: HttpRequest) -> User:
    """The user of a view behind `login_required`."""
    assert isinstance(request.user, User)
    return request.user


def facts_for(request: HttpRequest, project: Project, default: date | None = None) -> Gathered:
    """The facts as of the date in the address, else `default`, else the cut-off of the window."""
    question = asked(request.GET)
    return gathered(project, question.as_of or default, pending=question.pending, basis=question.basis)


def page(
    request: HttpRequest, template: str, project: Project | None, *, status: int = 200, **context: Any
) -> HttpResponse:
    """A page in the frame of a project, without a date."""
    return render(request, template, {"project": project} | context, status=status)


def to_point(pk: int) -> HttpResponseRedirect:
    """Back to a point after something was done to it: as of today, so that it can be seen."""
    return HttpResponseRedirect(f"{reverse('projects:point', args=[pk])}?as_of={timezone.localdate()}")


def facts_page(
    request: HttpRequest,
    template: str,
    facts: Gathered,
    default: date | None = None,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page that is about a date (`default`: the one it shows when none is asked for)."""
    question: dict[str, Any] = {
        "facts": facts,
        "as_of": facts.as_of,
        "default_as_of": default or facts.window.cutoff,
        "pending": facts.pending,
        "is_original": facts.is_original,
        "adjusted": facts.adjusted,
        "outside": "" if default else outside(facts.window, facts.as_of),
    }
    return page(request, template, facts.project, status=status, **question, **context)
