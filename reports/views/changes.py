"""任务书调整: the requests of a project, asking for one, and the steps of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.models import Indicator, OutcomeTarget
from projects import changing, evidence
from projects.adjustable import FIELDS, field_of, kind_of, shown
from projects.changes import Piece, compared
from projects.door import status_of, takes_at_most
from projects.filetypes import INLINE, KINDS
from projects.guard import NotWritable
from projects.models import ChangeRequest, Project, StoredFile, Task, TaskPoint, User
from projects.models.change import DELETION
from projects.permissions import Action, can, can_fill, fills_all, project_or_404, require
from projects.views.page import CONFLICT, UNPROCESSABLE, page, refused_with, signed_in
from reports.change_forms import ApprovalForm, ChangeForm, ReasonForm, StepForm
from reports.views.tabs import tab

State = ChangeRequest.State
# The steps of the office, with the form of each and what it is called on its button.
STEPS: dict[str, tuple[type[Any], str, str]] = {
    "deliberate": (StepForm, "记录校内审议通过", "已记录校内审议。"),
    "report": (StepForm, "记录已上报", "已记录上报。"),
    "approve": (ApprovalForm, "记录批复/备案并生效", "已批复/备案，任务书{}。"),
    "refuse": (ReasonForm, "记录不同意", "已记录不同意，任务书不变。"),
}
WAY = (
    (State.REQUESTED, "校内申请"),
    (State.DELIBERATED, "校内审议"),
    (State.REPORTED, "上报"),
    (State.APPROVED, "批复/备案"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A request as lists and pages show it: what it is about, the old value beside the new."""

    request: ChangeRequest
    name: str
    label: str
    href: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def is_removal(self) -> bool:
        return self.request.field == DELETION


def row_of(request: ChangeRequest) -> Row:
    record = request.target
    kind = request.content_type.model
    field = field_of(kind, request.field)
    old, new = (shown(field, text) for text in (request.old_value, request.new_value))
    before, after = compared(old, new)
    return Row(
        request=request,
        name=name_of(record) if record else "（已不存在）",
        label=field.label,
        href=record_address(request.project, record) if record else "",
        before=before,
        after=(Piece("ins", "调出任务书"),) if request.field == DELETION else after,
    )


def name_of(record: Any) -> str:
    """`8-2-2023-03 编印汇编`; the other records say as much themselves."""
    return f"{record.code} {record.text}" if isinstance(record, TaskPoint) else str(record)


def record_address(project: Project, record: Any) -> str:
    pages = {"indicator": "reports:indicators", "outcometarget": "reports:outcomes"}
    kind = kind_of(record)
    if kind == "taskpoint":
        return reverse("projects:point", args=[record.pk])
    return (
        reverse("reports:task", args=[project.pk, record.pk])
        if kind == "task"
        else reverse(pages[kind], args=[project.pk])
    )


def requests_of(project: Project) -> QuerySet[ChangeRequest]:
    """With what each is about, and what `can_fill` asks of that."""
    points = TaskPoint.objects.select_related("task__project").prefetch_related("co_departments", "shares")
    others = [model.objects.select_related("project") for model in (Indicator, OutcomeTarget, Task)]
    found = ChangeRequest.objects.filter(project=project).select_related(
        "content_type", "asked_by", "project"
    )
    return found.prefetch_related(GenericPrefetch("target", [points, *others]))


def visible(user: User, found: ChangeRequest) -> bool:
    """Who fills sees what they asked for themselves, and what is about rows they fill; everyone else who
    reads the project sees all."""
    project = found.project
    only_fills = can(user, Action.FILL, project) and not fills_all(user, project)
    if not only_fills or found.asked_by_id == user.pk:
        return True
    return found.target is not None and can_fill(user, found.target)


@login_required
@require_GET
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """All requests, those still open first."""
    user = signed_in(request)
    project = project_or_404(user, pk)
    found = [each for each in requests_of(project) if visible(user, each)]
    asked = request.GET.get("state", "")
    counts = Counter(each.state for each in found)
    shown_ones = [each for each in found if not asked or each.state == asked]
    shown_ones.sort(key=lambda each: each.state not in ChangeRequest.OPEN)
    tabs = [tab(request, "state", "", "全部", len(found), is_active=not asked)]
    tabs += [
        tab(request, "state", state.value, state.label, counts[state.value], is_active=asked == state.value)
        for state in State
        if counts[state.value] or asked == state.value
    ]
    return page(
        request,
        "reports/changes.html",
        project,
        tabs=tabs,
        rows=[row_of(each) for each in shown_ones],
        is_own=can(user, Action.FILL, project) and not fills_all(user, project),
        is_filtered=bool(asked),
    )


