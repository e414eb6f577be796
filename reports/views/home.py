"""The first page: straight to the work, or to what has to be done before there is any."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from projects.menu import first_page
from projects.permissions import first_of, importing_institutions, memberships_of, readable_projects
from reports.views.page import signed_in


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    project = first_of(readable_projects(user))
    if project:
        roles = {member.role for member in memberships_of(user, project)}
        return redirect(first_page(roles).url_name, project.pk)
    if importing_institutions(user) or user.is_superuser:
        return redirect("reports:import")
    return render(request, "reports/empty.html")
