"""Background jobs that survive the death of a worker.

`enqueue` inserts a `Job` in the caller's transaction and, on commit, asks Celery to carry its id. A worker
takes the row by one guarded UPDATE and holds it by a lease that a thread renews. Whatever is lost on the
way (a message, a worker) is found by `resend`, which runs every few seconds, and done by another worker.
`clear` removes what ended long ago.

A handler is `def handle(payload, progress) -> result`, named in `settings.JOB_HANDLERS`. It may run more
than once and must be idempotent; `progress.finish(result)` inside its own transaction makes its work and the
end of the job one commit. It raises `JobError` with a Chinese sentence for what the user must mend.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from projects.models import Job, Project, User

log = logging.getLogger(__name__)

State = Job.State
Result = dict[str, Any]
Handler = Callable[[Mapping[str, Any], "Progress"], Result | None]

# Progress is a commit each; a page asks once a second.
SECONDS_BETWEEN_WRITES = 0.5
# One round of `resend` or `clear`; what is left over is for the next.
BATCH = 100
OUT_OF_ATTEMPTS = "后台程序多次中断，任务没有完成。请点“重试”；若再次失败，请联系管理员。"
DISK_FULL = "服务器磁盘空间不足，任务没有完成，什么也没有写入。请联系管理员清理磁盘，然后点“重试”。"
# The disk, a quota, or the largest file that a process may write.
NO_SPACE = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
UNEXPECTED = "程序出错，任务没有完成。请点“重试”；若再次失败，请联系管理员。"


class JobError(Exception):
    """The job cannot be done as asked; the message is a sentence for the user. It is not tried again."""


class LeaseLost(Exception):
    """Another worker took this job over: stop, and write nothing."""


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    by: User | None,
    project: Project | None = None,
    key: str = "",
) -> Job:
    """The new job, or the one still open under the same key."""
    if kind not in settings.JOB_HANDLERS:
        raise ValueError(f"no handler for jobs of kind {kind!r}")
    values = {
        "kind": kind,
        "payload": dict(payload),
        "project": project,
        "requested_by": by,
        "lease_until": timezone.now() + settings.JOB_LEASE,
    }
    if key:
        job, created = Job.objects.open().get_or_create(defaults=values, key=key)
    else:
        job, created = Job.objects.create(**values), True
    if created:
        _send_on_commit(job.pk)
    return job


def retry(job: Job, by: User) -> Job:
    """Put a failed job back in the queue, in the name of who asks; or give the one open under its key."""
    failed = Job.objects.filter(pk=job.pk, state=State.FAILED)
    try:
        with transaction.atomic():
            renewed = failed.update(requested_by=by, attempts=0, error="", finished_at=None, **_queued())
    except IntegrityError:
        return Job.objects.open().get(key=job.key)
    if renewed:
        _send_on_commit(job.pk)
    job.refresh_from_db()
    return job


def resend() -> int:
    """Send again what was lost, give up what was tried often enough; how many were sent."""
    now = timezone.now()
    spent = Job.objects.abandoned(now).filter(state=State.RUNNING, attempts__gte=settings.JOB_MAX_ATTEMPTS)
    spent.update(state=State.FAILED, error=OUT_OF_ATTEMPTS, finished_at=now)
    lost = list(Job.objects.abandoned(now).order_by("id").values_list("pk", flat=True)[:BATCH])
    Job.objects.abandoned(now).filter(pk__in=lost).update(**_queued())
    for pk in lost:
        _send(pk)
    return len(lost)


def clear() -> int:
    """Remove what ended long ago, files first; how many jobs went."""
    old = Job.objects.ended_before(timezone.now() - settings.JOB_KEPT)
    # A job that is tried again meanwhile has not ended any more.
    return sum(old.filter(pk=job.pk).delete()[0] for job in old.order_by("id")[:BATCH] if _files_gone(job))


def _files_gone(job: Job) -> bool:
    try:
        if job.folder.exists():
            rmtree(job.folder)
    except OSError:
        log.exception("job %s: its files could not be removed", job.pk)
        return False
    return True


def _queued() -> dict[str, Any]:
    """A job waiting for a worker; its message is trusted for the length of a lease."""
    return {
        "state": State.QUEUED,
        "progress": 0,
        "message": "",
        "lease_until": timezone.now() + settings.JOB_LEASE,
    }


def execute(pk: int) -> None:
    """Do the job unless another worker holds it or it is over."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
    if not _claim(pk, owner):
        return
    job = Job.objects.get(pk=pk)
    progress = Progress(job, owner)
    log.info("job %s %s: attempt %s", job.pk, job.kind, job.attempts)
    try:
        with progress.heartbeat():
            result = _handler(job.kind)(job.payload, progress)
            progress.finish(result or {})
    except LeaseLost:
        log.warning("job %s %s: taken over by another worker", job.pk, job.kind)
    except JobError as fault:
        progress.fail(str(fault))
    except Exception as fault:
        log.exception("job %s %s: attempt %s failed", job.pk, job.kind, job.attempts)
        if isinstance(fault, OSError) and fault.errno in NO_SPACE:
            progress.fail(DISK_FULL)
        else:
            progress.give_back(last=job.attempts >= settings.JOB_MAX_ATTEMPTS)


