"""Background jobs as their owner sees them: progress, the file that was made, another try."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from projects import jobs
from projects.models import Job
from projects.permissions import job_or_404
from projects.views.page import page, signed_in


@login_required
@require_GET
@never_cache
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """The job as a page, or only its progress when the page asks for it again."""
    return shown(request, job_or_404(signed_in(request), pk))


@login_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    renewed = jobs.retry(job_or_404(user, pk), by=user).pk
    if "HX-Request" in request.headers:
        return shown(request, job_or_404(user, renewed))
    return redirect("projects:job", renewed)


@login_required
@require_GET
def file(request: HttpRequest, pk: int) -> FileResponse:
    """What the job made: `result["file"]` names a file of its folder."""
    found = made_by(job_or_404(signed_in(request), pk))
    if found is None:
        raise Http404
    return FileResponse(found.open("rb"), as_attachment=True, filename=found.name)


def made_by(job: Job) -> Path | None:
    """The file of a finished job, as long as it is kept."""
    name = Path(str(job.result.get("file", ""))).name
    path = job.folder / name
    return path if job.state == Job.State.DONE and name and path.is_file() else None


def shown(request: HttpRequest, job: Job) -> HttpResponse:
    context: dict[str, Any] = {
        "job": job,
        "url": reverse("projects:job", args=[job.pk]),
        "title": job.payload.get("title", ""),
        "download": reverse("projects:job_file", args=[job.pk]) if made_by(job) else "",
        "retry": reverse("projects:job_retry", args=[job.pk]),
    }
    if "HX-Request" in request.headers:
        return render(request, "components/job.html", context)
    if job.project is None:
        return render(request, "projects/job.html", context)
    return page(request, "projects/job.html", job.project, **context)
