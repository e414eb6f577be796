"""The page of a task point: promise, history, evidence, figures, and what its reader may do next."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects import history, review
from projects.changes import changes
from projects.models import Entry, Evidence, PointEvidence, TaskPoint, User

AS_OF_TODAY = "?as_of=2024-03-01"


def page(client: Client, point: TaskPoint, query: str = "") -> Any:
    return client.get(reverse("projects:point", args=[point.pk]) + query)


def text_of(client: Client, point: TaskPoint, query: str = "") -> str:
    answer = page(client, point, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_promise_is_shown(browser: Any, point: TaskPoint, principal: User) -> None:
    text = text_of(browser(principal), point)
    for words in (
        "编印学校《规章制度汇编》第二版",
        "8-2-2023-03",
        "1 部",
        "2023-12-31",
        "党政办公室",
        "8-2 建立科学规范的制度体系",
    ):
        assert words in text
    assert "还没有填报。" in text


def test_figures_are_those_of_the_project_and_lead_to_their_points(
    browser: Any, point: TaskPoint, later_point: TaskPoint, principal: User, approved: Callable[..., Entry]
) -> None:
    approved()
    answer = page(browser(principal), point)
    facts = answer.context["facts"].task_figures
    assert (facts.progress.due, facts.progress.due_done) == (1, 1)
    assert answer.context["area"] == facts.by_area["8"]
    text = answer.content.decode()
    assert "中期任务完成率" in text
    assert reverse("reports:task", args=[point.task.project_id, point.task.parent_id]) in text


@pytest.mark.parametrize(
    ("query", "words"),
    [("", "未填报"), ("?as_of=2023-12-30", "未到期"), (AS_OF_TODAY, "逾期 61 天")],
)
def test_the_state_is_that_of_the_date(
    browser: Any, point: TaskPoint, principal: User, query: str, words: str
) -> None:
    assert words in text_of(browser(principal), point, query)


def test_a_date_that_is_none_is_refused(browser: Any, point: TaskPoint, principal: User) -> None:
    assert page(browser(principal), point, "?as_of=2023-02-30").status_code == 400


def test_history_is_told_newest_first(
    browser: Any,
    point: TaskPoint,
    principal: User,
    returned: Callable[..., Entry],
    approved: Callable[..., Entry],
) -> None:
    returned("请写明制度数量。", quantity=Decimal(0), description="正在排版。")
    approved(description="共 143 项制度。")
    answer = page(browser(principal), point)
    events = answer.context["events"]
    assert [event.state for event in events] == ["approved", "submitted", "returned", "submitted"]
    assert events[2].comment == "请写明制度数量。"
    assert events[2].who == "周敏（项目办）"
    assert events[1].headline == "1 部 / 计划 1 部，完成度 100%，完成日期 2023-12-22"
    assert (events[3].who, events[3].text) == ("高远（党政办公室）", "正在排版。")


def test_words_of_a_draft_are_for_those_who_fill(
    browser: Any, point: TaskPoint, head: User, office: User, principal: User, draft: Callable[..., Entry]
) -> None:
    draft(description="还在写的话")
    for user in (head, office):
        assert "还在写的话" in text_of(browser(user), point)
    text = text_of(browser(principal), point)
    assert "还在写的话" not in text
    assert "草稿" not in text


def test_a_withdrawn_text_is_told_once(
    point: TaskPoint, filler: User, submitted: Callable[..., Entry]
) -> None:
    entry = review.withdraw(submitted(), by=filler)
    logs = list(entry.log.all())
    events = history.events(point, [entry], {entry.pk: logs}, {})
    assert [(event.label or event.state, bool(event.text)) for event in events] == [
        ("已撤回", False),
        ("submitted", True),
    ]


ACTIONS = {
    "填报完成情况",
    "继续填写",
    "修改后再提交",
    "更正填报",
    "提交草稿",
    "撤回填报",
    "审核</a>",
    "上传佐证",
}


@pytest.mark.parametrize(
    ("state", "name", "offered"),
    [
        ("", "filler", {"填报完成情况", "上传佐证"}),
        ("", "office", {"填报完成情况", "上传佐证"}),
        ("", "other_filler", set()),
        ("", "principal", set()),
        ("draft", "filler", {"继续填写", "提交草稿", "上传佐证"}),
        ("submitted", "filler", {"撤回填报", "上传佐证"}),
        ("submitted", "head", {"上传佐证"}),
        ("submitted", "office", {"审核</a>", "上传佐证"}),
        ("submitted", "principal", set()),
        ("returned", "filler", {"修改后再提交", "上传佐证"}),
        ("approved", "filler", {"更正填报", "上传佐证"}),
        ("approved", "principal", set()),
    ],
)
def test_each_is_offered_what_they_may_do(
    browser: Any, point: TaskPoint, state: str, name: str, offered: set[str], request: pytest.FixtureRequest
) -> None:
    if state:
        request.getfixturevalue(state)()
    text = text_of(browser(request.getfixturevalue(name)), point).split("</nav>", 1)[1]
    assert {action for action in ACTIONS if f"</svg>{action}" in text} == offered


def test_outsiders_and_visitors(browser: Any, client: Client, point: TaskPoint, outsider: User) -> None:
    assert page(browser(outsider), point).status_code == 404
    assert page(client, point).status_code == 302


def test_evidence_without_a_file_is_told(browser: Any, point: TaskPoint, principal: User) -> None:
    material = Evidence.objects.create(
        project=point.task.project, file_name="通知.pdf", title="印发通知", document_no="校办〔2023〕86 号"
    )
    PointEvidence.objects.create(evidence=material, point=point, pages="1-3")
    text = text_of(browser(principal), point)
    for words in ("印发通知", "校办〔2023〕86 号", "第 1-3 页", "只有目录，没有文件"):
        assert words in text


def test_the_other_points_show_what_happens_to_their_entries(
    browser: Any, later_point: TaskPoint, filler: User, submitted: Callable[..., Entry]
) -> None:
    entry = submitted()
    answer = page(browser(filler), later_point)
    (sibling,) = answer.context["siblings"]
    assert (sibling.fact.id, sibling.state.work) == (entry.point_id, "submitted")
    assert re.findall("填报：已提交|统计：未填报", answer.content.decode()) == [
        "填报：已提交",
        "统计：未填报",
    ]


@pytest.mark.usefixtures("_header_known")
def test_queries_do_not_grow_with_the_task(
    browser: Any,
    point: TaskPoint,
    later_point: TaskPoint,
    filler: User,
    approved: Callable[..., Entry],
    django_assert_max_num_queries: Any,
) -> None:
    approved()
    client = browser(filler)
    for number in range(20):
        TaskPoint.objects.create(
            task=point.task, year=2022, seq=f"x{number}", text="其他", due_on=point.due_on, planned=1
        )
    with django_assert_max_num_queries(26):
        assert page(client, point).status_code == 200


def test_changes_mark_what_a_new_entry_says_differently(
    point: TaskPoint, draft: Callable[..., Entry]
) -> None:
    before, after = (
        Entry(point=point, effective_on=draft().effective_on, quantity=quantity, description=text)
        for quantity, text in (
            (Decimal(0), "完成制度梳理，汇编正在排版。"),
            (Decimal(1), "完成制度梳理，汇编已经印发。"),
        )
    )
    found = {change.label: change for change in changes(point, before, after)}
    assert [label for label, change in found.items() if change.is_changed] == [
        "完成数量",
        "完成度",
        "完成情况",
    ]
    assert [piece.text for piece in found["完成情况"].before if piece.kind == "del"] == ["正在排版"]
    assert [piece.text for piece in found["完成情况"].after if piece.kind == "ins"] == ["已经印发"]
    assert found["完成度"].after[0].text == "100%"


def test_an_approved_entry_after_the_date_is_told(
    browser: Any, point: TaskPoint, principal: User, approved: Callable[..., Entry]
) -> None:
    approved()
    client = browser(principal)
    text = text_of(client, point, "?as_of=2023-12-21")
    assert "晚于截至日期 2023-12-21，因此未计入" in text
    assert 'href="?as_of=2023-12-22"' in text
    assert "因此未计入" not in text_of(client, point, "?as_of=2023-12-22")
