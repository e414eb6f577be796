"""The first page: straight to the work, or to what has to be done before there is any."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from projects.permissions import importing_institutions, visible_projects
from reports.views.page import signed_in


@login_required
def home(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    projects = visible_projects(user)
    if projects:
        return redirect("reports:overview", projects[0].pk)
    if importing_institutions(user):
        return redirect("reports:import")
    return render(request, "reports/empty.html")
