"""Who leads tasks, or a whole project, writes their chapter of the report at every door, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from indicators.models import Indicator, SatisfactionResult, Vision
from projects import jobs, tasks
from projects.leading import can_write
from projects.models import Institution, Membership, Project, Role, Task, TaskPoint, User
from projects.notes import notes_about
from projects.permissions import can_fill
from projects.todo import counted
from reports.desk.offline import taking
from reports.desk.offline.sheets import workbook
from reports.desk.rows import rows
from tests.conftest import person

TODAY = date(2024, 3, 1)
SAID = "制度体系基本建成"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)
    monkeypatch.setattr(tasks.run_job, "delay", lambda pk: None)
    settings.JOBS_DIR = tmp_path / "jobs"


@pytest.fixture
def area(task: Task) -> Task:
    assert task.parent
    return task.parent


@pytest.fixture
def other_area(project: Project) -> Task:
    return Task.objects.create(project=project, code="9", name="提升国际化水平", position=3)


@pytest.fixture
def vision(project: Project, area: Task) -> Vision:
    return Vision.objects.create(project=project, code="1", task=area, text="制度健全")


@pytest.fixture
def leader(college: Institution, area: Task) -> User:
    """Leads area 8."""
    made = person("zuzhang", "组长", Role.LEADER, college, None)
    made.memberships.get().tasks.add(area)
    return made


@pytest.fixture
def group_leader(college: Institution, project: Project) -> User:
    """Leads the whole project."""
    made = person("fuzeren", "负责人", Role.GROUP_LEADER, college, None)
    made.memberships.update(project=project)
    return made


@pytest.fixture
def elsewhere(college: Institution) -> Task:
    """A task of another project of the college."""
    other = Project.objects.create(
        institution=college, code="G", name="专业群", level="group", start_year=2022, end_year=2025
    )
    return Task.objects.create(project=other, code="8", name="群任务")


def keys(user: User, project: Project) -> list[str]:
    return [row.key for row in rows(user, project, TODAY)]


def sent(door: str) -> Callable[[User, Any, str, bytes], tuple[bool, str]]:
    def by_json(user: User, target: Any, key: str, book: bytes) -> tuple[bool, str]:
        client = Client()
        client.force_login(user)
        seen = next((row.seen for row in rows(user, target.project, TODAY) if row.key == key), "")
        typed = {"rows": [{"key": key, "seen": seen, "values": {"effect": SAID}}], "step": "submit"}
        answer = client.post(
            reverse(door, args=[target.project.pk]), json.dumps(typed), content_type="application/json"
        )
        (row,) = answer.json()["rows"]
        assert answer.status_code == (200 if row["ok"] else 403)
        return row["ok"], row["refusal"]

    return by_json


def by_workbook(user: User, target: Any, key: str, book: bytes) -> tuple[bool, str]:
    job = taking.receive(SimpleUploadedFile("填报表.xlsx", book), target.project, by=user)
    jobs.execute(job.pk)
    job.refresh_from_db()
    (item,) = (item for item in taking.items_of(job) if item.key == key)
    if item.outcome != "change":
        return False, item.refusal
    jobs.execute(taking.confirm(job, mine=(), submitting=True, by=user).pk)
    return True, ""


DOORS = (sent("reports:mine_rows"), sent("api:project-rows"), by_workbook)


@pytest.fixture
def book(project: Project, area: Task, other_area: Task, office: User) -> bytes:
    """The office's, for which every row is open, with all effects written."""
    book = load_workbook(BytesIO(workbook(project, rows(office, project, TODAY), str(office), TODAY)))
    sheet = book["任务成效"]
    column = [cell.value for cell in sheet[1]].index("成效") + 1
    for row in (2, 3):
        sheet.cell(row, column).value = SAID
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("door", DOORS)
def test_a_leader_writes_the_effect_of_the_own_task_alone(
    door: Any, leader: User, area: Task, other_area: Task, book: bytes
) -> None:
    assert door(leader, area, f"effect:{area.pk}", book) == (True, "")
    area.refresh_from_db()
    assert area.effect == SAID
    assert notes_about(area)[0].user == leader
    is_taken, said = door(leader, other_area, f"effect:{other_area.pk}", book)
    assert not is_taken
    assert "由项目办填报，您不能填报" in said
    other_area.refresh_from_db()
    assert other_area.effect == ""


def test_points_and_indicators_stay_with_their_departments(
    client: Client, leader: User, point: TaskPoint, area: Task, vision: Vision, elsewhere: Task
) -> None:
    project = point.project
    # What was given to them while they still filled is not theirs any more.
    TaskPoint.objects.update(assignee=leader)
    given = {"project": project, "assignee": leader}
    indicator = Indicator.objects.create(
        **given, code="1.1.1", level1="产出指标", level2="数量指标", name="制度数"
    )
    survey = SatisfactionResult.objects.create(**given, who="学生", year=2023, target=90)
    assert keys(leader, project) == [f"effect:{area.pk}"]
    assert keys(leader, elsewhere.project) == []
    point.refresh_from_db()
    for target in (point, indicator, survey, vision, elsewhere):
        assert not can_write(leader, target)
    client.force_login(leader)
    for key in (f"point:{point.pk}", f"vision:{vision.pk}"):
        address = reverse("reports:mine_row", args=[project.pk, key])
        assert client.get(address).status_code == 403
    assert client.get(reverse("projects:fill", args=[point.pk])).status_code == 403


def test_who_leads_a_project_writes_all_its_effects_and_visions(
    group_leader: User, area: Task, other_area: Task, point: TaskPoint, vision: Vision, elsewhere: Task
) -> None:
    project = point.project
    alone = Vision.objects.create(project=project, code="2", text="办学水平领先")
    theirs = [f"effect:{each.pk}" for each in (area, other_area)]
    theirs += [f"vision:{each.pk}" for each in (vision, alone)]
    assert keys(group_leader, project) == theirs
    assert all(can_write(group_leader, each) for each in (area, other_area, vision, alone))
    assert not any(can_write(group_leader, each) for each in (point, elsewhere))
    # A role with tasks reaches these alone.
    Membership.objects.get(user=group_leader).tasks.add(other_area)
    limited = User.objects.get(pk=group_leader.pk)
    assert keys(limited, project) == theirs[1:2]
    assert not can_write(limited, vision)


def test_a_leader_of_a_task_below_reaches_no_further(leader: User, area: Task, task: Task) -> None:
    assert can_write(leader, task)
    leader.memberships.get().tasks.set([task])
    limited = User.objects.get(pk=leader.pk)
    assert can_write(limited, task)
    assert not can_write(limited, area)
    assert keys(limited, area.project) == []


def test_leading_is_no_filling(leader: User, area: Task) -> None:
    """What else hangs on filling, e.g. asking for changes of the task book, is not theirs."""
    assert not can_fill(leader, area)


def test_what_is_to_be_written_is_counted_and_offered(client: Client, leader: User, area: Task) -> None:
    assert counted(leader, area.project, TODAY).unfilled == 1
    client.force_login(leader)
    page = client.get(reverse("reports:overview", args=[area.project.pk])).content.decode()
    assert f'href="{reverse("reports:mine", args=[area.project.pk])}"' in page
