"""审核层级 of a project, and the usual words of the college's reviewers."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from projects import levels as setting
from projects.levels import LevelsForm, PhrasesForm
from projects.models import Project
from projects.permissions import Action, project_or_404
from projects.reviewing import PHRASES, chain, panel_of
from projects.views.page import CONFLICT, UNPROCESSABLE, page, signed_in


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def levels(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    project = project_or_404(user, pk, Action.LEVELS)
    form = LevelsForm(request.POST or None, project=project)
    if request.method != "POST":
        return shown(request, project, form)
    if not form.is_valid():
        return shown(request, project, form, status=UNPROCESSABLE)
    try:
        left = setting.change(
            project, form.roles(), by=user, now=timezone.now(), seen=request.POST.get("seen", "")
        )
    except setting.Overtaken as refusal:
        messages.error(request, str(refusal))
        return shown(request, project, form, status=CONFLICT)
    standing = chain(Project.objects.get(pk=project.pk))
    messages.success(request, f"审核层级已改为：{setting.said(standing)}。")
    if left:
        messages.warning(
            request, f"{left} 项在审的填报已审完这么多级，保留已审的结果，由{standing[-1].desk}终审。"
        )
    return redirect("projects:levels", pk)


@login_required
@require_POST
def phrases(request: HttpRequest, pk: int) -> HttpResponse:
    project = project_or_404(signed_in(request), pk, Action.LEVELS)
    form = PhrasesForm(request.POST)
    if not form.is_valid():
        return shown(request, project, LevelsForm(project=project), form, status=UNPROCESSABLE)
    try:
        setting.change_phrases(
            project.institution, form.cleaned_data["phrases"], seen=request.POST.get("seen", "")
        )
    except setting.PhrasesOvertaken as refusal:
        messages.error(request, str(refusal))
        standing = refusal.standing or ["（系统自带的几条）"]
        return shown(request, project, LevelsForm(project=project), form, status=CONFLICT, standing=standing)
    messages.success(request, "常用审核意见已保存。")
    return redirect("projects:levels", pk)


def shown(
    request: HttpRequest,
    project: Project,
    form: LevelsForm,
    words: PhrasesForm | None = None,
    status: int = 200,
    standing: Sequence[str] = (),
) -> HttpResponse:
    panel = panel_of(signed_in(request), project)
    own = setting.phrases_of(project.institution)
    return page(
        request,
        "projects/levels.html",
        project,
        status=status,
        section="projects:levels",
        form=form,
        words=words or PhrasesForm(initial={"phrases": "\n".join(own or PHRASES)}),
        seen=setting.version_of(panel.chain),
        seen_phrases=setting.phrases_version(own),
        standing=standing,
        rows=[(level, list({seat.user for seat in panel.by_role[level.role]})) for level in panel.chain],
        beyond=setting.beyond(project),
    )
