"""导入: a workbook comes in, is checked and previewed, and is written when somebody confirms it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funding.sheets import FUNDING
from projects.door import status_of, takes_at_most
from projects.models import Institution, User
from projects.people_sheet import PEOPLE
from projects.permissions import (
    Action,
    administered,
    can,
    importable_projects,
    importing_institutions,
    importing_wholly,
    imports_all,
    project_or_404,
    require,
)
from projects.workbook.sheet import Sheet
from projects.workbook.synonyms import SYNONYMS
from reports import intake as intakes
from reports.export import export_list, export_workbook
from reports.forms import PreviewFilter, WorkbookForm
from reports.models import Conversion, Intake
from reports.models.intake import IntakeQuerySet
from reports.preview import CHANGED, MISSING, NEW, REMOVED
from reports.sheets import LISTS, SHEETS
from reports.views.page import signed_in
from reports.views.tabs import PER_PAGE, cleared, tab

FAULTS_SHOWN = 500
MATCHES_SHOWN = 200
RECENT = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DISK_FULL = "服务器没有存下文件，可能是磁盘空间不足。没有导入，请联系管理员后重试。"
KINDS = {CHANGED: "变更", NEW: "新增", REMOVED: "将删除", MISSING: "缺少"}


@takes_at_most("WORKBOOK_MAX_BYTES", "ARCHIVE_MAX_BYTES")
@login_required
@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """The upload, and what was handed in lately."""
    user = importer(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    institutions = [] if user.is_superuser else importing_institutions(user)
    is_money = not imports_all(user)
    form = WorkbookForm(
        *sent, institutions=institutions, projects=importable_projects(user), is_money=is_money
    )
    if form.is_valid():
        told = form.cleaned_data
        try:
            made = intakes.receive(
                told["file"],
                told.get("evidence"),
                to=form.destination,
                approve=told.get("approve", False),
                by=user,
            )
        except OSError:
            form.add_error("file", DISK_FULL)
        else:
            return redirect("reports:intake", made.pk)
    recent = own(user).select_related("project", "institution", "by")[:RECENT]
    lists = lists_for(user)
    sheets = lists if is_money else SHEETS
    context = {
        "form": form,
        "is_money": is_money,
        "sheets": sheets,
        "lists": lists,
        "recent": recent,
        "synonyms": SYNONYMS,
    }
    return render(request, "reports/import.html", context, status=status_of(request, form))


@login_required
@require_GET
@never_cache
def intake(request: HttpRequest, pk: int) -> HttpResponse:
    """One workbook: its faults or its preview, and what can be done with it."""
    found = intake_or_404(request, pk)
    context = {"section": "reports:import", "intake": found, **frame(found), **content(request, found)}
    return render(request, "reports/intake.html", context)


@login_required
@require_GET
@never_cache
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone; when there is something to look at, the page is asked to load again."""
    found = intake_or_404(request, pk)
    if found.is_busy:
        return render(request, "components/job.html", frame(found))
    return HttpResponse(headers={"HX-Refresh": "true"})


def confirm(intake: Intake, user: User) -> None:
    intakes.confirm(intake, by=user)


def again(intake: Intake, user: User) -> None:
    intakes.check_again(intake, by=user)


def drop(intake: Intake, user: User) -> None:
    intakes.drop(intake)


def undo(intake: Intake, user: User) -> None:
    intakes.undo(intake, by=user, now=timezone.now())


VERBS: Mapping[str, Callable[[Intake, User], None]] = {
    "confirm": confirm,
    "again": again,
    "drop": drop,
    "undo": undo,
}


@login_required
@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    found, user = intake_or_404(request, pk), signed_in(request)
    if verb not in VERBS:
        raise Http404
    if intakes.speaks_of_people(found) and verb != "drop":
        require_people(user, found.institution)
    try:
        VERBS[verb](found, user)
    except intakes.Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("reports:intake", pk)


