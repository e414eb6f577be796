"""自评报告: which reports there are, one on the screen, its making in the background, the files made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from projects import jobs
from projects.asking import asked
from projects.models import Job, Project
from projects.permissions import Action, can, project_or_404
from projects.views.jobs import made_by
from reports import finalising, rendering
from reports.build import build
from reports.document import Chart, Document, Section, Table
from reports.facts import Facts, gather
from reports.kinds import Kind, kind, kinds_for
from reports.numbering import flow
from reports.renderers import renderer
from reports.renderers.base import Renderer
from reports.renderers.html import document_context
from reports.views.page import page, signed_in
from reports.views.proof import proof_url

RECENT = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """A report that can be made, and what it holds."""

    kind: Kind
    label: str
    title: str
    fits: bool
    chapters: tuple[str, ...]
    tables: int
    charts: int


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A report asked for: waiting, in the making, made, or failed."""

    job: Job
    as_of: date
    path: Path | None

    @property
    def size(self) -> int:
        return int(self.job.result.get("size", 0))


@login_required
@require_GET
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The kinds of reports of a project, those meant for it first, and the files made lately."""
    facts = official_facts(request, pk, request.GET)
    return page(
        request,
        "reports/report.html",
        facts,
        offers=[offer(facts, each) for each in kinds_for(facts.project)],
        versions=finalising.versions_of(facts.project),
        may_finalise=can(signed_in(request), Action.FINALISE, facts.project),
        **files_context(facts.project),
        **ignored(request),
    )


@login_required
@require_GET
def document(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A report on the screen, in the frame of the site."""
    chosen = kind_or_404(kind)
    facts = official_facts(request, pk, request.GET)
    made = build(facts, chosen)
    context = document_context(made, figure_url=proof_url(facts)) | ignored(request)
    return page(
        request,
        "reports/report_preview.html",
        facts,
        kind=chosen,
        label=chosen.label_in(facts.window),
        section="reports:report",
        **context,
    )


@login_required
@require_POST
def render_report(request: HttpRequest, pk: int, kind: str, format: str) -> HttpResponse:
    """Have the file made. Asked by htmx it answers with the list of files, where its progress shows."""
    chosen, form = kind_or_404(kind), form_or_404(format)
    facts = official_facts(request, pk, request.POST)
    rendering.order(facts, chosen, form, by=signed_in(request))
    return files_shown(request, facts.project, facts)


@login_required
@require_GET
@never_cache
def files(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of files alone; it asks for itself as long as one is in the making."""
    return files_list(request, reported_project(request, pk))


@login_required
@require_GET
def file(request: HttpRequest, pk: int, job_pk: int) -> FileResponse:
    found = made_by(report_job_or_404(reported_project(request, pk), job_pk))
    if found is None:
        raise Http404
    return FileResponse(found.open("rb"), as_attachment=True, filename=found.name)


@login_required
@require_POST
def retry(request: HttpRequest, pk: int, job_pk: int) -> HttpResponse:
    project = reported_project(request, pk)
    jobs.retry(report_job_or_404(project, job_pk), by=signed_in(request))
    return files_shown(request, project)


def reported_project(request: HttpRequest, pk: int) -> Project:
    return project_or_404(signed_in(request), pk, Action.REPORT)


def official_facts(request: HttpRequest, pk: int, query: QueryDict) -> Facts:
    """The facts as of the date asked for, never with pending work, whatever was asked."""
    question = asked(query)
    return gather(reported_project(request, pk), question.as_of, basis=question.basis)


def ignored(request: HttpRequest) -> dict[str, Any]:
    """Whether the page has to say that pending work was asked for and does not count."""
    return {"ignores_pending": asked(request.GET).pending}


def kind_or_404(identifier: str) -> Kind:
    try:
        return kind(identifier)
    except KeyError:
        raise Http404 from None


def form_or_404(identifier: str) -> Renderer:
    try:
        return renderer(identifier)
    except KeyError:
        raise Http404 from None


def report_job_or_404(project: Project, pk: int) -> Job:
    return get_object_or_404(project.jobs.filter(kind=rendering.JOB), pk=pk)


def offer(facts: Facts, chosen: Kind) -> Offer:
    made = build(facts, chosen)
    parts = [placed.part for placed in flow(made)]
    return Offer(
        kind=chosen,
        label=chosen.label_in(facts.window),
        title=made.title,
        fits=chosen.fits(facts.project),
        chapters=tuple(chapter_titles(made)),
        tables=sum(isinstance(part, Table) for part in parts),
        charts=sum(isinstance(part, Chart) for part in parts),
    )


def chapter_titles(document: Document) -> list[str]:
    return [
        placed.title for placed in flow(document) if placed.level == 1 and isinstance(placed.part, Section)
    ]


def recent_files(project: Project) -> list[MadeFile]:
    """What was asked for lately by anyone who may report on the project, newest first."""
    found = project.jobs.filter(kind=rendering.JOB).with_ahead().select_related("requested_by")
    return [MadeFile(job, date.fromisoformat(job.payload["as_of"]), made_by(job)) for job in found[:RECENT]]


def files_shown(request: HttpRequest, project: Project, facts: Facts | None = None) -> HttpResponse:
    """After something changed: the list for htmx, else the page of reports at its list."""
    if "HX-Request" in request.headers:
        return files_list(request, project)
    query: dict[str, Any] = {"as_of": facts.as_of} if facts and facts.as_of != facts.window.cutoff else {}
    query |= {"basis": facts.basis} if facts and facts.is_original else {}
    joint = "?" if query else ""
    return redirect(f"{reverse('reports:report', args=[project.pk])}{joint}{urlencode(query)}#files")


def files_list(request: HttpRequest, project: Project) -> HttpResponse:
    return render(request, "reports/_report_files.html", {"project": project} | files_context(project))


def files_context(project: Project) -> dict[str, Any]:
    files = recent_files(project)
    return {"files": files, "is_busy": any(file.job.is_open for file in files)}
