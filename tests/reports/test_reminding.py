"""Who is reminded of what on a day, once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from indicators.models import Indicator, IndicatorShare, IndicatorValue
from projects import review
from projects.models import (
    Department,
    Entry,
    Institution,
    Job,
    Membership,
    Message,
    PointShare,
    Project,
    Role,
    Round,
    State,
    TaskPoint,
    User,
)
from projects.partners import Robot
from reports import reminding
from tests.conftest import NOW
from tests.projects.conftest import COMPLETE

pytestmark = pytest.mark.django_db
CLOSES = date(2023, 12, 20)


@pytest.fixture
def asked(project: Project) -> Round:
    return Round.objects.create(
        project=project, name="2023年第四季度进展", opens_on=date(2023, 12, 1), closes_on=CLOSES
    )


def on(day: date) -> list[Message]:
    """What is told on the day that was not told before."""
    known = set(Message.objects.values_list("pk", flat=True))
    reminding.remind({"day": day.isoformat()}, lambda *args: None)  # type: ignore[arg-type]
    return list(Message.objects.exclude(pk__in=known).order_by("id"))


def said(messages: list[Message], kind: str) -> list[tuple[str, str]]:
    return [(str(each.user), each.title) for each in messages if each.kind == kind]


def test_a_round_reminds_seven_days_and_one_day_before_it_closes(
    asked: Round, point: TaskPoint, filler: User, head: User
) -> None:
    told = {days: said(on(CLOSES - timedelta(days=days)), "due") for days in (8, 7, 6, 1, 0)}
    title = "2023年第四季度进展还剩 {} 天，您还有 1 项未填报"
    assert told == {
        8: [],
        7: [("高远", title.format(7))],
        6: [],
        1: [("高远", title.format(1))],
        0: [],
    }
    first = Message.objects.filter(kind="due").earliest("id")
    assert first.url == f"/projects/{point.project.pk}/mine/#taskpoint:{point.pk}"
    assert "2023年12月20日截止" in first.text


def test_a_server_that_slept_makes_up_for_it(asked: Round, point: TaskPoint, filler: User) -> None:
    title = "2023年第四季度进展还剩 3 天，您还有 1 项未填报"
    assert said(on(CLOSES - timedelta(days=3)), "due") == [("高远", title)]


def test_who_is_limited_to_another_project_is_not_reminded(
    asked: Round, project: Project, point: TaskPoint, filler: User, head: User
) -> None:
    group = Project.objects.create(
        institution=project.institution,
        code="G",
        name="专业群",
        level="group",
        start_year=2022,
        end_year=2025,
    )
    role = filler.memberships.get()
    role.project = group
    role.save()
    title = "2023年第四季度进展还剩 3 天，您还有 1 项未填报"
    # The head answers for it where the department has no filler in this project, whoever it was given to.
    assert said(on(CLOSES - timedelta(days=3)), "due") == [("李静", title)]
    TaskPoint.objects.update(assignee=filler)
    assert [name for name, _ in said(on(CLOSES - timedelta(days=1)), "due")] == ["李静"]
    late = on(CLOSES + timedelta(days=30))
    assert "高远" not in {name for name, _ in said(late, "overdue")}
    role.project = project
    role.save()
    Message.objects.all().delete()
    assert said(on(CLOSES - timedelta(days=3)), "due") == [("高远", title)]


def test_what_was_filled_is_not_asked_for(asked: Round, point: TaskPoint, filler: User) -> None:
    entry = review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(None))
    review.submit(entry, by=filler, now=NOW)
    Entry.objects.update(submitted_at=timezone.make_aware(datetime(2023, 12, 5)))
    assert said(on(CLOSES - timedelta(days=1)), "due") == []


def test_several_rows_are_one_message_with_a_link_each(
    asked: Round, point: TaskPoint, filler: User, project: Project
) -> None:
    for n in range(25):
        TaskPoint.objects.create(
            task=point.task,
            year=2023,
            seq=f"1{n}",
            text="另一项",
            due_on=point.due_on,
            department=point.department,
        )
    (message,) = on(CLOSES)
    assert message.title == "2023年第四季度进展今天截止，您还有 26 项未填报"
    assert message.url == f"/projects/{project.pk}/mine/"
    assert len(message.rows) == 20
    assert "其余 6 项见" in message.text


def test_a_row_goes_to_the_person_it_is_assigned_to(
    asked: Round, point: TaskPoint, filler: User, other_filler: User
) -> None:
    point.assignee = other_filler
    point.save()
    assert [each.user for each in on(CLOSES)] == [other_filler]


def test_a_department_without_fillers_is_its_heads(asked: Round, point: TaskPoint, head: User) -> None:
    assert [each.user for each in on(CLOSES)] == [head]


def test_the_internal_day_of_a_point_reminds_as_well(point: TaskPoint, filler: User) -> None:
    point.internal_due_on = date(2023, 11, 30)
    point.save()
    assert said(on(date(2023, 11, 22)), "due") == []
    assert said(on(date(2023, 11, 23)), "due") == [("高远", "距内控完成日期还有 7 天：1 项")]
    assert said(on(date(2023, 11, 29)), "due") == [("高远", "距内控完成日期还有 1 天：1 项")]
    assert said(on(date(2023, 11, 29)), "due") == []


def test_what_is_late_is_told_once_a_week_and_to_the_head(point: TaskPoint, filler: User, head: User) -> None:
    assert on(point.due_on) == []
    monday = date(2024, 1, 1)
    late = [("高远", "您有 1 项已逾期"), ("李静", "党政办公室有 1 项已逾期")]
    assert said(on(monday), "overdue") == late
    assert said(on(monday + timedelta(days=6)), "overdue") == []
    assert said(on(monday + timedelta(days=7)), "overdue") == late
    to_head = Message.objects.filter(user=head).latest("id")
    assert to_head.text == "由高远填报的 1 项已逾期，请督促："
    assert to_head.url == f"/projects/{point.project.pk}/mine/#taskpoint:{point.pk}"


def test_what_a_lock_holds_fast_is_not_asked_for(
    point: TaskPoint, filler: User, head: User, office: User, project: Project
) -> None:
    """Returned, and its day lies in a locked window: nobody can mend it, so nobody is pressed to."""
    entry = review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(None))
    review.submit(entry, by=filler, now=NOW)
    review.return_for_revision(Entry.objects.get(), by=office, comment="请附文件")
    project.windows.update(locked_at=NOW)
    monday = date(2024, 1, 8)
    assert said(on(monday), "overdue") == []
    project.windows.update(locked_at=None)
    assert len(said(on(monday), "overdue")) == 2


def test_what_waits_for_review_is_not_late(point: TaskPoint, filler: User, office: User) -> None:
    entry = review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(None))
    review.submit(entry, by=filler, now=NOW)
    day = date(2024, 1, 1)
    assert [(str(each.user), each.title) for each in on(day)] == [("周敏", "待您审核：1 项填报")]
    assert on(day) == []
    assert said(on(day + timedelta(days=1)), "review") == [("周敏", "待您审核：1 项填报")]


def test_who_reviews_next_hears_of_what_came_up(
    project: Project, point: TaskPoint, filler: User, head: User, office: User
) -> None:
    set_levels(project, point, 2)
    entry = review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(None))
    review.submit(entry, by=filler, now=NOW)
    day = date(2024, 1, 1)
    assert [str(each.user) for each in on(day)] == ["李静"]
    review.approve(Entry.objects.get(), by=head, now=NOW)
    assert [str(each.user) for each in on(day)] == ["周敏"]
    assert on(day) == []


@pytest.mark.parametrize("leaves", ["role", "account", "department", "no department"])
def test_what_waits_for_who_has_left_goes_on(
    leaves: str,
    project: Project,
    point: TaskPoint,
    filler: User,
    head: User,
    office: User,
    industry_department: Department,
) -> None:
    """The role ends, the account is closed, or the row goes to a department that nobody heads, or to none."""
    set_levels(project, point, 2)
    entry = review.submit(
        review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(None)), by=filler, now=NOW
    )
    day = date(2024, 1, 1)
    assert said(on(day), "review") == [("李静", "待您审核：1 项填报")]
    if leaves == "role":
        head.memberships.all().delete()
    elif leaves == "account":
        User.objects.filter(pk=head.pk).update(is_active=False)
    else:
        owner = industry_department if leaves == "department" else None
        TaskPoint.objects.filter(pk=point.pk).update(department=owner)
    assert said(on(day), "review") == [("周敏", "待您审核：1 项填报")]
    entry.refresh_from_db()
    assert (entry.state, entry.passed) == (State.SUBMITTED, 1)
    log = entry.log.get(verb="skip")
    assert (log.by, log.level, log.comment) == (None, 1, "部门这一级没有可审核的账号，跳过")
    assert on(day) == []
    assert entry.log.filter(verb="skip").count() == 1


def test_the_last_level_waits_for_a_successor(
    project: Project, point: TaskPoint, filler: User, head: User, office: User
) -> None:
    set_levels(project, point, 2)
    entry = review.submit(
        review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(None)), by=filler, now=NOW
    )
    User.objects.filter(pk__in=[head.pk, office.pk]).update(is_active=False)
    on(date(2024, 1, 1))
    entry.refresh_from_db()
    assert (entry.state, entry.passed) == (State.SUBMITTED, 1)


def set_levels(project: Project, point: TaskPoint, number: int) -> None:
    Project.objects.filter(pk=project.pk).update(review_levels=number)
    point.task.project.refresh_from_db()


def test_who_passed_it_on_to_the_own_second_desk_is_not_told_of_it(
    project: Project, point: TaskPoint, filler: User, head: User, college: Institution
) -> None:
    """A head who is of the project office as well knows what came up: it was the own decision."""
    Membership.objects.create(user=head, institution=college, role=Role.OFFICE)
    set_levels(project, point, 2)
    entry = review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(None))
    review.submit(entry, by=filler, now=NOW)
    day = date(2024, 1, 1)
    assert [str(each.user) for each in on(day)] == ["李静"]
    review.approve(Entry.objects.get(), by=head, now=NOW)
    assert on(day) == []


def test_who_reviews_next_hears_of_what_passed_a_vacant_level(
    project: Project, point: TaskPoint, filler: User, head: User, office: User
) -> None:
    """On the same day, though they were told of other rows in the morning."""
    set_levels(project, point, 2)
    first = review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(None))
    review.submit(first, by=filler, now=NOW)
    review.approve(Entry.objects.get(), by=head, now=NOW)
    other = TaskPoint.objects.create(
        task=point.task, year=2023, seq="9", text="另一项", due_on=point.due_on, department=point.department
    )
    second = review.save_draft(other, COMPLETE, by=filler, seen=review.version_of(None))
    review.submit(second, by=filler, now=NOW)
    day = date(2024, 1, 1)
    assert sorted(said(on(day), "review")) == [("周敏", "待您审核：1 项填报"), ("李静", "待您审核：1 项填报")]
    User.objects.filter(pk=head.pk).update(is_active=False)
    assert said(on(day), "review") == [("周敏", "待您审核：2 项填报")]
    assert on(day) == []


def test_the_group_hears_by_department(
    asked: Round,
    point: TaskPoint,
    filler: User,
    industry_department: Department,
    settings: LazySettings,
) -> None:
    settings.SITE_URL = "https://shuanggao.example.edu.cn"
    settings.WECOM_ROBOT = Robot("http://127.0.0.1:9/x")
    for n in (1, 2):
        TaskPoint.objects.create(
            task=point.task,
            year=2023,
            seq=f"2{n}",
            text="校企合作",
            due_on=point.due_on,
            department=industry_department,
        )
    (group,) = [each for each in on(CLOSES) if each.kind == "group"]
    assert group.title == "2023年第四季度进展今天截止，尚有 3 项未填报"
    assert group.text == "校企合作处：2 项\n党政办公室：1 项"


@pytest.fixture
def indicator(project: Project, point: TaskPoint) -> Indicator:
    return Indicator.objects.create(
        project=project,
        code="1.1",
        level1="产出指标",
        level2="数量指标",
        name="制度数",
        task=point.task,
        department=point.department,
        midterm_target=4,
    )


def test_a_round_reminds_of_indicators_and_shares(
    asked: Round,
    point: TaskPoint,
    indicator: Indicator,
    filler: User,
    other_filler: User,
    office: User,
    industry_department: Department,
) -> None:
    of_point = PointShare.objects.create(point=point, department=industry_department, target=1)
    IndicatorShare.objects.create(indicator=indicator, department=industry_department, target=1)
    title = "2023年第四季度进展还剩 {} 天，您还有 2 项未填报"
    told = on(CLOSES - timedelta(days=7))
    assert sorted(said(told, "due")) == [("何文", title.format(7)), ("高远", title.format(7))]
    addresses = [line["url"].partition("#")[2] for line in next(m for m in told if m.user == filler).rows]
    assert addresses == [f"taskpoint:{point.pk}", f"indicator:{indicator.pk}"]
    value = IndicatorValue.objects.create(
        indicator=indicator, value=1, measured_on=date(2023, 12, 5), author=filler
    )
    review.submit(value, by=filler, now=timezone.make_aware(datetime(2023, 12, 14)))
    PointShare.objects.filter(pk=of_point.pk).update(quantity=1, reported_on=date(2023, 12, 10))
    one = "2023年第四季度进展还剩 1 天，您还有 1 项未填报"
    assert sorted(said(on(CLOSES - timedelta(days=1)), "due")) == [("何文", one), ("高远", one)]


def test_what_a_round_asked_for_is_late_when_it_is_over(
    asked: Round,
    point: TaskPoint,
    indicator: Indicator,
    filler: User,
    other_filler: User,
    office: User,
    industry_department: Department,
) -> None:
    PointShare.objects.create(point=point, department=industry_department, target=1)
    late = on(CLOSES + timedelta(days=1))
    assert said(late, "overdue") == [("高远", "您有 2 项已逾期")]
    # The point, whose own day is later, and the indicator.
    assert f"#indicator:{indicator.pk}" in str(late[0].rows)
    monday = date(2024, 1, 1)
    assert said(on(monday), "overdue") == [("高远", "您有 2 项已逾期"), ("何文", "您有 1 项已逾期")]
    value = IndicatorValue.objects.create(
        indicator=indicator, value=1, measured_on=date(2023, 12, 5), author=filler
    )
    review.submit(value, by=filler, now=timezone.make_aware(datetime(2024, 1, 2)))
    review.approve(value, by=office, now=timezone.make_aware(datetime(2024, 1, 3)))
    later = said(on(monday + timedelta(days=7)), "overdue")
    assert later == [("高远", "您有 1 项已逾期"), ("何文", "您有 1 项已逾期")]


def test_a_project_that_is_long_over_is_left_alone(point: TaskPoint, filler: User) -> None:
    assert on(date(2026, 9, 1)) == []


def test_reminding_is_a_job(
    asked: Round,
    point: TaskPoint,
    filler: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    from projects import tasks

    monkeypatch.setattr(timezone, "localdate", lambda *args: CLOSES)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.remind()
    assert Job.objects.get(kind="remind").result == {"told": 1}


def test_what_a_closed_round_asked_for_in_vain_is_overdue_since_it_closed(
    asked: Round, later_asked: TaskPoint, filler: User
) -> None:
    assert said(on(CLOSES), "overdue") == []
    (message,) = [each for each in on(CLOSES + timedelta(days=4)) if each.kind == "overdue"]
    assert (str(message.user), message.title) == ("高远", "您有 1 项已逾期")
    assert "最长逾期 4 天" in message.text


def test_what_was_handed_in_late_is_not_overdue(asked: Round, later_asked: TaskPoint, filler: User) -> None:
    entry = review.save_draft(later_asked, COMPLETE, by=filler, seen=review.version_of(None))
    day = timezone.make_aware(datetime(2023, 12, 22))
    review.submit(entry, by=filler, now=day)
    Entry.objects.update(state="approved", decided_at=day)
    assert said(on(CLOSES + timedelta(days=4)), "overdue") == []


@pytest.fixture
def later_asked(point: TaskPoint) -> TaskPoint:
    """Due long after the round."""
    TaskPoint.objects.update(due_on=date(2024, 12, 31), planned=9)
    point.refresh_from_db()
    return point


def test_who_reviews_is_told_until_when(asked: Round, point: TaskPoint, filler: User, office: User) -> None:
    entry = review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(None))
    review.submit(entry, by=filler, now=NOW)
    asked.deadlines.create(level=1, closes_on=date(2023, 12, 31))
    (message,) = [each for each in on(date(2023, 12, 28)) if each.kind == "review"]
    assert message.text.endswith("“2023年第四季度进展”项目办审核截止 2023-12-31（还有 3 天）。")
