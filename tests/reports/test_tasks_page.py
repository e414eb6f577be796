"""建设任务: the tree with the figures of the project, the list with its filters, one task."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Department, Entry, ExtraAchievement, Project, State, Task, TaskPoint, User


@pytest.fixture
def points(
    project: Project, point: TaskPoint, industry_department: Department, now: datetime
) -> list[TaskPoint]:
    """Three more points: one of the same task, done early; two of area 6, half done and not reported."""
    area = Task.objects.create(project=project, code="6", name="提升校企合作水平", position=5)
    rows = [
        (point.task, 2024, "1", "制度执行情况评估", date(2024, 12, 31), None, 1),
        (area, 2022, "1", "召开理事会", date(2022, 12, 31), industry_department, Decimal("0.5")),
        (area, 2023, "1", "修订理事会章程", date(2023, 12, 31), industry_department, None),
    ]
    made = [point]
    for task, year, seq, text, due_on, department, done in rows:
        made.append(
            TaskPoint.objects.create(
                task=task, year=year, seq=seq, text=text, due_on=due_on, department=department
            )
        )
        if done is not None:
            Entry.objects.create(
                point=made[-1], effective_on=date(2022, 12, 1), ratio=done, state="approved", decided_at=now
            )
    ExtraAchievement.objects.create(
        task=area,
        year=2023,
        seq="1",
        achieved_on=date(2023, 5, 1),
        content="获评省级示范",
        state="approved",
        decided_at=now,
    )
    return made


@pytest.fixture
def reader(client: Client, principal: User) -> Client:
    client.force_login(principal)
    return client


def tasks(client: Client, project: Project, query: str = "") -> Any:
    return client.get(reverse("reports:tasks", args=[project.pk]) + query)


def task(client: Client, of: Task, query: str = "") -> Any:
    return client.get(reverse("reports:task", args=[of.project_id, of.pk]) + query)


def codes(answer: Any) -> list[str]:
    return [row.fact.code for row in answer.context["page"]]


ALL = ["8-2-2023-03", "8-2-2024-01", "6-2022-01", "6-2023-01"]


def test_the_tree_adds_up_to_the_figures(reader: Client, project: Project, points: list[TaskPoint]) -> None:
    answer = tasks(reader, project)
    rows = {row.task.code: row for row in answer.context["rows"]}
    by_area = answer.context["facts"].task_figures.by_area
    for code in ("8", "6"):
        assert rows[code].progress == by_area[code]
    assert rows["8-2"].progress.total == 2
    assert [(row.task.code, row.overdue, row.undone) for row in rows.values()] == [
        ("8", 0, 1),
        ("8-2", 0, 1),
        ("6", 1, Decimal("1.5")),
    ]
    assert "提升校企合作水平" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?view=points", ALL),
        ("?year=2023", ["8-2-2023-03", "6-2023-01"]),
        ("?department=校企合作处", ["6-2022-01", "6-2023-01"]),
        ("?area=8", ["8-2-2023-03", "8-2-2024-01"]),
        ("?text=理事会", ["6-2022-01", "6-2023-01"]),
        ("?text=8-2-2024", ["8-2-2024-01"]),
        ("?text=高远", ["8-2-2023-03"]),
        ("?state=missing", ["8-2-2023-03", "6-2023-01"]),
        ("?state=overdue", ["6-2022-01"]),
        ("?state=overdue&as_of=2024-03-01", ["6-2022-01", "8-2-2023-03", "6-2023-01"]),
        ("?state=partial", ["6-2022-01"]),
        ("?state=early", ["8-2-2024-01"]),
        ("?state=approved", ["8-2-2024-01"]),
        ("?state=not_due&as_of=2023-06-30", ["8-2-2023-03", "6-2023-01"]),
        ("?year=2023&department=校企合作处&state=missing", ["6-2023-01"]),
        ("?text=没有这样的", []),
    ],
)
def test_filters_live_in_the_address(
    reader: Client, project: Project, points: list[TaskPoint], query: str, expected: list[str]
) -> None:
    assert codes(tasks(reader, project, query)) == expected


def test_tabs_count_within_the_other_filters(
    reader: Client, project: Project, points: list[TaskPoint]
) -> None:
    answer = tasks(reader, project, "?department=校企合作处&as_of=2024-03-01")
    counts = {tab.label: tab.count for tab in answer.context["tabs"]}
    assert counts == {"全部": 2, "逾期": 2, "未填报": 1, "部分完成": 1}
    links = [tab.href for tab in answer.context["tabs"]]
    assert all("as_of=2024-03-01" in link for link in links)


@pytest.mark.parametrize(
    "query", ["?year=abc", "?department=没有的部门", "?state=nonsense&view=points", "?area=99"]
)
def test_what_is_no_choice_narrows_nothing(
    reader: Client, project: Project, points: list[TaskPoint], query: str
) -> None:
    answer = tasks(reader, project, f"{query}&view=points")
    assert codes(answer) == ALL


def test_an_empty_list_offers_to_clear_the_filters(
    reader: Client, project: Project, points: list[TaskPoint]
) -> None:
    text = tasks(reader, project, "?text=没有这样的&as_of=2023-06-30").content.decode()
    assert "没有符合条件的任务点。" in text
    assert "清除筛选" in text


def test_the_date_goes_along(reader: Client, project: Project, points: list[TaskPoint]) -> None:
    text = tasks(reader, project, "?as_of=2023-06-30&pending=1").content.decode()
    address = reverse("reports:task", args=[project.pk, points[0].task_id])
    assert f"{address}?as_of=2023-06-30&amp;pending=1" in text


def test_pending_work_counts_only_when_asked(
    reader: Client, project: Project, points: list[TaskPoint], now: datetime
) -> None:
    Entry.objects.create(
        point=points[0], effective_on=date(2023, 12, 1), quantity=1, state=State.SUBMITTED, submitted_at=now
    )
    for query, key in (("?area=8", "missing"), ("?area=8&pending=1", "submitted")):
        state = tasks(reader, project, query).context["page"][0].state
        assert (state.key, state.work) == (key, "submitted")


@pytest.mark.parametrize(("name", "work"), [("filler", "draft"), ("office", "draft"), ("principal", "")])
def test_a_draft_is_seen_by_those_who_fill(
    client: Client,
    project: Project,
    points: list[TaskPoint],
    filler: User,
    name: str,
    work: str,
    request: pytest.FixtureRequest,
) -> None:
    Entry.objects.create(point=points[0], effective_on=date(2023, 12, 1), author=filler)
    client.force_login(request.getfixturevalue(name))
    assert tasks(client, project, "?area=8").context["page"][0].state.work == work


def test_long_lists_have_pages_of_fifty(reader: Client, project: Project, point: TaskPoint) -> None:
    TaskPoint.objects.bulk_create(
        TaskPoint(task=point.task, year=2023, seq=f"n{n}", text="其他", due_on=point.due_on)
        for n in range(60)
    )
    answer = tasks(reader, project, "?year=2023&page=2")
    assert len(codes(answer)) == 11
    assert "第 51—61 项，共 61 项" in answer.content.decode()
    assert len(codes(tasks(reader, project, "?year=2023&page=999"))) == 11


def test_a_task_shows_what_lies_below(reader: Client, project: Project, points: list[TaskPoint]) -> None:
    area = points[0].task.parent
    assert area is not None
    answer = task(reader, area)
    assert [row.task.code for row in answer.context["children"]] == ["8-2"]
    assert codes(answer) == ["8-2-2023-03", "8-2-2024-01"]
    assert codes(task(reader, area, "?state=missing")) == ["8-2-2023-03"]
    assert codes(task(reader, area, "?state=nonsense")) == ["8-2-2023-03", "8-2-2024-01"]


def test_a_task_shows_its_extra_achievements(reader: Client, points: list[TaskPoint]) -> None:
    answer = task(reader, points[2].task)
    assert "获评省级示范" in answer.content.decode()
    assert answer.context["own"].progress.extra == 1


def test_outsiders_and_visitors(client: Client, project: Project, point: TaskPoint, outsider: User) -> None:
    assert tasks(client, project).status_code == 302
    client.force_login(outsider)
    assert tasks(client, project).status_code == 404
    assert task(client, point.task).status_code == 404


def test_a_task_of_another_project_is_not_here(reader: Client, project: Project, point: TaskPoint) -> None:
    other = Project.objects.create(
        institution=project.institution,
        code="OTHER",
        name="另一项目",
        level="school",
        start_year=2022,
        end_year=2025,
    )
    address = reverse("reports:task", args=[other.pk, point.task_id])
    assert reader.get(address).status_code == 404


@pytest.mark.parametrize("query", ["", "?view=points"])
def test_queries_do_not_grow_with_the_task_book(
    reader: Client, project: Project, point: TaskPoint, query: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        below = Task.objects.create(project=project, parent=point.task, code=f"8-2-{number}", name="下级")
        TaskPoint.objects.create(task=below, year=2023, seq="1", text="其他", due_on=point.due_on)
    with django_assert_max_num_queries(16):
        assert tasks(reader, project, query).status_code == 200
