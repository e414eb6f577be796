"""No job is lost when a worker is killed: real workers, over each broker that the environment offers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from redis import Redis

from projects import jobs
from projects.models import Institution, Job, Project, User
from reports.models import Intake
from tests.waiting import eventually
from tests.workbooks import small, workbook

BROKERS = ["", settings.REDIS_URL] if settings.REDIS_URL else [""]
Environment = dict[str, str]

ENQUEUE = """
import json, sys, django
django.setup()
from projects import jobs
for kind, name in json.load(sys.stdin):
    jobs.enqueue(kind, {"name": name}, by=None)
"""


def database_url() -> str:
    """The address of the test database, for another process."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)


@pytest.fixture(params=BROKERS, ids=lambda url: "redis" if url else "embedded")
def environment(
    request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path
) -> Iterator[Environment]:
    yield os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(tmp_path),
        "REDIS_URL": request.param,
    }
    if request.param:
        with Redis.from_url(request.param) as redis:
            for key in redis.scan_iter(f"{tmp_path.name}:*"):
                redis.delete(key)


@contextmanager
def worker(environment: Environment, name: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process group of its own; whatever is left of it at the end is killed."""
    command = [sys.executable, "-m", "celery", "-A", "hvcollege", "worker", "-c", "1", "-n", name, *options]
    log = Path(environment["DATA_DIR"], f"{name}.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            kill(process.pid)
            process.wait()


def kill(group: int) -> None:
    """Without warning, with all its children: as a power cut does."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def enqueue(environment: Environment, *wanted: tuple[str, str]) -> None:
    """In another process, as the web server does."""
    subprocess.run(
        [sys.executable, "-c", ENQUEUE],
        env=environment,
        cwd=settings.BASE_DIR,
        input=json.dumps(wanted).encode(),
        check=True,
    )


def running_group() -> int | None:
    """The process group of the worker that holds the job that hangs."""
    job = Job.objects.filter(kind="hang_once", state=Job.State.RUNNING).exclude(message="").first()
    return int(job.message) if job else None


def all_done() -> bool:
    return not Job.objects.exclude(state=Job.State.DONE).exists()


def test_no_job_is_lost_when_a_worker_is_killed(environment: Environment) -> None:
    names = [f"学院{number}" for number in range(12)]
    with ExitStack() as stack:
        groups = {
            stack.enter_context(worker(environment, "one", "-B")).pid,
            stack.enter_context(worker(environment, "two", "-B")).pid,
        }
        enqueue(environment, ("hang_once", names[0]), *(("write", name) for name in names[1:]))
        group = eventually(running_group)
        assert group in groups
        kill(group)
        eventually(all_done)

    hung = Job.objects.get(kind="hang_once")
    assert hung.attempts == 2
    assert sorted(Institution.objects.values_list("name", flat=True)) == sorted(names)


def killed_in_the_middle(environment: Environment) -> None:
    """The worker that hangs is killed as soon as it says so."""
    place = Path(environment["DATA_DIR"], "hangs")
    kill(int(eventually(lambda: place.exists() and place.read_text())))
    place.unlink()


def test_an_import_survives_workers_that_are_killed(
    environment: Environment, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One dies while it checks, one while its records are written but not committed."""
    monkeypatch.setattr(settings, "IMPORTS_DIR", Path(environment["DATA_DIR"], "imports"))
    monkeypatch.setattr(settings, "JOB_LEASE", timedelta(seconds=1))
    # Nobody is told: beat finds the job, as after a broker that was down.
    monkeypatch.setattr(jobs, "_send", lambda pk: None)
    client.force_login(User.objects.create_superuser("root", password="口令-for-tests"))
    file = SimpleUploadedFile("任务书.xlsx", workbook(small()).getvalue())
    with ExitStack() as stack:
        for name in ("one", "two", "three"):
            stack.enter_context(worker(environment, name, "-B"))
        address = client.post("/import/", {"file": file})["Location"]
        killed_in_the_middle(environment)
        assert Intake.objects.get().state == Intake.State.CHECKING
        assert "检查 任务书.xlsx" in client.get(address).content.decode()
        eventually(lambda: Intake.objects.get().state == Intake.State.READY)
        client.post(f"{address}confirm/")
        killed_in_the_middle(environment)
        assert not Project.objects.exists()
        assert "导入 任务书.xlsx" in client.get(address).content.decode()
        eventually(all_done)

    assert "已导入。" in client.get(address).content.decode()
    assert [job.attempts for job in Job.objects.order_by("pk")] == [2, 2]
    assert Project.objects.count() == 1
    assert not list(Intake.objects.get().folder.glob(".*"))


def test_jobs_are_done_that_were_asked_for_while_no_worker_ran(environment: Environment) -> None:
    enqueue(environment, ("write", "先到的学院"))
    with worker(environment, "late"):
        eventually(all_done)
    assert Institution.objects.get().name == "先到的学院"
