"""What the tests of pages share: logged-in browsers, and the example projects taken in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from projects.models import Institution, Project, Role, User
from reports.exchange import import_workbook
from tests.conftest import DATA, person


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
