"""A number is a door: every figure of a report leads to the page that shows it with its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from projects.models import Project, Task, TaskPoint, User
from reports.build import build
from reports.facts import gather
from reports.kinds import KINDS
from reports.views.proof import proof_url

Browser = Callable[[User], Client]


def keys(node: Any) -> Iterator[str]:
    """The keys of all figures of a document."""
    if isinstance(node, dict):
        if node.get("type") == "Figure":
            yield node["key"]
        for value in node.values():
            yield from keys(value)
    if isinstance(node, list):
        for value in node:
            yield from keys(value)


@pytest.fixture
def client(browser: Browser, filler: User) -> Client:
    return browser(filler)


def led(client: Client, project: Project, key: str, **query: str) -> str:
    response = client.get(f"/projects/{project.pk}/proof/", {"key": key, **query})
    assert response.status_code == 302, key
    return str(response["Location"])


@pytest.mark.parametrize(
    ("key", "page"),
    [
        ("tasks.due_rate", "tasks/"),
        ("indicators.window.*;2.rate", "indicators/"),
        ("outcomes.targets.国家级.项.done", "outcomes/"),
        ("funding.source:学校自筹.receipt_rate", "funding/"),
        ("satisfaction.在校生.2023.percent", "satisfaction/"),
        ("score.items[S.A.1].mark", "score/"),
        ("comparisons.1.now", "report/school-midterm/#r-comparisons"),
    ],
)
def test_figures_lead_to_their_page(key: str, page: str, client: Client, project: Project) -> None:
    assert led(client, project, key) == f"/projects/{project.pk}/{page}"


def test_areas_and_points_lead_to_themselves(client: Client, task: Task, point: TaskPoint) -> None:
    project = task.project
    dotted = Task.objects.create(project=project, code="A.1", name="点号", position=9)
    assert led(client, project, "tasks.by_area.8-2.due") == f"/projects/{project.pk}/tasks/{task.pk}/"
    assert led(client, project, "tasks.by_area[A.1].due") == f"/projects/{project.pk}/tasks/{dotted.pk}/"
    assert led(client, project, f"points.{point.code}.r") == f"/points/{point.pk}/"


def test_the_date_goes_along(client: Client, project: Project) -> None:
    address = led(client, project, "tasks.due", as_of="2022-12-31")
    assert parse_qs(urlsplit(address).query) == {"as_of": ["2022-12-31"]}
    assert proof_url(gather(project)).endswith("/proof/?key=")
    assert proof_url(gather(project, date(2022, 12, 31))).endswith("/proof/?as_of=2022-12-31&key=")


@pytest.mark.parametrize("key", ["", "nonsense", "tasks.by_area.99.due", "points.99-1", "project"])
def test_what_is_no_figure_is_not_found(key: str, client: Client, project: Project) -> None:
    assert client.get(f"/projects/{project.pk}/proof/", {"key": key}).status_code == 404


def test_outsiders_find_nothing(browser: Browser, outsider: User, project: Project) -> None:
    path = f"/projects/{project.pk}/proof/?key=tasks.due"
    assert browser(outsider).get(path).status_code == 404
    assert Client().get(path).status_code == 302
    assert Client().get(path)["Location"].startswith("/login/")


@pytest.mark.parametrize("chosen", KINDS, ids=lambda each: each.identifier)
def test_every_figure_of_a_report_leads_somewhere(
    chosen: Any, browser: Browser, reader: Callable[[Project], User], rules: Project
) -> None:
    client = browser(reader(rules))
    found = set(keys(build(gather(rules), chosen).to_json()))
    assert len(found) > 100
    assert {led(client, rules, key).split("/")[1] for key in found} == {"projects", "points"}


def test_the_report_on_screen_has_the_links(client: Client, project: Project, point: TaskPoint) -> None:
    page = client.get(f"/projects/{project.pk}/report/school-midterm/").content.decode()
    assert f'<a class="fig" href="/projects/{project.pk}/proof/?key=tasks.due_rate"' in page
