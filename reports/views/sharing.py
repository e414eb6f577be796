"""分解下达: how a point or an indicator is split, what its units report, and the total for the lead."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.models import Indicator, IndicatorShare
from projects import review, sharing
from projects.guard import NotWritable, writable
from projects.leading import may_split
from projects.models import PointShare, Project, Share, User
from projects.notes import notes_about
from projects.numbers import plain
from projects.permissions import (
    can_fill,
    point_or_404,
    require,
    require_view,
    visible_project_or_404,
)
from projects.share_forms import ConfirmForm, Parts, ShareReportForm
from projects.views.page import CONFLICT, UNPROCESSABLE, page, signed_in
from projects.views.shares import shown
from reports.desk.desk import Desk
from reports.desk.filing import Typed, file, status_of
from reports.desk.kinds import BY_NAME

SHARES: dict[str, Any] = {"point": PointShare, "indicator": IndicatorShare}
# Amount, day and words of what reports on the whole.
FIELDS = {
    "point": ("quantity", "effective_on", "description"),
    "indicator": ("value", "measured_on", "note"),
}
SECTIONS = {"point": "reports:tasks", "indicator": "reports:indicators"}


def subject_or_404(user: User, kind: str, pk: int) -> Any:
    """The point or indicator, for those who may read it."""
    if kind == "point":
        return point_or_404(user, pk)
    if kind != "indicator":
        raise Http404
    indicators = Indicator.objects.select_related("department", "task").prefetch_related("co_departments")
    found = get_object_or_404(indicators, pk=pk)
    found.project = visible_project_or_404(user, found.project_id)
    require_view(user, found.project)
    return found


def share_or_404(user: User, kind: str, pk: int) -> tuple[Any, Any]:
    """A share and what it is a share of."""
    model = SHARES.get(kind)
    if model is None:
        raise Http404
    share = get_object_or_404(model.objects.select_related("department", "assignee"), pk=pk)
    subject = subject_or_404(user, kind, getattr(share, f"{kind}_id"))
    setattr(share, kind, subject)
    return share, subject


@login_required
@require_GET
def shares(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Who has taken over what and how far each is, with the sum."""
    user = signed_in(request)
    return shares_page(request, user, kind, subject_or_404(user, kind, pk))


