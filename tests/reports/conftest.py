"""What the tests of pages share: logged-in browsers, and the example projects taken in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.management import load_command_class
from django.db import connections
from django.test import Client

from projects.models import Institution, Project, Role, User
from reports.exchange import import_workbook
from tests.conftest import DATA, person

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Run a command of ours as the shell does: exit code, standard output, standard error."""
    # At its end a command gives its connections back; here they are the test's.
    monkeypatch.setattr(connections, "close_all", lambda: None)

    def run(name: str, *arguments: str) -> tuple[int, str, str]:
        code: Any = 0
        try:
            load_command_class("reports", name).run_from_argv(["manage.py", name, *arguments])
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def browser() -> Callable[[User], Client]:
    """A browser in which a user is logged in."""

    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return logged_in


def taken_in(name: str, now: datetime) -> Project:
    outcome = import_workbook(DATA / f"{name}.xlsx", now=now, approve=True)
    assert outcome.ok, outcome.faults
    assert outcome.project
    return outcome.project


@pytest.fixture
def school(db: None, now: datetime) -> Project:
    """The project of a whole college: 447 points, indicators, outcomes, money by source, a score."""
    return taken_in("maoming-school", now)


@pytest.fixture
def group(db: None, now: datetime) -> Project:
    """The project of a professional group: money by year and task, no indicators, no score."""
    return taken_in("maoming-petrochem", now)


@pytest.fixture
def rules(db: None, now: datetime) -> Project:
    """An invented project with something unknown, missing or odd in every corner."""
    return taken_in("rules", now)


@pytest.fixture
def reader() -> Callable[[Project], User]:
    """A principal of the project's college, who reads everything."""

    def of(project: Project) -> User:
        college: Institution = project.institution
        user: User | None = User.objects.filter(memberships__institution=college).first()
        return user or person("duzhe", "读者", Role.PRINCIPAL, college, None)

    return of


@pytest.fixture
def look(
    browser: Callable[[User], Client], reader: Callable[[Project], User]
) -> Callable[[Project, str], str]:
    """The text of a page of a project, as its principal sees it."""

    def at(project: Project, path: str = "") -> str:
        response = browser(reader(project)).get(f"/projects/{project.pk}/{path}")
        assert response.status_code == 200
        return response.content.decode()

    return at
