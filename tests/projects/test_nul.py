"""A character that PostgreSQL takes in no text is turned away at the door, wherever it stands."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from projects.models import Project, TaskPoint, User

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


def test_in_what_is_sent(browser: Browser, office: User, project: Project, point: TaskPoint) -> None:
    client = browser(office)
    sent = {"comment": "请\0退回", "description": "a\0"}
    file = {"materials": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}
    for address, given in (
        (reverse("projects:fill", args=[point.pk]), sent),
        (reverse("projects:fill", args=[point.pk]), sent | file),
        (reverse("projects:messages_read"), {"message": "\0"}),
        (reverse("reports:outcome_act", args=[project.pk, 1, "ask"]), sent),
    ):
        answer = client.post(address, given)
        assert answer.status_code == 400
        assert SENTENCE in answer.content.decode()
    assert not point.entries.exists()


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
    answer = client.post("/login/", {"username": "a\0", "password": "b"})
    assert answer.status_code == 400
    client.cookies["sessionid"] = "aaaaaaaa\0"
    assert client.get("/people/").status_code == 400


def test_a_file_may_hold_any(browser: Browser, office: User, point: TaskPoint) -> None:
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7\0\0")
    answer = browser(office).post(reverse("projects:fill", args=[point.pk]), {"materials": file})
    assert answer.status_code == 422