def shares_page(
    request: HttpRequest, user: User, kind: str, subject: Any, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    """With the open draft, if there is one: its number is what the total would replace."""
    latest = review.latest(subject)
    draft = latest if latest and review.is_open_draft(latest) else None
    amount, day, text = FIELDS[kind]
    return show(
        request,
        "reports/shares.html",
        subject,
        kind,
        status=status,
        **shown(user, kind, subject),
        may_fill=can_fill(user, subject),
        notes=notes_about(subject)[:20],
        seen=review.version_of(latest),
        refusal=refusal,
        # What the total would replace, and after a conflict what the other person wrote meanwhile.
        standing=latest if refusal else draft,
        standing_amount=getattr(latest, amount, None),
        standing_on=getattr(latest, day, None),
        standing_text=getattr(latest, text, ""),
    )


@login_required
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The rows of a split, changed as a whole."""
    user = signed_in(request)
    subject = subject_or_404(user, kind, pk)
    owner = subject.department or "项目办"
    require(may_split(user, subject), f"“{subject}”由{owner}负责人、建设组长或项目办分解，您不能分解。")
    standing = sharing.shares_of(subject)
    if request.method != "POST":
        initial = [{"department": s.department_id, "target": number(s.target)} for s in standing]
        return split_page(request, kind, subject, standing, parts_of(subject, initial=initial), ConfirmForm())
    parts = parts_of(subject, data=request.POST)
    confirm = ConfirmForm(request.POST)
    # Both say what is wrong with them.
    if not all((parts.is_valid(), confirm.is_valid())):
        return split_page(request, kind, subject, standing, parts, confirm, status=UNPROCESSABLE)
    try:
        made = sharing.split(
            subject, parts.wanted(), by=user, seen=request.POST.get("seen", ""), reason=confirm.confirmed()
        )
    except sharing.Unconfirmed as doubt:
        return split_page(
            request, kind, subject, standing, parts, confirm, status=UNPROCESSABLE, concerns=doubt.concerns
        )
    except review.NotAllowed as refusal:
        return split_page(request, kind, subject, standing, parts, confirm, status=CONFLICT, refusal=refusal)
    done = f"已分解下达给 {len(made)} 个部门，各部门在“我的任务”里填报进展。" if made else "已取消分解。"
    messages.success(request, done)
    return redirect("reports:shares", kind, pk)


def parts_of(subject: Any, **kwargs: Any) -> Any:
    return Parts(project=subject.project, unit=subject.unit, prefix="part", **kwargs)


def number(value: Any) -> str:
    return "" if value is None else plain(value)


def split_page(
    request: HttpRequest,
    kind: str,
    subject: Any,
    standing: list[Share],
    parts: Any,
    confirm: ConfirmForm,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """The form; `standing` is shown beside what was typed when another person was faster."""
    kinds: dict[str, int] = {}
    for department in parts.departments:
        kinds[department.kind] = kinds.get(department.kind, 0) + 1
    return show(
        request,
        "reports/split.html",
        subject,
        kind,
        status=status,
        standing=standing,
        parts=parts,
        confirm=confirm,
        seen=sharing.split_version(subject, standing),
        kinds=[each for each, count in sorted(kinds.items()) if each and count > 1],
        kind_of={department.pk: department.kind for department in parts.departments},
        **context,
    )


@login_required
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """What a unit reports on its share."""
    user = signed_in(request)
    found, subject = share_or_404(user, kind, pk)
    require(can_fill(user, found), f"“{subject}”的这一份由{found.department}填报，您不能填报。")
    if request.method != "POST":
        desk = Desk(user, subject.project, timezone.localdate())
        standing = BY_NAME[f"{kind}share"].standing(desk, found)
        form = ShareReportForm(initial=standing, share=found, unit=subject.unit)
        return share_page(request, kind, subject, found, form)
    form = ShareReportForm(request.POST, share=found, unit=subject.unit)
    if not form.is_valid():
        return share_page(request, kind, subject, found, form, status=UNPROCESSABLE)
    typed = Typed(
        f"{kind}share:{pk}",
        request.POST.get("seen", ""),
        {name: request.POST.get(name, "") for name in form.fields},
    )
    filed = file(
        user, subject.project, [typed], today=timezone.localdate(), now=timezone.now(), step="draft"
    )[0]
    if filed.ok:
        messages.success(request, f"已填报{found.department}的进展，由牵头部门汇总确认。")
        return redirect("reports:shares", kind, subject.pk)
    for name, sentences in filed.errors.items():
        form.add_error(name or None, list(sentences))
    found.refresh_from_db()
    about = {"refusal": filed.refusal, "theirs": filed.theirs}
    return share_page(request, kind, subject, found, form, status=status_of([filed]), **about)


def share_page(
    request: HttpRequest,
    kind: str,
    subject: Any,
    found: Any,
    form: ShareReportForm,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    return show(
        request,
        "reports/share.html",
        subject,
        kind,
        status=status,
        share=found,
        form=form,
        seen=sharing.version_of(found),
        section="reports:mine",
        **context,
    )


@login_required
@require_POST
def take_total(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The sum of what the units reported becomes the draft of the whole, which the lead completes."""
    user = signed_in(request)
    subject = subject_or_404(user, kind, pk)
    owner = subject.department or "项目办"
    require(can_fill(user, subject), f"“{subject}”由{owner}填报，您不能填报。")
    total = sharing.total_of(subject, sharing.shares_of(subject))
    if total.quantity is None or total.reported_on is None:
        messages.error(request, "各部门还没有填报数量，没有合计可以填入。")
        return redirect("reports:shares", kind, pk)
    try:
        if refusal := writable(user, subject, total.reported_on, timezone.localdate()):
            raise NotWritable(str(refusal))
        latest = review.latest(subject)
        values = filled_in(kind, total, latest)
        review.save_draft(subject, values, by=user, seen=request.POST.get("seen", ""))
    except review.Overtaken as refusal:
        return shares_page(request, user, kind, subject, status=CONFLICT, refusal=str(refusal))
    except review.NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("reports:shares", kind, pk)
    words = f"{plain(total.quantity)} {subject.unit}".strip()
    messages.success(request, f"已按分解合计填入 {words}，存为草稿；核对后请提交。")
    if kind == "point":
        return redirect("projects:fill", pk)
    return redirect(f"{reverse('reports:mine', args=[subject.project.pk])}#{kind}:{pk}")


def filled_in(kind: str, total: sharing.Total, latest: Any) -> dict[str, Any]:
    """The total as values of an entry or an indicator value; words in an open draft are kept."""
    amount, day, text = FIELDS[kind]
    words = getattr(latest, text) if latest and review.is_open_draft(latest) else ""
    return {amount: total.quantity, day: total.reported_on, text: words or total.text, "ratio": None}


def show(
    request: HttpRequest, template: str, subject: Any, kind: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    project: Project = subject.project
    about = {"subject": subject, "kind": kind, "section": SECTIONS[kind], "name": name_of(subject)}
    return page(request, template, project, status=status, **(about | context))


def name_of(subject: Any) -> str:
    """The words of a point, the name of an indicator."""
    return str(subject.text if hasattr(subject, "text") else subject.name)
