"""Handlers of jobs that exist only in tests."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings
from django.db import transaction

from projects.jobs import JobError, Progress, Result
from projects.models import Institution, Job
from reports import intake
from tests.waiting import eventually

Payload = Mapping[str, Any]


def count(payload: Payload, progress: Progress) -> Result:
    for done in range(payload["to"] + 1):
        progress(done, payload["to"], f"第 {done} 行")
    return {"counted": payload["to"]}


def refuse(payload: Payload, progress: Progress) -> None:
    raise JobError("工作簿里没有工作表“项目”。")


def crash(payload: Payload, progress: Progress) -> None:
    raise ZeroDivisionError


def recover(payload: Payload, progress: Progress) -> Result:
    """Fails the first time."""
    if progress.job.attempts == 1:
        raise ZeroDivisionError
    return {"attempt": progress.job.attempts}


def write(payload: Payload, progress: Progress) -> None:
    """Its row and the end of the job are one commit."""
    with transaction.atomic():
        Institution.objects.create(name=payload["name"])
        progress.finish({"name": payload["name"]})


def lose_and_write(payload: Payload, progress: Progress) -> None:
    """Another worker takes the job over before the commit."""
    Job.objects.filter(pk=progress.job.pk).update(owner="another worker")
    write(payload, progress)


def lose_and_go_on(payload: Payload, progress: Progress) -> None:
    """Another worker takes the job over; the heartbeat notices, the next progress stops the work."""
    Job.objects.filter(pk=progress.job.pk).update(owner="another worker")
    eventually(lambda: _is_stopped(progress))
    Institution.objects.create(name=payload["name"])


def _is_stopped(progress: Progress) -> bool:
    progress(1, 1)
    return False


def outlive_lease(payload: Payload, progress: Progress) -> Result:
    """Works until its lease was renewed."""
    first = progress.job.lease_until
    job = Job.objects.filter(pk=progress.job.pk, lease_until__gt=first)
    return {"renewed": eventually(job.exists)}


def write_file(payload: Payload, progress: Progress) -> Result:
    with progress.file("report.txt") as draft:
        draft.write_text(payload["text"])
        seen = sorted(path.name for path in progress.job.folder.glob("[!.]*"))
        if payload.get("fail"):
            raise JobError("写不下去了。")
    return {"seen_before_the_end": seen}


def hang_once(payload: Payload, progress: Progress) -> None:
    """Says which worker has it and never returns; whoever gets it again does the work."""
    progress(0, 1, str(os.getpgid(0)))
    if progress.job.attempts == 1:
        threading.Event().wait()
    write(payload, progress)


def hanging_at(name: str, progress: Progress) -> Any:
    """The first worker that would keep `name` beside an imported file never does. It says where it hangs."""
    keep = intake.replacing

    def replacing(path: Path) -> Any:
        if path.name == name and progress.job.attempts == 1:
            Path(settings.DATA_DIR, "hangs").write_text(str(os.getpgid(0)))
            threading.Event().wait()
        return keep(path)

    return mock.patch.object(intake, "replacing", replacing)


def check_and_hang_once(payload: Payload, progress: Progress) -> Result:
    """Has kept the preview, not yet what the records were."""
    with hanging_at(intake.RECORDS, progress):
        return intake.check(payload, progress)


def import_and_hang_once(payload: Payload, progress: Progress) -> Result:
    """Has written every record, but not committed."""
    with hanging_at(intake.TRACE, progress):
        return intake.write(payload, progress)


ALL = (
    check_and_hang_once,
    count,
    crash,
    hang_once,
    import_and_hang_once,
    lose_and_go_on,
    lose_and_write,
    outlive_lease,
    recover,
    refuse,
    write,
    write_file,
)
HANDLERS = {handler.__name__: f"{__name__}.{handler.__name__}" for handler in ALL}
