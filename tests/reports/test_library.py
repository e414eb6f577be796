"""The library of evidence: generated numbers, what each material proves, what is covered, the catalogue."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from indicators.models import Outcome
from projects import evidence
from projects.models import (
    Department,
    Entry,
    Evidence,
    PointEvidence,
    Project,
    State,
    Task,
    TaskPoint,
    User,
)
from reports.binding.contents import volumes
from reports.facts import gather
from reports.library import coverage, materials
from tests.projects.conftest import pdf


@pytest.fixture(autouse=True)
def own_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"


@pytest.fixture
def second(task: Task, office_department: Department) -> TaskPoint:
    return TaskPoint.objects.create(
        task=task, year=2022, seq="1", text="制定章程", planned=1, unit="项", due_on=date(2022, 12, 31)
    )


@pytest.fixture
def filed(point: TaskPoint, second: TaskPoint, filler: User) -> list[Evidence]:
    """One material that proves both points, another that proves one; and one of the index without a file."""
    with evidence.filing() as files:
        both = files.attach(point, pdf("通知.pdf"), by=filler).evidence
        files.attach(second, pdf("通知.pdf"), by=filler)
        one = files.attach(point, pdf("汇编.pdf", b"2"), by=filler).evidence
    bare = Evidence.objects.create(project=point.task.project, file_name="批复.pdf", title="立项批复")
    return [both, one, bare]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def show(user: User, project: Project, **query: str) -> str:
    client = Client()
    client.force_login(user)
    return text(client.get(reverse("reports:library", args=[project.pk]), query))


def test_numbers_follow_the_task_and_a_file_is_listed_once(filed: list[Evidence], project: Project) -> None:
    found = materials(gather(project))
    assert [(each.number, each.record) for each in found] == [
        ("8-2-01", filed[0]),
        ("8-2-02", filed[1]),
        ("其他-01", filed[2]),
    ]
    assert [use.code for use in found[0].uses] == ["8-2-2023-03", "8-2-2022-01"]


@pytest.mark.parametrize("moment", [1, 2, 3, 4])
def test_what_others_bring_and_take_away_meanwhile_breaks_nothing(
    filed: list[Evidence], project: Project, point: TaskPoint, moment: int
) -> None:
    """Each query sees the database as it is just then: before one of them the materials change."""
    facts, asked = gather(project), count(1)

    def change(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("SELECT") and next(asked) == moment:
            new = Evidence.objects.create(project=project, file_name="新增.pdf", title="新增")
            PointEvidence.objects.create(evidence=new, point=point)
            filed[1].delete()
        return execute(sql, *rest)

    with connection.execute_wrapper(change):
        found = materials(facts)
    assert {each.record.title for each in found} == {"通知", "立项批复", "新增"}
    assert all(each.number for each in found)


def test_coverage_counts_what_claims_to_be_done(
    filed: list[Evidence], project: Project, point: TaskPoint, second: TaskPoint, task: Task
) -> None:
    third = TaskPoint.objects.create(task=task, year=2023, seq="9", text="无佐证", due_on=date(2023, 12, 31))
    for each in (point, third):
        Entry.objects.create(
            point=each,
            effective_on=date(2023, 1, 1),
            ratio=1,
            state="approved",
            decided_at="2023-02-01T00:00Z",
        )
    years, rows = coverage(gather(project))
    assert years == [2023]
    ((area, cells),) = rows
    assert area.code == "8"
    assert [(cell.proved, cell.claimed) for cell in cells] == [(1, 2), (1, 2)]


def test_the_page_is_searched_and_filtered(office: User, filed: list[Evidence], project: Project) -> None:
    assert "通知" in show(office, project, text="制定章程")
    assert "8-2-02" not in show(office, project, text="制定章程")
    assert "立项批复" in show(office, project, state="bare")
    assert "8-2-02" not in show(office, project, state="bare")
    assert "没有符合条件的材料" in show(office, project, text="没有这个")


def test_the_catalogue_is_a_workbook(office: User, filed: list[Evidence], project: Project) -> None:
    client = Client()
    client.force_login(office)
    answer = client.get(reverse("reports:catalogue", args=[project.pk]))
    sheet = load_workbook(BytesIO(answer.content))["佐证材料目录"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == ["8-2-01", "8-2-02", "其他-01"]
    assert rows[0][6] == "任务点 8-2-2023-03 编印学校《规章制度汇编》第二版\n任务点 8-2-2022-01 制定章程"
    assert rows[2][7] == "批复.pdf（缺文件）"


@pytest.mark.usefixtures("_header_known")
def test_queries_do_not_grow_with_the_library(
    office: User, filed: list[Evidence], project: Project, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    client.force_login(office)
    with django_assert_max_num_queries(22):
        client.get(reverse("reports:library", args=[project.pk]))


@pytest.fixture
def draft(project: Project, filler: User, office_department: Department) -> Outcome:
    return Outcome.objects.create(
        project=project,
        code="CG-0001",
        name="未公布的奖项",
        awarded_on=date(2023, 5, 1),
        state=State.DRAFT,
        author=filler,
        department=office_department,
    )


@pytest.fixture
def secret(filed: list[Evidence], draft: Outcome, filler: User) -> Evidence:
    """A material that proves a draft of 党政办公室 and nothing else."""
    with evidence.filing() as files:
        return files.attach(draft, pdf("公示前名单.pdf", b"3"), by=filler).evidence


def test_the_evidence_of_a_draft_is_there_for_those_who_may_see_the_draft(
    filler: User,
    other_filler: User,
    principal: User,
    office: User,
    secret: Evidence,
    draft: Outcome,
    point: TaskPoint,
    project: Project,
    client: Client,
) -> None:
    page = reverse("reports:material", args=[project.pk, secret.pk])
    file = reverse("projects:evidence", args=[secret.pk])
    catalogue = reverse("reports:catalogue", args=[project.pk])

    def answers(user: User) -> tuple[bool, bool, int, int]:
        client.force_login(user)
        sheet = load_workbook(BytesIO(client.get(catalogue).content))["佐证材料目录"]
        named = any("公示前名单" in str(row[1]) for row in sheet.iter_rows(values_only=True))
        listed = "公示前名单" in show(user, project)
        return listed, named, client.get(page).status_code, client.get(file).status_code

    for user in (filler, office):
        assert answers(user) == (True, True, 200, 200)
    for user in (other_filler, principal):
        assert answers(user) == (False, False, 404, 404)
    # Nobody reads it in a bound volume, and its number is nobody else's.
    facts = gather(project)
    assert secret not in [each.record for volume in volumes(facts) for each in volume.materials]
    assert {each.number for each in materials(facts)} == {"8-2-01", "8-2-02", "其他-01", "其他-02"}
    # What proves something else too, or a row that was handed in, is no secret.
    draft.state = State.SUBMITTED
    draft.save()
    assert answers(other_filler) == (True, True, 200, 200)
    draft.state = State.RETURNED
    draft.save()
    assert answers(other_filler) == (False, False, 404, 404)
    PointEvidence.objects.create(point=point, evidence=secret)
    assert answers(other_filler) == (True, True, 200, 200)


def test_the_evidence_of_anothers_draft_is_not_linked_by_its_number(
    other_filler: User, secret: Evidence, project: Project, point: TaskPoint, client: Client
) -> None:
    TaskPoint.objects.filter(pk=point.pk).update(department=None, assignee=other_filler)
    client.force_login(other_filler)
    page = reverse("reports:proofs", args=["point", point.pk])
    assert "公示前名单" not in text(client.get(page))
    link = reverse("reports:proof_link", args=["point", point.pk])
    assert "请先勾选要关联的材料" in text(client.post(link, {"material": secret.pk}, follow=True))
    assert not PointEvidence.objects.filter(evidence=secret).exists()
