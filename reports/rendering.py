"""Reports made in the background: what the job is asked for, how far it is, and the file it leaves."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from projects.jobs import JobError, Progress, Result, enqueue
from projects.models import Job, User
from reports.build import build
from reports.document import Document
from reports.facts import Facts, gather
from reports.kinds import Kind, kind
from reports.renderers import renderer
from reports.renderers.base import Renderer

JOB = "report"
STAGES = ("汇总数据", "绘制图表", "排版", "写入文件")
GATHERING, DRAWING, SETTING, WRITING = range(len(STAGES))
# How the PDF engine tells in its log how far it is.
SETTING_PAGE = re.compile(r"Step 5 - Creating layout - Page (?P<page>\d+)$")
# A file name may have 255 bytes; the draft's prefix and the rest of the name need their share.
TITLE_BYTES = 120
UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
DISK_FULL = "报告没有写成：服务器磁盘空间不足或不可写。请联系管理员清理磁盘，再点“重试”。"


def order(facts: Facts, chosen: Kind, form: Renderer, *, by: User) -> Job:
    """The job that makes this report; the same one as long as one for the same content is still open."""
    document = build(facts, chosen)
    payload = {
        "kind": chosen.identifier,
        "format": form.identifier,
        "as_of": facts.as_of.isoformat(),
        "title": f"{document.title}（{form.verbose_name}）",
    }
    key = f"{JOB}:{facts.project.pk}:{chosen.identifier}:{form.identifier}:{document.digest}"
    return enqueue(JOB, payload, by=by, project=facts.project, key=key)


def render(payload: Mapping[str, Any], progress: Progress) -> Result:
    """The handler of the job. It may run again at any time: its file gets its name in one step at the end."""
    clear_drafts(progress.job)
    stage(progress, GATHERING)
    form = renderer(payload["format"])
    document = document_of(progress.job, payload)
    stage(progress, DRAWING)
    with overheard(lambda step: tell(progress, step)):
        content = form.render(document)
    stage(progress, WRITING)
    name = file_name(document, form)
    try:
        with progress.file(name) as draft:
            draft.write_bytes(content)
    except OSError as error:
        raise JobError(DISK_FULL) from error
    return {"file": name, "size": len(content), "digest": document.digest}


def stage(progress: Progress, number: int, detail: str = "") -> None:
    progress(number, len(STAGES), STAGES[number] + detail)


def tell(progress: Progress, step: str) -> None:
    """What the PDF engine says of itself as a stage of the job."""
    if page := SETTING_PAGE.match(step):
        stage(progress, SETTING, f"：第 {page['page']} 页")
    elif step.startswith("Step 6"):
        stage(progress, WRITING)


def document_of(job: Job, payload: Mapping[str, Any]) -> Document:
    assert job.project is not None
    return build(gather(job.project, date.fromisoformat(payload["as_of"])), kind(payload["kind"]))


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


@contextmanager
def overheard(tell: Callable[[str], None]) -> Iterator[None]:
    """Call `tell` with each step the PDF engine announces; the log of the worker is spared them."""
    log = logging.getLogger("weasyprint.progress")
    listener = Listener(tell)
    before = log.level, log.propagate
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(listener)
    try:
        yield
    finally:
        log.removeHandler(listener)
        log.setLevel(before[0])
        log.propagate = before[1]


class Listener(logging.Handler):
    """What `tell` raises ends the rendering, e.g. when another worker took the job over."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self.tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self.tell(record.getMessage())
