"""The programming interface: read-only, for members only, the same numbers as the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from projects.models import Entry, Project, State, TaskPoint, User

Browser = Callable[[User], Client]


def test_projects_of_the_own_college_only(
    browser: Browser, filler: User, outsider: User, project: Project
) -> None:
    listed = browser(filler).get("/api/projects/").json()
    assert [(p["id"], p["code"], p["institution"]) for p in listed["results"]] == [
        (project.pk, "SAMPLE-2022", "样例职业技术学院")
    ]
    assert browser(outsider).get("/api/projects/").json()["results"] == []


def test_a_role_limited_to_a_project_reads_that_alone(
    browser: Browser, filler: User, project: Project
) -> None:
    years = {"start_year": 2022, "end_year": 2025}
    other = Project.objects.create(
        institution=project.institution, code="G", name="专业群", level="group", **years
    )
    filler.memberships.update(project=other)
    client = browser(filler)
    assert [each["id"] for each in client.get("/api/projects/").json()["results"]] == [other.pk]
    assert client.get(f"/api/projects/{other.pk}/").status_code == 200
    assert client.get(f"/api/projects/{project.pk}/").status_code == 403


@pytest.mark.parametrize("path", ["", "figures/", "points/"])
def test_outsiders_find_nothing(path: str, browser: Browser, outsider: User, project: Project) -> None:
    assert browser(outsider).get(f"/api/projects/{project.pk}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["projects/", "projects/1/", "projects/1/figures/", "schema/"])
def test_visitors_are_refused(path: str, db: None) -> None:
    assert Client().get(f"/api/{path}").status_code == 403


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(verb: str, browser: Browser, admin_user: User, project: Project) -> None:
    response = getattr(browser(admin_user), verb)(f"/api/projects/{project.pk}/")
    assert response.status_code == 405


def test_figures_are_those_of_the_command(
    browser: Browser, reader: Callable[[Project], User], school: Project
) -> None:
    figures = browser(reader(school)).get(f"/api/projects/{school.pk}/figures/").json()
    out = StringIO()
    call_command("figures", school.code, stdout=out)
    assert figures == json.loads(out.getvalue())


def test_figures_of_another_date(
    browser: Browser, reader: Callable[[Project], User], school: Project
) -> None:
    client = browser(reader(school))
    figures = client.get(f"/api/projects/{school.pk}/figures/", {"as_of": "2022-12-31"}).json()
    assert (figures["as_of"], figures["tasks"]["due"]) == ("2022-12-31", "99")


def test_a_bad_date_gets_a_sentence(browser: Browser, filler: User, project: Project) -> None:
    response = browser(filler).get(f"/api/projects/{project.pk}/figures/", {"as_of": "昨天"})
    assert response.status_code == 400
    assert "不是日期" in response.json()["detail"]


def test_pending_work_on_demand(browser: Browser, filler: User, point: TaskPoint) -> None:
    Entry.objects.create(point=point, ratio="0.5", effective_on=date(2023, 12, 1), state=State.SUBMITTED)
    address = f"/api/projects/{point.task.project.pk}/points/"
    client = browser(filler)
    (row,) = client.get(address).json()["results"]
    assert (row["code"], row["planned"], row["ratio"], row["is_due"]) == ("8-2-2023-03", "1", None, True)
    (row,) = client.get(address, {"pending": "1"}).json()["results"]
    assert row["ratio"] == "0.5"


def test_points_come_by_the_hundred(
    browser: Browser, reader: Callable[[Project], User], school: Project
) -> None:
    client = browser(reader(school))
    first = client.get(f"/api/projects/{school.pk}/points/").json()
    assert (first["count"], len(first["results"])) == (447, 100)
    assert len(client.get(first["next"]).json()["results"]) == 100


@pytest.mark.parametrize("pk", ["0", "99999999999999999999", "x", "-1"])
def test_addresses_that_name_no_project(pk: str, browser: Browser, filler: User) -> None:
    for path in ("", "figures/", "points/"):
        assert browser(filler).get(f"/api/projects/{pk}/{path}").status_code == 404


def test_the_interface_describes_itself(browser: Browser, filler: User) -> None:
    schema = browser(filler).get("/api/schema/", headers={"accept": "application/json"}).json()
    assert {"/api/projects/", "/api/projects/{id}/figures/", "/api/projects/{id}/points/"} <= set(
        schema["paths"]
    )
