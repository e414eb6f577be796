"""The life of a background job, in one process."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from hvcollege import settings as site
from hvcollege.celery import app
from projects import jobs, tasks
from projects.models import Institution, Job, User
from tests.job_handlers import HANDLERS

State = Job.State


@pytest.fixture(autouse=True)
def _handlers(settings: Any, tmp_path: Path) -> None:
    settings.JOB_HANDLERS = HANDLERS
    settings.JOBS_DIR = tmp_path


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create(username="clerk")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids handed to Celery, which here carries them nowhere."""
    ids: list[int] = []
    monkeypatch.setattr(tasks.run_job, "delay", ids.append)
    return ids


def queued(kind: str, **values: Any) -> Job:
    payload = values.pop("payload", {})
    return Job.objects.create(kind=kind, payload=payload, lease_until=timezone.now(), **values)


def ago(**span: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(**span)


def test_a_job_is_carried_out_once_the_caller_commits(
    clerk: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("count", {"to": 3}, by=clerk)
        assert job.state == State.QUEUED
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts, job.error) == (State.DONE, {"counted": 3}, 1, "")
    assert (job.progress, job.total, job.percent, job.message) == (3, 3, 100, "第 3 行")
    assert job.started_at is not None
    assert job.finished_at is not None
    assert job.requested_by == clerk


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_caller_leaves_no_job(sent: list[int]) -> None:
    with transaction.atomic():
        jobs.enqueue("count", {"to": 3}, by=None)
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert sent == []


def test_an_open_key_gives_the_same_job_and_a_closed_one_a_new(clerk: User, sent: list[int]) -> None:
    first = jobs.enqueue("count", {"to": 1}, by=clerk, key="report-7")
    assert jobs.enqueue("count", {"to": 1}, by=clerk, key="report-7") == first
    jobs.execute(first.pk)
    assert jobs.enqueue("count", {"to": 1}, by=clerk, key="report-7") != first


def test_jobs_without_a_key_are_never_the_same(clerk: User, sent: list[int]) -> None:
    assert jobs.enqueue("count", {"to": 1}, by=clerk) != jobs.enqueue("count", {"to": 1}, by=clerk)


@pytest.mark.django_db
def test_an_unknown_kind_is_refused_before_anything_is_written() -> None:
    with pytest.raises(ValueError, match="no handler for jobs of kind 'fly'"):
        jobs.enqueue("fly", {}, by=None)
    assert not Job.objects.exists()


def test_a_broker_that_is_down_costs_no_job(
    clerk: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def refuse(pk: int) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.run_job, "delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("count", {"to": 1}, by=clerk)
    job.refresh_from_db()
    assert job.state == State.QUEUED


@pytest.mark.django_db
def test_what_the_user_must_mend_fails_at_once_with_a_sentence(sent: list[int]) -> None:
    job = queued("refuse")
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == (State.FAILED, "工作簿里没有工作表“项目”。", 1)
    assert jobs.resend() == 0


@pytest.mark.django_db
def test_an_unexpected_fault_is_tried_again(sent: list[int]) -> None:
    job = queued("recover")
    jobs.execute(job.pk)
    assert jobs.resend() == 1
    assert sent == [job.pk]
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == (State.DONE, {"attempt": 2})


@pytest.mark.django_db
def test_an_unexpected_fault_is_not_tried_for_ever(settings: Any, sent: list[int]) -> None:
    job = queued("crash")
    for _ in range(settings.JOB_MAX_ATTEMPTS + 1):
        jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, jobs.UNEXPECTED)
    assert job.attempts == settings.JOB_MAX_ATTEMPTS
    assert jobs.resend() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.RUNNING, State.DONE, State.FAILED])
def test_a_second_message_does_nothing(state: str) -> None:
    job = queued("write", state=state, payload={"name": "测试学院"})
    jobs.execute(job.pk)
    assert not Institution.objects.exists()


@pytest.mark.django_db
def test_a_message_without_a_job_does_nothing() -> None:
    jobs.execute(404)
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_writes_nothing() -> None:
    job = queued("lose_and_write", payload={"name": "测试学院"})
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.owner, job.result) == (State.RUNNING, "another worker", {})
    assert not Institution.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_notices_a_lost_lease(settings: Any) -> None:
    settings.JOB_LEASE = dt.timedelta(seconds=0.4)
    job = queued("lose_and_go_on", payload={"name": "测试学院"})
    jobs.execute(job.pk)
    assert not Institution.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_renews_the_lease(settings: Any) -> None:
    settings.JOB_LEASE = dt.timedelta(seconds=0.4)
    job = queued("outlive_lease")
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == (State.DONE, {"renewed": True})


