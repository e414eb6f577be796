"""审核 over all kinds: filters, bulk, what others changed meanwhile, delegation, levels as a setting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.models import Indicator, IndicatorTarget, IndicatorValue, Outcome, OutcomeTarget
from projects import review
from projects.models import (
    Delegation,
    Department,
    Entry,
    ExtraAchievement,
    Project,
    Reviewed,
    ReviewLevel,
    ReviewLog,
    ReviewPhrase,
    Role,
    State,
    Task,
    TaskPoint,
    User,
)
from tests.conftest import NOW
from tests.projects.conftest import TODAY


def page(client: Client, project: Project, query: str = "", name: str = "reports:review") -> Any:
    return client.get(reverse(name, args=[project.pk]) + query)


def keys(answer: Any, name: str = "items") -> list[str]:
    return [item.key for item in answer.context[name]]


@pytest.fixture
def all_kinds(
    project: Project,
    task: Task,
    point: TaskPoint,
    submitted: Callable[..., Entry],
    filler: User,
    office_department: Department,
    industry_department: Department,
    now: Any,
) -> dict[str, Reviewed]:
    """One submission of each kind; the outcome is another department's."""
    indicator = Indicator.objects.create(
        project=project,
        code="1.1-01",
        level1="产出指标",
        level2="数量指标",
        task=task,
        name="开设课程",
        unit="门",
        midterm_target=10,
        final_target=20,
        department=office_department,
    )
    IndicatorTarget.objects.create(indicator=indicator, year=2023, value=10)
    target = OutcomeTarget.objects.create(project=project, code="C1", name="教学成果奖", target=2)
    made: dict[str, Reviewed] = {
        "indicator": IndicatorValue.objects.create(
            indicator=indicator, measured_on=date(2023, 12, 1), value=5, author=filler
        ),
        "outcome": Outcome.objects.create(
            project=project,
            code="L-1",
            name="省级教学成果奖一等奖",
            awarded_on=date(2023, 5, 1),
            department=industry_department,
            target=target,
            state=State.DRAFT,
            author=filler,
        ),
        "extra": ExtraAchievement.objects.create(
            task=task, year=2023, seq="1", achieved_on=date(2023, 5, 1), content="承办省赛", author=filler
        ),
    }
    for place, record in enumerate(made.values(), 1):
        review.submit(record, by=filler, now=now + timedelta(minutes=place))
    return {"point": submitted()} | {
        slug: type(record)._base_manager.get(pk=record.pk) for slug, record in made.items()
    }


def test_every_kind_stands_in_one_queue(
    browser: Any, project: Project, office: User, all_kinds: dict[str, Reviewed]
) -> None:
    client = browser(office)
    answer = page(client, project)
    assert keys(answer) == [f"{slug}-{record.pk}" for slug, record in all_kinds.items()]
    assert ">4<span" in answer.content.decode()
    for key, words in (
        ("indicator", ["开设课程", "5 门", "中期目标", "10 门", "中期指标完成率"]),
        ("outcome", ["省级教学成果奖一等奖", "教学成果奖", "成果目标完成率", "50%"]),
        ("extra", ["承办省赛"]),
    ):
        text = page(client, project, f"?item={key}-{all_kinds[key].pk}").content.decode()
        assert [word for word in words if word not in text] == []


def test_the_effect_on_indicators_is_what_comes_of_it(
    browser: Any, project: Project, office: User, all_kinds: dict[str, Reviewed]
) -> None:
    from reports.facts import gather

    client = browser(office)
    for slug in ("indicator", "outcome"):
        record = all_kinds[slug]
        effects = page(client, project, f"?item={slug}-{record.pk}").context["effects"]
        decide(client, project, slug, record, "approve")
        facts = gather(Project.objects.get(pk=project.pk))
        if slug == "indicator":
            assert effects[1].after == facts.indicators["*"].rate == Decimal("0.5")
        else:
            assert effects[1].after == facts.outcome_figures.rate() == Decimal("0.5")


def decide(client: Client, project: Project, slug: str, record: Any, verb: str, **typed: str) -> Any:
    sent = {"seen": review.version_of(record), **typed}
    return client.post(
        reverse(f"reports:review_{verb}", args=[project.pk, slug, record.pk]), sent, follow=True
    )


