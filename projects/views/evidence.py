"""Evidence of task points: uploads, downloads behind the permission check, links taken away."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from projects import evidence
from projects.filetypes import INLINE
from projects.forms import EvidenceForm
from projects.models import PointEvidence, TaskPoint, User
from projects.permissions import (
    evidence_or_404,
    may_remove_evidence,
    point_to_fill_or_404,
    require,
)
from projects.views.page import signed_in, to_point


@login_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    point = point_to_fill_or_404(user, pk)
    form = EvidenceForm(request.POST, request.FILES)
    if form.is_valid():
        upload(request, point, form.cleaned_data["materials"], user)
    else:
        for fault in form.errors["materials"]:
            messages.error(request, str(fault))
    return to_point(point.pk)


def upload(request: HttpRequest, point: TaskPoint, uploads: list[File[bytes]], user: User) -> None:
    """File all uploads or none, and tell what became of them."""
    try:
        with evidence.filing() as files:
            filed = [files.attach(point, each, by=user) for each in uploads]
    except evidence.NotStored as fault:
        messages.error(request, str(fault))
    else:
        tell(request, filed)


def tell(request: HttpRequest, filed: list[evidence.Filed]) -> None:
    if new := [one for one in filed if not one.is_known]:
        messages.success(request, f"已添加 {len(new)} 份佐证材料。")
    for one in filed:
        if one.is_known:
            messages.info(request, f"内容与已有材料“{one.evidence.title}”相同，已直接关联，没有重复保存。")


@login_required
@require_POST
def remove(request: HttpRequest, pk: int, evidence_pk: int) -> HttpResponse:
    """Take the link away; the material itself stays with the project."""
    user = signed_in(request)
    point = point_to_fill_or_404(user, pk)
    link = get_object_or_404(PointEvidence, point=point, evidence=evidence_pk)
    require(
        may_remove_evidence(user, point), "已提交或已通过的填报，佐证材料只能由项目办移除；可先撤回填报。"
    )
    link.delete()
    messages.success(request, f"已移除“{link.evidence.title}”与本任务点的关联。")
    return to_point(point.pk)


@login_required
@require_GET
def download(request: HttpRequest, pk: int) -> FileResponse:
    """The file under its own name; shown in the browser only on request, and only kinds that run nothing."""
    material = evidence_or_404(signed_in(request), pk)
    if material.file is None:
        raise Http404("只登记了目录，还没有上传文件。")
    path = evidence.path_of(material.file)
    if not path.is_file():
        raise Http404("文件不在服务器上，请联系管理员。")
    inline = "view" in request.GET and material.file.content_type in INLINE
    return FileResponse(
        path.open("rb"),
        as_attachment=not inline,
        filename=evidence.name_of(material),
        content_type=material.file.content_type,
    )
