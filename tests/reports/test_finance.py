"""财务 keeps the money of the projects: lands there, takes 经费 in and out, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from funding.models import BudgetLine
from projects import jobs
from projects.models import Institution, Job, Membership, Project, Role, User
from reports.models import Conversion, Intake
from tests.conftest import person
from tests.workbooks import POINTS, TASKS, workbook

MONEY = (("年度", "资金来源", "预算（万元）"), (2022, "学校自筹", 12))


@pytest.fixture
def client(college: Institution, settings: LazySettings, tmp_path: Path) -> Client:
    settings.IMPORTS_DIR = tmp_path
    logged_in = Client()
    logged_in.force_login(person("caiwu", "财务", Role.FINANCE, college, None))
    return logged_in


def send(client: Client, project: Project | None, **sheets: Any) -> Any:
    file = SimpleUploadedFile("经费.xlsx", workbook(sheets).getvalue())
    answer: Any = client.post("/import/", {"file": file, "project": project.pk if project else ""})
    for job in Job.objects.open():
        jobs.execute(job.pk)
    return answer


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_they_land_on_the_money_and_find_what_they_can_do(client: Client, project: Project) -> None:
    answer = client.get("/", follow=True)
    address = reverse("reports:funding", args=[project.pk])
    assert answer.redirect_chain[-1][0] == address
    page = said(answer)
    assert page.count(f'href="{address}"') == 1  # once in the menu
    for words in ("导入经费", "读取财务明细账", "导出经费"):
        assert words in page
    page = said(client.get("/import/"))
    assert "佐证文件" not in page
    assert "从 Word 任务书" not in page


def test_money_is_taken_in_and_given_out(client: Client, project: Project) -> None:
    address = send(client, project, 经费=MONEY)["Location"]
    client.post(f"{address}confirm/")
    for job in Job.objects.open():
        jobs.execute(job.pk)
    assert BudgetLine.objects.get(project=project).amount == 12
    assert client.get(reverse("reports:workbook_list", args=[project.pk, "经费"])).status_code == 200
    assert client.get(reverse("reports:list_template", args=["经费"])).status_code == 200


def test_nothing_but_money_comes_in_or_goes_out(client: Client, project: Project) -> None:
    address = send(client, project, 经费=MONEY, 建设任务=TASKS, 任务点=POINTS)["Location"]
    page = said(client.get(address))
    assert page.count("财务只能导入经费，这张表由项目办导入") == 2
    assert "确认导入" not in page
    assert not project.tasks.exists()
    for route, *rest in (
        ("reports:template",),
        ("reports:list_template", "绩效指标"),
        ("reports:convert", "taskbook"),
        ("reports:workbook", project.pk),
        ("reports:workbook_list", project.pk, "绩效指标"),
    ):
        assert client.get(reverse(route, args=rest)).status_code == 403


def test_a_project_has_to_be_chosen(client: Client, project: Project) -> None:
    assert send(client, None, 经费=MONEY).status_code == 422
    assert not Intake.objects.exists()


def test_imports_of_others_stay_with_them(
    client: Client, office: User, project: Project, other_college: Institution
) -> None:
    """Also for who runs the office of another college."""
    keeper = User.objects.get(username="caiwu")
    Membership.objects.create(user=keeper, institution=other_college, role=Role.OFFICE)
    about = {"institution": project.institution, "by": office, "sha256": "0" * 64, "size": 1}
    intake = Intake.objects.create(file_name="用户.xlsx", state=Intake.State.READY, **about)
    read = Conversion.objects.create(file_name="账.xlsx", kind="ledger", state="made", **about)
    assert "用户.xlsx" not in said(client.get("/import/"))
    assert "账.xlsx" not in said(client.get("/import/from/ledger/"))
    assert client.get(reverse("reports:intake", args=[intake.pk])).status_code == 403
    assert client.get(reverse("reports:conversion", args=[read.pk])).status_code == 403
