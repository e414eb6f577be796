"""审核: the queue, what changed, the effect on the rates, and the two decisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects import review
from projects.gathered import gathered
from projects.models import Entry, Project, ReviewLog, State, TaskPoint, User
from reports.facts import gather
from reports.inspection.queue import Group


def page(client: Client, project: Project, query: str = "") -> Any:
    return client.get(reverse("reports:review", args=[project.pk]) + query)


def decide(client: Client, entry: Entry, verb: str, **typed: str) -> Any:
    sent = {"seen": review.version_of(entry), **typed}
    return client.post(address(entry, verb), sent, follow=True)


def address(entry: Entry, verb: str) -> str:
    return reverse(f"reports:review_{verb}", args=[entry.point.task.project_id, "point", entry.pk])


def waiting(answer: Any) -> list[Entry]:
    return [item.record for item in answer.context["waiting"]]


@pytest.fixture
def another(later_point: TaskPoint, office: User, now: Any) -> Entry:
    """A submission of another department, an hour later."""
    entry = Entry.objects.create(
        point=later_point,
        effective_on=date(2023, 12, 1),
        ratio=Decimal("0.5"),
        author=office,
        description="已完成评估方案。",
    )
    return review.submit(entry, by=office, now=now + timedelta(hours=1))


def test_first_come_first_served(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry], another: Entry
) -> None:
    entry = submitted()
    answer = page(browser(office), project)
    assert waiting(answer) == [entry, another]
    assert answer.context["item"].record == entry
    chosen = page(browser(office), project, f"?item=point-{another.pk}")
    assert (chosen.context["item"].record, chosen.context["position"]) == (another, 2)


def test_the_queue_stands_by_department_the_longest_waiting_first(
    browser: Any,
    project: Project,
    point: TaskPoint,
    later_point: TaskPoint,
    filler: User,
    office: User,
    now: Any,
) -> None:
    """And so it is gone through; what belongs to nobody has a heading, too."""

    def waits(department: Any, days: int) -> str:
        place = TaskPoint.objects.count()
        own = TaskPoint.objects.create(
            task=point.task, year=2023, seq=f"q{place}", text="甲", due_on=point.due_on, department=department
        )
        entry = Entry.objects.create(point=own, effective_on=point.due_on, quantity=1, author=filler)
        review.submit(entry, by=filler, now=now - timedelta(days=days))
        return f"point-{entry.pk}"

    mine, theirs = point.department, later_point.department
    a, b, c, d, e = (waits(*each) for each in [(mine, 1), (theirs, 5), (None, 3), (mine, 4), (theirs, 2)])
    client = browser(office)
    answer = page(client, project)
    groups: list[Group] = answer.context["groups"]
    assert [(str(group.department), [item.key for item in group.items], group.days) for group in groups] == [
        ("校企合作处", [b, e], 5),
        ("党政办公室", [d, a], 4),
        ("None", [c], 3),
    ]
    text = answer.content.decode()
    assert text.index("校企合作处</b>") < text.index("党政办公室</b>") < text.index("未落实部门</b>")
    turned = [b]
    while following := answer.context["next"]:
        turned.append(following.key)
        answer = page(client, project, f"?item={following.key}")
    assert turned == [b, e, d, a, c]
    # What the filter leaves out keeps its place while it is asked for.
    answer = page(client, project, f"?department={mine.pk if mine else 0}&item={e}")
    assert [item.key for item in answer.context["items"]] == [e, d, a]


def test_of_a_long_queue_other_departments_are_one_step_away(
    browser: Any, project: Project, point: TaskPoint, filler: User, office: User, now: Any, another: Entry
) -> None:
    for number in range(40):
        own = TaskPoint.objects.create(
            task=point.task,
            year=2023,
            seq=f"q{number}",
            text="甲",
            due_on=point.due_on,
            department=point.department,
        )
        entry = Entry.objects.create(point=own, effective_on=point.due_on, quantity=1, author=filler)
        review.submit(entry, by=filler, now=now)
    answer = page(browser(office), project)
    first, second = answer.context["groups"]
    assert (len(first.listed), len(second.listed)) == (30, 0)
    assert f'href="/projects/{project.pk}/review/?item=point-{another.pk}"' in answer.content.decode()


@pytest.mark.parametrize("query", ["?item=point-999999", "?item=x", "?item="])
def test_an_entry_that_does_not_wait_shows_the_first(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry], query: str
) -> None:
    entry = submitted()
    assert page(browser(office), project, query).context["item"].record == entry


def test_an_empty_queue_says_so(browser: Any, project: Project, point: TaskPoint, office: User) -> None:
    assert "没有待审核的填报。" in page(browser(office), project).content.decode()


def test_drafts_are_not_in_the_queue(
    browser: Any, project: Project, office: User, draft: Callable[..., Entry]
) -> None:
    draft()
    assert page(browser(office), project).context["waiting"] == []


def test_it_shows_what_changed_since_the_return(
    browser: Any,
    project: Project,
    office: User,
    returned: Callable[..., Entry],
    submitted: Callable[..., Entry],
) -> None:
    returned("请写明制度数量。", quantity=Decimal(0))
    submitted()
    text = page(browser(office), project).content.decode()
    assert "改了什么" in text
    assert "<del>0 部</del>" in text
    assert "<ins>1 部</ins>" in text
    assert "请写明制度数量。" in text


def test_it_shows_what_approval_does_to_the_rates(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry]
) -> None:
    entry = submitted(quantity=Decimal("0.25"))
    client = browser(office)
    effects = page(client, project).context["effects"]
    assert [(e.label, e.before, e.after) for e in effects] == [
        ("中期任务完成率", 0, Fraction(1, 4)),
        ("提升学校治理水平", 0, Fraction(1, 4)),
    ]
    decide(client, entry, "approve")
    facts = client.get(reverse("projects:point", args=[entry.point_id])).context["facts"]
    assert facts.task_figures.progress.due_rate == effects[0].after


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2024, 1, 15)])
def test_approval_changes_nothing_beneath_a_later_day_or_after_the_cut_off(
    browser: Any,
    project: Project,
    office: User,
    approved: Callable[..., Entry],
    submitted: Callable[..., Entry],
    day: date,
) -> None:
    approved(quantity=Decimal("0.5"), effective_on=min(day, date(2023, 12, 31)))
    submitted(effective_on=date(2023, 1, 1) if day.year == 2023 else day)
    effects = page(browser(office), project).context["effects"]
    assert [effect.before == effect.after == Fraction(1, 2) for effect in effects] == [True, True]


def test_approval_leads_to_the_next(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry], another: Entry
) -> None:
    entry = submitted()
    answer = decide(browser(office), entry, "approve", comment="同意。", next=f"point-{another.pk}")
    entry.refresh_from_db()
    assert entry.state == State.APPROVED
    assert entry.decided_at is not None
    assert answer.redirect_chain == [
        (reverse("reports:review", args=[project.pk]) + f"?item=point-{another.pk}", 302)
    ]
    assert "已通过 8-2-2023-03。" in answer.content.decode()
    log = ReviewLog.objects.filter(verb="approve").get()
    assert (log.by, log.comment) == (office, "同意。")


def test_the_date_goes_along(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry], another: Entry
) -> None:
    client, entry = browser(office), submitted()
    text = page(client, project, "?as_of=2023-06-30").content.decode()
    assert f"?as_of=2023-06-30&amp;item=point-{another.pk}" in text
    action = address(entry, "approve") + "?as_of=2023-06-30"
    assert f'action="{action}"' in text
    answer = client.post(action, {"seen": review.version_of(entry), "next": f"point-{another.pk}"})
    assert answer["Location"].endswith(f"/review/?as_of=2023-06-30&item=point-{another.pk}")


def test_the_last_leads_back_to_the_first(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry], another: Entry
) -> None:
    entry = submitted()
    assert decide(browser(office), another, "approve").context["item"].record == entry
    assert "没有待审核的填报。" in decide(browser(office), entry, "approve").content.decode()


def test_a_return_needs_words(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry], another: Entry
) -> None:
    entry = submitted()
    answer = decide(browser(office), another, "return", comment=" \r\n ")
    assert answer.status_code == 422
    assert "退回时请写明需要修改什么。" in answer.content.decode()
    assert answer.context["item"].record == another
    decide(browser(office), entry, "return", comment="请附印发文件。")
    entry.refresh_from_db()
    assert entry.state == State.RETURNED


@pytest.mark.parametrize("verb", ["approve", "return"])
def test_too_many_words_are_told_and_kept(
    browser: Any, office: User, submitted: Callable[..., Entry], verb: str
) -> None:
    entry, words = submitted(), "请附印发文件" + "\n，并说明" * 500
    answer = decide(browser(office), entry, verb, comment=words)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f"最多 2000 个字，现在有 {len(words)} 个，请精简。" in text
    assert f">\n{words}</textarea>" in text
    assert answer["HX-Push-Url"] == "false"
    entry.refresh_from_db()
    assert entry.state == State.SUBMITTED


def test_a_line_break_is_one_character_and_nul_is_none(
    browser: Any, office: User, submitted: Callable[..., Entry]
) -> None:
    entry = submitted()
    decide(browser(office), entry, "return", comment="\0" + "字\r\n" * 999 + "末尾")
    log = ReviewLog.objects.get(verb="return")
    assert log.comment == "字\n" * 999 + "末尾"


def test_what_changed_under_review_is_not_approved_unseen(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry]
) -> None:
    entry = submitted()
    had = page(browser(office), project).context
    Entry.objects.update(quantity=99)
    answer = decide(
        browser(office), entry, "approve", seen=had["item"].seen, shown=had["shown"], comment="同意，请存档。"
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "您打开页面之后，这一项的填报有了变化。请对照两个版本后再决定。" in text
    assert "<del>1 部</del>" in text
    assert "<ins>99 部</ins>" in text
    assert "同意，请存档。</textarea>" in text
    assert answer.context["item"].seen != had["item"].seen
    entry.refresh_from_db()
    assert entry.state == State.SUBMITTED


@pytest.mark.parametrize("shown", ["", "{", "[1]", '{"a": {"b": 1}}', "null"])
def test_what_the_page_showed_may_be_unreadable(
    browser: Any, office: User, submitted: Callable[..., Entry], shown: str
) -> None:
    entry = submitted()
    assert decide(browser(office), entry, "approve", seen="1-old", shown=shown).status_code == 409


def test_what_its_author_withdrew_is_not_decided(
    browser: Any, office: User, filler: User, submitted: Callable[..., Entry], draft: Callable[..., Entry]
) -> None:
    entry = submitted()
    seen = review.version_of(entry)
    review.withdraw(entry, by=filler)
    review.submit(draft(quantity=Decimal(99)), by=filler, now=entry.created_at)
    answer = decide(browser(office), entry, "approve", seen=seen)
    assert "该填报现在是“草稿”，不能通过。" in answer.content.decode()
    assert not Entry.objects.filter(state=State.APPROVED).exists()


def test_the_second_decision_is_told(
    browser: Any, office: User, admin_user: User, submitted: Callable[..., Entry]
) -> None:
    entry = submitted()
    decide(browser(admin_user), entry, "approve")
    answer = decide(browser(office), entry, "return", comment="晚了")
    text = answer.content.decode()
    assert "该填报现在是“已通过”，不能退回。可能他人已处理，请刷新页面。" in text
    assert "您写的审核意见没有保存：“晚了”" in text
    entry.refresh_from_db()
    assert entry.state == State.APPROVED


def test_faulty_words_do_not_turn_up_under_another_entry(
    browser: Any, office: User, admin_user: User, submitted: Callable[..., Entry], another: Entry
) -> None:
    Entry.objects.filter(pk=another.pk).update(author=None)
    another.refresh_from_db()
    entry = submitted()
    decide(browser(admin_user), entry, "approve")
    answer = decide(browser(office), entry, "return", comment="字" * 2001)
    text = answer.content.decode()
    assert answer.context["item"].record == another
    assert "该填报现在是“已通过”，可能他人已处理。" in text
    assert f"您写的审核意见没有保存：“{'字' * 2001}”" in text
    assert "字</textarea>" not in text


REVIEWERS = [
    ("office", 200),
    ("admin_user", 200),
    ("filler", 403),
    ("head", 403),
    ("principal", 403),
    ("outsider", 404),
]


@pytest.mark.parametrize(("name", "status"), REVIEWERS)
def test_who_may_review(
    browser: Any,
    project: Project,
    submitted: Callable[..., Entry],
    name: str,
    status: int,
    request: pytest.FixtureRequest,
) -> None:
    entry = submitted()
    client = browser(request.getfixturevalue(name))
    assert page(client, project).status_code == status
    assert decide(client, entry, "return", comment="不行").status_code == status
    assert decide(client, entry, "approve").status_code == status
    entry.refresh_from_db()
    assert entry.state == (State.RETURNED if status == 200 else State.SUBMITTED)


@pytest.mark.usefixtures("_header_known")
def test_queries_do_not_grow_with_the_queue(
    browser: Any,
    project: Project,
    point: TaskPoint,
    office: User,
    submitted: Callable[..., Entry],
    another: Entry,
    now: Any,
    django_assert_max_num_queries: Any,
) -> None:
    submitted()
    for number in range(40):
        other = TaskPoint.objects.create(
            task=point.task, year=2023, seq=f"n{number}", text="其他", due_on=point.due_on, planned=1
        )
        Entry.objects.create(
            point=other, effective_on=point.due_on, quantity=1, state=State.SUBMITTED, submitted_at=now
        )
    client = browser(office)
    with django_assert_max_num_queries(31):
        answer = page(client, project)
    assert len(answer.context["waiting"]) == 42
    assert sum(len(group.listed) for group in answer.context["groups"]) == 30


@pytest.mark.parametrize("verb", ["approve", "return"])
def test_a_decision_without_the_version_seen_is_none(
    browser: Any, office: User, submitted: Callable[..., Entry], verb: str
) -> None:
    entry = submitted()
    answer = browser(office).post(address(entry, verb), {"comment": "请补充佐证。"})
    assert answer.status_code == 409
    assert "请重新打开这一页" in answer.content.decode()
    assert "请补充佐证。" in answer.content.decode()
    entry.refresh_from_db()
    assert entry.state == State.SUBMITTED


@pytest.mark.parametrize("seen", ["", "1-old"])
def test_what_changed_is_not_revoked_unseen(
    browser: Any, office: User, approved: Callable[..., Entry], seen: str
) -> None:
    entry = approved()
    answer = browser(office).post(address(entry, "revoke"), {"comment": "佐证有误。", "seen": seen})
    assert answer.status_code == 409
    assert "佐证有误。" in answer.content.decode()
    entry.refresh_from_db()
    assert entry.state == State.APPROVED
    page = browser(office).get(reverse("projects:point", args=[entry.point_id]))
    assert f'name="seen" value="{review.version_of(entry)}"' in page.content.decode()


def test_a_revoked_approval_no_longer_counts_but_did(
    browser: Any, project: Project, office: User, filler: User, approved: Callable[..., Entry], now: Any
) -> None:
    entry = approved()
    point = reverse("projects:point", args=[entry.point_id])
    assert "确认撤销通过" in browser(office).get(point).content.decode()
    assert "确认撤销通过" not in browser(filler).get(point).content.decode()
    decide(browser(office), entry, "revoke", comment="佐证系伪造。")
    entry.refresh_from_db()
    assert (entry.state, entry.decided_at) == (State.RETURNED, now)
    assert gathered(project).task_figures.progress.done == 0
    assert gather(project, known_at=now).task_figures.progress.done == 1
    mine = browser(filler).get(reverse("reports:mine", args=[project.pk])).content.decode()
    assert "佐证系伪造。" in mine
    assert ReviewLog.objects.filter(verb="revoke", by=office, comment="佐证系伪造。").exists()


def test_a_revocation_needs_a_reason_and_the_latest_entry(
    browser: Any, office: User, approved: Callable[..., Entry], point: TaskPoint
) -> None:
    entry = approved()
    answer = decide(browser(office), entry, "revoke", comment=" — ")
    assert "撤销通过时请写明原因。" in answer.content.decode()
    approved(description="更正")
    answer = decide(browser(office), entry, "revoke", comment="重复")
    assert "已有更新的填报" in answer.content.decode()
    entry.refresh_from_db()
    assert entry.state == State.APPROVED
