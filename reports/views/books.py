"""佐证材料合订本: the book of each chapter, its making in the background, and the file made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from projects.models import Job, Project, User
from projects.permissions import Action, can, project_or_404, require
from projects.views.jobs import made_by
from reports.binding import making, office
from reports.binding.contents import Volume, volumes
from reports.facts import Facts
from reports.views.page import facts_or_404, page, signed_in

# In the address of a book that is asked for: all books.
ALL = "*"


@dataclass(frozen=True, slots=True)
class Shown:
    """A book as the page shows it: what it would hold now, the job that made it last, and that file."""

    volume: Volume
    job: Job | None
    path: Path | None
    # Whether the file holds what the book would hold now.
    is_current: bool

    @property
    def result(self) -> dict[str, Any]:
        return self.job.result if self.job else {}

    @property
    def needs_making(self) -> bool:
        is_open = self.job is not None and self.job.is_open
        return bool(self.volume.filed) and not is_open and not (self.path and self.is_current)


@login_required
@require_GET
@never_cache
def books(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, or the list alone: it asks for itself as long as a book is in the making."""
    facts = facts_or_404(request, pk)
    if "HX-Request" in request.headers:
        return list_only(request, facts)
    return page(request, "reports/books.html", facts, section="reports:library", **context(request, facts))


@login_required
@require_POST
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a book made, or all that are not there as they would be now: minutes of work for the server."""
    user = signed_in(request)
    facts = facts_or_404(request, pk)
    require(may_make(user, facts.project), "合订本由项目办生成，生成后您可以下载；请联系本校项目办。")
    wanted = request.POST.get("area", ALL)
    chosen = [
        each.volume
        for each in shown(facts)
        if each.volume.filed and (each.needs_making if wanted == ALL else each.volume.code == wanted)
    ]
    if not chosen and wanted != ALL:
        raise Http404("没有这一章的合订本。")
    for volume in chosen:
        making.order(facts, volume, by=user)
    if "HX-Request" in request.headers:
        return list_only(request, facts)
    return redirect("reports:books", pk)


@login_required
@require_GET
def file(request: HttpRequest, pk: int, job_pk: int) -> FileResponse:
    found = made_by(book_job_or_404(project_or_404(signed_in(request), pk), job_pk))
    if found is None:
        raise Http404("这一册已清理，请重新生成。")
    return FileResponse(found.open("rb"), as_attachment=True, filename=found.name)


def book_job_or_404(project: Project, pk: int) -> Job:
    return get_object_or_404(project.jobs.filter(kind=making.JOB), pk=pk)


def list_only(request: HttpRequest, facts: Facts) -> HttpResponse:
    return render(request, "reports/_books.html", {"project": facts.project} | context(request, facts))


def may_make(user: User, project: Project) -> bool:
    return can(user, Action.EXPORT, project)


def context(request: HttpRequest, facts: Facts) -> dict[str, Any]:
    found = shown(facts)
    return {
        "may_make": may_make(signed_in(request), facts.project),
        "books": found,
        "is_busy": any(each.job and each.job.is_open for each in found),
        "to_make": sum(each.needs_making for each in found),
        "has_office": office.program() is not None,
    }


def shown(facts: Facts) -> list[Shown]:
    latest: dict[str, Job] = {}
    # The newest of each chapter that is in the making, was made or failed.
    for job in facts.project.jobs.filter(kind=making.JOB).with_ahead().select_related("requested_by"):
        latest.setdefault(str(job.payload.get("area", "")), job)
    return [book(volume, latest.get(volume.code)) for volume in volumes(facts)]


def book(volume: Volume, job: Job | None) -> Shown:
    is_current = job is not None and job.result.get("digest") == volume.digest
    return Shown(volume, job, made_by(job) if job else None, is_current)
