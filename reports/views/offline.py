"""用 Excel 填报: the rows of a desk go out as a workbook; what comes back is shown before it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.door import status_of, takes_at_most
from projects.filetypes import WORKBOOKS
from projects.models import Job, Project, User
from projects.permissions import Action, project_or_404
from projects.views.page import CONFLICT, page, signed_in
from projects.workbook.guard import megabytes
from projects.workbook.reading import EXTENSIONS
from reports.desk.offline import taking
from reports.desk.offline.sheets import lock_of, workbook
from reports.desk.offline.trial import CHANGE, OVERTAKEN, REFUSED, Item
from reports.desk.row import Row
from reports.desk.rows import rows
from reports.forms import refuse_others, refuse_too_large
from reports.views.imports import DISK_FULL, as_file
from reports.views.tabs import tab

RECENT = 10
PER_PAGE = 200
LABELS = {OVERTAKEN: "期间被他人修改", REFUSED: "被拒", CHANGE: "变化"}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="填好的填报表",
        help_text=f"从这里下载、填好后保存的工作簿，不超过 {megabytes(settings.WORKBOOK_MAX_BYTES)}。",
        widget=forms.ClearableFileInput(
            attrs={"accept": ",".join(EXTENSIONS), "data-max-bytes": settings.WORKBOOK_MAX_BYTES}
        ),
        error_messages={
            "required": "请选择填好的填报表。",
            "empty": "文件是空的，没有任何内容。",
            "missing": "没有收到文件，请重新选择。",
        },
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        refuse_too_large(file, settings.WORKBOOK_MAX_BYTES, "请删去图片和多余内容。")
        refuse_others(file, WORKBOOKS, "从这里下载、填好后保存的工作簿")
        return file


@dataclass(frozen=True, slots=True)
class Offer:
    """A workbook that can be downloaded."""

    department: str
    rows: int
    open: int


@takes_at_most("WORKBOOK_MAX_BYTES")
@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def offline(request: HttpRequest, pk: int) -> HttpResponse:
    """The download, by department for whoever fills several, and the upload."""
    user, project = filled(request, pk)
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        try:
            job = taking.receive(form.cleaned_data["file"], project, by=user)
        except OSError:
            form.add_error("file", DISK_FULL)
        else:
            return redirect("reports:offline_file", pk, job.pk)
    recent = checks(project, user)[:RECENT]
    own = rows(user, project, timezone.localdate())
    return page(
        request,
        "reports/offline.html",
        project,
        status=status_of(request, form),
        form=form,
        offers=offers(own),
        total=offer("", own),
        recent=[(job, taking.writing_of(job)) for job in recent],
        section="reports:mine",
    )


@login_required
@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of one's own, or those of one department of them."""
    user, project = filled(request, pk)
    today = timezone.localdate()
    wanted = request.GET.get("department", "")
    own = [row for row in rows(user, project, today) if wanted in ("", row.department)]
    if wanted and not own:
        raise Http404("没有这个部门的填报内容。")
    made_for = wanted or str(user)
    name = f"{project.code}_{made_for}_填报表_{today}.xlsx"
    return as_file(workbook(project, own, made_for, today), name.replace("/", "-"))


@login_required
@require_GET
@never_cache
def sent(request: HttpRequest, pk: int, job_pk: int) -> HttpResponse:
    """One workbook that came back: its progress, what it would do, and what was written."""
    _, project, job = checked(request, pk, job_pk)
    writing = taking.writing_of(job)
    busy = next((each for each in (job, writing) if each and (each.is_open or failed(each))), None)
    if busy:
        frame = {
            "job": busy,
            "url": reverse("reports:offline_file", args=[pk, job_pk]),
            "title": busy.payload.get("title", ""),
            "retry": reverse("projects:job_retry", args=[busy.pk]),
        }
        if "HX-Request" in request.headers:
            return render(request, "components/job.html", frame)
        return shown(request, project, job, busy=busy, **frame)
    if "HX-Request" in request.headers:
        # There is something to look at now.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return shown(request, project, job, writing=writing, **content(request, job, writing))


