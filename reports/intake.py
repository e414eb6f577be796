"""A workbook on its way in: received, checked in the background, previewed, confirmed, taken back."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from projects.evidence import Filing, NotStored, clean_name, filing, write_draft
from projects.guard import Guard
from projects.jobs import JobError, Progress, Result, enqueue
from projects.models import User
from projects.people_sheet import PEOPLE
from projects.workbook.book import Writing
from projects.workbook.columns import Table
from projects.workbook.faults import Fault
from reports import exchange
from reports.exchange import Attachments, Destination
from reports.locking import refuse_taking_back
from reports.marking import NotMarked, is_converted, mark_file
from reports.models import Intake
from reports.parsing import parse
from reports.passwords import has_passwords, hashed, without_passwords
from reports.preview import items
from reports.sheets import EVERY
from reports.trace import BuiltOn, Trace, changes_between, take_back, trace

log = logging.getLogger(__name__)

CHECK, WRITE = "import_check", "import_write"
VALID_FOR = timedelta(hours=24)
State = Intake.State
PREVIEW, FAULTS, RECORDS, TRACE = "preview.jsonl", "faults.json", "records.json", "trace.json"
MATCHES, PASSWORDS = "matches.json", "passwords.json"


class Refusal(Exception):
    """What was asked cannot be done now; the message is a sentence for the user."""


def receive(
    upload: File[bytes], files: File[bytes] | None = None, *, to: Destination, approve: bool, by: User
) -> Intake:
    """Keep the workbook, with the zip of its evidence, and have it checked. OSError when the disk does not
    take it."""
    settings.IMPORTS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    intake: Intake | None = None
    try:
        with (
            draft_of(upload) as (draft, digest),
            draft_of(files) as (files_draft, files_digest),
            transaction.atomic(),
        ):
            intake = Intake.objects.create(
                institution=to.college,
                project=to.project,
                by=by,
                file_name=clean_name(upload.name or ""),
                sha256=digest,
                size=upload.size,
                files_name=clean_name(files.name or "") if files else "",
                files_sha256=files_digest,
                files_size=files.size if files else 0,
                approve=approve,
            )
            intake.folder.mkdir(mode=0o700, exist_ok=True)
            draft.replace(intake.source)
            if intake.files:
                files_draft.replace(intake.files)
            start(intake, CHECK, by)
    except BaseException:
        if intake:
            rmtree(intake.folder, ignore_errors=True)
        raise
    return intake


@contextmanager
def draft_of(upload: File[bytes] | None) -> Iterator[tuple[Path, str]]:
    """What was uploaded, written down under a name for the time being; and its digest."""
    if upload is None:
        yield Path(), ""
        return
    draft, digest = write_draft(upload, settings.IMPORTS_DIR)
    try:
        yield draft, digest
    finally:
        draft.unlink(missing_ok=True)


def start(intake: Intake, kind: str, by: User) -> None:
    title = f"{'检查' if kind == CHECK else '导入'} {intake.file_name}"
    intake.job = enqueue(kind, {"intake": intake.pk, "title": title}, by=by, key=f"intake:{intake.pk}")
    intake.save(update_fields=["job"])


def check(payload: Mapping[str, Any], progress: Progress) -> Result:
    """The handler of the check: what the import would do, kept beside the file."""
    rows = Intake.objects.select_related("institution", "project__institution", "by")
    intake = rows.get(pk=payload["intake"])
    progress(0, 3, "读取工作簿")

    rewritten: list[bytes] = []

    def attach(tables: Mapping[str, Table]) -> Attachments:
        if has_passwords(tables):
            progress(0, 3, "处理初始密码")
            keep(intake, PASSWORDS, hashed(tables))
            rewritten.append(without_passwords(tables))
        return attached(intake, tables, progress)

    converted = was_converted(intake)
    seen = exchange.compare_workbook(intake.source, destination(intake), attach)
    for content in rewritten:
        forget_source(intake, content if seen.ok else b"")
    progress(1, 3, "整理预览")
    keep(intake, MATCHES, seen.files)
    keep_lines(intake, PREVIEW, (item.as_json() for item in items(EVERY, seen.changes)))
    keep(intake, FAULTS, [fault.as_json() for fault in seen.faults])
    keep(intake, RECORDS, seen.records)
    if seen.faults and not rewritten:
        progress(2, 3, "标注问题")
        mark(intake, seen.faults)
    with transaction.atomic():
        Intake.objects.filter(pk=intake.pk, state=State.CHECKING).update(
            state=State.READY if seen.ok else State.REFUSED,
            project=seen.project or intake.project,
            result=told(seen) | {"titles": seen.titles, "converted": converted},
        )
        progress.finish({})
    if not seen.ok:
        forget_files(intake)
    if not (seen.ok or seen.titles):  # no sheet of it could be read: there is nothing to mend in it
        intake.source.unlink(missing_ok=True)
    return {}


def was_converted(intake: Intake) -> bool:
    try:
        with intake.source.open("rb") as file:
            return is_converted(file)
    except FileNotFoundError:  # an attempt before this one did not keep it
        return False


def attached(intake: Intake, tables: Mapping[str, Table], progress: Progress) -> Attachments:
    """The files that came with the workbook, and the passwords that were in it."""
    found = exchange.attachments(
        tables, intake.files, intake.files_name, lambda done, total: progress(done, total, "核对佐证文件")
    )
    has_some = (intake.folder / PASSWORDS).exists()
    return replace(found, passwords=kept(intake, PASSWORDS)) if has_some else found


def forget_source(intake: Intake, content: bytes) -> None:
    """Passwords were in it: what is kept are the same lists without them, or nothing."""
    if content:
        with replacing(intake.source) as draft:
            draft.write_bytes(content)
        intake.file_name = f"{Path(intake.file_name).stem}（已去掉初始密码）.xlsx"
        intake.save(update_fields=["file_name"])
    else:
        intake.source.unlink(missing_ok=True)


def forget_files(intake: Intake) -> None:
    """What came beside the workbook has served: it is stored, or will not be."""
    (intake.folder / PASSWORDS).unlink(missing_ok=True)
    if intake.files:
        intake.files.unlink(missing_ok=True)


def mark(intake: Intake, faults: Iterable[Fault]) -> None:
    """The user's own file with its faults marked, where any has a cell and the file is not too large."""
    intake.marked.unlink(missing_ok=True)
    if not any(fault.cell for fault in faults):
        return
    with replacing(intake.marked) as draft:
        try:
            mark_file(intake.source, intake.folder / FAULTS, draft)
        except NotMarked as error:
            log.info("intake %s is not marked: %s", intake.pk, error)