@pytest.mark.parametrize("slug", ["point", "indicator", "outcome", "extra"])
def test_every_kind_is_approved_revoked_and_returned(
    browser: Any, project: Project, office: User, all_kinds: dict[str, Reviewed], slug: str
) -> None:
    client, record = browser(office), all_kinds[slug]
    decide(client, project, slug, record, "approve")
    record.refresh_from_db()
    assert record.state == State.APPROVED
    answer = decide(client, project, slug, record, "revoke", comment="有误。")
    record.refresh_from_db()
    assert (record.state, answer.status_code) == (State.RETURNED, 200)
    assert "有误。" in page(client, project, "?tab=returned").content.decode()
    assert [d.log.verb for d in page(client, project, "?tab=done").context["past"]] == ["revoke", "approve"]


FILTERS = [
    ("?kind=indicator", ["indicator"]),
    ("?department={industry}", ["outcome"]),
    ("?faults=1", []),
    ("?faults=0", ["point", "indicator", "outcome", "extra"]),
    ("?level=1", ["point", "indicator", "outcome", "extra"]),
    ("?kind=nonsense&department=x&level=9", ["point", "indicator", "outcome", "extra"]),
]


@pytest.mark.parametrize(("query", "slugs"), FILTERS)
def test_filters_live_in_the_address(
    browser: Any,
    project: Project,
    office: User,
    all_kinds: dict[str, Reviewed],
    industry_department: Department,
    query: str,
    slugs: list[str],
) -> None:
    answer = page(browser(office), project, query.format(industry=industry_department.pk))
    assert keys(answer) == [f"{slug}-{all_kinds[slug].pk}" for slug in slugs]


def test_the_head_sees_the_own_department_and_the_office_what_passed(
    browser: Any, project: Project, head: User, office: User, all_kinds: dict[str, Reviewed]
) -> None:
    project.review_levels = 2
    project.save()
    answer = page(browser(head), project)
    assert keys(answer) == [f"{slug}-{all_kinds[slug].pk}" for slug in ("point", "indicator")]
    assert page(browser(office), project).context["waiting"] == []
    told = decide(browser(head), project, "point", all_kinds["point"], "approve").content.decode()
    assert "本级已通过，转项目办审核： 8-2-2023-03。" in told
    answer = page(browser(office), project)
    assert keys(answer) == [f"point-{all_kinds['point'].pk}"]
    assert "李静（部门）通过" in answer.content.decode()
    # The head has decided; the row is no longer the head's.
    entry = Entry.objects.get()
    assert decide(browser(head), project, "point", entry, "return", comment="不对").status_code == 403
    assert decide(browser(office), project, "point", entry, "approve").status_code == 200
    assert Entry.objects.get().state == State.APPROVED


def test_the_page_of_the_point_says_who_has_it(
    browser: Any, project: Project, head: User, office: User, filler: User, submitted: Callable[..., Entry]
) -> None:
    project.review_levels = 2
    project.save()
    entry = submitted()
    address = reverse("projects:point", args=[entry.point_id])
    text = browser(filler).get(address).content.decode()
    assert "已提交，等待部门审核：李静" in text
    assert "撤回填报" in text
    review.approve(entry, by=head, now=NOW)
    text = browser(filler).get(address).content.decode()
    assert "部门已审，等待项目办审核：周敏" in text
    assert "撤回填报" not in text


def bulk(client: Client, project: Project, items: dict[str, str]) -> Any:
    sent: dict[str, Any] = {"item": list(items)} | {f"seen-{key}": seen for key, seen in items.items()}
    return client.post(reverse("reports:review_bulk", args=[project.pk]), sent, follow=True)


def test_bulk_passes_what_was_ticked_and_tells_what_changed(
    browser: Any, project: Project, office: User, all_kinds: dict[str, Reviewed]
) -> None:
    client = browser(office)
    answer = page(client, project, name="reports:review_bulk")
    ready = {item.key: item.seen for item in answer.context["ready"]}
    assert len(ready) == 4
    outcome, extra = all_kinds["outcome"], all_kinds["extra"]
    Outcome.objects.filter(pk=outcome.pk).update(quantity=9)
    review.return_for_revision(extra, by=office, comment="不对")
    text = bulk(client, project, ready).content.decode()
    assert "已通过 2 项。" in text
    assert "2 项没有通过（8-2-2023-1、L-1）：您打开页面之后有了变化，或已由他人处理。" in text
    states = [type(record)._base_manager.get(pk=record.pk).state for record in all_kinds.values()]
    assert states == [State.APPROVED, State.APPROVED, State.SUBMITTED, State.RETURNED]
    assert ReviewLog.objects.filter(verb="approve", by=office, level=1).count() == 2


