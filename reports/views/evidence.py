"""Evidence of points, indicators and ledger rows: uploaded, linked, described, and taken away again."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
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
from projects.asking import key_in
from projects.door import EVIDENCE_SIZES, status_of, takes_at_most, wants_json
from projects.filetypes import KINDS
from projects.forms import EvidenceForm
from projects.history import removals
from projects.models import Evidence, User
from projects.permissions import can_fill, readable_projects, require
from projects.proving import (
    is_hidden,
    is_secret,
    kind_label,
    kind_of,
    refusal_to_remove,
    target_or_404,
    target_to_fill_or_404,
)
from projects.views.files import file_rows, page_of
from projects.views.page import UNPROCESSABLE, page, signed_in, to_point
from reports import proofs
from reports.facts import gather
from reports.library import Material, shown_to
from reports.library import materials as all_materials

DIGEST = re.compile(r"[0-9a-f]{64}")
OFFERED = 10
SECTIONS = {"point": "reports:tasks", "indicator": "reports:indicators", "outcome": "reports:outcomes"}

# A material that is now linked, and what was known of its file before.
Linked = tuple[Evidence, materials.Known | None]

log = logging.getLogger(__name__)


@login_required
@require_GET
def of_target(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The evidence of one thing: what there is, more of it, and what the library already has."""
    return target_page(request, kind, target_or_404(signed_in(request), kind, pk))


def target_page(request: HttpRequest, kind: str, target: Any, *, status: int = 200) -> HttpResponse:
    user = signed_in(request)
    found = all_materials(gather(target.project, None))
    text = request.GET.get("text", "")[:100]
    fills = can_fill(user, target)
    known_ones = shown_to(user, found, target.project)
    offered = proofs.linkable(known_ones, target, text) if fills else []
    return page(
        request,
        "reports/proofs.html",
        target.project,
        status=status,
        section=SECTIONS[kind],
        target=target,
        kind=kind,
        label=kind_label(kind),
        text=proofs.text_of(target),
        back=proofs.address_of(target) if kind == "point" else "",
        files=file_rows(target, user, numbers(found)),
        may_add=fills,
        evidence_form=upload_form(kind, target.pk),
        asked=text,
        removed=removals(target),
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
        return refused(request, target, form.errors["materials"], status=status_of(request, form))
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
    # Of two answers on their way, the one that was read later tells more, whichever arrives last.
    read_at = timezone.now().timestamp()
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
            "read_at": read_at,
            "count": len(rows),
            "files": render_to_string("components/files.html", {"files": rows}, request),
        }
    )


def say(request: HttpRequest, filed: list[Linked]) -> None:
    if new := [found for found, before in filed if before is None]:
        messages.success(request, f"已添加 {len(new)} 份佐证材料。")
    for found, before in filed:
        if before is not None and before.is_here:
            messages.info(request, f"“{found.title}”：{proofs.HERE}。")
        elif before is not None:
            where = "、".join(proofs.text_of(use.target) for use in before.uses[: proofs.NAMED])
            told = f"{before.sentence}{f'（{where}）' if where else ''}"
            messages.info(request, f"{told}，已直接关联“{found.title}”，没有重复保存。")


def refused(request: HttpRequest, target: Any, faults: Any, *, status: int = UNPROCESSABLE) -> HttpResponse:
    """Nothing was stored, and why: for a script as JSON, else above the evidence that there is."""
    return why(request, faults, status) or target_page(request, kind_of(target), target, status=status)


def why(request: HttpRequest, faults: Any, status: int) -> JsonResponse | None:
    """The answer for a script; for a page, its messages."""
    sentences = [str(fault) for fault in faults]
    log.warning("evidence refused at %s by user %s: %s", request.path, request.user.pk, " ".join(sentences))
    if wants_json(request):
        name = next((each.name for each in request.FILES.getlist("materials")), request.POST.get("name", ""))
        return JsonResponse({"ok": False, "name": name, "errors": sentences}, status=status)
    for sentence in sentences:
        messages.error(request, sentence)
    return None


def back_to(target: Any) -> HttpResponseRedirect:
    if kind_of(target) == "point":
        return to_point(target.pk)
    return HttpResponseRedirect(proofs.address_of(target))


@login_required
@require_POST
def link(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Link materials that the project has already."""
    user = signed_in(request)
    target = target_to_fill_or_404(user, kind, pk)
    asked = [key for each in request.POST.getlist("material") if (key := key_in(each)) is not None]
    rows = Evidence.objects.filter(project=target.project, pk__in=asked).select_related("project")
    found = [each for each in rows if not is_secret(user, each)]
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
