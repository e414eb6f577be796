"""我的任务: whose points, in which order, with the words that sent them back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Entry, Project, TaskPoint, User
from projects.permissions import can_fill, points_to_fill


def page(client: Client, project: Project, query: str = "") -> Any:
    return client.get(reverse("projects:mine", args=[project.pk]) + query)


def shown(answer: Any) -> list[tuple[str, list[str]]]:
    return [(group.key, [row.fact.code for row in rows]) for group, rows in answer.context["sections"]]


@pytest.fixture
def another(point: TaskPoint) -> Callable[..., TaskPoint]:
    """A further point of the same department."""

    def made(seq: str, due_on: date) -> TaskPoint:
        return TaskPoint.objects.create(
            task=point.task,
            year=due_on.year,
            seq=seq,
            text=f"任务点 {seq}",
            planned=1,
            due_on=due_on,
            department=point.department,
        )

    return made


def test_own_points_only(
    browser: Any, project: Project, point: TaskPoint, later_point: TaskPoint, filler: User, other_filler: User
) -> None:
    assert shown(page(browser(filler), project, "?tab=all")) == [("late", ["8-2-2023-03"])]
    assert shown(page(browser(other_filler), project, "?tab=all")) == [("not_due", ["8-2-2024-01"])]


def test_assigned_and_assisted_points_are_own(
    browser: Any, project: Project, point: TaskPoint, later_point: TaskPoint, filler: User
) -> None:
    assert point.department is not None
    later_point.co_departments.add(point.department)
    assert len(points_to_fill(filler, project)) == 2
    later_point.co_departments.clear()
    later_point.assignee = filler
    later_point.save()
    assert len(points_to_fill(filler, project)) == 2


@pytest.mark.parametrize(
    "name", ["filler", "other_filler", "head", "office", "admin_user", "principal", "outsider"]
)
def test_the_list_and_the_single_check_agree(
    project: Project, point: TaskPoint, later_point: TaskPoint, name: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(name)
    chosen = set(points_to_fill(user, project))
    assert chosen == {each for each in (point, later_point) if can_fill(user, each)}


def test_the_office_sees_all(
    browser: Any, project: Project, point: TaskPoint, later_point: TaskPoint, office: User
) -> None:
    assert page(browser(office), project).context["total"] == 2


def test_what_is_urgent_comes_first(
    browser: Any,
    project: Project,
    point: TaskPoint,
    another: Callable[..., TaskPoint],
    filler: User,
    returned: Callable[..., Entry],
) -> None:
    returned("请补充协议。")
    another("9", date(2023, 12, 31))
    another("8", date(2022, 12, 31))
    drafted = another("7", date(2023, 12, 31))
    another("6", date(2025, 12, 31))
    Entry.objects.create(point=drafted, effective_on=date(2023, 12, 1), author=filler)
    answer = page(browser(filler), project)
    assert shown(answer) == [
        ("returned", ["8-2-2023-03"]),
        ("late", ["8-2-2022-08", "8-2-2023-09"]),
        ("draft", ["8-2-2023-07"]),
    ]
    text = answer.content.decode()
    assert "请补充协议。" in text
    assert "周敏" in text
    assert "逾期 426 天" in text
    counts = {tab["label"]: tab["count"] for tab in answer.context["tabs"]}
    assert counts == {"待处理": 4, "已提交": 0, "进行中": 0, "已完成": 0, "未到期": 1, "全部": 5}


@pytest.mark.parametrize(
    ("state", "values", "group"),
    [
        ("submitted", {}, "waiting"),
        ("approved", {}, "done"),
        ("approved", {"quantity": Decimal("0.5")}, "late"),
        ("approved", {"quantity": Decimal(0)}, "late"),
        ("draft", {}, "draft"),
    ],
)
def test_each_state_has_its_group(
    browser: Any,
    project: Project,
    point: TaskPoint,
    filler: User,
    state: str,
    values: dict[str, Any],
    group: str,
    request: pytest.FixtureRequest,
) -> None:
    request.getfixturevalue(state)(**values)
    assert shown(page(browser(filler), project, "?tab=all")) == [(group, ["8-2-2023-03"])]


def test_partly_done_before_the_deadline_is_in_progress(
    browser: Any, project: Project, point: TaskPoint, filler: User, approved: Callable[..., Entry]
) -> None:
    approved(quantity=Decimal("0.5"))
    TaskPoint.objects.update(due_on=date(2024, 12, 31))
    assert shown(page(browser(filler), project, "?tab=open")) == [("open", ["8-2-2023-03"])]


def test_it_asks_about_today_unless_told_otherwise(
    browser: Any, project: Project, point: TaskPoint, filler: User
) -> None:
    answer = page(browser(filler), project)
    assert answer.context["as_of"] == date(2024, 3, 1)
    assert "截至今天 2024-03-01" in answer.content.decode()
    assert shown(page(browser(filler), project, "?as_of=2023-06-30&tab=all")) == [
        ("not_due", ["8-2-2023-03"])
    ]


def test_an_empty_list_says_what_to_do(browser: Any, project: Project, filler: User) -> None:
    assert "还没有任务点分配给您或您的部门。" in page(browser(filler), project).content.decode()


def test_long_lists_have_pages(
    browser: Any, project: Project, point: TaskPoint, another: Callable[..., TaskPoint], filler: User
) -> None:
    for number in range(60):
        another(f"n{number}", date(2023, 12, 31))
    answer = page(browser(filler), project, "?page=2")
    assert sum(len(codes) for _, codes in shown(answer)) == 11
    assert "第 51—61 项，共 61 项" in answer.content.decode()


@pytest.mark.parametrize(("name", "status"), [("principal", 403), ("outsider", 404)])
def test_who_does_not_fill(
    browser: Any, project: Project, name: str, status: int, request: pytest.FixtureRequest
) -> None:
    assert page(browser(request.getfixturevalue(name)), project).status_code == status


def test_queries_do_not_grow_with_the_list(
    browser: Any,
    project: Project,
    point: TaskPoint,
    another: Callable[..., TaskPoint],
    filler: User,
    returned: Callable[..., Entry],
    django_assert_max_num_queries: Any,
) -> None:
    returned()
    for number in range(30):
        another(f"n{number}", date(2023, 12, 31))
    client = browser(filler)
    with django_assert_max_num_queries(19):
        assert page(client, project).status_code == 200
