"""The four doors by which a row is written (form, grid, workbook, interface) refuse in the same way."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from projects import jobs, review, tasks
from projects.guard import writable
from projects.models import Entry, Project, ReportingWindow, TaskPoint, User
from reports.desk.offline import taking
from reports.desk.offline.sheets import workbook
from reports.desk.rows import rows

TODAY, ON = date(2024, 3, 1), date(2023, 12, 22)
VALUES = {"quantity": "1", "effective_on": ON.isoformat(), "description": "已印发"}
HEADINGS = {"完成数量": 1, "完成日期": ON, "实际完成情况": "已印发"}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)
    monkeypatch.setattr(tasks.run_job, "delay", lambda pk: None)
    settings.JOBS_DIR, settings.EVIDENCE_DIR = tmp_path / "jobs", tmp_path / "evidence"


def by_form(user: User, point: TaskPoint, book: bytes) -> tuple[int, str]:
    client = Client()
    client.force_login(user)
    seen = review.version_of(review.latest(point))
    answer = client.post(
        reverse("projects:fill", args=[point.pk]), {**VALUES, "seen": seen, "step": "submit"}
    )
    return answer.status_code, unescape(answer.content.decode())


def as_json(user: User, point: TaskPoint, door: str) -> tuple[int, str]:
    client = Client()
    client.force_login(user)
    seen = review.version_of(review.latest(point))
    sent = {"rows": [{"key": f"point:{point.pk}", "seen": seen, "values": VALUES}], "step": "submit"}
    address = reverse(door, args=[point.task.project_id])
    answer = client.post(address, json.dumps(sent), content_type="application/json")
    (row,) = answer.json()["rows"]
    assert not row["ok"]
    return answer.status_code, row["refusal"]


def by_grid(user: User, point: TaskPoint, book: bytes) -> tuple[int, str]:
    return as_json(user, point, "reports:mine_rows")


def by_interface(user: User, point: TaskPoint, book: bytes) -> tuple[int, str]:
    return as_json(user, point, "api:project-rows")


def by_workbook(user: User, point: TaskPoint, book: bytes) -> tuple[int, str]:
    job = taking.receive(SimpleUploadedFile("填报表.xlsx", book), point.task.project, by=user)
    jobs.execute(job.pk)
    job.refresh_from_db()
    (item,) = (item for item in taking.items_of(job) if item.key == f"point:{point.pk}")
    return 403 if item.outcome == "refused" else 200, item.refusal


DOORS: tuple[Callable[[User, TaskPoint, bytes], tuple[int, str]], ...] = (
    *(by_form, by_grid, by_workbook, by_interface),
)


@pytest.fixture
def book(project: Project, point: TaskPoint, office: User) -> bytes:
    """Downloaded by the office, for which every row is open, and filled in."""
    book = load_workbook(BytesIO(workbook(project, rows(office, project, TODAY), str(office), TODAY)))
    sheet = book["任务点"]
    headings = [cell.value for cell in sheet[1]]
    for heading, value in HEADINGS.items():
        sheet.cell(2, headings.index(heading) + 1).value = value
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def locked(book: bytes, now: datetime) -> None:
    ReportingWindow.objects.update(locked_at=now)


@pytest.mark.parametrize("door", DOORS)
def test_a_locked_window_is_closed_at_every_door_with_the_same_sentence(
    door: Any, filler: User, point: TaskPoint, book: bytes, locked: None
) -> None:
    refusal = writable(filler, point, ON, TODAY)
    assert refusal
    assert "请联系项目办（周敏）申请锁定例外" in str(refusal)
    status, said = door(filler, point, book)
    assert (status, str(refusal) in said) == (403, True)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_another_departments_row_is_closed_at_every_door(
    door: Any, other_filler: User, point: TaskPoint, book: bytes
) -> None:
    status, said = door(other_filler, point, book)
    assert status == 403
    assert f"由{point.department}填报" in said
    assert not Entry.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_a_point_that_left_the_task_book_is_closed_at_every_door(
    door: Any, filler: User, point: TaskPoint, book: bytes
) -> None:
    TaskPoint.objects.update(removed_on=date(2024, 2, 1))
    point.refresh_from_db()
    status, said = door(filler, point, book)
    assert status == 403
    assert "调出任务书" in said
    assert not Entry.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_all_doors_let_in_whoever_may(door: Any, filler: User, point: TaskPoint, book: bytes) -> None:
    if door in (by_grid, by_interface):
        with pytest.raises(AssertionError):
            door(filler, point, book)
        assert Entry.objects.get().state == "submitted"
    else:
        assert door(filler, point, book)[0] in (200, 302)