@login_required
@require_GET
def source(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it was handed in."""
    found = intake_or_404(request, pk)
    # Until it was looked at there may be passwords in it.
    if found.is_busy or not found.source.is_file():
        raise Http404
    return FileResponse(found.source.open("rb"), as_attachment=True, filename=found.file_name)


@login_required
@require_GET
def marked(request: HttpRequest, pk: int) -> FileResponse:
    """The file with its faults marked."""
    found = intake_or_404(request, pk)
    if not found.marked.is_file():
        raise Http404
    name = f"{found.file_name.rpartition('.')[0]}（已标注问题）.xlsx"
    return FileResponse(found.marked.open("rb"), as_attachment=True, filename=name)


@login_required
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """An empty workbook for a new project."""
    require_all(importer(request))
    return as_file(export_workbook(None), "建设项目工作簿模板.xlsx")


@login_required
@require_GET
def list_template(request: HttpRequest, title: str) -> HttpResponse:
    """The same for one sheet."""
    user = importer(request)
    sheet = list_or_404(user, title)
    if sheet is not FUNDING:
        require_all(user)
    return as_file(export_list(None, sheet), f"{title}模板.xlsx")


@login_required
@require_GET
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole project as a workbook."""
    project = project_or_404(signed_in(request), pk, Action.EXPORT)
    return as_file(export_workbook(project), f"{project.code}_{project.name}_{timezone.localdate()}.xlsx")


@login_required
@require_GET
def workbook_list(request: HttpRequest, pk: int, title: str) -> HttpResponse:
    """One sheet of the project."""
    action = Action.MONEY if title == FUNDING.title else Action.EXPORT
    project = project_or_404(signed_in(request), pk, action)
    content = export_list(project, list_or_404(signed_in(request), title, project.institution))
    return as_file(content, f"{project.code}_{title}_{timezone.localdate()}.xlsx")


def list_or_404(user: User, title: str, college: Institution | None = None) -> Sheet:
    """A list by its title; that of people for those who manage them."""
    sheet = next((sheet for sheet in LISTS if sheet.title == title), None)
    if sheet is None:
        raise Http404
    if sheet is PEOPLE:
        require_people(user, college)
    return sheet


def require_people(user: User, college: Institution | None) -> None:
    """403 for those who do not manage the people of the college (None: of any)."""
    colleges = administered(user)
    require(college in colleges if college else bool(colleges), "只有本校管理员可以导入和导出用户。")


def as_file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    header = content_disposition_header(as_attachment=True, filename=name.replace("/", "-"))
    answer["Content-Disposition"] = header or ""
    return answer


def require_all(user: User) -> None:
    """403 for those who bring 经费 and nothing else."""
    require(imports_all(user), "您可以导入和导出经费，其他内容由本校项目办办理。")


def lists_for(user: User) -> list[Sheet]:
    if not imports_all(user):
        return [FUNDING]
    return [sheet for sheet in LISTS if sheet is not PEOPLE or administered(user)]


def importer(request: HttpRequest) -> User:
    """Who asks, if they may import for some college."""
    user = signed_in(request)
    allowed = user.is_superuser or bool(importing_institutions(user))
    require(allowed, "您没有“导入工作簿”的权限，请联系本校项目办或管理员。")
    return user


def shown_to(user: User) -> Q:
    """What others brought is for those who may bring all of it, into the college or into its project."""
    if user.is_superuser:
        return Q()
    projects = importable_projects(user)
    own = Q(by=user) & (Q(project=None) | Q(project__in=projects))
    whole = [project for project in projects if can(user, Action.IMPORT, project)]
    return own | Q(institution__in=importing_wholly(user, Action.IMPORT)) | Q(project__in=whole)


def require_shown(user: User, found: Intake | Conversion) -> None:
    """403 for members of the college to whom a file that was handed in is not shown."""
    is_shown = type(found)._default_manager.filter(shown_to(user), pk=found.pk).exists()
    require(is_shown, "这个文件由他人导入，只有本校项目办和可以导入这个项目的人能够查看。")


def own(user: User) -> IntakeQuerySet:
    return Intake.objects.of(importing_institutions(user), user).filter(shown_to(user))


def intake_or_404(request: HttpRequest, pk: int) -> Intake:
    """A workbook of a college the user may import into."""
    user = importer(request)
    rows = Intake.objects.of(importing_institutions(user), user)
    rows = rows.select_related("project", "institution", "by", "decided_by", "job")
    found = get_object_or_404(rows, pk=pk)
    require_shown(user, found)
    return found


def frame(intake: Intake) -> dict[str, Any]:
    """The bar of the job behind it, and the project of the menu."""
    job = intake.job
    return {
        "job": job,
        "url": reverse("reports:intake_progress", args=[intake.pk]),
        "title": job.payload["title"] if job else "",
        "retry": reverse("projects:job_retry", args=[job.pk]) if job else "",
    } | ({"project": intake.project} if intake.project else {})


def content(request: HttpRequest, intake: Intake) -> dict[str, Any]:
    """What the page shows of a workbook that was checked."""
    if intake.is_busy:
        return {}
    return faults_of(intake) | changes_of(request, intake) | {"matches": matches_of(intake)}


def matches_of(intake: Intake) -> dict[str, Any]:
    """Which file of the zip goes with which row, as many as a page can hold."""
    if not intake.files_name:
        return {}
    matches = intakes.kept(intake, intakes.MATCHES)
    return {
        kind: {"count": len(some), "shown": some[:MATCHES_SHOWN], "more": max(0, len(some) - MATCHES_SHOWN)}
        for kind, some in matches.items()
    }


def faults_of(intake: Intake) -> dict[str, Any]:
    """The faults by sheet, as many as a page can hold, and how many there are besides."""
    faults = intakes.kept(intake, intakes.FAULTS)
    by_sheet: dict[str, list[dict[str, str]]] = defaultdict(list)
    for fault in faults[:FAULTS_SHOWN]:
        by_sheet[fault["sheet"]].append(fault)
    counts, titles = intake.result.get("counts", {}), intake.result.get("titles", {})
    refused = Counter(titles.get(fault["sheet"], fault["sheet"]) for fault in faults)
    same = [title for title in counts if not refused[title] and is_same(counts[title])]
    return {
        "faults": list(by_sheet.items()),
        "faults_count": len(faults),
        "faults_left": max(0, len(faults) - FAULTS_SHOWN),
        "counts": [
            (title, counts.get(title), refused[title])
            for title in dict.fromkeys([*counts, *refused])
            if title and title not in same
        ],
        "same": same,
        "has_marked": intake.marked.is_file(),
        "has_source": intake.source.is_file(),
        "has_cells": any(fault["cell"] for fault in faults),
    }


def is_same(counts: Mapping[str, int]) -> bool:
    return not (counts["new"] or counts["changed"] or counts["missing"])


def changes_of(request: HttpRequest, intake: Intake) -> dict[str, Any]:
    """The rows that differ, narrowed by sheet, kind and text."""
    counts = intake.result.get("counts", {})
    form = PreviewFilter(request.GET, sheets=[title for title in counts if not is_same(counts[title])])
    asked = form.cleaned_data if form.is_valid() else {}
    kind = asked.get("kind", "")
    # Of thousands of rows one page is shown: only the places of the others are held.
    places: list[int] = []
    numbers: Counter[str] = Counter()
    removed = 0
    for place, item in intakes.kept_lines(intake, intakes.PREVIEW):
        removed += item["kind"] == REMOVED
        if form.fits(item):
            numbers[item["kind"]] += 1
            # What is only missing stays as it is: it has a tab of its own.
            if item["kind"] == kind or (not kind and item["kind"] != MISSING):
                places.append(place)
    changes = numbers.total() - numbers[MISSING]
    tabs = [tab(request, "kind", "", "变化", changes, is_active=not kind)]
    tabs += [
        tab(request, "kind", name, label, numbers[name], is_active=kind == name)
        for name, label in KINDS.items()
        if numbers[name] or kind == name
    ]
    page = Paginator(places, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(intakes.kept_at(intake, intakes.PREVIEW, page.object_list))
    page.object_list = [item | {"label": KINDS[item["kind"]]} for item in shown]
    return {
        "filter": form,
        "tabs": tabs,
        "page": page,
        "clear": cleared(request) if request.GET.get("sheet") or request.GET.get("text") else "",
        "has_changes": not all(is_same(each) for each in counts.values()),
        "removed": removed,
    }
