"""Filling in: the form of a point, handing it in, taking it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from projects import evidence, history, review
from projects.door import EVIDENCE_SIZES, status_of, takes_at_most
from projects.forms import REASON_KINDS, EntryForm, typed_from
from projects.gathered import gathered, point_of
from projects.guard import Guard, NotWritable, Refusal, writable
from projects.models import Entry, State, TaskPoint, User
from projects.needed import lacking, needed
from projects.permissions import (
    entry_or_404,
    entry_to_submit_or_404,
    point_to_fill_or_404,
    require,
    require_withdraw,
)
from projects.reviewing import Panel
from projects.rounds import asked_of
from projects.views.files import file_rows
from projects.views.page import CONFLICT, FORBIDDEN, UNPROCESSABLE, page, signed_in, to_point


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@takes_at_most(*EVIDENCE_SIZES, field="materials")
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a point: go on with the draft, correct what was decided, or begin."""
    point = point_to_fill_or_404(signed_in(request), pk)
    gone = Guard(signed_in(request), point.project, timezone.localdate()).permission(point)
    require(gone is None, str(gone))
    if request.method != "POST":
        return blank_form(request, point)
    submitting = request.POST.get("step") == "submit"
    form = form_of(point, request.POST, request.FILES, submitting=submitting)
    if not form.is_valid():
        return fill_page(request, point, form, status=status_of(request, form))
    if refusal := writable(signed_in(request), point, form.cleaned_data["effective_on"], form.today):
        return fill_page(request, point, form, status=FORBIDDEN, refusal=refusal)
    try:
        filed = write(point, form, signed_in(request), request.POST.get("seen", ""))
    except evidence.NotStored as fault:
        form.add_error("materials", str(fault))
        return fill_page(request, point, form, status=UNPROCESSABLE)
    except review.NotAllowed as refusal:
        return fill_page(request, point, form, status=CONFLICT, refusal=refusal)
    if submitting:
        messages.success(request, submitted(point))
    else:
        messages.success(request, "草稿已保存，提交后才会进入审核。")
    tell(request, filed)
    if submitting:
        warn_without_evidence(request, point)
    return to_point(point.pk)


def tell(request: HttpRequest, filed: list[evidence.Filed]) -> None:
    if new := [one for one in filed if not one.is_known]:
        messages.success(request, f"已添加 {len(new)} 份佐证材料。")
    for one in filed:
        if one.is_known:
            messages.info(request, f"内容与已有材料“{one.evidence.title}”相同，已直接关联，没有重复保存。")


def warn_without_evidence(request: HttpRequest, point: TaskPoint) -> None:
    if point.evidence_required and not point.evidence_uses.exists():
        messages.warning(request, f"已提交，但还没有佐证材料：任务书要求 {point.evidence_required}")


def blank_form(request: HttpRequest, point: TaskPoint) -> HttpResponse:
    latest = review.latest(point)
    if latest and latest.state == State.SUBMITTED:
        messages.info(request, review.WAITING)
        return to_point(point.pk)
    return fill_page(request, point, form_of(point, submitting=False, initial=typed_from(latest)))


def form_of(point: TaskPoint, *args: Any, submitting: bool, **kwargs: Any) -> EntryForm:
    today = timezone.localdate()
    facts = gathered(point.task.project, today)
    form = EntryForm(
        *args,
        point=point,
        fact=point_of(facts, point.pk),
        today=today,
        submitting=submitting,
        asked=asked_of(point.task.project, point.pk, facts, today),
        **kwargs,
    )
    form.fields["materials"].widget.attrs["data-upload"] = reverse(
        "reports:proof_add", args=["point", point.pk]
    )
    return form


def write(point: TaskPoint, form: EntryForm, user: User, seen: str) -> list[evidence.Filed]:
    """The draft, its files and, when asked, its submission: all or nothing."""
    with evidence.filing() as files:
        entry = review.save_draft(point, form.values(), by=user, seen=seen)
        filed = [files.attach(point, upload, by=user) for upload in form.cleaned_data["materials"]]
        if form.submitting:
            review.resubmit(entry, by=user, now=timezone.now(), has_new_files=bool(filed))
    return filed


def fill_page(
    request: HttpRequest,
    point: TaskPoint,
    form: EntryForm,
    *,
    status: int = 200,
    refusal: review.NotAllowed | Refusal | None = None,
) -> HttpResponse:
    """The form; after a refusal with what stands now beside what was typed."""
    latest = review.latest(point)
    overtaken = isinstance(refusal, review.Overtaken)
    files = file_rows(point)
    return page(
        request,
        "projects/fill.html",
        point.task.project,
        status=status,
        section="reports:mine",
        point=point,
        form=form,
        latest=latest,
        seen=review.version_of(latest),
        refusal=refusal,
        shut=Guard(signed_in(request), point.project, form.today).shut(point),
        returned=history.comments([latest]).get(latest.pk)
        if latest and latest.state == State.RETURNED
        else None,
        standing=history.content(point, latest) if latest and overtaken else None,
        is_due=point.due_on <= form.today,
        reason_kinds=REASON_KINDS,
        files=files,
        lacks=lacking(needed(point.evidence_required).count, len(files)),
    )


@login_required
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in a saved draft as it is; what is missing leads back to the form."""
    user = signed_in(request)
    entry = entry_to_submit_or_404(user, pk)
    form = form_of(entry.point, typed_from(entry), submitting=True)
    if not form.is_valid():
        for name, sentences in form.errors.items():
            messages.error(request, f"还不能提交。{form[name].label}：{sentences[0]}")
        return redirect("projects:fill", entry.point_id)
    if refusal := writable(user, entry.point, entry.dated, form.today):
        raise NotWritable(f"还不能提交。{refusal}")
    answer = step(request, entry, lambda: submitted(entry.point), review.resubmit, now=timezone.now())
    entry.refresh_from_db(fields=["state"])
    if entry.state == State.SUBMITTED:
        warn_without_evidence(request, entry.point)
    return answer


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    entry = entry_or_404(signed_in(request), pk)
    require_withdraw(signed_in(request), entry)
    return step(request, entry, lambda: "已撤回，可以继续修改后再提交。", review.withdraw)


def submitted(point: TaskPoint) -> str:
    """`已提交，等待部门审核：李静。`"""
    entry = review.latest(point)
    entry.point = point
    return Panel(point.project, timezone.localdate()).whereabouts(entry) + "。"


def step(
    request: HttpRequest, entry: Entry, done: Callable[[], str], verb: Any, **arguments: Any
) -> HttpResponse:
    """Take one step, say what came of it, and show the point."""
    try:
        verb(entry, by=signed_in(request), **arguments)
    except review.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done())
    return to_point(entry.point_id)
