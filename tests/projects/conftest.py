"""What the tests of pages share: a fixed today, browsers that are logged in, uploads, entries in a state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from projects import review
from projects.models import Department, Entry, Task, TaskPoint, User

TODAY = date(2024, 3, 1)
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF"
COMPLETE = {
    "effective_on": date(2023, 12, 22),
    "quantity": Decimal(1),
    "ratio": None,
    "description": "汇编（第二版）已印发。",
    "reason": "",
    "reason_kind": "",
    "expected_on": None,
    "next_step": "",
}


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    """Two months after the deadline of the point, within the day of the cast."""
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)
    return TODAY


@pytest.fixture(autouse=True)
def evidence_dir(settings: LazySettings, tmp_path: Path) -> Path:
    """An evidence folder of its own for each test."""
    folder = tmp_path / "evidence"
    settings.EVIDENCE_DIR = folder
    return folder


@pytest.fixture
def browser(today: date) -> Callable[[User], Client]:
    """A browser in which a user is logged in."""

    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return logged_in


def pdf(name: str = "印发通知.pdf", extra: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF + extra, "application/pdf")


@pytest.fixture
def draft(point: TaskPoint, filler: User) -> Callable[..., Entry]:
    """A new draft of the point by its filler, with other values than the complete ones."""

    def made(**values: Any) -> Entry:
        seen = review.version_of(review.latest(point))
        return review.save_draft(point, COMPLETE | values, by=filler, seen=seen)

    return made


@pytest.fixture
def submitted(draft: Callable[..., Entry], filler: User, now: Any) -> Callable[..., Entry]:
    return lambda **values: review.submit(draft(**values), by=filler, now=now)


@pytest.fixture
def returned(submitted: Callable[..., Entry], office: User) -> Callable[..., Entry]:
    def made(comment: str = "请附正式印发文件。", **values: Any) -> Entry:
        return review.return_for_revision(submitted(**values), by=office, comment=comment)

    return made


@pytest.fixture
def approved(submitted: Callable[..., Entry], office: User, now: Any) -> Callable[..., Entry]:
    return lambda **values: review.approve(submitted(**values), by=office, now=now)


@pytest.fixture
def later_point(task: Task, industry_department: Department) -> TaskPoint:
    """8-2-2024-01 of 校企合作处, without a plan, due at the end of 2024."""
    return TaskPoint.objects.create(
        task=task,
        year=2024,
        seq="1",
        text="制度执行情况评估",
        due_on=date(2024, 12, 31),
        department=industry_department,
    )
