"""Evidence of points, indicators and ledger rows: uploaded, linked, described, and taken away again."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from projects import evidence, materials
from projects.door import takes_at_most, wants_json
from projects.filetypes import KINDS
from projects.forms import EvidenceForm
from projects.models import Evidence, User
from projects.permissions import Action, can, can_fill, project_or_404, readable_projects, require
from projects.proving import (
    is_hidden,
    kind_label,
    kind_of,
    may_edit,
    refusal_to_remove,
    target_of_code,
    target_or_404,
    target_to_fill_or_404,
    uses_of,
)
from projects.views.files import file_rows, page_of, preview_of
from projects.views.page import CONFLICT, UNPROCESSABLE, page, signed_in, to_point
from reports import proofs
from reports.facts import gather
from reports.forms import MaterialForm, TargetForm, UseForm, beside
from reports.library import Material
from reports.library import materials as all_materials

DIGEST = re.compile(r"[0-9a-f]{64}")
OFFERED = 10
SECTIONS = {"point": "reports:tasks", "indicator": "reports:indicators", "outcome": "reports:outcomes"}
EVIDENCE_SIZES = ("EVIDENCE_MAX_BYTES", "EVIDENCE_MORE_BYTES")

# A material that is now linked, and what was known of its file before.
Linked = tuple[Evidence, materials.Known | None]

log = logging.getLogger(__name__)


@login_required
@require_GET
def of_target(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The evidence of one thing: what there is, more of it, and what the library already has."""
    user = signed_in(request)
    target = target_or_404(user, kind, pk)
    found = all_materials(gather(target.project, None))
    text = request.GET.get("text", "")[:100]
    fills = can_fill(user, target)
    offered = proofs.linkable(found, target, text) if fills else []
    return page(
        request,
        "reports/proofs.html",
        target.project,
        section=SECTIONS[kind],
        target=target,
        kind=kind,
        label=kind_label(kind),
        text=proofs.text_of(target),
        back=proofs.address_of(target) if kind == "point" else "",
        files=file_rows(target, user, numbers(found)),
        may_add=fills,
        evidence_form=upload_form(kind, pk),
        asked=text,
        offered=offered[:OFFERED],
        more=len(offered) - OFFERED,
    )


def numbers(found: list[Material]) -> dict[int, str]:
    return {each.record.pk: each.number for each in found}


def upload_form(kind: str, pk: int) -> EvidenceForm:
    return EvidenceForm(upload=reverse("reports:proof_add", args=[kind, pk]))


