"""锁定与例外: the locked windows of a project, unlocking them, and who may still write."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from projects import locking
from projects.lock_forms import ExceptionForm, UnlockForm
from projects.models import Project, WindowException, WindowLog
from projects.permissions import Action, project_or_404
from projects.views.page import CONFLICT, UNPROCESSABLE, page, signed_in


def project_of(request: HttpRequest, pk: int) -> Project:
    return project_or_404(signed_in(request), pk, Action.FINALISE)


@login_required
@require_GET
def locks(request: HttpRequest, pk: int) -> HttpResponse:
    return locks_page(request, project_of(request, pk))


def locks_page(
    request: HttpRequest,
    project: Project,
    *,
    status: int = 200,
    exception_form: ExceptionForm | None = None,
    unlock_forms: dict[int, UnlockForm] | None = None,
    refusal: locking.NotAllowed | None = None,
) -> HttpResponse:
    """The windows with their locks, the exceptions that hold and those that are over, the log."""
    today = timezone.localdate()
    windows = list(project.windows.all())
    exceptions = list(
        WindowException.objects.filter(window__project=project)
        .select_related("window", "user", "granted_by")
        .prefetch_related("points__task")
    )
    holding = [each for each in exceptions if each.ended_at is None and each.until >= today]
    return page(
        request,
        "projects/locks.html",
        project,
        status=status,
        section="reports:report",
        windows=[
            (window, (unlock_forms or {}).get(window.pk) or UnlockForm(auto_id=f"unlock-{window.pk}-%s"))
            for window in windows
        ],
        is_locked=any(window.locked_at for window in windows),
        locked_to=max((window.cutoff for window in windows if window.locked_at), default=None),
        holding=holding,
        over=[each for each in exceptions if each not in holding],
        form=exception_form or ExceptionForm(project=project, today=today),
        log=WindowLog.objects.filter(window__project=project).select_related("window", "by").order_by("-id"),
        refusal=refusal,
    )


@login_required
@require_POST
def unlock(request: HttpRequest, pk: int, window_pk: int) -> HttpResponse:
    project = project_of(request, pk)
    window = get_object_or_404(project.windows, pk=window_pk)
    form = UnlockForm(request.POST, auto_id=f"unlock-{window.pk}-%s")
    if not form.is_valid():
        return locks_page(request, project, status=UNPROCESSABLE, unlock_forms={window.pk: form})
    try:
        locking.unlock(window, by=signed_in(request), now=timezone.now(), reason=form.cleaned_data["reason"])
    except locking.NotAllowed as refusal:
        return locks_page(request, project, status=CONFLICT, unlock_forms={window.pk: form}, refusal=refusal)
    messages.success(request, f"已解除“{window}”的锁定，填报人可以继续填报；已定稿的版本不变。")
    return redirect("projects:locks", pk)


@login_required
@require_POST
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person write on in a locked window."""
    project = project_of(request, pk)
    today = timezone.localdate()
    form = ExceptionForm(request.POST, project=project, today=today)
    if not form.is_valid():
        return locks_page(request, project, status=UNPROCESSABLE, exception_form=form)
    given: dict[str, Any] = form.cleaned_data
    try:
        made = locking.grant(
            given["window"],
            given["user"],
            given["points"],
            until=given["until"],
            reason=given["reason"],
            by=signed_in(request),
            today=today,
        )
    except locking.NotAllowed as refusal:
        return locks_page(request, project, status=CONFLICT, exception_form=form, refusal=refusal)
    messages.success(request, f"{made.user} 可以继续填报，至 {made.until} 为止。")
    return redirect("projects:locks", pk)


@login_required
@require_POST
def end(request: HttpRequest, pk: int, exception_pk: int) -> HttpResponse:
    project = project_of(request, pk)
    found = get_object_or_404(WindowException, pk=exception_pk, window__project=project)
    try:
        locking.end(found, now=timezone.now())
    except locking.NotAllowed as refusal:
        return locks_page(request, project, status=CONFLICT, refusal=refusal)
    messages.success(request, f"已提前结束 {found.user} 的锁定例外。")
    return redirect("projects:locks", pk)
