"""Reports made in the background: what the job is asked for, how far it is, and the file it leaves."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from projects.jobs import JobError, Progress, Result, enqueue
from projects.models import Job, User
from projects.original import CURRENT
from reports import finalising
from reports.build import build
from reports.document import Document
from reports.facts import Facts, gather
from reports.kinds import Kind, kind
from reports.models import Snapshot
from reports.renderers import renderer
from reports.renderers.base import Renderer

JOB = "report"
STAGES = ("汇总数据", "绘制图表", "排版", "写入文件")
# A file name may have 255 bytes; the draft's prefix and the rest of the name need their share.
TITLE_BYTES = 120
UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)
DISK_FULL = "报告没有写成：服务器磁盘空间不足或不可写。请联系管理员清理磁盘，再点“重试”。"


def order(facts: Facts, chosen: Kind, form: Renderer, *, by: User) -> Job:
    """The job that makes this report; the same one as long as one for the same content is still open."""
    document = build(facts, chosen)
    payload = {
        "kind": chosen.identifier,
        "format": form.identifier,
        "as_of": facts.as_of.isoformat(),
        "basis": facts.basis,
        "title": f"{document.title}（{form.verbose_name}）",
    }
    key = f"{JOB}:{facts.project.pk}:{chosen.identifier}:{form.identifier}:{document.digest}"
    return enqueue(JOB, payload, by=by, project=facts.project, key=key)


def render(payload: Mapping[str, Any], progress: Progress) -> Result:
    """The handler of the job. It may run again at any time: its file gets its name in one step at the end."""
    clear_drafts(progress.job)
    form = renderer(payload["format"])
    tell(progress, "汇总数据")
    document = document_of(progress.job, payload)
    name = file_name(document, form)
    try:
        content = form.render(document, lambda step: tell(progress, step))
        tell(progress, "写入文件")
        with progress.file(name) as draft:
            draft.write_bytes(content)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise JobError(DISK_FULL) from error
        raise
    return {"file": name, "size": len(content), "digest": document.digest}


def tell(progress: Progress, step: str) -> None:
    """`排版：第 12 页` is the third of four stages."""
    stage = STAGES.index(step.partition("：")[0])
    progress(stage, len(STAGES), step)


def order_version(snapshot: Snapshot, form: Renderer, *, by: User) -> Job:
    """The job that makes a file of a finalised version, from what was stored."""
    project = snapshot.report.project
    payload = {
        "snapshot": snapshot.pk,
        "kind": snapshot.report.kind,
        "format": form.identifier,
        "as_of": snapshot.as_of.isoformat(),
        "title": f"{snapshot.report.title} 定稿第 {snapshot.number} 版（{form.verbose_name}）",
    }
    key = f"{JOB}:{project.pk}:snapshot:{snapshot.pk}:{form.identifier}"
    return enqueue(JOB, payload, by=by, project=project, key=key)


def document_of(job: Job, payload: Mapping[str, Any]) -> Document:
    assert job.project is not None
    if "snapshot" in payload:
        snapshot = Snapshot.objects.get(pk=payload["snapshot"], report__project=job.project)
        try:
            return finalising.document_of(snapshot)
        except finalising.NotIntact as fault:
            raise JobError(str(fault)) from fault
    basis = payload.get("basis", CURRENT)
    return build(
        gather(job.project, date.fromisoformat(payload["as_of"]), basis=basis), kind(payload["kind"])
    )


def file_name(document: Document, form: Renderer) -> str:
    """`学校名称_报告标题_截至2023-12-31.pdf`, without what some system cannot have in a name."""
    title = shortened(UNSAFE.sub("", f"{document.institution}_{document.title}"), TITLE_BYTES)
    return f"{title}_截至{document.as_of.isoformat()}{form.suffix}"


def shortened(text: str, size: int) -> str:
    """As many of its characters as fit into `size` bytes."""
    return text.encode()[:size].decode(errors="ignore")


def clear_drafts(job: Job) -> None:
    """What a killed worker left half written."""
    for draft in job.folder.glob(".*"):
        draft.unlink(missing_ok=True)