@pytest.mark.django_db
def test_resend_finds_lost_messages_and_dead_workers(sent: list[int]) -> None:
    unsent = queued("count")
    dead = queued("count", state=State.RUNNING, attempts=1, owner="dead worker")
    Job.objects.update(lease_until=ago(seconds=1))
    jobs.resend()
    assert sent == [unsent.pk, dead.pk]
    assert set(Job.objects.values_list("state", flat=True)) == {State.QUEUED}
    assert jobs.resend() == 0  # the new messages are trusted for a while


@pytest.mark.django_db
def test_resend_leaves_the_living_and_the_ended(sent: list[int]) -> None:
    later = timezone.now() + dt.timedelta(minutes=1)
    Job.objects.create(kind="count", lease_until=later)
    Job.objects.create(kind="count", lease_until=later, state=State.RUNNING)
    Job.objects.create(kind="count", lease_until=ago(days=1), state=State.DONE)
    Job.objects.create(kind="count", lease_until=ago(days=1), state=State.FAILED)
    assert jobs.resend() == 0
    assert sent == []


@pytest.mark.django_db
def test_a_job_whose_workers_keep_dying_fails_and_can_be_retried(
    settings: Any, clerk: User, sent: list[int]
) -> None:
    job = queued("count", state=State.RUNNING, payload={"to": 2}, attempts=settings.JOB_MAX_ATTEMPTS)
    Job.objects.update(lease_until=ago(seconds=1))
    assert jobs.resend() == 0
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, jobs.OUT_OF_ATTEMPTS)

    job = jobs.retry(job, clerk)
    assert (job.state, job.error, job.requested_by) == (State.QUEUED, "", clerk)
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.DONE, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.DONE])
def test_only_a_failed_job_is_retried(state: str, clerk: User) -> None:
    job = jobs.retry(queued("count", state=state), clerk)
    assert (job.state, job.requested_by) == (state, None)


def test_retry_gives_the_job_that_took_its_place(clerk: User, sent: list[int]) -> None:
    failed = queued("count", state=State.FAILED, key="report-7")
    successor = jobs.enqueue("count", {"to": 1}, by=clerk, key="report-7")
    assert jobs.retry(failed, clerk) == successor


@pytest.mark.django_db
def test_a_file_appears_whole(tmp_path: Path) -> None:
    job = queued("write_file", payload={"text": "全文"})
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert job.result == {"seen_before_the_end": []}
    assert [path.read_text() for path in job.folder.iterdir()] == ["全文"]
    assert job.folder == tmp_path / str(job.pk)


@pytest.mark.django_db
def test_a_failed_job_leaves_no_half_a_file() -> None:
    job = queued("write_file", payload={"text": "半", "fail": True})
    jobs.execute(job.pk)
    assert list(job.folder.iterdir()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "ended", "is_kept"),
    [
        (State.DONE, {"days": 91}, False),
        (State.FAILED, {"days": 91}, False),
        (State.DONE, {"days": 89}, True),
        (State.RUNNING, None, True),
        (State.QUEUED, None, True),
    ],
)
def test_ended_jobs_and_their_files_go_when_they_are_old(
    state: str, ended: dict[str, int] | None, is_kept: bool
) -> None:
    job = queued("write_file", state=state, finished_at=ended and ago(**ended))
    job.folder.mkdir()
    (job.folder / "report.pdf").touch()
    assert jobs.clear() == (0 if is_kept else 1)
    assert Job.objects.exists() is is_kept
    assert job.folder.exists() is is_kept


@pytest.mark.django_db
def test_an_old_job_without_files_goes_and_one_whose_files_stay_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stuck, bare = (queued("count", state=State.DONE, finished_at=ago(days=100)) for _ in range(2))
    stuck.folder.mkdir()

    def refuse(path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(jobs, "rmtree", refuse)
    assert jobs.clear() == 1
    assert Job.objects.get() == stuck


@pytest.mark.django_db
def test_what_is_scheduled_can_be_done_and_tidies_up(settings: Any) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=ago(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=ago(days=-1))
    queued("count", state=State.DONE, finished_at=ago(days=100))
    settings.JOB_HANDLERS = site.JOB_HANDLERS
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        app.tasks[entry["task"]].apply()
    assert [session.session_key for session in Session.objects.all()] == ["new"]
    assert not Job.objects.filter(kind="count").exists()


@pytest.mark.parametrize(
    ("progress", "total", "percent"), [(0, 0, None), (0, 3, 0), (2, 3, 66), (3, 3, 100), (4, 3, 100)]
)
def test_percent(progress: int, total: int, percent: int | None) -> None:
    assert Job(progress=progress, total=total).percent == percent


def test_people_see_their_own_jobs(clerk: User, sent: list[int]) -> None:
    mine = jobs.enqueue("count", {"to": 1}, by=clerk)
    jobs.enqueue("count", {"to": 1}, by=User.objects.create(username="stranger"))
    assert list(Job.objects.visible_to(clerk)) == [mine]