def test_bulk_leaves_out_failed_checks_also_when_forged(
    browser: Any, project: Project, office: User, point: TaskPoint, submitted: Callable[..., Entry]
) -> None:
    point.evidence_required = "印发文件"
    point.save()
    entry = submitted()
    client = browser(office)
    answer = page(client, project, name="reports:review_bulk")
    assert (answer.context["ready"], keys(answer, "faulty")) == ([], [f"point-{entry.pk}"])
    assert "要求佐证，但没有佐证材料" in answer.content.decode()
    text = bulk(client, project, {f"point-{entry.pk}": review.version_of(entry)}).content.decode()
    assert "1 项没有通过（8-2-2023-03）：核对有问题，请逐项审核。" in text
    assert Entry.objects.get().state == State.SUBMITTED


@pytest.mark.parametrize("items", [{}, {"point-99999": "x"}, {"nonsense": ""}])
def test_bulk_of_nothing_passes_nothing(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry], items: dict[str, str]
) -> None:
    submitted()
    text = bulk(browser(office), project, items).content.decode()
    assert "没有通过" in text
    assert Entry.objects.get().state == State.SUBMITTED


def test_what_a_locked_window_refuses_is_told_before_anybody_tries(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry]
) -> None:
    submitted()
    project.windows.update(locked_at=NOW)
    client = browser(office)
    answer = page(client, project)
    assert answer.context["item"].faults[0].sentence.startswith("现在不能通过：“")
    assert "已锁定" in answer.context["item"].faults[0].sentence
    assert not page(client, project, name="reports:review_bulk").context["ready"]


