"""导入: a workbook in, its result or all its faults out. Written whole or not at all."""

from __future__ import annotations

from collections import defaultdict

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from projects.models import User
from projects.permissions import importing_institutions, require
from projects.workbook.faults import Fault
from reports.exchange import Outcome, import_workbook
from reports.forms import WorkbookForm
from reports.sheets import SHEETS
from reports.views.page import signed_in

FAULTS_SHOWN = 500


@login_required
def import_page(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    institutions = [] if user.is_superuser else importing_institutions(user)
    require(bool(institutions) or user.is_superuser, "您没有“导入工作簿”的权限，请联系本校项目办或管理员。")
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = WorkbookForm(*sent, institutions=institutions)
    outcome = take_in(form, user) if form.is_valid() else None
    failed = form.is_bound and (outcome is None or not outcome.ok)
    context = {
        "form": form,
        "outcome": outcome,
        "sheets": SHEETS,
        **faults_of(outcome),
    }
    if outcome and outcome.ok:
        context["project"] = outcome.project
    return render(request, "reports/import.html", context, status=422 if failed else 200)


def take_in(form: WorkbookForm, user: User) -> Outcome:
    """The edge: here and nowhere below is it known what time it is."""
    told = form.cleaned_data
    return import_workbook(
        told["file"],
        now=timezone.now(),
        by=user,
        approve=told["approve"],
        institution=form.college,
    )


def faults_of(outcome: Outcome | None) -> dict[str, object]:
    """The faults by sheet, as many as a page can hold, and how many there are besides."""
    faults = outcome.faults if outcome else ()
    by_sheet: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults[:FAULTS_SHOWN]:
        by_sheet[fault.sheet].append(fault)
    left = max(0, len(faults) - FAULTS_SHOWN)
    return {"faults": list(by_sheet.items()), "faults_count": len(faults), "faults_left": left}
