"""A full disk, at each step of an import: a sentence, nothing half, and another try when there is room.

The kernel refuses the bytes: by a limit on the size of files, or because the file is /dev/full.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from projects import jobs
from projects.models import Institution, Job, Membership, Project, Role, User
from reports.models import Intake
from tests.hostile import MEGABYTE, with_parts
from tests.workbooks import POINTS, small, workbook

FULL = Path("/dev/full")
State = Intake.State


@pytest.fixture
def client(browser: Callable[[User], Client], db: None, settings: LazySettings, tmp_path: Path) -> Client:
    settings.IMPORTS_DIR = tmp_path / "imports"
    college = Institution.objects.create(name="测试职业学院")
    user = User.objects.create_user("clerk", password="口令-for-tests", name="办事员")
    Membership.objects.create(user=user, institution=college, role=Role.OFFICE)
    return browser(user)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def post(client: Client, content: bytes) -> Any:
    return client.post("/import/", {"file": SimpleUploadedFile("任务书.xlsx", content)})


def work() -> Job:
    job = Job.objects.latest("pk")
    jobs.execute(job.pk)
    job.refresh_from_db()
    return job


def page(client: Client) -> str:
    answer: Any = client.get(f"/import/{Intake.objects.get().pk}/")
    return str(answer.content.decode())


def fill_up(name: str) -> None:
    """What is written under this name goes to a device without room."""
    (Intake.objects.get().folder / f".{name}").symlink_to(FULL)


def is_told_and_tried_again(client: Client) -> None:
    """The job has failed, the page says why and nothing is half; the next try succeeds."""
    job = work()
    assert job.state == Job.State.FAILED
    shown = page(client)
    assert "服务器磁盘空间不足" in shown
    assert f'action="/jobs/{job.pk}/retry/"' in shown
    assert not Project.objects.exists()
    assert not list(Intake.objects.get().folder.glob(".*"))
    client.post(f"/jobs/{job.pk}/retry/")
    assert work().state == Job.State.DONE


def test_while_the_browser_sends_a_large_file(client: Client, tmp_path: Path) -> None:
    content = with_parts(xl__media__a_dot_bin=bytes(range(256)) * 20_000)
    packed = content + bytes(4 * MEGABYTE)
    with largest_file(MEGABYTE):
        answer = post(client, packed)
    assert answer.status_code == 507
    assert "服务器磁盘空间不足" in answer.content.decode()
    assert not Intake.objects.exists()
    assert not (tmp_path / "imports").exists()


def test_while_the_file_is_put_away(client: Client, tmp_path: Path) -> None:
    content = workbook(small()).getvalue() + bytes(2 * MEGABYTE)
    with largest_file(MEGABYTE):
        answer = post(client, content)
    assert answer.status_code == 422
    assert "磁盘空间不足" in answer.content.decode()
    assert not Intake.objects.exists()
    assert list((tmp_path / "imports").iterdir()) == []


@pytest.mark.parametrize("name", ["preview.jsonl", "faults.json", "records.json"])
def test_while_it_is_checked(name: str, client: Client) -> None:
    post(client, workbook(small()).getvalue())
    fill_up(name)
    is_told_and_tried_again(client)
    assert "还没有写入。" in page(client)


def test_while_faults_are_marked(client: Client) -> None:
    post(client, workbook(small(任务点=[*POINTS, ("A.1", 2024, 1, "课程", "许多", "门")])).getvalue())
    fill_up("marked.xlsx")
    is_told_and_tried_again(client)
    assert "下载已标注问题的工作簿" in page(client)


def test_while_it_is_written(client: Client) -> None:
    post(client, workbook(small()).getvalue())
    work()
    client.post(f"/import/{Intake.objects.get().pk}/confirm/")
    fill_up("trace.json")
    is_told_and_tried_again(client)
    assert "已导入。" in page(client)
    assert Project.objects.count() == 1