def confirm(intake: Intake, *, by: User) -> None:
    """Have the workbook written as it was previewed. Refusal when that is over."""
    now = timezone.now()
    if now - intake.at > VALID_FOR:
        move(intake, State.READY, State.STALE, note="预览超过 24 小时，请重新预览。")
        raise Refusal("预览已超过 24 小时，请重新预览后再确认。")
    with transaction.atomic():
        if not move(intake, State.READY, State.WRITING, decided_by=by, decided_at=now):
            raise Refusal(f"这次导入的状态是“{intake.get_state_display()}”，不能再确认。")
        start(intake, WRITE, by)


def write(payload: Mapping[str, Any], progress: Progress) -> Result:
    """The handler of the confirmed import: its records and the end of the job are one transaction."""
    rows = Intake.objects.select_related("institution", "project__institution", "by")
    intake = rows.get(pk=payload["intake"])
    progress(0, 3, "读取工作簿")
    tables, notices = parse(intake.source)
    files = attached(intake, tables, progress)
    progress(1, 3, "写入")
    with keeping_files() as filed:
        book = exchange.open_book(tables, destination(intake), files)
        before = exchange.records_of(book)
        if changed := changes_between(kept(intake, RECORDS), before, tables):
            move(intake, State.WRITING, State.STALE, note=f"预览后系统中的记录有变化：{'；'.join(changed)}。")
            progress.finish({})
            return {}
        writing = Writing(book, intake.by, timezone.now(), intake.approve, filed)
        outcome = exchange.take_in(writing, destination(intake))
        if not outcome.ok:
            # What the records of the project do not tell: a code or user name that somebody else took.
            move(intake, State.WRITING, State.STALE, note=f"预览后情况有变化：{outcome.faults[0]}。")
            progress.finish({})
            return {}
        after = exchange.records_of(book)
        done = replace(trace(before, after), stored=[stored.pk for stored in filed.new])
        keep(intake, TRACE, done.as_json())
        move(
            intake,
            State.WRITING,
            State.DONE,
            project=book.project,
            institution=book.institution,
            result=told(replace(outcome, notices=(*notices, *outcome.notices))),
        )
        progress.finish({})
    forget_files(intake)
    return {}


