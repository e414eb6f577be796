"""分解下达 on its pages: split, report, take the total over; refusals keep what was typed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from indicators.models import Indicator, IndicatorShare, IndicatorValue
from projects import review, sharing
from projects.models import Department, Entry, Institution, PointShare, Project, Role, State, TaskPoint, User
from projects.notes import notes_about
from tests.conftest import person


@pytest.fixture
def indicator(project: Project, office_department: Department) -> Indicator:
    return Indicator.objects.create(
        project=project,
        code="1.1",
        level1="产出指标",
        level2="数量指标",
        name="签订合作协议",
        unit="份",
        final_target=12,
        department=office_department,
    )


def text(answer: Any) -> str:
    return str(answer.content.decode())


def typed(seen: str, *rows: tuple[Department | None, str], **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"part-TOTAL_FORMS": len(rows), "part-INITIAL_FORMS": 0, "seen": seen}
    for index, (department, target) in enumerate(rows):
        given[f"part-{index}-department"] = department.pk if department else ""
        given[f"part-{index}-target"] = target
    return given | more


def seen(subject: Any) -> str:
    return sharing.split_version(subject, sharing.shares_of(subject))


def test_split_report_and_take_over(
    browser: Any,
    head: User,
    filler: User,
    other_filler: User,
    indicator: Indicator,
    office_department: Department,
    industry_department: Department,
) -> None:
    rows = ((office_department, "8"), (industry_department, "4"), (None, ""))
    split = reverse("reports:split", args=["indicator", indicator.pk])
    answer = browser(head).post(split, typed(seen(indicator), *rows), follow=True)
    assert "已分解下达给 2 个部门" in text(answer)
    shares = {share.department: share for share in indicator.shares.all()}
    for user, department, quantity, day in (
        (filler, office_department, "7", "2023-11-30"),
        (other_filler, industry_department, "5", "2023-12-20"),
    ):
        share = shares[department]
        given = {"quantity": quantity, "reported_on": day, "seen": sharing.version_of(share)}
        answer = browser(user).post(
            reverse("reports:share", args=["indicator", share.pk]), given, follow=True
        )
        assert f"已填报{department}的进展" in text(answer)
    page = text(browser(filler).get(reverse("reports:shares", args=["indicator", indicator.pk])))
    assert "按分解合计填入 12 份" in page
    assert not IndicatorValue.objects.exists()
    take_total(browser(filler), "indicator", indicator)
    value = IndicatorValue.objects.get()
    assert (value.value, value.measured_on, value.state) == (Decimal(12), date(2023, 12, 20), State.DRAFT)
    assert value.note == "党政办公室：7 份\n校企合作处：5 份"


def take_total(client: Any, kind: str, subject: Any) -> Any:
    """As its page would send it."""
    seen = review.version_of(review.latest(subject))
    return client.post(reverse("reports:share_total", args=[kind, subject.pk]), {"seen": seen}, follow=True)


def test_the_total_does_not_overwrite_what_another_wrote_meanwhile(
    browser: Any, filler: User, point: TaskPoint, office_department: Department, draft: Any
) -> None:
    PointShare.objects.create(
        point=point, department=office_department, quantity=1, reported_on=date(2023, 12, 1)
    )
    client, shares = browser(filler), reverse("reports:shares", args=["point", point.pk])
    before = client.get(shares).context["seen"]
    entry: Entry = draft(description="他人写的", quantity=Decimal("0.1"))
    total = reverse("reports:share_total", args=["point", point.pk])
    for seen in ({}, {"seen": before}):
        answer = client.post(total, seen)
        assert answer.status_code == 409
        assert "0.1 部" in text(answer)
        assert "他人写的" in text(answer)
        assert "分解合计：1 部" in text(answer)
        entry.refresh_from_db()
        assert entry.quantity == Decimal("0.1")
    assert client.post(total, {"seen": answer.context["seen"]}).status_code == 302
    entry.refresh_from_db()
    assert entry.quantity == 1


def test_the_total_goes_into_the_entry_form_of_a_point(
    browser: Any, filler: User, point: TaskPoint, office_department: Department, draft: Any
) -> None:
    entry: Entry = draft(description="我写的", quantity=Decimal("0.1"))
    PointShare.objects.create(
        point=point,
        department=office_department,
        quantity=1,
        reported_on=date(2023, 12, 1),
        description="完成",
    )
    answer = take_total(browser(filler), "point", point)
    assert "已按分解合计填入 1 部，存为草稿" in text(answer)
    assert answer.redirect_chain == [(reverse("projects:fill", args=[point.pk]), 302)]
    entry.refresh_from_db()
    assert (entry.quantity, entry.effective_on, entry.description) == (
        Decimal(1),
        date(2023, 12, 1),
        "我写的",
    )


def test_no_total_without_reports(
    browser: Any, filler: User, point: TaskPoint, office_department: Department
) -> None:
    PointShare.objects.create(point=point, department=office_department, target=1)
    answer = take_total(browser(filler), "point", point)
    assert "没有合计可以填入" in text(answer)
    assert not point.entries.exists()


def test_what_is_waiting_for_review_is_not_overwritten(
    browser: Any, filler: User, point: TaskPoint, office_department: Department, submitted: Any
) -> None:
    submitted(quantity=Decimal("0.5"))
    PointShare.objects.create(
        point=point, department=office_department, quantity=1, reported_on=date(2023, 12, 1)
    )
    answer = take_total(browser(filler), "point", point)
    assert "上一次填报还在审核中" in text(answer)
    assert point.entries.get().quantity == Decimal("0.5")


def test_another_sum_is_confirmed_with_a_reason(
    browser: Any, head: User, point: TaskPoint, office_department: Department, industry_department: Department
) -> None:
    client, split = browser(head), reverse("reports:split", args=["point", point.pk])
    rows = ((office_department, "1"), (industry_department, "１.５"))
    answer = client.post(split, typed(seen(point), *rows))
    assert answer.status_code == 422
    assert "分解合计 2.5 部，与目标 1 部 不一致（多 1.5）" in text(answer)
    assert "１.５" in text(answer)
    answer = client.post(split, typed(seen(point), *rows, anyway="on"))
    assert answer.status_code == 422
    assert "请写明原因" in text(answer)
    assert not point.shares.exists()
    client.post(split, typed(seen(point), *rows, anyway="on", reason="两部门各编一册"))
    assert point.shares.count() == 2
    assert "说明：两部门各编一册" in notes_about(point)[0].change_message


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("own", "abc")], "不是数字"),
        ([("own", "-1")], "是负数"),
        ([("own", "1.0000001")], "小数超过 6 位"),
        ([(None, "1")], "写了目标，没有选部门"),
        ([("own", "0.5"), ("own", "0.5")], "写了两次"),
        ([("foreign", "1")], "选择一个有效的选项"),
    ],
)
def test_bad_rows_are_refused_in_their_place(
    browser: Any,
    head: User,
    point: TaskPoint,
    office_department: Department,
    other_college: Institution,
    rows: list[tuple[str | None, str]],
    sentence: str,
) -> None:
    foreign = Department.objects.create(institution=other_college, name="外校部门")
    known = {"own": office_department, "foreign": foreign, None: None}
    answer = browser(head).post(
        reverse("reports:split", args=["point", point.pk]),
        typed(seen(point), *((known[name], target) for name, target in rows)),
    )
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not point.shares.exists()


def test_the_second_who_splits_sees_both(
    browser: Any,
    head: User,
    office: User,
    point: TaskPoint,
    office_department: Department,
    industry_department: Department,
) -> None:
    before = seen(point)
    split = reverse("reports:split", args=["point", point.pk])
    browser(head).post(split, typed(before, (office_department, "1")))
    answer = browser(office).post(split, typed(before, (industry_department, "1")))
    assert answer.status_code == 409
    assert "现在的分解：</b>党政办公室 1" in text(answer)
    assert f'value="{industry_department.pk}" selected' in text(answer)
    assert f'name="seen" value="{seen(point)}"' in text(answer)
    assert point.shares.get().department == office_department


def test_the_second_who_reports_sees_both(
    browser: Any, other_filler: User, office: User, point: TaskPoint, industry_department: Department
) -> None:
    share = PointShare.objects.create(point=point, department=industry_department, target=1)
    address = reverse("reports:share", args=["point", share.pk])
    given = {"reported_on": "2023-12-01", "seen": sharing.version_of(share)}
    browser(other_filler).post(address, given | {"quantity": "0.5", "description": "过半"})
    answer = browser(office).post(address, given | {"quantity": "0.7"})
    assert answer.status_code == 409
    assert "0.5 部，截至 2023-12-01" in text(answer)
    assert 'value="0.7"' in text(answer)
    share.refresh_from_db()
    assert share.quantity == Decimal("0.5")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"quantity": "1", "reported_on": "2024-03-02"}, "完成日期不能晚于今天"),
        ({"quantity": "1", "reported_on": "2021-12-31"}, "早于建设起始年"),
        ({"quantity": "", "reported_on": "2023-12-01"}, "至少填一项"),
        ({"quantity": "1"}, "请填写完成日期"),
    ],
)
def test_what_a_unit_reports_is_checked(
    browser: Any,
    other_filler: User,
    point: TaskPoint,
    industry_department: Department,
    values: dict[str, str],
    sentence: str,
) -> None:
    share = PointShare.objects.create(point=point, department=industry_department, target=1)
    answer = browser(other_filler).post(
        reverse("reports:share", args=["point", share.pk]), values | {"seen": sharing.version_of(share)}
    )
    assert answer.status_code == 422
    assert sentence in text(answer)
    share.refresh_from_db()
    assert share.reported_at is None


def test_a_locked_window_refuses_a_share_too(
    browser: Any,
    other_filler: User,
    project: Project,
    point: TaskPoint,
    industry_department: Department,
    now: Any,
) -> None:
    project.windows.update(locked_at=now)
    share = PointShare.objects.create(point=point, department=industry_department, target=1)
    answer = browser(other_filler).post(
        reverse("reports:share", args=["point", share.pk]),
        {"quantity": "1", "reported_on": "2023-12-01", "seen": sharing.version_of(share)},
    )
    assert answer.status_code == 403
    assert "已锁定" in text(answer)


def test_who_may_not_is_told_and_other_colleges_see_nothing(
    browser: Any,
    filler: User,
    other_filler: User,
    principal: User,
    outsider: User,
    point: TaskPoint,
    indicator: Indicator,
    industry_department: Department,
) -> None:
    share = IndicatorShare.objects.create(indicator=indicator, department=industry_department)
    addresses = {
        reverse("reports:split", args=["indicator", indicator.pk]): (filler, other_filler, principal),
        reverse("reports:share", args=["indicator", share.pk]): (filler, principal),
        reverse("reports:split", args=["point", point.pk]): (filler, other_filler, principal),
    }
    for address, people in addresses.items():
        for user in people:
            assert browser(user).post(address).status_code == 403
        assert browser(outsider).post(address).status_code == 404
    for kind, pk in (("nothing", point.pk), ("point", 10**6), ("indicator", 10**6)):
        for name in ("shares", "split", "share"):
            assert browser(filler).get(reverse(f"reports:{name}", args=[kind, pk])).status_code == 404


@pytest.mark.usefixtures("_header_known")
def test_many_units_cost_what_one_does(
    browser: Any, office: User, college: Institution, point: TaskPoint, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        unit = Department.objects.create(institution=college, name=f"学院{number:02}")
        PointShare.objects.create(
            point=point, department=unit, assignee=person(f"u{number}", "人", "filler", college, unit)
        )
    client = browser(office)
    with django_assert_max_num_queries(22):
        assert client.get(reverse("reports:shares", args=["point", point.pk])).status_code == 200
    with django_assert_max_num_queries(22):
        assert client.get(reverse("reports:split", args=["point", point.pk])).status_code == 200


def test_the_drawer_of_the_desk_leads_to_the_shares(
    browser: Any, filler: User, other_filler: User, indicator: Indicator, industry_department: Department
) -> None:
    indicator.co_departments.add(industry_department)
    row = reverse("reports:mine_row", args=[indicator.project_id, f"indicator:{indicator.pk}"])
    assert browser(other_filler).get(row).status_code == 200
    share = IndicatorShare.objects.create(
        indicator=indicator,
        department=industry_department,
        target=12,
        quantity=5,
        reported_on=date(2023, 12, 1),
    )
    page = text(browser(filler).get(row))
    assert "1 / 1 个部门已填报，合计 5 份" in page
    assert reverse("reports:shares", args=["indicator", indicator.pk]) in page
    # Who assists has the share now, not the whole.
    assert browser(other_filler).get(row).status_code == 403
    own = text(browser(other_filler).get(reverse("reports:mine", args=[indicator.project_id])))
    assert f"indicatorshare:{share.pk}" in own
    assert f'"indicator:{indicator.pk}"' not in own


def test_the_drafts_of_a_colleague_stand_beside_the_row(
    browser: Any, filler: User, head: User, indicator: Indicator
) -> None:
    IndicatorValue.objects.create(
        indicator=indicator, measured_on=date(2023, 12, 1), value=3, note="高远的草稿", author=filler
    )
    row = reverse("reports:mine_row", args=[indicator.project_id, f"indicator:{indicator.pk}"])
    assert "高远的草稿" in text(browser(head).get(row))


def test_who_leads_the_task_splits_it(
    browser: Any,
    college: Institution,
    indicator: Indicator,
    point: TaskPoint,
    industry_department: Department,
) -> None:
    leader = person("zuzhang", "组长", Role.LEADER, college, None)
    split = reverse("reports:split", args=["point", point.pk])
    assert browser(leader).get(split).status_code == 403
    leader.memberships.get().tasks.add(point.task)
    client = browser(leader)
    assert client.post(split, typed(seen(point), (industry_department, "1"))).status_code == 302
    assert point.shares.get().department == industry_department
    # An indicator of no task is nobody's to lead.
    assert client.get(reverse("reports:split", args=["indicator", indicator.pk])).status_code == 403
    # Splitting is not reporting.
    share = reverse("reports:share", args=["point", point.shares.get().pk])
    assert client.get(share).status_code == 403
