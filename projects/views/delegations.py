"""委托他人代审: who stands in for whom, until when."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from projects import delegating
from projects.delegating import DelegationForm
from projects.models import User
from projects.permissions import project_or_404, require
from projects.reviewing import Panel, panel_of
from projects.views.page import UNPROCESSABLE, page, signed_in


def panel_or_404(user: User, pk: int) -> Panel:
    panel = panel_of(user, project_or_404(user, pk))
    require(bool(panel.seats_of(user)), f"您不是“{panel.project}”的审核人，不能委托代审。")
    return panel


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delegations(request: HttpRequest, pk: int) -> HttpResponse:
    user, today = signed_in(request), timezone.localdate()
    panel = panel_or_404(user, pk)
    form = DelegationForm(request.POST or None, user=user, panel=panel, today=today, initial={"since": today})
    if request.method == "POST" and form.is_valid():
        made = form.save()
        messages.success(
            request, f"{made.since} 至 {made.until}，{made.substitute}代{made.absent}审核。已记录。"
        )
        return redirect("projects:delegations", pk)
    return page(
        request,
        "projects/delegations.html",
        panel.project,
        status=UNPROCESSABLE if form.errors else 200,
        section="reports:review",
        form=form,
        today=today,
        rows=delegating.shown_to(user, panel)[:50],
    )


@login_required
@require_POST
def end(request: HttpRequest, pk: int, delegation_pk: int) -> HttpResponse:
    user = signed_in(request)
    panel = panel_or_404(user, pk)
    delegation = get_object_or_404(delegating.shown_to(user, panel), pk=delegation_pk)
    allowed = delegating.manages(user, panel) or delegation.absent_id == user.pk
    require(allowed, "只有委托人本人或项目办可以结束委托。")
    try:
        delegating.end(delegation, now=timezone.now())
    except delegating.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已结束{delegation.substitute}代{delegation.absent}的审核。")
    return redirect("projects:delegations", pk)
