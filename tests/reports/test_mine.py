"""我的任务: whose rows, in which order, with the words that sent them back; what stands beside a row."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.models import Indicator, IndicatorTarget, IndicatorValue, Vision
from projects import review
from projects.models import Department, Entry, Evidence, PointEvidence, Project, Round, State, TaskPoint, User
from tests.projects.conftest import COMPLETE, TODAY


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)


@pytest.fixture
def draft(point: TaskPoint, filler: User) -> Callable[..., Entry]:
    def made(**values: Any) -> Entry:
        seen = review.version_of(review.latest(point))
        entry: Entry = review.save_draft(point, COMPLETE | values, by=filler, seen=seen)
        return entry

    return made


@pytest.fixture
def returned(draft: Callable[..., Entry], filler: User, office: User, now: Any) -> Callable[..., Entry]:
    def made(comment: str = "请附正式印发文件。", **values: Any) -> Entry:
        entry = review.submit(draft(**values), by=filler, now=now)
        return review.return_for_revision(entry, by=office, comment=comment)

    return made


def page(client: Client, project: Project) -> Any:
    return client.get(reverse("reports:mine", args=[project.pk]))


def beside(client: Client, project: Project, key: str) -> Any:
    return client.get(reverse("reports:mine_row", args=[project.pk, key]))


def shown(answer: Any) -> list[tuple[str, str]]:
    return [(row["group"], row["code"]) for row in sheet(answer)["rows"]]


def sheet(answer: Any) -> Any:
    """What the script of the page works with."""
    found = re.search(r'<script id="desk"[^>]*>(.*?)</script>', answer.content.decode())
    assert found
    return json.loads(found[1])


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


@pytest.fixture
def first(project: Project) -> Round:
    return Round.objects.create(
        project=project, name="首批", opens_on=date(2024, 2, 20), closes_on=date(2024, 3, 8)
    )


def test_own_points_only(
    browser: Any,
    project: Project,
    point: TaskPoint,
    another: Callable[..., TaskPoint],
    filler: User,
    other_filler: User,
    industry_department: Department,
) -> None:
    later = another("1", date(2024, 12, 31))
    later.department = industry_department
    later.save()
    assert shown(page(browser(filler), project)) == [("missing", "8-2-2023-03")]
    assert shown(page(browser(other_filler), project)) == [("not_due", "8-2-2024-01")]


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
        ("returned", "8-2-2023-03"),
        ("missing", "8-2-2022-08"),
        ("missing", "8-2-2023-09"),
        ("draft", "8-2-2023-07"),
        ("not_due", "8-2-2025-06"),
    ]
    assert answer.context["left"] == 4
    assert "请补充协议。" in answer.content.decode()


def test_the_words_that_sent_it_back_stay_while_it_is_mended(
    browser: Any, project: Project, filler: User, returned: Callable[..., Entry], draft: Callable[..., Entry]
) -> None:
    returned("请补充协议。")
    draft(description="协议已补")
    (row,) = sheet(page(browser(filler), project))["rows"]
    assert (row["group"], row["returned"]["comment"]) == ("draft", "请补充协议。")


def test_a_draft_after_an_approval_has_no_old_words(
    browser: Any,
    project: Project,
    filler: User,
    returned: Callable[..., Entry],
    draft: Callable[..., Entry],
    office: User,
    now: Any,
) -> None:
    returned("请补充协议。")
    review.approve(review.submit(draft(description="协议已补"), by=filler, now=now), by=office, now=now)
    draft(description="更正")
    (row,) = sheet(page(browser(filler), project))["rows"]
    assert (row["group"], row["returned"]) == ("draft", None)


@pytest.mark.parametrize(
    ("closes_on", "said"),
    [(date(2024, 3, 8), "还有 7 天"), (date(2024, 3, 1), "今天截止"), (date(2024, 2, 29), "已过")],
)
def test_the_top_line_tells_of_the_round(
    browser: Any, project: Project, point: TaskPoint, filler: User, first: Round, closes_on: date, said: str
) -> None:
    Round.objects.update(closes_on=closes_on)
    text = page(browser(filler), project).content.decode()
    assert "首批" in text
    assert said in text
    assert '还有 <b id="left">1</b> 项要填' in text


def test_nothing_new_is_offered_only_where_the_round_allows_it(
    browser: Any, project: Project, point: TaskPoint, filler: User, first: Round
) -> None:
    assert sheet(page(browser(filler), project))["round"]["zero"]
    Round.objects.update(allows_zero_report=False)
    assert not sheet(page(browser(filler), project))["round"]["zero"]


def test_the_sheet_knows_what_the_round_asks_of_which_rows(
    browser: Any, project: Project, point: TaskPoint, filler: User, first: Round
) -> None:
    Round.objects.update(asks_help=False)
    found = sheet(page(browser(filler), project))
    assert found["round"]["asks"] == ["description", "problems", "expected_on"]
    assert [row["is_asked"] for row in found["rows"]] == [True]
    Round.objects.update(first_year=2025, last_year=2025)
    assert [row["is_asked"] for row in sheet(page(browser(filler), project))["rows"]] == [False]
    Round.objects.update(first_year=None, last_year=None, closes_on=date(2024, 2, 29))
    found = sheet(page(browser(filler), project))
    assert (found["round"]["asks"], [row["is_asked"] for row in found["rows"]]) == ([], [False])


def test_beside_a_point_stand_its_promise_and_its_history(
    browser: Any, project: Project, point: TaskPoint, filler: User, returned: Callable[..., Entry]
) -> None:
    TaskPoint.objects.update(evidence_required="正式印发文件")
    returned("请补充协议。")
    text = beside(browser(filler), project, f"point:{point.pk}").content.decode()
    assert point.text in text
    assert "正式印发文件" in text
    assert "请补充协议。" in text
    assert "高远（党政办公室）" in text


def test_beside_an_indicator_stand_its_definition_and_its_history(
    browser: Any, project: Project, point: TaskPoint, filler: User, now: Any
) -> None:
    indicator = Indicator.objects.create(
        project=project, code="1.1", level1="产出", level2="数量", name="制度数", unit="项",
        department=point.department, definition="以正式印发为准",
    )  # fmt: skip
    IndicatorTarget.objects.create(indicator=indicator, year=2023, value=4)
    IndicatorValue.objects.create(
        indicator=indicator, measured_on=date(2023, 12, 1), value=3, author=filler, state=State.SUBMITTED,
        submitted_at=now, note="三项已印发",
    )  # fmt: skip
    text = beside(browser(filler), project, f"indicator:{indicator.pk}").content.decode()
    for words in ("以正式印发为准", "2023 年 4", "3 项，统计日期 2023-12-01", "三项已印发"):
        assert words in text


def test_beside_other_kinds_and_what_is_not_there(
    browser: Any, project: Project, point: TaskPoint, filler: User, other_filler: User, office: User
) -> None:
    vision = Vision.objects.create(project=project, code="1", text="制度健全")
    assert "制度健全" in beside(browser(office), project, f"vision:{vision.pk}").content.decode()
    for key in ("point:999999", "point:x", "nothing:1", "point", "point:" + "9" * 40):
        assert beside(browser(filler), project, key).status_code == 404
    assert beside(browser(other_filler), project, f"point:{point.pk}").status_code == 403


@pytest.mark.parametrize(("name", "status"), [("principal", 403), ("outsider", 404)])
def test_who_does_not_fill(
    browser: Any, project: Project, name: str, status: int, request: pytest.FixtureRequest
) -> None:
    assert page(browser(request.getfixturevalue(name)), project).status_code == status


def test_the_words_of_the_task_book_are_counted_as_materials(
    browser: Any, project: Project, point: TaskPoint, filler: User
) -> None:
    TaskPoint.objects.update(evidence_required="印发通知、汇编目录")
    material = Evidence.objects.create(project=project, file_name="通知.pdf", title="印发通知")
    PointEvidence.objects.create(point=point, evidence=material)
    (row,) = sheet(page(browser(filler), project))["rows"]
    assert row["evidence"] == {
        "count": 1,
        "required": "印发通知、汇编目录",
        "needed": 2,
        "items": ["印发通知", "汇编目录"],
    }


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
    with django_assert_max_num_queries(42):
        assert page(client, project).status_code == 200