def record_or_404(user: User, project: Project, kind: str, object_pk: int) -> Any:
    """A record of the task book that the user fills."""
    record = changing.record_of(project, kind, object_pk) if kind in FIELDS else None
    if record is None:
        raise Http404
    owner = getattr(record, "department", None) or getattr(record, "lead", None) or "项目办"
    require(can_fill(user, record), f"“{record}”由{owner}填报，请由{owner}或项目办申请调整。")
    return record


@login_required
@require_http_methods(["GET", "POST"])
@takes_at_most("EVIDENCE_MAX_BYTES")
def new(request: HttpRequest, pk: int, kind: str, object_pk: int) -> HttpResponse:
    """Ask for other values of a record, or for taking it out of the task book."""
    user = signed_in(request)
    project = project_or_404(user, pk)
    record = record_or_404(user, project, kind, object_pk)
    if request.method != "POST":
        return form_page(request, project, record, ChangeForm(record=record))
    form = ChangeForm(request.POST, request.FILES, record=record)
    if not form.is_valid():
        return form_page(request, project, record, form, status=status_of(request, form))
    try:
        with evidence.filing() as files:
            upload = form.cleaned_data["file"]
            stored = files.store(upload, project.institution, by=user)[0] if upload else None
            made = changing.ask(
                record,
                form.wanted(),
                seen=request.POST.get("seen", ""),
                reason=form.cleaned_data["reason"],
                by=user,
                today=timezone.localdate(),
                now=timezone.now(),
                file=stored,
            )
    except evidence.NotStored as fault:
        form.add_error("file", str(fault))
        return form_page(request, project, record, form, status=UNPROCESSABLE)
    except changing.NotAllowed as refusal:
        status = CONFLICT if isinstance(refusal, changing.Overtaken) else UNPROCESSABLE
        return form_page(request, project, record, form, status=status, refusal=refusal)
    messages.success(request, f"已提出 {len(made)} 项调整申请，等待校内审议。批准以前，数字仍按原任务书。")
    return redirect("reports:change", pk, made[0].pk) if len(made) == 1 else redirect("reports:changes", pk)


def form_page(
    request: HttpRequest,
    project: Project,
    record: Any,
    form: ChangeForm,
    *,
    status: int = 200,
    refusal: changing.NotAllowed | None = None,
) -> HttpResponse:
    """The form, with what stands now beside each input."""
    return page(
        request,
        "reports/change_new.html",
        project,
        status=status,
        section="reports:changes",
        record=record,
        name=name_of(record),
        href=record_address(project, record),
        form=form,
        rows=[(field, bound, shown(field, text)) for field, bound, text in form.rows()],
        removal=form[DELETION] if DELETION in form.fields else None,
        refusal=refusal,
        open_ones=changing.requests_about(record).filter(state__in=ChangeRequest.OPEN),
    )


def change_or_404(user: User, project: Project, change_pk: int) -> ChangeRequest:
    """A request of the project; 403 for who fills something else."""
    requests = requests_of(project).select_related("file", "approval_file")
    found: ChangeRequest = get_object_or_404(requests, pk=change_pk)
    require(visible(user, found), "这份调整申请只有申请人、相关内容的填报人和项目办可以查看，请联系项目办。")
    return found


@login_required
@require_GET
def change(request: HttpRequest, pk: int, change_pk: int) -> HttpResponse:
    user = signed_in(request)
    project = project_or_404(user, pk)
    return change_page(request, project, change_or_404(user, project, change_pk))


def change_page(
    request: HttpRequest,
    project: Project,
    found: ChangeRequest,
    *,
    bound: dict[str, Any] | None = None,
    status: int = 200,
    refusal: Exception | None = None,
) -> HttpResponse:
    """One request: old beside new, where it stands, its log, and the steps that the user may take."""
    user = signed_in(request)
    today = timezone.localdate()
    decides = can(user, Action.ADJUST, project)
    verbs = [
        verb for verb, moves in changing.MOVES.items() if found.state in moves and verb in STEPS and decides
    ]
    return page(
        request,
        "reports/change.html",
        project,
        status=status,
        section="reports:changes",
        row=row_of(found),
        change=found,
        flow=flow_of(found),
        steps=found.steps.select_related("by"),
        verbs=[
            {"verb": verb, "label": STEPS[verb][1], "form": (bound or {}).get(verb) or blank(verb, today)}
            for verb in verbs
        ],
        may_withdraw=found.state in changing.MOVES["withdraw"] and found.asked_by_id == user.pk,
        is_open=found.state in ChangeRequest.OPEN,
        refusal=refusal,
        today=today,
    )