def test_bulk_costs_a_handful_of_statements(
    browser: Any,
    project: Project,
    task: Task,
    office: User,
    filler: User,
    now: Any,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(60):
        point = TaskPoint.objects.create(
            task=task, year=2023, seq=f"b{number}", text="其他", due_on=date(2023, 12, 31), planned=1
        )
        Entry.objects.create(
            point=point,
            effective_on=date(2023, 6, 1),
            quantity=1,
            state=State.SUBMITTED,
            submitted_at=now,
            author=filler,
        )
    client = browser(office)
    ready = {i.key: i.seen for i in page(client, project, name="reports:review_bulk").context["ready"]}
    sent: dict[str, Any] = {"item": list(ready)} | {f"seen-{key}": seen for key, seen in ready.items()}
    with django_assert_max_num_queries(40):
        client.post(reverse("reports:review_bulk", args=[project.pk]), sent)
    assert Entry.objects.filter(state=State.APPROVED, passed=1).count() == 60
    assert ReviewLog.objects.filter(verb="approve").count() == 60


def test_who_goes_away_asks_another(
    browser: Any,
    project: Project,
    head: User,
    other_filler: User,
    office: User,
    submitted: Callable[..., Entry],
) -> None:
    project.review_levels = 2
    project.save()
    entry = submitted()
    other = browser(other_filler)
    assert page(other, project).status_code == 403
    address = reverse("projects:delegations", args=[project.pk])
    sent = {
        "substitute": other_filler.pk,
        "since": TODAY,
        "until": TODAY + timedelta(days=3),
        "reason": "出差",
    }
    # Only in the own name, whatever is sent.
    told = browser(head).post(address, sent | {"absent": office.pk}, follow=True).content.decode()
    assert "何文代李静审核。已记录。" in told
    made = Delegation.objects.get()
    assert (made.absent, made.made_by) == (head, head)
    text = page(other, project).content.decode()
    assert "代 李静 审核" in text
    decide(other, project, "point", entry, "approve")
    log = ReviewLog.objects.get(verb="approve")
    assert (log.by, log.on_behalf_of) == (other_filler, head)
    again = browser(head).post(address, sent)
    assert again.status_code == 422
    assert "已委托何文代审，请先结束那一项。" in again.content.decode()
    end = reverse("projects:delegation_end", args=[project.pk, made.pk])
    assert other.post(end).status_code == 403
    assert browser(head).post(end).status_code == 302
    assert page(other, project).status_code == 403


def test_a_substitute_does_not_pass_a_second_level_alone(
    browser: Any, project: Project, head: User, office: User, submitted: Callable[..., Entry]
) -> None:
    project.review_levels = 2
    project.save()
    Delegation.objects.create(
        institution=project.institution,
        absent=office,
        substitute=head,
        since=TODAY,
        until=TODAY,
        made_by=office,
    )
    entry = submitted()
    client = browser(head)
    decide(client, project, "point", entry, "approve")
    entry.refresh_from_db()
    assert (entry.state, entry.passed) == (State.SUBMITTED, 1)
    # It is in nobody's queue but that of who is away.
    assert not page(client, project).context["waiting"]
    assert keys(page(browser(office), project)) == [f"point-{entry.pk}"]
    refused = decide(client, project, "point", entry, "approve")
    assert refused.status_code == 403
    assert f"前一级由您审核通过，不能再代{office}审核项目办这一级。" in refused.content.decode()
    # Handed in again and passed by another head, it is the substitute's to decide.
    review.return_for_revision(entry, by=office, comment="缺附件", behalf=None)
    again = submitted(quantity=Decimal(2))
    review.approve(again, by=office, now=NOW)
    assert keys(page(client, project)) == [f"point-{again.pk}"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"until": TODAY - timedelta(days=1)}, "已经过去，委托不会生效。"),
        ({"until": TODAY, "since": TODAY + timedelta(days=1)}, "结束日期不能早于开始日期。"),
        ({"substitute": "office"}, "代审人不能是委托人自己。"),
        ({"substitute": "outsider"}, "选择一个有效的选项"),
        ({"since": "昨天"}, "“昨天”不是日期"),
    ],
)
def test_a_delegation_that_cannot_be(
    browser: Any,
    project: Project,
    office: User,
    filler: User,
    outsider: User,
    typed: dict[str, Any],
    sentence: str,
    request: pytest.FixtureRequest,
) -> None:
    sent = {"absent": office.pk, "substitute": filler.pk, "since": TODAY, "until": TODAY + timedelta(days=3)}
    sent |= typed
    if isinstance(sent["substitute"], str):
        sent["substitute"] = request.getfixturevalue(sent["substitute"]).pk
    answer = browser(office).post(reverse("projects:delegations", args=[project.pk]), sent)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Delegation.objects.exists()


def change_levels(client: Client, project: Project, seen: str, *roles: str) -> Any:
    sent = {"number": len(roles), "seen": seen} | {f"role_{n}": role for n, role in enumerate(roles, 1)}
    return client.post(reverse("projects:levels", args=[project.pk]), sent, follow=True)


def test_the_office_sets_the_levels(
    browser: Any, project: Project, office: User, head: User, submitted: Callable[..., Entry]
) -> None:
    client = browser(office)
    text = change_levels(client, project, "office", Role.HEAD, Role.OFFICE).content.decode()
    assert "审核层级已改为：部门 → 项目办。" in text
    assert not ReviewLevel.objects.exists()
    project.refresh_from_db()
    entry = review.approve(submitted(), by=head, now=NOW)
    assert entry.passed == 1
    text = change_levels(client, project, "head-office", Role.LEADER).content.decode()
    assert "1 项在审的填报已审完这么多级，保留已审的结果，由建设组终审。" in text
    assert ReviewLevel.objects.get().role == Role.LEADER
    entry.refresh_from_db()
    assert (entry.state, entry.passed) == (State.SUBMITTED, 1)


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        (("head", ""), "共 2 级，第二级还没有选审核人。"),
        (("office", "office"), "项目办已在第一级审核，不能再审一次。"),
        (("filler",), "选择一个有效的选项"),
    ],
)
def test_levels_that_cannot_be(
    browser: Any, project: Project, office: User, roles: tuple[str, ...], sentence: str
) -> None:
    answer = change_levels(browser(office), project, "office", *roles)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_two_change_the_levels(browser: Any, project: Project, office: User) -> None:
    client = browser(office)
    change_levels(client, project, "office", Role.HEAD, Role.OFFICE)
    answer = change_levels(client, project, "office", Role.OFFICE, Role.PRINCIPAL)
    assert answer.status_code == 409
    assert "审核层级已改为：部门 → 项目办" in answer.content.decode()
    project.refresh_from_db()
    assert project.review_levels == 2
    assert not ReviewLevel.objects.exists()


