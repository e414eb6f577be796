"""What every page about figures does: fetch with permission, gather facts, show them in the frame."""

from __future__ import annotations

from django.http import HttpRequest

from projects.asking import asked
from projects.permissions import Action, project_or_404
from projects.views.page import facts_page as page
from projects.views.page import signed_in
from reports.facts import Facts, gather

__all__ = ["facts_or_404", "page", "signed_in"]


def facts_or_404(request: HttpRequest, pk: int, action: Action = Action.VIEW) -> Facts:
    """The facts of a project the user may see, as of the date the address asks for."""
    question = asked(request.GET)
    project = project_or_404(signed_in(request), pk, action)
    return gather(project, question.as_of, pending=question.pending, basis=question.basis)
