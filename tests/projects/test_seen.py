"""Two people edit the same setting: the second is told both versions, keeps what they typed, and decides."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from projects.models import Department, Project, Round, User


@pytest.fixture
def asked(project: Project) -> Round:
    return Round.objects.create(
        project=project, name="首批", opens_on=date(2024, 2, 1), closes_on=date(2024, 3, 8)
    )


def shown(client: Any, address: str) -> dict[str, Any]:
    """What the form holds, as a browser would send it back."""
    form = client.get(address).context["form"]
    data = {}
    for field in form:
        value = field.value()
        if value not in (None, False):
            data[field.html_name] = "on" if value is True else value
    return data


def test_the_second_to_save_a_round_sees_both_versions(
    browser: Any, office: User, admin_user: User, project: Project, asked: Round
) -> None:
    address = reverse("projects:round", args=[project.pk, asked.pk])
    first, second = browser(office), browser(admin_user)
    mine, theirs = shown(second, address), shown(first, address)
    assert first.post(address, theirs | {"closes_on": "2024-03-15"}).status_code == 302
    answer = second.post(address, mine | {"closes_on": "2024-03-20", "name": "第一批"})
    assert answer.status_code == 409
    page = unescape(answer.content.decode())
    assert "填报截止日期：现在是“2024-03-15”，您填的是“2024-03-20”" in page
    assert "名称：现在是“首批”，您填的是“第一批”" in page
    assert 'value="第一批"' in page
    asked.refresh_from_db()
    assert asked.closes_on == date(2024, 3, 15)
    again = {
        **mine,
        "closes_on": "2024-03-20",
        "name": "第一批",
        "seen": answer.context["form"]["seen"].value(),
    }
    assert second.post(address, again).status_code == 302
    asked.refresh_from_db()
    assert (asked.name, asked.closes_on) == ("第一批", date(2024, 3, 20))


def test_without_the_version_seen_nothing_is_saved(
    browser: Any, office: User, project: Project, asked: Round
) -> None:
    address = reverse("projects:round", args=[project.pk, asked.pk])
    client = browser(office)
    sent = shown(client, address) | {"name": "第一批"}
    del sent["seen"]
    answer = client.post(address, sent)
    assert answer.status_code == 409
    assert 'value="第一批"' in answer.content.decode()
    asked.refresh_from_db()
    assert asked.name == "首批"


def test_the_second_to_rename_a_department_is_told(
    browser: Any, admin_user: User, office_department: Department
) -> None:
    address = reverse("projects:department", args=[office_department.pk])
    client = browser(admin_user)
    mine = shown(client, address)
    Department.objects.update(name="党委办公室")
    answer = client.post(address, mine | {"name": "院办"})
    assert answer.status_code == 409
    assert "部门名称：现在是“党委办公室”，您填的是“院办”" in unescape(answer.content.decode())
    office_department.refresh_from_db()
    assert office_department.name == "党委办公室"
    assert (
        client.post(address, mine | {"name": "院办", "seen": answer.context["form"].version}).status_code
        == 302
    )
