"""One material: its file, what it proves, what is said of it, and its trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from projects import evidence, materials
from projects.door import EVIDENCE_SIZES, status_of, takes_at_most, wants_json
from projects.filetypes import KINDS
from projects.forms import EvidenceForm
from projects.models import Evidence
from projects.permissions import Action, can, can_fill, project_or_404, require
from projects.proving import (
    kind_label,
    may_edit,
    refuse_hidden,
    target_of_code,
    target_to_fill_or_404,
    uses_of,
)
from projects.views.files import framed, page_of, preview_of
from projects.views.page import CONFLICT, UNPROCESSABLE, page, signed_in
from reports import proofs
from reports.facts import gather
from reports.forms import MaterialForm, TargetForm, UseForm, beside
from reports.library import materials as all_materials
from reports.views.evidence import numbers, why


def material_or_404(request: HttpRequest, pk: int, evidence_pk: int) -> Evidence:
    """A material of a project the user sees."""
    project = project_or_404(signed_in(request), pk)
    rows = Evidence.objects.filter(project=project).select_related("file__uploaded_by")
    found: Evidence = get_object_or_404(rows, pk=evidence_pk)
    found.project = project
    refuse_hidden(signed_in(request), found)
    return found


def material_to_edit_or_404(request: HttpRequest, pk: int, evidence_pk: int) -> Evidence:
    found = material_or_404(request, pk, evidence_pk)
    allowed = may_edit(signed_in(request), found, uses_of(found))
    require(allowed, "只有项目办，或这份材料所佐证内容的填报人可以修改它。")
    return found


@dataclass(frozen=True, slots=True)
class Conflict:
    """What another person wrote meanwhile beside what the user typed: label, theirs, ours."""

    sentence: str
    rows: list[tuple[str, str, str]]

    def __str__(self) -> str:
        return self.sentence


def stands(form: MaterialForm | UseForm, conflict: materials.Overtaken) -> Conflict:
    """Once both versions are shown, the next save overwrites knowingly."""
    form.standing(conflict.record)
    return Conflict(str(conflict), beside(form, conflict.record))


@login_required
@require_GET
def material(request: HttpRequest, pk: int, evidence_pk: int) -> HttpResponse:
    return material_page(request, material_or_404(request, pk, evidence_pk))


def material_page(
    request: HttpRequest,
    found: Evidence,
    *,
    status: int = 200,
    form: MaterialForm | None = None,
    theirs: Conflict | None = None,
    use_form: UseForm | None = None,
    target_form: TargetForm | None = None,
) -> HttpResponse:
    """A material with its preview, what it proves, and its trail; after a conflict with what stands now."""
    user = signed_in(request)
    uses = uses_of(found)
    listed = numbers(all_materials(gather(found.project, None)))
    rows = proofs.use_rows(uses, user, timezone.localdate())
    for row in rows:
        is_this = use_form is not None and use_form.use == row["use"]
        row["form"] = use_form if is_this else UseForm(use=row["use"])
    file = found.file
    preview = preview_of(found)
    place = next((row["anchor"] for row in rows if row["anchor"]), "")
    return page(
        request,
        "reports/material.html",
        found.project,
        status=status,
        section="reports:library",
        material=found,
        number=listed.get(found.pk, ""),
        kind=next((kind.name for kind in KINDS if file and kind.content_type == file.content_type), ""),
        download=reverse("projects:evidence", args=[found.pk]) if file else "",
        preview=framed(preview, place),
        is_image=file is not None and file.content_type.startswith("image/"),
        rows=rows,
        may_edit=may_edit(user, found, uses),
        form=form or MaterialForm(material=found),
        file_form=EvidenceForm(
            upload=reverse("reports:material_file", args=[found.project_id, found.pk]), is_single=True
        ),
        theirs=theirs,
        target_form=(target_form or TargetForm()) if can(user, Action.FILL, found.project) else None,
        trail=materials.notes_about(found)[:30],
    )


@login_required
@require_POST
def edit(request: HttpRequest, pk: int, evidence_pk: int) -> HttpResponse:
    """Change what is said about a material."""
    found = material_to_edit_or_404(request, pk, evidence_pk)
    form = MaterialForm(request.POST, material=found)
    if not form.is_valid():
        return material_page(request, found, form=form, status=UNPROCESSABLE)
    try:
        materials.describe(found, form.cleaned_data, by=signed_in(request), seen=request.POST.get("seen", ""))
    except materials.Taken as fault:
        form.add_error("title", str(fault))
        return material_page(request, found, form=form, status=UNPROCESSABLE)
    except materials.Overtaken as conflict:
        theirs = stands(form, conflict)
        return material_page(request, found, form=form, theirs=theirs, status=CONFLICT)
    messages.success(request, "已保存材料信息。")
    return HttpResponseRedirect(page_of(found))


@login_required
@require_POST
def use(request: HttpRequest, pk: int, evidence_pk: int) -> HttpResponse:
    """Link a material to one more thing of its project."""
    user = signed_in(request)
    found = material_or_404(request, pk, evidence_pk)
    require(can(user, Action.FILL, found.project), "您没有填报权限，不能关联佐证材料，请联系本校项目办。")
    form = TargetForm(request.POST)
    target = None
    if form.is_valid():
        kind, code = form.cleaned_data["kind"], form.cleaned_data["code"]
        target = target_of_code(user, found.project, kind, code)
        if target is None:
            form.add_error("code", f"没有编号为“{code}”的{kind_label(kind)}，请核对编号。")
        elif not can_fill(user, target):
            owner = target.department or "项目办"
            form.add_error("code", f"{kind_label(kind)}“{code}”由{owner}填报，您不能为它关联材料。")
    if target is None or form.errors:
        return material_page(request, found, target_form=form, status=UNPROCESSABLE)
    if materials.link(target, found, by=user):
        messages.success(request, f"已用于{materials.said(target)}。")
    else:
        messages.info(request, f"这份材料已用于{materials.said(target)}。")
    return HttpResponseRedirect(page_of(found))


@login_required
@require_POST
def edit_use(request: HttpRequest, kind: str, pk: int, evidence_pk: int) -> HttpResponse:
    """Change the pages and the sentence of one use."""
    user = signed_in(request)
    target = target_to_fill_or_404(user, kind, pk)
    use = get_object_or_404(target.evidence_uses.select_related("evidence__file"), evidence=evidence_pk)
    use.evidence.project = target.project
    setattr(use, use.TARGET, target)
    form = UseForm(request.POST, use=use)
    if not form.is_valid():
        return material_page(request, use.evidence, use_form=form, status=UNPROCESSABLE)
    try:
        materials.describe_use(use, form.cleaned_data, by=user, seen=request.POST.get("seen", ""))
    except materials.Overtaken as conflict:
        theirs = stands(form, conflict)
        return material_page(request, use.evidence, use_form=form, theirs=theirs, status=CONFLICT)
    messages.success(request, f"已保存用于{materials.said(target)}的页码和说明。")
    return HttpResponseRedirect(page_of(use.evidence))


@login_required
@require_POST
@takes_at_most(*EVIDENCE_SIZES, field="materials")
def complete(request: HttpRequest, pk: int, evidence_pk: int) -> HttpResponse:
    """Give its file to a material of which only the index is known."""
    user = signed_in(request)
    found = material_to_edit_or_404(request, pk, evidence_pk)
    if found.file_id is not None:
        return refused(request, found, ["这份材料已有文件，没有再次保存。"], status=CONFLICT)
    if name := request.POST.get("sha256") and request.POST.get("name", ""):
        # Its content is compared with what the index says of it, so it has to travel.
        return JsonResponse({"ok": False, "name": name, "errors": [], "unknown": True})
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return refused(request, found, form.errors["materials"], status=status_of(request, form))
    uploads = form.cleaned_data["materials"]
    if len(uploads) > 1:
        return refused(request, found, ["一份材料只有一个文件，请只选一个。"])
    try:
        with evidence.filing() as files:
            filed = files.complete(found, uploads[0], by=user)
    except ValidationError as fault:
        return refused(request, found, fault.messages)
    except evidence.NotStored as fault:
        return refused(request, found, [str(fault)], status=507)
    if wants_json(request):
        answer = proofs.told(filed.evidence, None, {})
        return JsonResponse({"ok": True, "name": found.file_name, "errors": [], "reload": True} | answer)
    messages.success(request, f"已补传“{found.title}”的文件。")
    return HttpResponseRedirect(page_of(found))


def refused(
    request: HttpRequest, found: Evidence, faults: Any, *, status: int = UNPROCESSABLE
) -> HttpResponse:
    """Nothing was stored, and why: for a script as JSON, else above the material."""
    return why(request, faults, status) or material_page(request, found, status=status)