class Progress:
    """What a handler tells about the job it does: `progress(done, total, "正在校验")`."""

    def __init__(self, job: Job, owner: str) -> None:
        self.job = job
        self._held = Job.objects.filter(pk=job.pk).held_by(owner)
        self._written_at = 0.0
        self._finished = False
        self._lost = threading.Event()

    def __call__(self, done: int, total: int = 0, message: str = "") -> None:
        """Show how far it is. Call it outside a large transaction, or nobody sees it before the end."""
        if self._lost.is_set():
            raise LeaseLost
        if done < total and time.monotonic() - self._written_at < SECONDS_BETWEEN_WRITES:
            return
        self._write(progress=done, total=total, message=message[:200])
        self._written_at = time.monotonic()

    def finish(self, result: Result) -> None:
        """The job is done. In a handler's transaction: all of its work is kept, or none, and only once."""
        if not self._finished:
            self._write(state=State.DONE, result=result, error="", finished_at=timezone.now())
            self._finished = True

    def fail(self, sentence: str) -> None:
        self._end(state=State.FAILED, error=sentence, finished_at=timezone.now())

    def give_back(self, *, last: bool) -> None:
        """After an unexpected fault: to be found by `resend` at its next round, or failed for good."""
        now = timezone.now()
        if last:
            self._end(state=State.FAILED, error=UNEXPECTED, finished_at=now)
        else:
            self._end(state=State.QUEUED, lease_until=now)

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """A path to write to. It gets its own name in one step at the end: nobody sees half a file."""
        self.job.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.job.folder / f".{secrets.token_hex(8)}.{name}"
        try:
            yield draft
            draft.replace(self.job.folder / name)
        finally:
            draft.unlink(missing_ok=True)

    @contextmanager
    def heartbeat(self) -> Iterator[None]:
        """Renew the lease from a thread as long as the block runs."""
        stop = threading.Event()
        thread = threading.Thread(target=self._renew_until, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _renew_until(self, stop: threading.Event) -> None:
        pause = settings.JOB_LEASE.total_seconds() / 4
        try:
            while not stop.wait(pause) and self._renew():
                pass
        finally:
            connection.close()

    def _renew(self) -> bool:
        """False once another worker has the job. A database that does not answer now may answer next time."""
        try:
            held = self._held.update(lease_until=timezone.now() + settings.JOB_LEASE)
        except Exception:
            log.exception("job %s: the lease could not be renewed", self.job.pk)
            connection.close()
            return True
        if not held:
            self._lost.set()
        return bool(held)

    def _write(self, **values: Any) -> None:
        if not self._held.update(**values):
            raise LeaseLost

    def _end(self, **values: Any) -> None:
        if not self._held.update(**values):
            log.warning("job %s: taken over by another worker", self.job.pk)


def _claim(pk: int, owner: str) -> bool:
    now = timezone.now()
    return bool(
        Job.objects.filter(pk=pk, state=State.QUEUED).update(
            state=State.RUNNING,
            owner=owner,
            attempts=F("attempts") + 1,
            lease_until=now + settings.JOB_LEASE,
            started_at=now,
        )
    )


def _handler(kind: str) -> Handler:
    handler: Handler = import_string(settings.JOB_HANDLERS[kind])
    return handler


def _send_on_commit(pk: int) -> None:
    transaction.on_commit(lambda: _send(pk))


def _send(pk: int) -> None:
    """Hand the id to Celery. A broker that is down costs time, not the job: `resend` sends it later."""
    from projects.tasks import run_job

    try:
        run_job.delay(pk)
    except Exception:  # whatever a transport can fail with
        log.exception("job %s: the broker did not take it", pk)