@login_required
@require_POST
def confirm(request: HttpRequest, pk: int, job_pk: int) -> HttpResponse:
    """Have it written, with a choice for each row that somebody else changed meanwhile."""
    user, project, job = checked(request, pk, job_pk)
    mine = {key.removeprefix("row-") for key, value in request.POST.items() if value == "mine"}
    try:
        taking.confirm(job, mine=mine, submitting="submit" in request.POST, by=user)
    except taking.Refusal as refusal:
        messages.error(request, str(refusal))
        found = taking.writing_of(job)
        return shown(request, project, job, status=CONFLICT, writing=found, **content(request, job, found))
    return redirect("reports:offline_file", pk, job_pk)


@login_required
@require_GET
def marked(request: HttpRequest, pk: int, job_pk: int) -> FileResponse:
    """The person's own file with its faults marked."""
    _, project, job = checked(request, pk, job_pk)
    path = job.folder / taking.MARKED
    if not path.is_file():
        raise Http404("没有标注过的文件。")
    name = f"{str(job.payload.get('name', '填报表.xlsx')).rpartition('.')[0]}（已标注问题）.xlsx"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


def filled(request: HttpRequest, pk: int) -> tuple[User, Project]:
    user = signed_in(request)
    return user, project_or_404(user, pk, Action.WRITE)


def checks(project: Project, user: User) -> Any:
    return project.jobs.filter(kind=taking.CHECK, requested_by=user).with_ahead()


def checked(request: HttpRequest, pk: int, job_pk: int) -> tuple[User, Project, Job]:
    """The rehearsal, for who sent the file in alone: to all others it does not exist."""
    user = signed_in(request)
    jobs = Job.objects.filter(kind=taking.CHECK, requested_by=user, project=pk)
    job: Job = get_object_or_404(jobs.with_ahead(), pk=job_pk)
    return user, project_or_404(user, pk, Action.WRITE), job


def failed(job: Job) -> bool:
    return job.state == Job.State.FAILED


def offers(own: list[Row]) -> list[Offer]:
    """By department, where there are several; rows of none are in the whole."""
    names = sorted({row.department for row in own} - {""})
    return [offer(name, [row for row in own if row.department == name]) for name in names]


def offer(department: str, some: list[Row]) -> Offer:
    return Offer(department, len(some), sum(not lock_of(row) for row in some))


def content(request: HttpRequest, job: Job, writing: Job | None) -> dict[str, Any]:
    """What the page shows of a rehearsal, or of what was written."""
    if "faults" in job.result:
        return {"faults": job.result["faults"]}
    items = taking.items_of(job)
    kind = request.GET.get("kind", "")
    tabs = [
        tab(request, "kind", name, label, len(of(items, name)), is_active=kind == name)
        for name, label in {"": "全部", **LABELS}.items()
    ]
    return {
        "items": Paginator(ordered(of(items, kind)), PER_PAGE).get_page(request.GET.get("page")),
        "overtaken": of(items, OVERTAKEN),
        "counts": job.result["counts"],
        "writable": len(of(items, CHANGE)),
        "tabs": tabs,
        "is_late": timezone.now() - job.created_at > taking.VALID_FOR,
        "has_marked": (job.folder / taking.MARKED).is_file(),
        "told": [each for each in taking.kept(writing, taking.TOLD) if each["sentence"]] if writing else [],
    }


def of(items: list[Item], kind: str) -> list[Item]:
    return [item for item in items if kind in ("", item.outcome)]


def ordered(items: list[Item]) -> list[Item]:
    """What needs a decision first."""
    return sorted(items, key=lambda item: list(LABELS).index(item.outcome))


def shown(
    request: HttpRequest, project: Project, check: Job, *, status: int = 200, **context: Any
) -> HttpResponse:
    context = {"check": check, "section": "reports:mine", "labels": LABELS} | context
    return page(request, "reports/offline_file.html", project, status=status, **context)
