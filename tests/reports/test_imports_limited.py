"""A role limited to one project imports into that project, and sees nothing of what goes into others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from projects import jobs
from projects.models import Institution, Job, Membership, Project, Role, User
from reports.models import Conversion, Intake
from tests.conftest import person
from tests.workbooks import PROJECT, Rows, small, workbook

DONE = Intake.State.DONE


@pytest.fixture
def keeper(college: Institution, project: Project, settings: LazySettings, tmp_path: Path) -> User:
    """项目办 of the sample project alone."""
    settings.IMPORTS_DIR = tmp_path
    user = person("keeper", "项目秘书", Role.OFFICE, college, None)
    user.memberships.update(project=project)
    return user


@pytest.fixture
def client(keeper: User) -> Client:
    logged_in = Client()
    logged_in.force_login(keeper)
    return logged_in


@pytest.fixture
def other(college: Institution, project: Project) -> Project:
    return Project.objects.create(
        institution=college, code="GROUP", name="专业群", level="group", start_year=2022, end_year=2025
    )


def naming(code: str, college: Institution) -> dict[str, Rows]:
    told: dict[str, Any] = {"项目编号": code, "学校名称": college.name, "项目名称": "改了名"}
    return small(项目=[(name, told.get(name, value)) for name, value in PROJECT])


def work() -> None:
    for job in Job.objects.open():
        jobs.execute(job.pk)


def send(client: Client, sheets: dict[str, Rows], project: Project | None = None) -> Intake:
    file = SimpleUploadedFile("任务书.xlsx", workbook(sheets).getvalue())
    answer = client.post("/import/", {"file": file, "project": project.pk if project else ""})
    assert answer.status_code == 302
    work()
    client.post(f"{answer['Location']}confirm/")
    work()
    return Intake.objects.latest("pk")


def said(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize("code", ["GROUP", "NEW"])
def test_the_file_of_another_project_or_of_a_new_one_is_refused(
    client: Client, college: Institution, other: Project, code: str
) -> None:
    taken = send(client, naming(code, college))
    assert taken.state == Intake.State.REFUSED
    assert "您的角色不能导入到这里" in said(client, f"/import/{taken.pk}/")
    assert list(Project.objects.filter(institution=college, name="改了名")) == []


def test_so_are_lists_of_the_college(client: Client, college: Institution) -> None:
    taken = send(client, {"部门": (("部门名称",), ("新部门",))})
    assert taken.state == Intake.State.REFUSED
    assert not college.departments.exists()


def test_their_own_project_is_imported_into_and_taken_back(
    client: Client, college: Institution, project: Project
) -> None:
    taken = send(client, naming(project.code, college))
    project.refresh_from_db()
    assert (taken.state, project.name) == (DONE, "改了名")
    client.post(f"/import/{taken.pk}/undo/")
    project.refresh_from_db()
    assert project.name == "样例建设项目"
    tasks: dict[str, Rows] = {"建设任务": (("任务编号", "上级编号", "任务名称"), ("A", None, "一号任务"))}
    assert send(client, tasks, project).state == DONE


def test_what_others_brought_for_another_project_stays_with_them(
    client: Client, keeper: User, college: Institution, office: User, project: Project, other: Project
) -> None:
    about: dict[str, Any] = {"institution": college, "by": office, "sha256": "0" * 64, "size": 1}
    for into, status in ((other, 403), (project, 200)):
        intake = Intake.objects.create(file_name=f"{into}.xlsx", state="checking", project=into, **about)
        made = Conversion.objects.create(
            file_name=f"{into}账.xlsx", kind="ledger", state="refused", project=into, **about
        )
        assert client.get(reverse("reports:intake", args=[intake.pk])).status_code == status
        assert client.get(reverse("reports:conversion", args=[made.pk])).status_code == status
        assert (intake.file_name in said(client, "/import/")) == (status == 200)
        assert (made.file_name in said(client, "/import/from/ledger/")) == (status == 200)
        if status == 403:
            for verb in ("confirm", "again", "drop", "undo"):
                assert client.post(f"/import/{intake.pk}/{verb}/").status_code == 403


def test_also_their_own_once_their_role_is_another(
    client: Client, keeper: User, college: Institution, other: Project
) -> None:
    about: dict[str, Any] = {"institution": college, "by": keeper, "sha256": "0" * 64, "size": 1}
    intake = Intake.objects.create(file_name="任务书.xlsx", state="checking", project=other, **about)
    assert client.post(f"/import/{intake.pk}/undo/").status_code == 403
    Membership.objects.filter(user=keeper).update(project=None)
    assert client.get(f"/import/{intake.pk}/").status_code == 200
