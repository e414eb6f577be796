"""When the demo is not loaded, nothing of it is."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from projects import evidence
from projects.models import Project, User
from reports.demo import work


def test_no_known_password_where_others_can_reach_it(db: None, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "projects.example.edu.cn"]
    settings.DEBUG = False
    with pytest.raises(CommandError, match="口令是公开的"):
        call_command("demo", stdout=StringIO())
    assert not User.objects.exists()
    assert not Project.objects.exists()


def test_all_or_nothing(
    db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOWED_HOSTS = ["projects.example.edu.cn"]
    settings.EVIDENCE_DIR = tmp_path

    def fail(*args: object) -> None:
        raise evidence.NotStored("磁盘已满。")

    monkeypatch.setattr(work, "redo", fail)
    with pytest.raises(CommandError, match="磁盘已满"):
        call_command("demo", "--force", stdout=StringIO())
    assert not Project.objects.exists()
    assert not User.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
