"""The same file handed in twice at the same moment: one import, and the other is told so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from projects import jobs
from projects.models import Entry, Job, Project, TaskPoint, User
from reports import intake
from reports.exchange import ANYWHERE, import_workbook
from reports.models import Intake
from tests.workbooks import FULL, workbook

pytestmark = pytest.mark.django_db(transaction=True)

State = Intake.State
Answer = TypeVar("Answer")


def at_once(*work: Callable[[], Answer]) -> list[Answer]:
    """All of it in threads of their own that start together."""
    barrier = Barrier(len(work))

    def one(each: Callable[[], Answer]) -> Answer:
        try:
            barrier.wait()
            return each()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, work))


def test_two_commands_at_once() -> None:
    data = workbook(FULL).getvalue()
    outcomes = at_once(*[lambda: import_workbook(BytesIO(data), now=timezone.now()) for _ in range(2)])
    assert [outcome.faults for outcome in outcomes] == [(), ()]
    new = sorted(sum(counts["new"] for counts in outcome.counts.values()) for outcome in outcomes)
    assert new[0] == 0
    assert new[1] > 0
    assert (Project.objects.count(), TaskPoint.objects.count(), Entry.objects.count()) == (1, 4, 2)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    monkeypatch.setattr(jobs, "_send", lambda pk: None)
    settings.IMPORTS_DIR = tmp_path / "imports"


@pytest.mark.usefixtures("no_worker")
def test_two_uploads_at_once(office: User) -> None:
    """Of a college that is new, which only the platform brings."""
    office.is_superuser = True
    office.save()
    data = workbook(FULL).getvalue()

    def handed_in() -> Intake:
        upload = SimpleUploadedFile("任务书.xlsx", data)
        made = intake.receive(upload, to=ANYWHERE, approve=False, by=office)
        assert made.job
        jobs.execute(made.job.pk)
        made.refresh_from_db()
        return made

    both = at_once(handed_in, handed_in)
    assert [each.state for each in both] == [State.READY, State.READY]
    for each in both:
        intake.confirm(each, by=office)
    at_once(*[lambda pk=each.job.pk: jobs.execute(pk) for each in both if each.job])
    for each in both:
        each.refresh_from_db()
    assert {job.state for job in Job.objects.all()} == {Job.State.DONE}
    assert {job.attempts for job in Job.objects.all()} == {1}
    assert sorted(each.state for each in both) == [State.DONE, State.STALE]
    (late,) = [each for each in both if each.state == State.STALE]
    assert "建设项目：新增 1" in late.note
    assert (Project.objects.count(), TaskPoint.objects.count(), Entry.objects.count()) == (1, 4, 2)