@contextmanager
def keeping_files() -> Iterator[Filing]:
    """One transaction for records and files; a full disk ends the job with a sentence."""
    try:
        with filing() as files:
            yield files
    except NotStored as fault:
        raise JobError(str(fault)) from fault


def destination(intake: Intake) -> Destination:
    """`project` is the one that was chosen or, once it was checked, the one that the file names."""
    return Destination(intake.institution, intake.project, intake.by, timezone.localdate())


def check_again(intake: Intake, *, by: User) -> None:
    """A new preview of the same file."""
    with transaction.atomic():
        if not move(intake, State.STALE, State.CHECKING, note="", at=timezone.now()):
            raise Refusal(f"这次导入的状态是“{intake.get_state_display()}”，不需要重新预览。")
        start(intake, CHECK, by)


def drop(intake: Intake) -> None:
    """Give a preview up; nothing was written."""
    if not any(move(intake, old, State.DROPPED) for old in (State.READY, State.STALE, State.REFUSED)):
        raise Refusal(f"这次导入的状态是“{intake.get_state_display()}”，不能放弃。")
    forget_files(intake)


def undo(intake: Intake, *, by: User, now: datetime) -> None:
    """Put every record back as it was. Refusal when it is too late or something was built on the import,
    NotWritable when it speaks of days that are locked to the user."""
    if intake.decided_at is None or timezone.localdate(intake.decided_at) != timezone.localdate(now):
        raise Refusal("只能撤销当天的导入。")
    with transaction.atomic():
        if intake.institution is None or not move(intake, State.DONE, State.UNDONE):
            raise Refusal(f"这次导入的状态是“{intake.get_state_display()}”，不能撤销。")
        done = Trace(**kept(intake, TRACE))
        if intake.project:
            refuse_taking_back(done, Guard(by, intake.project, timezone.localdate(now)))
        try:
            take_back(done, intake.institution, intake.project)
        except BuiltOn as built:
            raise Refusal(f"不能撤销：{built}。请先处理这些改动，或直接修改。") from None


def speaks_of_people(intake: Intake) -> bool:
    return PEOPLE.title in intake.result.get("counts", {})


def told(outcome: exchange.Outcome) -> dict[str, Any]:
    """What the record keeps: the faults themselves lie beside the file."""
    return outcome.as_json() | {
        "faults": len(outcome.faults),
        "files": {kind: len(some) for kind, some in outcome.files.items()},
        "changes_nothing": outcome.changes_nothing,
    }


def move(intake: Intake, old: State, new: State, **values: Any) -> bool:
    """One guarded step: of two who ask at once, one takes it."""
    moved = Intake.objects.filter(pk=intake.pk, state=old).update(state=new, **values)
    intake.refresh_from_db()
    return bool(moved)


def keep(intake: Intake, name: str, content: Mapping[str, Any] | Sequence[Any]) -> None:
    with replacing(intake.folder / name) as draft, draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False)


def keep_lines(intake: Intake, name: str, content: Iterable[Any]) -> None:
    """One JSON text per line: never held as a whole."""
    with replacing(intake.folder / name) as draft, draft.open("w", encoding="utf-8") as file:
        for each in content:
            file.write(json.dumps(each, ensure_ascii=False) + "\n")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; what is there afterwards gets the name in one step, or nothing of it is left."""
    draft = path.with_name(f".{path.name}")
    try:
        yield draft
        if draft.exists():
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def kept(intake: Intake, name: str) -> Any:
    return json.loads((intake.folder / name).read_text(encoding="utf-8"))


def kept_lines(intake: Intake, name: str) -> Iterator[tuple[int, Any]]:
    """What the lines hold, one after the other, each with the place in the file where it begins."""
    with (intake.folder / name).open("rb") as file:
        place = 0
        for line in file:
            yield place, json.loads(line)
            place += len(line)


def kept_at(intake: Intake, name: str, places: Iterable[int]) -> Iterator[Any]:
    with (intake.folder / name).open("rb") as file:
        for place in places:
            file.seek(place)
            yield json.loads(file.readline())
