"""A password set by somebody else must be changed before anything else."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from projects.models import Project, User

OLD, NEW = "口令-for-tests", "自己-的-新口令-2024"


@pytest.fixture
def newcomer(filler: User) -> User:
    filler.must_change_password = True
    filler.save()
    return filler


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_leads_to_the_change(browser: Any, newcomer: User, project: Project, method: str) -> None:
    for address in (reverse("reports:home"), reverse("reports:overview", args=[project.pk])):
        assert getattr(browser(newcomer), method)(address)["Location"] == reverse("password_change")


def test_the_programming_interface_refuses(browser: Any, newcomer: User) -> None:
    answer = browser(newcomer).get(reverse("api:project-list"))
    assert answer.status_code == 403
    assert "请先改成您自己的密码" in answer.content.decode()


def test_once_changed_everything_opens(browser: Any, newcomer: User, project: Project) -> None:
    client = browser(newcomer)
    assert "这是别人为您设的密码" in client.get(reverse("password_change")).content.decode()
    typed = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(reverse("password_change"), typed)["Location"] == reverse("password_change_done")
    newcomer.refresh_from_db()
    assert not newcomer.must_change_password
    assert newcomer.check_password(NEW)
    assert client.get(reverse("reports:overview", args=[project.pk])).status_code == 200


def test_the_same_password_again_is_refused(browser: Any, newcomer: User) -> None:
    typed = {"old_password": OLD, "new_password1": OLD, "new_password2": OLD}
    answer = browser(newcomer).post(reverse("password_change"), typed)
    assert "新密码不能与原密码相同" in answer.content.decode()
    newcomer.refresh_from_db()
    assert newcomer.must_change_password


def test_one_can_leave(browser: Any, newcomer: User) -> None:
    assert browser(newcomer).post(reverse("logout"))["Location"] == reverse("login")
