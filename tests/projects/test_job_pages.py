"""A background job as its owner sees it: progress, the file it made, another try."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.models import Job, Project, User
from tests.job_handlers import HANDLERS


@pytest.fixture(autouse=True)
def _jobs(settings: Any, tmp_path: Path) -> None:
    settings.JOB_HANDLERS = HANDLERS
    settings.JOBS_DIR = tmp_path / "jobs"


def a_job(by: User, state: str = Job.State.RUNNING, **values: Any) -> Job:
    given = {"kind": "count", "payload": {"to": 1, "title": "生成 PDF"}, "lease_until": timezone.now()}
    return Job.objects.create(requested_by=by, state=state, **given | values)


def page(client: Client, job: Job, name: str = "job", **headers: str) -> Any:
    return client.get(reverse(f"projects:{name}", args=[job.pk]), headers=headers)


def test_progress_is_a_page_and_a_fragment(browser: Any, office: User, project: Project) -> None:
    job = a_job(office, project=project, progress=1, total=4, message="第 3 章")
    text = page(browser(office), job).content.decode()
    assert "<!doctype html>" in text
    for words in ("生成 PDF", "第 3 章", "25%", project.name, 'hx-trigger="every 1s"'):
        assert words in text
    fragment = page(browser(office), job, **{"HX-Request": "true"}).content.decode()
    assert "<!doctype html>" not in fragment
    assert f'hx-get="{reverse("projects:job", args=[job.pk])}"' in fragment


def test_a_waiting_job_says_how_many_are_before_it(browser: Any, office: User, admin_user: User) -> None:
    waiting = a_job(office, Job.State.QUEUED)
    assert "排队中，马上开始" in page(browser(office), waiting).content.decode()
    a_job(admin_user, Job.State.DONE)
    a_job(admin_user, Job.State.RUNNING)
    last = a_job(office, Job.State.QUEUED)
    assert "排队中，前面还有 1 个任务" in page(browser(office), waiting).content.decode()
    assert "排队中，前面还有 2 个任务" in page(browser(office), last).content.decode()


def test_a_job_without_project_has_a_page(browser: Any, office: User) -> None:
    assert page(browser(office), a_job(office)).status_code == 200


def test_what_it_made_is_downloaded(browser: Any, office: User) -> None:
    job = a_job(office, Job.State.DONE, result={"file": "自评报告.pdf"})
    job.folder.mkdir(parents=True)
    (job.folder / "自评报告.pdf").write_bytes(b"%PDF-1.7")
    client = browser(office)
    assert reverse("projects:job_file", args=[job.pk]) in page(client, job).content.decode()
    answer = page(client, job, "job_file")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E8%87%AA")


@pytest.mark.parametrize("result", [{}, {"file": ""}, {"file": "nothing.pdf"}, {"file": "../../secret"}])
def test_no_file_no_download(browser: Any, office: User, tmp_path: Path, result: dict[str, str]) -> None:
    (tmp_path / "secret").write_text("x")
    job = a_job(office, Job.State.DONE, result=result)
    client = browser(office)
    assert reverse("projects:job_file", args=[job.pk]) not in page(client, job).content.decode()
    assert page(client, job, "job_file").status_code == 404


def test_a_failed_job_says_why_and_is_tried_again(
    browser: Any, office: User, django_capture_on_commit_callbacks: Any
) -> None:
    job = a_job(office, Job.State.FAILED, error="工作簿里没有工作表“项目”。")
    client = browser(office)
    assert "工作簿里没有工作表“项目”。" in page(client, job).content.decode()
    again = reverse("projects:job_retry", args=[job.pk])
    assert client.get(again).status_code == 405
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(again)
    assert answer["Location"] == reverse("projects:job", args=[job.pk])
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_trying_again_in_the_page_answers_with_the_fragment(browser: Any, office: User) -> None:
    job = a_job(office, Job.State.FAILED)
    again = reverse("projects:job_retry", args=[job.pk])
    answer = browser(office).post(again, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert f'id="job-{job.pk}"' in answer.content.decode()


def test_a_job_is_its_owners_business(browser: Any, client: Client, office: User, admin_user: User) -> None:
    job = a_job(office, Job.State.FAILED)
    for name in ("job", "job_file"):
        assert page(browser(admin_user), job, name).status_code == 404
        assert page(client, job, name).status_code == 302
    assert browser(admin_user).post(reverse("projects:job_retry", args=[job.pk])).status_code == 404