def blank(verb: str, today: Any) -> Any:
    return STEPS[verb][0](today=today, auto_id=f"{verb}_%s")


def flow_of(found: ChangeRequest) -> list[dict[str, str]]:
    """The way of a request as far as it came; what was refused or withdrawn ends where it did."""
    reached = [
        state
        for state, day in zip(
            State, (found.asked_on, found.deliberated_on, found.reported_on, found.approved_on), strict=False
        )
        if day
    ]
    steps = [{"label": label, "status": "done" if state in reached else "next"} for state, label in WAY]
    if found.state in ChangeRequest.OPEN:
        steps[len(reached)]["status"] = "now"
    elif found.state != State.APPROVED:
        steps = [*steps[: len(reached)], {"label": found.get_state_display(), "status": "now"}]
    return steps


@login_required
@require_POST
@takes_at_most("EVIDENCE_MAX_BYTES")
def act(request: HttpRequest, pk: int, change_pk: int, verb: str) -> HttpResponse:
    """Take one step. Whoever asked may withdraw; all else the office does."""
    user = signed_in(request)
    project = project_or_404(user, pk)
    found = change_or_404(user, project, change_pk)
    if verb == "withdraw":
        require(found.asked_by_id == user.pk, f"只有申请人{found.asked_by}本人可以撤回。")
        return taken(
            request,
            project,
            found,
            "已撤回申请。",
            lambda: changing.withdraw(found, by=user, now=timezone.now()),
        )
    require(can(user, Action.ADJUST, project), "调整申请由项目办办理，您不能记录审议、上报和批复。")
    if verb not in STEPS:
        raise Http404
    made, _, done = STEPS[verb]
    form = (
        made(request.POST, request.FILES, today=timezone.localdate(), auto_id=f"{verb}_%s")
        if verb == "approve"
        else made(request.POST, today=timezone.localdate(), auto_id=f"{verb}_%s")
    )
    if not form.is_valid():
        status = status_of(request, form)
        return change_page(request, project, found, bound={verb: form}, status=status)

    def step() -> None:
        with evidence.filing() as files:
            given = form.arguments()
            if upload := form.cleaned_data.get("file"):
                given["file"] = files.store(upload, project.institution, by=user)[0]
            getattr(changing, verb)(found, by=user, now=timezone.now(), **given)

    if verb == "approve":
        day = form.arguments()["in_force_on"]
        done = done.format(f"自 {day} 起按新值调整" if day > timezone.localdate() else "已按新值调整")
    return taken(request, project, found, done, step, bound={verb: form})


def taken(
    request: HttpRequest,
    project: Project,
    found: ChangeRequest,
    done: str,
    step: Any,
    bound: dict[str, Any] | None = None,
) -> HttpResponse:
    try:
        step()
    except evidence.NotStored as fault:
        messages.error(request, str(fault))
        return change_page(request, project, found, bound=bound, status=UNPROCESSABLE)
    except (changing.NotAllowed, NotWritable) as refusal:
        found.refresh_from_db()
        return change_page(
            request, project, found, bound=bound, status=refused_with(refusal), refusal=refusal
        )
    messages.success(request, done)
    return redirect("reports:change", project.pk, found.pk)


@login_required
@require_GET
def file(request: HttpRequest, pk: int, change_pk: int, which: str) -> FileResponse:
    """申请材料 (`request`) or 批复/备案文件 (`approval`), behind the permission to see the request."""
    user = signed_in(request)
    project = project_or_404(user, pk)
    found = change_or_404(user, project, change_pk)
    stored = {"request": found.file, "approval": found.approval_file}.get(which)
    if stored is None:
        raise Http404("没有上传这份文件。")
    path = evidence.fetched(stored)
    if not path.is_file():
        raise Http404("文件不在服务器上，请联系管理员。")
    label = "申请材料" if which == "request" else "批复备案文件"
    inline = "view" in request.GET and stored.content_type in INLINE
    return FileResponse(
        path.open("rb"),
        as_attachment=not inline,
        filename=f"任务书调整{label}_{found.asked_on}_{found.pk}{ending(stored)}",
        content_type=stored.content_type,
    )


def ending(stored: StoredFile) -> str:
    return next((kind.extensions[0] for kind in KINDS if kind.content_type == stored.content_type), "")
