"""A college's administrator keeps its accounts, roles and departments; nobody else's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Department, Institution, Membership, Role, User
from projects.notes import notes_about
from tests.conftest import person


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def neighbour(other_college: Institution) -> User:
    """The administrator of another college."""
    return person("linju", "邻居", Role.ADMIN, other_college, None)


def new(client: Client, college: Institution, **values: Any) -> Any:
    typed = {"username": "zhangsan", "name": "张三", "college": college.pk, "role": "filler"}
    return client.post(reverse("projects:person_new"), typed | values)


def test_a_new_account_gets_a_password_that_must_be_changed(
    browser: Any, admin_user: User, college: Institution, office_department: Department
) -> None:
    answer = new(browser(admin_user), college, department=office_department.pk)
    found = re.search(r'id="password">([a-z0-9-]{14})<', text(answer))
    assert found
    made = User.objects.get(username="zhangsan")
    assert made.check_password(found[1])
    assert made.must_change_password
    assert made.memberships.get().department == office_department
    assert [note.change_message for note in notes_about(made)] == [
        "增加角色：填报人（党政办公室）",
        "建立账号",
    ]
    assert {note.user for note in notes_about(made)} == {admin_user}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "填报人要选择所在的部门。"),
        ({"username": "GAOYUAN", "role": "finance"}, "用户名“GAOYUAN”已被使用"),
        ({"username": "张 三", "role": "finance"}, "用户名"),
        ({"role": "authority"}, "authority"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_made(
    browser: Any, admin_user: User, filler: User, college: Institution, values: dict[str, str], sentence: str
) -> None:
    answer = new(browser(admin_user), college, **values)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert User.objects.count() == 2


def test_another_colleges_people_departments_and_roles_do_not_exist(
    browser: Any,
    neighbour: User,
    filler: User,
    college: Institution,
    other_college: Institution,
    office_department: Department,
) -> None:
    client = browser(neighbour)
    assert filler.name not in text(client.get(reverse("projects:people")))
    for address in (
        reverse("projects:person", args=[filler.pk]),
        reverse("projects:department", args=[office_department.pk]),
    ):
        assert client.get(address).status_code == 404
    for verb in ("reset", "deactivate"):
        assert client.post(reverse("projects:person_act", args=[filler.pk, verb])).status_code == 404
    role = filler.memberships.get().pk
    assert client.post(reverse("projects:person_leave", args=[filler.pk, role])).status_code == 404
    own = client.post(
        reverse("projects:person_join", args=[neighbour.pk]),
        {"college": college.pk, "role": "admin"},
    )
    assert own.status_code == 422
    assert new(client, other_college, department=office_department.pk).status_code == 422
    assert Membership.objects.count() == 2


def test_a_person_moves_to_another_department(
    browser: Any, admin_user: User, filler: User, college: Institution, industry_department: Department
) -> None:
    client, old = browser(admin_user), filler.memberships.get()
    typed = {"college": college.pk, "role": "filler", "department": industry_department.pk}
    client.post(reverse("projects:person_join", args=[filler.pk]), typed)
    client.post(reverse("projects:person_leave", args=[filler.pk, old.pk]))
    assert [m.department for m in filler.memberships.all()] == [industry_department]
    page = text(client.get(reverse("projects:person", args=[filler.pk])))
    assert "取消角色：填报人（党政办公室）" in page


def test_the_same_role_twice_is_refused(
    browser: Any, admin_user: User, office: User, college: Institution
) -> None:
    typed = {"college": college.pk, "role": "office"}
    answer = browser(admin_user).post(reverse("projects:person_join", args=[office.pk]), typed, follow=True)
    assert "已有这个角色：项目办" in text(answer)
    assert office.memberships.count() == 1


def test_a_reset_password_ends_what_was_open(browser: Any, admin_user: User, filler: User) -> None:
    theirs = browser(filler)
    assert theirs.get(reverse("password_change")).status_code == 200
    answer = browser(admin_user).post(reverse("projects:person_act", args=[filler.pk, "reset"]))
    assert "只在这里显示一次" in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert theirs.get(reverse("password_change")).status_code == 302
    filler.refresh_from_db()
    assert filler.must_change_password
    assert not filler.check_password("口令-for-tests")


def test_who_is_deactivated_is_out_at_once(browser: Any, admin_user: User, filler: User) -> None:
    theirs, ours = browser(filler), browser(admin_user)
    ours.post(reverse("projects:person_act", args=[filler.pk, "deactivate"]))
    assert theirs.get(reverse("password_change")).status_code == 302
    ours.post(reverse("projects:person_act", args=[filler.pk, "activate"]))
    filler.refresh_from_db()
    assert filler.is_active


def test_the_last_administrator_stays(
    browser: Any, admin_user: User, college: Institution, office: User
) -> None:
    client, role = browser(admin_user), admin_user.memberships.get()
    leave = reverse("projects:person_leave", args=[admin_user.pk, role.pk])
    assert "唯一的管理员，不能取消" in text(client.post(leave, follow=True))
    off = reverse("projects:person_act", args=[admin_user.pk, "deactivate"])
    assert "不能停用自己的账号" in text(client.post(off, follow=True))
    assert admin_user.memberships.get() == role
    Membership.objects.create(user=office, institution=college, role=Role.ADMIN)
    client.post(leave)
    assert not admin_user.memberships.exists()


def test_the_addresses_of_who_serves_elsewhere_are_not_changed_here(
    browser: Any, admin_user: User, outsider: User, college: Institution
) -> None:
    """Whoever holds the address gets the letters of the account."""
    Membership.objects.create(user=outsider, institution=college, role=Role.EXPERT)
    address = reverse("projects:person", args=[outsider.pk])
    client = browser(admin_user)
    seen = client.get(address).context["form"]["seen"].value()
    answer = client.post(address, {"name": "改名", "email": "x@example.com", "wecom_id": "x", "seen": seen})
    assert answer.status_code == 422
    assert "账号还在别处使用" in text(answer)
    outsider.refresh_from_db()
    assert (outsider.name, outsider.email, outsider.wecom_id) == ("外人", "", "")


@pytest.mark.parametrize("number", ["9" * 30, "٣", "²"])
def test_a_number_that_no_project_has_is_no_project(browser: Any, admin_user: User, number: str) -> None:
    address = f"{reverse('projects:person_new')}?role=leader&project={number}&tasks={number}"
    client = browser(admin_user)
    assert client.get(address).status_code == 200
    sent = {"role": "leader", "project": number, "tasks": [number], "college": number, "department": number}
    assert client.post(reverse("projects:person_new"), sent).status_code == 422


def test_an_account_that_serves_elsewhere_is_not_locked_here(
    browser: Any, admin_user: User, outsider: User, college: Institution
) -> None:
    Membership.objects.create(user=outsider, institution=college, role=Role.EXPERT)
    client = browser(admin_user)
    for verb in ("reset", "deactivate"):
        address = reverse("projects:person_act", args=[outsider.pk, verb])
        assert "账号还在别处使用" in text(client.post(address, follow=True))
    outsider.refresh_from_db()
    assert outsider.is_active
    assert outsider.check_password("口令-for-tests")
    # What they are elsewhere is not shown here.
    assert "远方职业学院" not in text(client.get(reverse("projects:person", args=[outsider.pk])))


def test_departments(
    browser: Any, admin_user: User, college: Institution, office_department: Department
) -> None:
    client = browser(admin_user)
    add = reverse("projects:department_new", args=[college.pk])
    client.post(add, {"name": "科研处", "kind": "职能部门"})
    assert Department.objects.get(name="科研处").institution == college
    answer = client.post(add, {"name": "党政办公室"})
    assert "已有名称为“党政办公室”的部门" in text(answer)
    own = reverse("projects:department", args=[office_department.pk])
    seen = client.get(own).context["form"]["seen"].value()
    client.post(own, {"name": "党政办", "seen": seen})
    office_department.refresh_from_db()
    assert office_department.name == "党政办"


def test_the_list_is_searched_and_costs_few_queries(
    browser: Any, admin_user: User, filler: User, other_filler: User, django_assert_max_num_queries: Any
) -> None:
    client = browser(admin_user)
    with django_assert_max_num_queries(9):
        page = text(client.get(reverse("projects:people"), {"text": "校企"}))
    assert other_filler.name in page
    assert filler.name not in page
