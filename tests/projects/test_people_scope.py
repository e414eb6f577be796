"""Where roles hold, people who move or leave, and departments that go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from projects import departments, people
from projects.collation import by_sound
from projects.leading import tasks_of
from projects.models import (
    Department,
    Entry,
    Institution,
    Membership,
    PointShare,
    Project,
    Role,
    Task,
    TaskPoint,
    User,
)
from projects.notes import notes_about
from projects.permissions import can_fill
from tests.conftest import person


def text(answer: Any) -> str:
    return str(answer.content.decode())


def edit(membership: Membership, **values: Any) -> tuple[str, dict[str, Any]]:
    address = reverse("projects:person_role", args=[membership.user_id, membership.pk])
    given = {"seen": people.version_of(membership)} | values
    return address, {name: value for name, value in given.items() if value is not None}


@pytest.fixture
def leader(college: Institution) -> User:
    return person("zuzhang", "组长", Role.LEADER, college, None)


def test_a_leader_is_given_tasks(
    browser: Any, admin_user: User, leader: User, task: Task, project: Project
) -> None:
    client, role = browser(admin_user), leader.memberships.get()
    page = text(client.get(reverse("projects:person", args=[leader.pk])))
    assert "还没有选任务" in page
    address, given = edit(role)
    answer = client.post(address, given)
    assert answer.status_code == 422
    assert "要限于一个项目或几项任务" in text(answer)
    client.post(address, given | {"tasks": [task.pk]})
    assert tasks_of(User.objects.get(pk=leader.pk), project) == {task.pk}
    page = text(client.get(reverse("projects:person", args=[leader.pk])))
    assert "8-2 建立科学规范的制度体系" in page
    assert notes_about(leader)[0].change_message == "角色由“建设组长”改为“建设组长（任务 8-2）”"
    assert "任务 8-2" in text(client.get(reverse("projects:people")))


def test_who_becomes_a_leader_is_asked_for_tasks(
    browser: Any, admin_user: User, filler: User, college: Institution
) -> None:
    join = reverse("projects:person_join", args=[filler.pk])
    answer = browser(admin_user).post(join, {"college": college.pk, "role": "leader"}, follow=True)
    made = filler.memberships.get(role=Role.LEADER)
    assert answer.redirect_chain == [(reverse("projects:person_role", args=[filler.pk, made.pk]), 302)]
    assert "请选择建设组长负责的任务" in text(answer)


def test_a_new_account_that_leads_is_given_its_tasks(
    browser: Any, admin_user: User, task: Task, college: Institution
) -> None:
    client, address = browser(admin_user), reverse("projects:person_new")
    assert "限于任务" not in text(client.get(address))
    typed = {"username": "zuzhang", "name": "组长", "college": college.pk, "role": "leader"}
    answer = client.post(address, typed)
    assert answer.status_code == 422
    assert "要限于一个项目或几项任务" in text(answer)
    client.post(address, typed | {"tasks": [task.pk]})
    made = User.objects.get(username="zuzhang")
    assert list(made.memberships.get().tasks.all()) == [task]
    assert notes_about(made)[0].change_message == "增加角色：建设组长（任务 8-2）"


def test_the_tasks_of_the_chosen_project_are_offered(
    browser: Any, admin_user: User, leader: User, task: Task, college: Institution
) -> None:
    other = Project.objects.create(
        institution=college, code="G", name="专业群", level="group", start_year=2022, end_year=2025
    )
    Task.objects.create(project=other, code="1", name="群任务")
    client, role = browser(admin_user), leader.memberships.get()
    for address in (edit(role)[0], reverse("projects:person_new")):
        offered = {
            project: text(client.get(address, {"role": "leader", "project": project}))
            for project in ("", task.project_id, other.pk)
        }
        found = {key: ("8-2 建立" in page, "1 群任务" in page) for key, page in offered.items()}
        assert found == {"": (True, True), task.project_id: (True, False), other.pk: (False, True)}
    assert client.get(address, {"role": "leader", "project": "x", "tasks": "y"}).status_code == 200


def test_tasks_of_other_projects_and_colleges_are_refused(
    browser: Any, admin_user: User, leader: User, task: Task, college: Institution, other_college: Institution
) -> None:
    years = {"start_year": 2022, "end_year": 2025}
    own = Project.objects.create(institution=college, code="G", name="专业群", level="group", **years)
    foreign = Project.objects.create(
        institution=other_college, code="F", name="外校", level="school", **years
    )
    stray = Task.objects.create(project=foreign, code="1", name="外校任务")
    client, role = browser(admin_user), leader.memberships.get()
    for values in (
        {"tasks": [stray.pk]},
        {"project": foreign.pk},
        {"project": own.pk, "tasks": [task.pk]},
        {"tasks": ["x"]},
    ):
        address, given = edit(role, **values)
        assert client.post(address, given).status_code == 422
    assert not role.tasks.exists()


def test_a_person_moves_and_history_stays(
    browser: Any,
    admin_user: User,
    filler: User,
    industry_department: Department,
    point: TaskPoint,
    submitted: Callable[..., Entry],
) -> None:
    entry = submitted()
    client, role = browser(admin_user), filler.memberships.get()
    shown = reverse("projects:point", args=[point.pk])
    assert "高远（党政办公室）" in text(client.get(shown))
    address, given = edit(role, department="")
    assert "填报人要选择所在的部门" in text(client.post(address, given))
    client.post(address, given | {"department": industry_department.pk})
    moved = User.objects.get(pk=filler.pk)
    assert moved.memberships.get().department == industry_department
    assert not can_fill(moved, point)
    said = "角色由“填报人（党政办公室）”改为“填报人（校企合作处）”"
    assert notes_about(filler)[0].change_message == said
    entry.refresh_from_db()
    assert entry.author == filler
    # What was done for the old department is not said to come from the new one.
    page = text(client.get(shown))
    assert "高远" in page
    assert "高远（校企合作处）" not in page


def test_the_second_who_changes_a_role_is_told(
    browser: Any,
    admin_user: User,
    filler: User,
    industry_department: Department,
    office_department: Department,
) -> None:
    role = filler.memberships.get()
    address, given = edit(role, department=industry_department.pk)
    browser(admin_user).post(address, given)
    answer = browser(admin_user).post(address, given | {"department": office_department.pk})
    assert answer.status_code == 409
    assert "现在：填报人（校企合作处）" in text(answer)
    role.refresh_from_db()
    assert role.department == industry_department


def test_a_role_that_exists_already_is_not_made_twice(
    browser: Any, admin_user: User, filler: User, college: Institution, industry_department: Department
) -> None:
    Membership.objects.create(user=filler, institution=college, role="filler", department=industry_department)
    address, given = edit(filler.memberships.earliest("pk"), department=industry_department.pk)
    answer = browser(admin_user).post(address, given)
    assert "已有这个角色：填报人（校企合作处）" in text(answer)
    assert filler.memberships.count() == 2


def test_the_last_administrator_keeps_the_whole_college(
    browser: Any, admin_user: User, project: Project
) -> None:
    address, given = edit(admin_user.memberships.get(), project=project.pk)
    assert "唯一的管理员" in text(browser(admin_user).post(address, given))
    assert admin_user.memberships.get().project is None


def test_a_role_limited_to_a_project_opens_that_alone(
    browser: Any, filler: User, project: Project, point: TaskPoint, college: Institution
) -> None:
    other = Project.objects.create(
        institution=college, code="G", name="专业群", level="group", start_year=2022, end_year=2025
    )
    Membership.objects.filter(user=filler).update(project=other)
    client = browser(filler)
    assert client.get(reverse("projects:point", args=[point.pk])).status_code == 403
    assert client.get(reverse("reports:mine", args=[project.pk])).status_code == 403
    assert client.get(reverse("reports:mine", args=[other.pk])).status_code == 200


def test_who_still_has_rows_is_not_deactivated_by_the_way(
    browser: Any, admin_user: User, filler: User, point: TaskPoint, project: Project
) -> None:
    TaskPoint.objects.update(assignee=filler)
    client = browser(admin_user)
    page = text(client.get(reverse("projects:person", args=[filler.pk])))
    assert "还有 1 项由高远填报" in page
    assert reverse("reports:handover", args=[filler.pk]) in page
    off = reverse("projects:person_act", args=[filler.pk, "deactivate"])
    assert "请先办理交接" in text(client.post(off, follow=True))
    filler.refresh_from_db()
    assert filler.is_active
    client.post(off, {"anyway": "1"})
    filler.refresh_from_db()
    assert not filler.is_active


def test_what_waits_of_somebody_who_left_is_taken_back_by_the_colleagues(
    browser: Any, admin_user: User, filler: User, head: User, submitted: Callable[..., Entry]
) -> None:
    entry = submitted()
    withdraw = reverse("projects:withdraw", args=[entry.pk])
    assert browser(head).post(withdraw).status_code == 403
    User.objects.filter(pk=filler.pk).update(is_active=False)
    assert browser(head).post(withdraw).status_code == 302
    entry.refresh_from_db()
    assert entry.state == "draft"


def test_people_are_listed_by_the_sound_of_their_names() -> None:
    names = ["周敏", "白雪莹", "何文", "高远", "陈主任", "Zhang"]
    assert sorted(names, key=by_sound) == ["Zhang", "白雪莹", "陈主任", "高远", "何文", "周敏"]


def test_an_unused_department_is_deleted(browser: Any, admin_user: User, college: Institution) -> None:
    department = Department.objects.create(institution=college, name="教物处")
    client = browser(admin_user)
    assert "可以删除" in text(client.get(reverse("projects:department", args=[department.pk])))
    client.post(reverse("projects:department_delete", args=[department.pk]))
    assert not Department.objects.filter(pk=department.pk).exists()


def test_a_department_in_use_is_not_deleted(
    browser: Any, admin_user: User, filler: User, point: TaskPoint, office_department: Department
) -> None:
    delete = reverse("projects:department_delete", args=[office_department.pk])
    answer = browser(admin_user).post(delete, follow=True)
    assert "任务点 1 项" in text(answer)
    assert "不能删除" in text(answer)
    assert Department.objects.filter(pk=office_department.pk).exists()


def test_a_mistyped_department_is_merged_with_all_it_has(
    browser: Any,
    admin_user: User,
    filler: User,
    college: Institution,
    point: TaskPoint,
    later_point: TaskPoint,
    office_department: Department,
    industry_department: Department,
) -> None:
    wrong = Department.objects.create(institution=college, name="党政办公窒")
    Membership.objects.create(user=filler, institution=college, role="filler", department=wrong)
    Membership.objects.create(user=filler, institution=college, role="head", department=wrong)
    TaskPoint.objects.filter(pk=point.pk).update(department=wrong)
    later_point.co_departments.add(wrong, office_department)
    PointShare.objects.create(point=later_point, department=wrong, target=1)
    client = browser(admin_user)
    page = text(client.get(reverse("projects:department", args=[wrong.pk])))
    for label in ("任务点", "成员与角色", "任务点的协同部门", "任务点分解"):
        assert f"<td>{label}</td>" in page
    merge, given = reverse("projects:department_merge", args=[wrong.pk]), {"into": office_department.pk}
    assert client.post(merge, given | {"seen": "x"}).status_code == 409
    answer = client.post(merge, given | {"seen": departments.version_of(wrong)}, follow=True)
    assert "并入“党政办公室”，“党政办公窒”已删除" in text(answer)
    point.refresh_from_db()
    assert point.department == office_department
    assert list(later_point.co_departments.all()) == [office_department]
    assert PointShare.objects.get().department == office_department
    assert sorted(filler.memberships.values_list("role", "department")) == [
        ("filler", office_department.pk),
        ("head", office_department.pk),
    ]
    assert not Department.objects.filter(pk=wrong.pk).exists()
    assert "并入“党政办公窒”" in notes_about(office_department)[0].change_message


def test_two_shares_of_one_point_are_not_merged_by_the_way(
    browser: Any,
    admin_user: User,
    college: Institution,
    point: TaskPoint,
    office_department: Department,
    other_college: Institution,
) -> None:
    wrong = Department.objects.create(institution=college, name="党政办公窒")
    foreign = Department.objects.create(institution=other_college, name="外校部门")
    for department in (wrong, office_department):
        PointShare.objects.create(point=point, department=department, target=1)
    client, merge = browser(admin_user), reverse("projects:department_merge", args=[wrong.pk])
    given = {"into": office_department.pk, "seen": departments.version_of(wrong)}
    answer = client.post(merge, given)
    assert answer.status_code == 409
    assert "请先在“分解下达”里合并" in text(answer)
    assert client.post(merge, given | {"into": foreign.pk}).status_code == 422
    assert client.post(merge, given | {"into": wrong.pk}).status_code == 422
    assert PointShare.objects.filter(department=wrong).exists()
