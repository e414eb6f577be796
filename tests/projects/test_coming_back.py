"""After an expired session a person comes back to the page of the form; a program is told so."""

from __future__ import annotations

import pytest
from django.test import Client

from projects.models import TaskPoint, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("referer", "after"),
    [
        ("http://testserver/points/1/fill/", "/points/1/fill/"),
        (
            "http://testserver/points/1/?as_of=2023-12-31&x=1",
            "/points/1/%3Fas_of%3D2023-12-31%26x%3D1",
        ),
        ("https://evil.example/points/1/", "/"),
        ("", "/"),
    ],
)
def test_who_sends_a_form_comes_back_to_its_page(client: Client, referer: str, after: str) -> None:
    answer = client.post("/entries/1/submit/", headers={"referer": referer})
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={after}")


def test_who_asks_for_a_page_comes_back_to_it(client: Client) -> None:
    answer = client.get("/messages/", headers={"referer": "http://testserver/points/1/"})
    assert answer["Location"] == "/login/?next=/messages/"


def test_a_program_is_told_in_its_own_way(client: Client, point: TaskPoint) -> None:
    answer = client.post("/entries/1/submit/", "{}", content_type="application/json")
    assert answer.status_code == 401
    assert answer.json()["refusal"].startswith("登录已过期，内容还没有保存。")


def test_sessions_end_everywhere_with_the_password(filler: User) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.login(username="gaoyuan", password="口令-for-tests")
        assert client.get("/messages/").status_code == 200
    new = "完全另一个新口令-2024"
    form = {"old_password": "口令-for-tests", "new_password1": new, "new_password2": new}
    assert here.post("/password/", form).status_code == 302
    assert here.get("/messages/").status_code == 200
    assert there.get("/messages/")["Location"].startswith("/login/")
    assert there.get("/api/projects/").status_code == 403


def test_sessions_end_everywhere_with_the_account(filler: User, admin_user: User) -> None:
    client, admin = Client(), Client()
    client.force_login(filler)
    admin.force_login(admin_user)
    admin.post(f"/people/{filler.pk}/deactivate/")
    assert client.get("/messages/")["Location"].startswith("/login/")
    assert client.get("/api/projects/").status_code == 403


def test_sessions_end_with_a_password_that_was_reset(filler: User, admin_user: User) -> None:
    client, admin = Client(), Client()
    client.force_login(filler)
    admin.force_login(admin_user)
    assert admin.post(f"/people/{filler.pk}/reset/").status_code == 200
    assert client.get("/messages/")["Location"].startswith("/login/")
