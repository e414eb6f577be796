"""Rounds: made from the last one, limited to their scope, shown where people fill."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from projects.models import Project, Round, RoundDeadline, Task, TaskPoint, User
from projects.rounds import answered, following

FORM = {
    "name": "2024年第一季度进展",
    "opens_on": "2024-02-20",
    "closes_on": "2024-03-08",
    "review_1": "2024-03-15",
    "asks_progress": "on",
}


@pytest.fixture
def first(project: Project) -> Round:
    return Round.objects.create(
        project=project, name="首批", opens_on=date(2024, 2, 20), closes_on=date(2024, 3, 8)
    )


def send(client: Any, project: Project, **values: Any) -> Any:
    return client.post(reverse("projects:round_new", args=[project.pk]), FORM | values)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_office_makes_a_round(browser: Any, office: User, project: Project, task: Task) -> None:
    assert send(browser(office), project, tasks=[task.parent_id]).status_code == 302
    made = Round.objects.get()
    assert (made.opens_on, made.closes_on) == (date(2024, 2, 20), date(2024, 3, 8))
    assert [deadline.closes_on for deadline in made.deadlines.all()] == [date(2024, 3, 15)]
    assert list(made.tasks.all()) == [task.parent]
    page = text(browser(office).get(reverse("projects:rounds", args=[project.pk])))
    assert "2024年第一季度进展" in page
    assert "还剩 7 天" in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"closes_on": "2024-02-01"}, "截止日期不能早于开始日期。"),
        # Also where another round lies between the two days.
        ({"opens_on": "2024-03-20", "closes_on": "2024-02-01"}, "截止日期不能早于开始日期。"),
        ({"review_1": "2024-03-01"}, "项目办审核截止日期不能早于填报截止日期（2024-03-08）。"),
        ({"name": "首批"}, "已有名称为“首批”的批次"),
        ({"opens_on": "昨天"}, "“昨天”不是日期"),
        ({"first_year": "2024"}, "起始年度和结束年度须同时填写"),
        ({"asks_progress": ""}, "至少选择一项要填写的内容。"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_saved(
    browser: Any, office: User, project: Project, first: Round, values: dict[str, str], sentence: str
) -> None:
    answer = send(browser(office), project, **values)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert list(Round.objects.all()) == [first]


def test_the_next_round_starts_from_the_last_one(
    browser: Any, office: User, project: Project, first: Round, task: Task
) -> None:
    first.tasks.add(task)
    first.deadlines.create(level=1, closes_on=date(2024, 3, 12))
    after = following(first, date(2024, 3, 20))
    assert after["opens_on"] == date(2024, 3, 20)
    assert after["closes_on"] == date(2024, 4, 6)
    assert after["review_1"] == date(2024, 4, 10)
    assert after["tasks"] == [task.pk]
    page = text(browser(office).get(reverse("projects:round_new", args=[project.pk])))
    assert "照上一批“首批”填好" in page
    assert 'value="2024-03-09"' in page


def test_a_quarter_is_followed_by_a_quarter(first: Round) -> None:
    first.opens_on, first.closes_on = date(2024, 10, 1), date(2024, 12, 31)
    after = following(first, date(2024, 12, 1))
    assert (after["opens_on"], after["closes_on"]) == (date(2025, 1, 1), date(2025, 3, 31))


@pytest.mark.parametrize(("last_year", "proposed"), [(2023, 2024), (2025, 2025), (None, None)])
def test_in_a_new_year_a_round_asks_for_one_year_more(
    first: Round, last_year: int | None, proposed: int | None
) -> None:
    """As far as the project goes."""
    first.opens_on, first.closes_on = date(2023, 10, 1), date(2023, 12, 31)
    first.first_year, first.last_year = last_year and 2022, last_year
    assert following(first, date(2023, 12, 1))["last_year"] == proposed


def test_every_level_of_review_has_its_day_in_order(browser: Any, office: User, project: Project) -> None:
    Project.objects.update(review_levels=2)
    client = browser(office)
    answer = send(client, project, review_1="2024-03-15", review_2="2024-03-12")
    assert "项目办审核截止日期不能早于部门审核截止日期（2024-03-15）。" in text(answer)
    send(client, project, review_1="2024-03-15", review_2="2024-03-20")
    made = Round.objects.get()
    assert [(each.level, each.closes_on.day) for each in made.deadlines.all()] == [(1, 15), (2, 20)]
    page = text(client.get(reverse("projects:round", args=[project.pk, made.pk])))
    assert 'value="2024-03-15"' in page
    assert 'value="2024-03-20"' in page


def test_the_office_sees_which_departments_are_behind(
    browser: Any, office: User, first: Round, point: TaskPoint, submitted: Any
) -> None:
    rounds = reverse("projects:rounds", args=[first.project_id])
    assert f"{point.department} 1 项" in text(browser(office).get(rounds))
    submitted()
    assert "还没有填" not in text(browser(office).get(rounds))


def test_what_is_handed_in_late_answers_the_round_until_the_next_begins(
    project: Project, point: TaskPoint, submitted: Any
) -> None:
    asked = Round.objects.create(
        project=project, name="首批", opens_on=date(2024, 2, 1), closes_on=date(2024, 2, 20)
    )
    assert answered(asked) == set()
    entry = submitted()  # on 1 March
    assert answered(asked) == {point.pk}
    following = Round.objects.create(
        project=project, name="次批", opens_on=date(2024, 3, 2), closes_on=date(2024, 3, 8)
    )
    assert answered(asked) == {point.pk}
    assert answered(following) == set()
    Round.objects.filter(pk=following.pk).update(opens_on=date(2024, 3, 1))
    assert answered(asked) == set()
    assert answered(Round.objects.get(pk=following.pk)) == {point.pk}
    assert entry.submitted_at


@pytest.mark.parametrize(("day", "words"), [(4, "还有 3 天"), (1, "今天"), (29, "已过 1 天")])
def test_reviewers_see_until_when_they_have(
    browser: Any, project: Project, office: User, head: User, submitted: Any, day: int, words: str
) -> None:
    project.review_levels = 2
    project.save()
    submitted()
    asked = Round.objects.create(
        project=project, name="首批", opens_on=date(2024, 2, 1), closes_on=date(2024, 2, 20)
    )
    own = date(2024, 2 if day == 29 else 3, day)
    RoundDeadline.objects.create(round=asked, level=1, closes_on=own)
    RoundDeadline.objects.create(round=asked, level=2, closes_on=date(2024, 3, 20))
    review = reverse("reports:review", args=[project.pk])
    page = re.sub("<[^>]+>", "", text(browser(head).get(review)))
    assert f"审核截止 {own}（{words}）" in page
    assert "2024-03-20" not in page
    assert "审核截止 2024-03-20（还有 19 天）" in re.sub("<[^>]+>", "", text(browser(office).get(review)))


def test_two_rounds_do_not_ask_at_the_same_time(
    browser: Any, office: User, project: Project, first: Round
) -> None:
    answer = send(browser(office), project, name="另一批", opens_on="2024-03-01", closes_on="2024-03-09")
    assert answer.status_code == 422
    assert f"与批次“{first}”" in text(answer)
