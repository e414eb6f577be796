"""A character that PostgreSQL takes in no text stays at the door, wherever it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from indicators.models import Outcome
from projects import review
from projects.models import Project, ReviewLog, TaskPoint, User

Browser = Callable[[User], Client]
SENTENCE = "控制字符"


@pytest.mark.parametrize(
    "address",
    [
        "/people/?text=%00",
        "/people/?text=a%00b&page=2",
        "/projects/{}/indicators/?text=%00",
        "/projects/{}/review/?item=%00",
        "/login/?next=%00",
        "/import/lists/%00/",
    ],
)
def test_in_an_address(address: str, browser: Browser, admin_user: User, project: Project) -> None:
    answer = browser(admin_user).get(address.format(project.pk))
    assert answer.status_code == 400
    assert SENTENCE in answer.content.decode()


def test_in_what_is_typed_it_is_left_out(
    browser: Browser, office: User, project: Project, point: TaskPoint
) -> None:
    client = browser(office)
    row = Outcome.objects.create(project=project, code="A1", name="一等奖", awarded_on=date(2023, 5, 6))
    client.post(reverse("reports:outcome_act", args=[project.pk, row.pk, "ask"]), {"comment": "请\0退回"})
    assert ReviewLog.objects.get().comment == "请退回"
    seen = review.version_of(review.latest(point))
    sent = {"seen": seen, "quantity": "1", "effective_on": "2023-12-22", "description": "已\0印发"}
    file = {"materials": SimpleUploadedFile("a.pdf", b"%PDF-1.7\0\n%%EOF")}
    assert client.post(reverse("projects:fill", args=[point.pk]), sent | file).status_code == 302
    assert point.entries.get().description == "已印发"
    assert client.post(reverse("projects:messages_read"), {"message\0": "\0"}).status_code == 302


def test_in_a_row_of_the_grid(browser: Browser, office: User, project: Project, point: TaskPoint) -> None:
    values = {"quantity": "1", "effective_on": "2023-12-22", "description": "a\0"}
    for row in ({"values": values}, {"key": "point:1\0"}, {"seen": "\0"}):
        sent = {"rows": [{"key": f"point:{point.pk}", "seen": "", "values": {}} | row], "step": "draft"}
        answer = browser(office).post(
            reverse("reports:mine_rows", args=[project.pk]), json.dumps(sent), "application/json"
        )
        assert 400 <= answer.status_code < 500
    assert not point.entries.exists()


def test_in_the_name_of_who_logs_in_and_in_a_cookie(client: Client, admin_user: User) -> None:
    assert client.post("/login/", {"username": "a\0", "password": "b"}).status_code == 200
    client.cookies["sessionid"] = "aaaaaaaa\0"
    assert client.get("/people/").status_code == 400