def test_the_college_has_its_own_words(
    browser: Any, project: Project, office: User, submitted: Callable[..., Entry]
) -> None:
    submitted()
    client = browser(office)
    assert "佐证不清晰" in page(client, project).content.decode()
    address = reverse("projects:phrases", args=[project.pk])
    seen = client.get(reverse("projects:levels", args=[project.pk])).context["seen_phrases"]
    client.post(address, {"phrases": "请补盖公章\n\n 请补盖公章 \n数量有误", "seen": seen})
    assert list(ReviewPhrase.objects.values_list("text", flat=True)) == ["请补盖公章", "数量有误"]
    text = page(client, project).content.decode()
    assert 'data-phrase="请补盖公章"' in text
    assert "佐证不清晰" not in text
    answer = client.post(address, {"phrases": "好\n" + "长" * 201})
    assert answer.status_code == 422
    assert "第 2 行有 201 个字，最多 200 个，请精简。" in answer.content.decode()
    # Who opened the page before sees what was saved meanwhile, and keeps what they typed.
    answer = client.post(address, {"phrases": "佐证不全", "seen": seen})
    assert answer.status_code == 409
    assert "<p>请补盖公章</p>" in answer.content.decode()
    assert "佐证不全</textarea>" in answer.content.decode()
    assert "请补盖公章" in ReviewPhrase.objects.values_list("text", flat=True)
    again = {"phrases": "佐证不全", "seen": answer.context["seen_phrases"]}
    assert client.post(address, again).status_code == 302
    assert list(ReviewPhrase.objects.values_list("text", flat=True)) == ["佐证不全"]


@pytest.mark.parametrize("slug", ["point", "indicator", "outcome", "extra"])
def test_what_nobody_has_approved_is_taken_back(
    browser: Any,
    project: Project,
    head: User,
    filler: User,
    office: User,
    all_kinds: dict[str, Reviewed],
    slug: str,
) -> None:
    record = all_kinds[slug]
    address = reverse("reports:review_withdraw", args=[project.pk, slug, record.pk])
    assert browser(head).post(address).status_code == 403
    client = browser(filler)
    if slug in ("point", "indicator"):
        key = f"{slug}:{record.subject.pk}"
        row = client.get(reverse("reports:mine_row", args=[project.pk, key])).content.decode()
        assert f'action="{address}"' in row
    assert "已撤回" in client.post(address, follow=True).content.decode()
    record.refresh_from_db()
    assert record.state == State.DRAFT
    assert "不能撤回" in client.post(address, follow=True).content.decode()


def test_levels_that_nobody_holds_are_skipped_when_they_are_set(
    client: Client, office: User, project: Project, submitted: Any
) -> None:
    """A department without a head does not hold up what waits for the office."""
    entry = submitted()
    client.force_login(office)
    address = reverse("projects:levels", args=[project.pk])
    sent = {"number": "2", "role_1": "head", "role_2": "office"}
    sent["seen"] = client.get(address).context["seen"]
    assert client.post(address, sent).status_code == 302
    entry.refresh_from_db()
    assert (entry.state, entry.passed) == ("submitted", 1)
    assert "没有可审核的账号，跳过" in entry.log.order_by("-pk").first().comment
    assert entry.point.code in client.get(reverse("reports:review", args=[project.pk])).content.decode()


def test_approving_with_failed_checks_needs_a_word(
    client: Client, office: User, project: Project, submitted: Any
) -> None:
    entry = submitted()
    client.force_login(office)
    address = reverse("reports:review_approve", args=[project.pk, "point", entry.pk])
    sent = {"seen": review.version_of(entry), "faults": "2", "comment": ""}
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "核对有 2 处问题。仍要通过，请在审核意见中写明理由。" in answer.content.decode()
    assert client.post(address, sent | {"comment": "已电话核实"}).status_code == 302
    entry.refresh_from_db()
    assert entry.state == "approved"
