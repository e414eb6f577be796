"""A filled-in workbook comes in, is rehearsed, and is written when its sender confirms: two jobs.

The file and what was told of it lie in the folder of the first job, which belongs to its sender alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from projects.evidence import clean_name, write_draft
from projects.jobs import Progress, Result, enqueue
from projects.models import Job, Project, User
from projects.workbook.faults import Refused
from reports.desk.desk import Desk
from reports.desk.filing import Filed, Typed, file_one
from reports.desk.offline import reading
from reports.desk.offline.sheets import settled
from reports.desk.offline.trial import (
    CHANGE,
    OVERTAKEN,
    REFUSED,
    Item,
    Trial,
    faults_of,
    from_json,
    sentences,
)
from reports.marking import NotMarked, mark_file

CHECK, WRITE = "desk_check", "desk_write"
VALID_FOR = timedelta(hours=24)
SOURCE, ITEMS, FAULTS, MARKED, TOLD = "source.xlsx", "items.json", "faults.json", "marked.xlsx", "told.json"
LATE = "预览已超过 24 小时，没有写入。请重新上传填报表。"
WRITTEN = "这份填报表已经确认过，没有再次写入。"
NOT_READY = "这份填报表还没有检查完，或不能写入。"


class Refusal(Exception):
    """It cannot be done now; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a row at writing: saved, handed in, or why not."""

    code: str
    text: str
    sheet: str
    at: int
    is_saved: bool
    is_submitted: bool
    sentence: str = ""


def receive(upload: File[bytes], project: Project, *, by: User) -> Job:
    """Keep the file and have it rehearsed. OSError when the disk does not take it."""
    name = clean_name(upload.name or "")
    draft, _ = write_draft(upload, Path(settings.JOBS_DIR))
    job = None
    try:
        with transaction.atomic():
            job = enqueue(CHECK, {"title": f"检查 {name}", "name": name}, by=by, project=project)
            job.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.replace(job.folder / SOURCE)
    except BaseException:
        if job:
            rmtree(job.folder, ignore_errors=True)
        raise
    finally:
        draft.unlink(missing_ok=True)
    return job


def check(payload: Mapping[str, Any], progress: Progress) -> Result:
    """The handler of the rehearsal: nothing is written."""
    job = progress.job
    progress(0, 3, "读取填报表")
    try:
        lines = reading.read(job.folder / SOURCE)
    except Refused as refused:
        (job.folder / SOURCE).unlink(missing_ok=True)
        return {"faults": [str(fault) for fault in refused.faults]}
    trial = Trial(desk_of(job), timezone.now())
    items: list[Item] = []
    for done, item in enumerate(trial.run(lines)):
        items.append(item)
        progress(done, len(lines), f"正在核对第 {item.at} 行")
    keep(progress, ITEMS, [item.as_json() for item in items])
    faults = list(faults_of(items))
    keep(progress, FAULTS, [fault.as_json() for fault in faults])
    if faults:
        mark(progress)
    counts = Counter(item.outcome for item in items)
    return {
        "counts": {name: counts[name] for name in (CHANGE, REFUSED, OVERTAKEN)} | {"same": trial.unchanged},
        "not_ready": sum(bool(item.not_ready) for item in items),
        "bare": sum(bool(item.bare) and not item.not_ready for item in items),
    }


def mark(progress: Progress) -> None:
    folder = progress.job.folder
    try:
        with progress.file(MARKED) as draft:
            mark_file(folder / SOURCE, folder / FAULTS, draft)
    except (NotMarked, FileNotFoundError):
        return


def desk_of(job: Job) -> Desk:
    assert job.requested_by
    assert job.project
    return Desk(job.requested_by, job.project, timezone.localdate())


def confirm(job: Job, *, mine: Collection[str], submitting: bool, by: User) -> Job:
    """Have the rehearsed rows written. `mine`: the keys of overtaken rows that are to win. Or Refusal."""
    if job.state != Job.State.DONE or not items_of(job):
        raise Refusal(NOT_READY)
    if timezone.now() - job.created_at > VALID_FOR:
        raise Refusal(LATE)
    if writing_of(job):
        raise Refusal(WRITTEN)
    payload = {
        "title": f"写入 {job.payload.get('name', '')}",
        "check": job.pk,
        "mine": sorted(mine),
        "submitting": submitting,
    }
    return enqueue(WRITE, payload, by=by, project=job.project, key=f"{WRITE}:{job.pk}")


def writing_of(job: Job) -> Job | None:
    """The job that writes, or wrote, what this one rehearsed."""
    return Job.objects.filter(kind=WRITE, requested_by=job.requested_by, payload__check=job.pk).first()


def write(payload: Mapping[str, Any], progress: Progress) -> Result:
    """The handler that writes: row by row, through the one door; what is not written is told why."""
    checked = Job.objects.select_related("project__institution", "requested_by").get(pk=payload["check"])
    mine = set(payload["mine"])
    items = [
        item
        for item in items_of(checked)
        if item.outcome == CHANGE or (item.outcome == OVERTAKEN and item.key in mine)
    ]
    desk = desk_of(progress.job)
    told: list[dict[str, Any]] = []
    for done, item in enumerate(items):
        progress(done, len(items), f"正在写入第 {done + 1} 项，共 {len(items)} 项")
        row = written(desk, item, payload["submitting"])
        told.append({name: getattr(row, name) for name in Written.__slots__})
    keep(progress, TOLD, told)
    return {
        "saved": sum(each["is_saved"] for each in told),
        "submitted": sum(each["is_submitted"] for each in told),
        "refused": sum(not each["is_saved"] for each in told),
    }


def written(desk: Desk, item: Item, submitting: bool) -> Written:
    def told(is_saved: bool, is_submitted: bool, sentence: str = "") -> Written:
        return Written(item.code, item.text, item.sheet, item.at, is_saved, is_submitted, sentence)

    typed = Typed(item.key, item.seen, item.typed)
    filed = file_one(desk, typed, "submit" if submitting else "draft", timezone.now())
    if filed.ok:
        return told(True, submitting)
    reason = reason_of(filed)
    if submitting and not filed.theirs:
        draft = file_one(desk, typed, "draft", timezone.now())
        if draft.ok:
            return told(True, False, f"已存草稿，没有提交：{reason}")
    if filed.theirs and stands(filed.theirs.values, item):
        # An attempt before this one, cut short, had come so far.
        return told(True, False, "已经是这样")
    return told(False, False, reason)


def stands(values: Mapping[str, str], item: Item) -> bool:
    return all(
        settled(values.get(name, ""), "text") == settled(new, "text") for name, new in item.typed.items()
    )


def reason_of(filed: Filed) -> str:
    if filed.theirs:
        who = filed.theirs.who or "他人"
        return f"确认时又被{who}修改，没有写入；请到“我的任务”核对。"
    return filed.refusal or "".join(sentences(filed))


def items_of(job: Job) -> list[Item]:
    return [from_json(each) for each in kept(job, ITEMS)]


def kept(job: Job, name: str) -> Any:
    """What a job has told, or nothing."""
    path = job.folder / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def keep(progress: Progress, name: str, content: Any) -> None:
    with progress.file(name) as draft:
        draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
