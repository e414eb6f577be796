"""Files of other shapes: upload, questions about columns, the workbook that is made."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.door import status_of, takes_at_most
from projects.models import User
from projects.permissions import importable_projects, importing_institutions
from reports import intake as intakes
from reports.conversion import running
from reports.conversion.forms import MappingForm, SourceForm
from reports.conversion.kinds import CONVERTERS
from reports.exchange import Destination
from reports.models import Conversion, FileKind
from reports.models.conversion import ConversionQuerySet
from reports.views.imports import DISK_FULL, RECENT, importer, require_all, require_shown, shown_to
from reports.views.page import signed_in

State = Conversion.State


@takes_at_most("WORKBOOK_MAX_BYTES")
@login_required
@require_http_methods(["GET", "POST"])
def convert_page(request: HttpRequest, kind: str) -> HttpResponse:
    """The upload, and what was handed in lately."""
    user = importer(request)
    if kind not in CONVERTERS:
        raise Http404
    if kind != FileKind.LEDGER:
        require_all(user)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    institutions = [] if user.is_superuser else importing_institutions(user)
    form = SourceForm(*sent, kind=kind, institutions=institutions, projects=importable_projects(user))
    if form.is_valid():
        try:
            made = running.receive(form.cleaned_data["file"], kind, to=form.destination, by=user)
        except OSError:
            form.add_error("file", DISK_FULL)
        else:
            return redirect("reports:conversion", made.pk)
    recent = own(user).filter(kind=kind).select_related("project", "institution", "by")[:RECENT]
    context = {"section": "reports:import", "form": form, "kind": kind, "recent": recent}
    return render(request, f"reports/convert_{kind}.html", context, status=status_of(request, form))


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def conversion(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: the questions about it, or what was made of it."""
    found = conversion_or_404(request, pk)
    form = None
    if found.state in (State.ASKING, State.MADE):
        form = MappingForm(request.POST if request.method == "POST" else None, conversion=found)
        if form.is_valid():
            running.answer(found, form.answers(), form.value_answers(), by=signed_in(request))
            return redirect("reports:conversion", pk)
    context = {"section": "reports:import", "conversion": found, "form": form, **frame(found)}
    is_bad = form is not None and form.is_bound
    return render(request, "reports/conversion.html", context, status=422 if is_bad else 200)


@login_required
@require_GET
@never_cache
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone; when there is something to look at, the page is asked to load again."""
    found = conversion_or_404(request, pk)
    if found.state == State.WORKING:
        return render(request, "components/job.html", frame(found))
    return HttpResponse(headers={"HX-Refresh": "true"})


@login_required
@require_GET
def source(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it was handed in."""
    found = conversion_or_404(request, pk)
    if not found.source.is_file():
        raise Http404
    return FileResponse(found.source.open("rb"), as_attachment=True, filename=found.file_name)


@login_required
@require_GET
def made(request: HttpRequest, pk: int) -> FileResponse:
    """The workbook that was made."""
    found = made_or_404(request, pk)
    return FileResponse(found.workbook.open("rb"), as_attachment=True, filename=found.workbook_name)


@login_required
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the workbook in as it is: what is wrong with it shows in the preview."""
    found = made_or_404(request, pk)
    to = Destination(found.institution, found.project)
    try:
        with found.workbook.open("rb") as file:
            upload = File(file, name=found.workbook_name)
            intake = intakes.receive(upload, to=to, approve=False, by=signed_in(request))
    except OSError:
        messages.error(request, DISK_FULL)
        return redirect("reports:conversion", pk)
    return redirect("reports:intake", intake.pk)


def own(user: User) -> ConversionQuerySet:
    return Conversion.objects.of(importing_institutions(user), user).filter(shown_to(user))


def conversion_or_404(request: HttpRequest, pk: int) -> Conversion:
    """A file of a college the user may import into."""
    user = importer(request)
    rows = Conversion.objects.of(importing_institutions(user), user)
    found = get_object_or_404(rows.select_related("project__institution", "institution", "by", "job"), pk=pk)
    require_shown(user, found)
    return found


def made_or_404(request: HttpRequest, pk: int) -> Conversion:
    found = conversion_or_404(request, pk)
    if found.state != State.MADE:
        raise Http404
    return found


def frame(conversion: Conversion) -> dict[str, Any]:
    """The bar of the job behind it, and the project of the menu."""
    job = conversion.job
    return {
        "job": job,
        "url": reverse("reports:conversion_progress", args=[conversion.pk]),
        "title": job.payload["title"] if job else "",
        "retry": reverse("projects:job_retry", args=[job.pk]) if job else "",
        "is_taskbook": conversion.kind == FileKind.TASKBOOK,
    } | ({"project": conversion.project} if conversion.project else {})