@login_required
@require_POST
@takes_at_most(*EVIDENCE_SIZES, field="materials")
def add(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take in files for a target, or link one that the college has by its digest."""
    user = signed_in(request)
    target = target_to_fill_or_404(user, kind, pk)
    if digest := request.POST.get("sha256", ""):
        return by_digest(request, user, target, digest)
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return refused(request, target, form.errors["materials"])
    uploads: list[File[bytes]] = form.cleaned_data["materials"]
    try:
        with evidence.filing() as files:
            filed = [take(files, each, target, user) for each in uploads]
    except evidence.NotStored as fault:
        return refused(request, target, [str(fault)], status=507)
    return told(request, user, target, filed)


def take(files: evidence.Filing, upload: File[bytes], target: Any, user: User) -> Linked:
    stored, is_new = files.store(upload, target.project.institution, by=user)
    before = None if is_new else known(user, target, stored.sha256)
    name = evidence.clean_name(upload.name or "")
    return materials.link_file(target, stored, name, by=user), before


def known(user: User, target: Any, digest: str) -> materials.Known | None:
    """The file, when the user sees a project that has it."""
    college = target.project.institution
    projects = [project for project in readable_projects(user) if project.institution_id == college.pk]
    found = materials.known(college, digest, projects, besides=target)
    if found is None:
        return None
    return replace(found, uses=tuple(use for use in found.uses if not is_hidden(user, use.target)))


def by_digest(request: HttpRequest, user: User, target: Any, digest: str) -> HttpResponse:
    """A file that the user may see already need not travel; any other is not known here."""
    name = request.POST.get("name", "")
    if not DIGEST.fullmatch(digest) or "/" in name or "\\" in name or not name:
        return refused(request, target, ["文件的校验值或名称不对，请重新选择文件。"])
    found = known(user, target, digest)
    if found is None or not evidence.fetched(found.stored).is_file():
        return JsonResponse({"ok": False, "name": name, "errors": [], "unknown": True})
    kind = next(each for each in KINDS if each.content_type == found.stored.content_type)
    try:
        evidence.check_name(evidence.clean_name(name), kind)
    except ValidationError as fault:
        return refused(request, target, fault.messages)
    linked = materials.link_file(target, found.stored, evidence.clean_name(name), by=user)
    return told(request, user, target, [(linked, found)])


def told(request: HttpRequest, user: User, target: Any, filed: list[Linked]) -> HttpResponse:
    """What became of the files: for a script as JSON, with the list as it stands now; else on the page."""
    if not wants_json(request):
        say(request, filed)
        return back_to(target)
    listed = numbers(all_materials(gather(target.project, None)))
    answers = [proofs.told(found, before, listed) for found, before in filed]
    rows = file_rows(target, user, listed)
    return JsonResponse(
        {
            "ok": True,
            "name": filed[0][0].file_name,
            "errors": [],
            "known": answers[0]["known"],
            "uses": answers[0]["uses"],
            "materials": [each for answer in answers for each in answer["materials"]],
            "count": len(rows),
            "files": render_to_string("components/files.html", {"files": rows}, request),
        }
    )


def say(request: HttpRequest, filed: list[Linked]) -> None:
    if new := [found for found, before in filed if before is None]:
        messages.success(request, f"已添加 {len(new)} 份佐证材料。")
    for found, before in filed:
        if before is not None:
            where = "、".join(proofs.text_of(use.target) for use in before.uses[: proofs.NAMED])
            told = f"{before.sentence}{f'（{where}）' if where else ''}"
            messages.info(request, f"{told}，已直接关联“{found.title}”，没有重复保存。")


def refused(request: HttpRequest, target: Any, faults: Any, *, status: int = UNPROCESSABLE) -> HttpResponse:
    """Nothing was stored, and why."""
    sentences = [str(fault) for fault in faults]
    log.warning("evidence refused at %s by user %s: %s", request.path, request.user.pk, " ".join(sentences))
    if wants_json(request):
        name = next((each.name for each in request.FILES.getlist("materials")), request.POST.get("name", ""))
        return JsonResponse({"ok": False, "name": name, "errors": sentences}, status=status)
    for sentence in sentences:
        messages.error(request, sentence)
    return back_to(target)


def back_to(target: Any) -> HttpResponseRedirect:
    if isinstance(target, Evidence):
        return HttpResponseRedirect(page_of(target))
    if kind_of(target) == "point":
        return to_point(target.pk)
    return HttpResponseRedirect(proofs.address_of(target))


@login_required
@require_POST
def link(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Link materials that the project has already."""
    user = signed_in(request)
    target = target_to_fill_or_404(user, kind, pk)
    asked = [int(each) for each in request.POST.getlist("material") if each.isdecimal() and len(each) < 19]
    found = list(Evidence.objects.filter(project=target.project, pk__in=asked))
    if not found:
        messages.error(request, "请先勾选要关联的材料。")
    elif new := [each for each in found if materials.link(target, each, by=user)]:
        messages.success(request, f"已关联 {len(new)} 份材料。")
    return HttpResponseRedirect(proofs.proofs_of(target))


@login_required
@require_POST
def remove(request: HttpRequest, kind: str, pk: int, evidence_pk: int) -> HttpResponse:
    """Take the link away; the material itself stays with the project."""
    user = signed_in(request)
    target = target_to_fill_or_404(user, kind, pk)
    use = get_object_or_404(target.evidence_uses.select_related("evidence"), evidence=evidence_pk)
    refusal = refusal_to_remove(user, target, timezone.localdate())
    require(not refusal, refusal)
    title = use.evidence.title
    materials.unlink(use, by=user)
    messages.success(request, f"已移除“{title}”与{materials.said(target)}的关联，材料仍在库中。")
    if request.POST.get("back") == "material":
        return HttpResponseRedirect(page_of(use.evidence))
    return back_to(target)


# One material


def material_or_404(request: HttpRequest, pk: int, evidence_pk: int) -> Evidence:
    """A material of a project the user sees."""
    project = project_or_404(signed_in(request), pk)
    rows = Evidence.objects.filter(project=project).select_related("file__uploaded_by")
    found: Evidence = get_object_or_404(rows, pk=evidence_pk)
    found.project = project
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
        preview=preview + place if preview else "",
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
        return refused(request, found, form.errors["materials"])
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
