"""定稿: making a version of a report, reading it back, having files made of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.forms import DayField, WordsField
from projects.models import Project
from projects.permissions import Action, project_or_404
from projects.reviewing import panel_of
from projects.views.page import CONFLICT, UNPROCESSABLE, page, signed_in
from reports import finalising, rendering
from reports.facts import main_window
from reports.inspection.undecided import LABELS, by_state, undecided
from reports.kinds import kind, kinds_for
from reports.models import Snapshot
from reports.renderers.html import document_context
from reports.views.report import files_shown, form_or_404, reported_project
from reports.views.tabs import tab


class FinaliseForm(forms.Form):
    """Which report, as of which date. What is approved now counts."""

    use_required_attribute = False
    kind = forms.ChoiceField(label="报告类型", error_messages={"required": "请选择报告类型。"})
    as_of = DayField(label="截至日期", error_messages={"required": "请填写截至日期。"})
    reason = WordsField(
        label="说明",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="内部留存，不进入报告。更正前一版的，写明更正了什么。",
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        window = main_window(project)
        kwargs["initial"] = {"as_of": window.cutoff}
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kind"]
        kinds.choices = [(each.identifier, each.label_in(window)) for each in kinds_for(project)]
        self.today = timezone.localdate()

    def clean_as_of(self) -> date:
        day: date = self.cleaned_data["as_of"]
        if day > self.today:
            raise forms.ValidationError(f"截至日期 {day} 还没有到，不能定稿。")
        return day


@login_required
@require_http_methods(["GET", "POST"])
def finalise(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, with what would not count, then store the version and lock the window."""
    user = signed_in(request)
    project = project_or_404(user, pk, Action.FINALISE)
    if request.method != "POST":
        return finalise_page(request, project, FinaliseForm(project=project))
    form = FinaliseForm(request.POST, project=project)
    if not form.is_valid():
        return finalise_page(request, project, form, status=UNPROCESSABLE)
    given = form.cleaned_data
    try:
        made = finalising.finalise(
            project,
            kind(given["kind"]),
            given["as_of"],
            by=user,
            now=timezone.now(),
            reason=given["reason"],
        )
    except finalising.NotAllowed as refusal:
        return finalise_page(request, project, form, status=CONFLICT, refusal=refusal)
    messages.success(request, f"“{made.report.title}”第 {made.number} 版已定稿，统计时段已锁定。")
    return redirect("reports:version", pk, made.pk)


def finalise_page(
    request: HttpRequest,
    project: Project,
    form: FinaliseForm,
    *,
    status: int = 200,
    refusal: finalising.NotAllowed | None = None,
) -> HttpResponse:
    window = project.windows.filter(is_main=True).first()
    cutoff = main_window(project).cutoff
    user = signed_in(request)
    found = undecided(panel_of(user, project), user, cutoff)
    return page(
        request,
        "reports/finalise.html",
        project,
        status=status,
        section="reports:report",
        form=form,
        window=window,
        undecided=found,
        by_state=by_state(found),
        cutoff=cutoff,
        refusal=refusal,
    )


@login_required
@require_GET
def in_the_way(request: HttpRequest, pk: int) -> HttpResponse:
    """What would not count in a report that was finalised now: all of it, or what is in one state."""
    user = signed_in(request)
    project = project_or_404(user, pk, Action.FINALISE)
    cutoff = main_window(project).cutoff
    found = undecided(panel_of(user, project), user, cutoff)
    asked = request.GET.get("state", "")
    chosen = asked if asked in LABELS else ""
    return page(
        request,
        "reports/in_the_way.html",
        project,
        section="reports:report",
        cutoff=cutoff,
        tabs=[
            tab(request, "state", state, label, count, is_active=state == chosen)
            for state, label, count in (("", "全部", len(found)), *by_state(found))
        ],
        rows=[each for each in found if chosen in ("", each.record.state)],
    )


def version_or_404(project: Project, version_pk: int) -> Snapshot:
    found = Snapshot.objects.filter(report__project=project).select_related("report__project", "finalised_by")
    return get_object_or_404(found, pk=version_pk)


@login_required
@require_GET
def version(request: HttpRequest, pk: int, version_pk: int) -> HttpResponse:
    """A finalised version as it was stored, if it still is what was finalised."""
    project = reported_project(request, pk)
    found = version_or_404(project, version_pk)
    later = Snapshot.objects.filter(supersedes=found).defer("document").first()
    context: dict[str, Any] = {"version": found, "later": later, "section": "reports:report"}
    try:
        document = finalising.document_of(found)
    except finalising.NotIntact as fault:
        return page(request, "reports/version.html", project, status=CONFLICT, fault=fault, **context)
    return page(request, "reports/version.html", project, **context, **document_context(document))


@login_required
@require_POST
def version_file(request: HttpRequest, pk: int, version_pk: int, format: str) -> HttpResponse:
    """Have a file made of a version; it shows in the list of files."""
    project = reported_project(request, pk)
    form = form_or_404(format)
    rendering.order_version(version_or_404(project, version_pk), form, by=signed_in(request))
    return files_shown(request, project)
