"""Changes of the task book: their steps, what comes into force, what is refused."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from indicators.models import Indicator, OutcomeTarget
from projects import changing
from projects.adjustable import free_place, values_of
from projects.guard import NotWritable
from projects.models import (
    ChangeRequest,
    Department,
    Kind,
    Message,
    Project,
    ReportingWindow,
    Task,
    TaskPoint,
    User,
    WindowException,
)
from projects.models.change import DELETION

State = ChangeRequest.State
ASKED, AGREED, SENT, GRANTED = date(2024, 3, 1), date(2024, 3, 5), date(2024, 3, 20), date(2024, 5, 10)


@pytest.fixture
def now() -> datetime:
    """In the morning of the day on which what is granted comes into force."""
    return timezone.make_aware(datetime(2024, 5, 10, 9, 0))


def ask(record: Any, by: User, now: datetime, **wanted: str) -> list[ChangeRequest]:
    values = values_of(type(record)._base_manager.get(pk=record.pk))
    return changing.ask(
        record,
        {name.replace("__", "."): text for name, text in wanted.items()},
        seen=changing.version_of(values),
        reason="政策调整",
        by=by,
        today=ASKED,
        now=now,
    )


def reported(request: ChangeRequest, by: User, now: datetime) -> ChangeRequest:
    request = changing.deliberate(request, by=by, on=AGREED, now=now, comment="校长办公会通过")
    return changing.report(request, by=by, on=SENT, now=now)


def granted(request: ChangeRequest, by: User, now: datetime, **others: Any) -> ChangeRequest:
    values: dict[str, Any] = {"number": "粤教〔2024〕5号", "on": GRANTED, "in_force_on": GRANTED} | others
    return changing.approve(reported(request, by, now), by=by, now=now, **values)


def test_a_change_goes_its_way_and_every_step_is_logged(
    point: TaskPoint, filler: User, office: User, now: datetime
) -> None:
    [request] = ask(point, filler, now, planned="2")
    assert (request.old_value, request.new_value, request.state) == ("1", "2", State.REQUESTED)
    point.refresh_from_db()
    assert point.planned == 1
    done = granted(request, office, now)
    point.refresh_from_db()
    assert point.planned == 2
    assert (done.approval_no, done.in_force_on, done.decided_at) == ("粤教〔2024〕5号", GRANTED, now)
    steps = [(str(s.by), s.from_state, s.to_state, s.comment) for s in done.steps.all()]
    assert steps == [
        ("高远", "", "requested", "政策调整"),
        ("周敏", "requested", "deliberated", "校长办公会通过"),
        ("周敏", "deliberated", "reported", ""),
        ("周敏", "reported", "approved", ""),
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("text", "编印《规章制度汇编》第三版", "编印《规章制度汇编》第三版"),
        ("unit", "册", "册"),
        ("due_on", "2024-12-31", date(2024, 12, 31)),
        ("planned", "", None),
        ("planned", "1.5", Decimal("1.5")),
    ],
)
def test_values_of_a_point(
    point: TaskPoint, office: User, now: datetime, name: str, text: str, expected: Any
) -> None:
    granted(ask(point, office, now, **{name: text})[0], office, now)
    point.refresh_from_db()
    assert getattr(point, name) == expected


def test_a_point_moves_to_another_year_under_a_free_number(
    point: TaskPoint, office: User, now: datetime
) -> None:
    TaskPoint.objects.create(task=point.task, year=2024, seq="3", text="甲", due_on=date(2024, 12, 31))
    TaskPoint.objects.create(task=point.task, year=2024, seq="9", text="乙", due_on=date(2024, 12, 31))
    assert free_place(point, 2024) == "2024-10"
    assert free_place(point, 2025) == "2025-3"
    granted(ask(point, office, now, year="2024-10")[0], office, now)
    point.refresh_from_db()
    assert point.code == "8-2-2024-10"


def test_a_number_that_was_taken_meanwhile_is_refused(point: TaskPoint, office: User, now: datetime) -> None:
    [request] = ask(point, office, now, year="2024-3")
    TaskPoint.objects.create(task=point.task, year=2024, seq="3", text="甲", due_on=date(2024, 12, 31))
    request = reported(request, office, now)
    with pytest.raises(changing.NotAllowed, match="2024 年度已有序号为 3 的任务点"):
        changing.approve(request, by=office, now=now, number="5号", on=GRANTED, in_force_on=GRANTED)
    request.refresh_from_db()
    assert request.state == State.REPORTED


def test_departments_are_named(
    point: TaskPoint, office: User, industry_department: Department, now: datetime
) -> None:
    [request] = ask(point, office, now, department="校企合作处")
    assert request.old_value == "党政办公室"
    granted(request, office, now)
    point.refresh_from_db()
    assert point.department == industry_department
    [request] = ask(point, office, now, department="没有这个处")
    with pytest.raises(changing.NotAllowed, match="没有名称为“没有这个处”的部门"):
        granted(request, office, now)
    [request] = ask(point.task, office, now, lead="校企合作处")
    granted(request, office, now)
    assert Task.objects.get(pk=point.task_id).lead == industry_department


def test_targets_of_an_indicator(project: Project, office: User, now: datetime) -> None:
    indicator = Indicator.objects.create(
        project=project, code="1.1.1", level1="产出", level2="数量", name="专利", final_target=10
    )
    indicator.targets.create(year=2023, value=3)
    for wanted in ({"targets__2023": "2"}, {"targets__2024": "5"}, {"final_target": "8"}):
        granted(ask(indicator, office, now, **wanted)[0], office, now)
    indicator.refresh_from_db()
    assert dict(indicator.targets.values_list("year", "value")) == {2023: 2, 2024: 5}
    assert indicator.final_target == 8
    granted(ask(indicator, office, now, targets__2024="")[0], office, now)
    assert list(indicator.targets.values_list("year", flat=True)) == [2023]


def test_what_leaves_the_task_book_keeps_its_history(
    point: TaskPoint, project: Project, office: User, now: datetime
) -> None:
    target = OutcomeTarget.objects.create(project=project, code="1", name="教学成果奖", target=2)
    for record in (point, target):
        granted(ask(record, office, now, **{DELETION: ""})[0], office, now)
        record.refresh_from_db()
        assert record.removed_on == GRANTED
        with pytest.raises(changing.NotAllowed, match="已于 2024-05-10 调出任务书"):
            ask(record, office, now, **{DELETION: ""})
    with pytest.raises(changing.NotAllowed, match="没有改动"):
        ask(point.task, office, now, **{DELETION: ""})


def test_what_changed_meanwhile_is_not_overwritten(point: TaskPoint, office: User, now: datetime) -> None:
    [request] = ask(point, office, now, planned="2")
    request = reported(request, office, now)
    TaskPoint.objects.filter(pk=point.pk).update(planned=4)
    with pytest.raises(changing.Overtaken, match="申请时为“1”，现在是“4”"):
        changing.approve(request, by=office, now=now, number="5号", on=GRANTED, in_force_on=GRANTED)
    request.refresh_from_db()
    point.refresh_from_db()
    assert (request.state, request.decided_at, point.planned) == (State.REPORTED, None, 4)
    assert request.steps.count() == 3


def test_who_asks_must_have_seen_what_stands(point: TaskPoint, filler: User, now: datetime) -> None:
    seen = changing.version_of(values_of(point))
    TaskPoint.objects.filter(pk=point.pk).update(planned=4)
    asked: dict[str, Any] = {"seen": seen, "reason": "理由", "by": filler, "today": ASKED, "now": now}
    with pytest.raises(changing.Overtaken) as refusal:
        changing.ask(point, {"planned": "2"}, **asked)
    assert refusal.value.now["planned"] == "4"
    assert not ChangeRequest.objects.exists()


def test_requests_that_say_nothing_are_refused(point: TaskPoint, filler: User, now: datetime) -> None:
    with pytest.raises(changing.NotAllowed, match="没有改动"):
        ask(point, filler, now, planned="1")
    ask(point, filler, now, planned="2")
    with pytest.raises(changing.NotAllowed, match="“计划数量”已有正在办理的调整申请（高远，2024-03-01）"):
        ask(point, filler, now, planned="3")
    seen = changing.version_of(values_of(point))
    with pytest.raises(changing.NotAllowed, match="理由"):
        changing.ask(point, {"unit": "册"}, seen=seen, reason=" ", by=filler, today=ASKED, now=now)


def test_steps_come_one_after_the_other(point: TaskPoint, filler: User, office: User, now: datetime) -> None:
    [request] = ask(point, filler, now, planned="2")
    with pytest.raises(changing.NotAllowed, match="这份申请现在是“校内申请”，不能记录批复/备案"):
        changing.approve(request, by=office, now=now, number="5号", on=GRANTED, in_force_on=GRANTED)
    with pytest.raises(changing.NotAllowed, match="校内审议日期 2024-02-01 早于申请日期 2024-03-01"):
        changing.deliberate(request, by=office, on=date(2024, 2, 1), now=now)
    request = changing.deliberate(request, by=office, on=AGREED, now=now)
    with pytest.raises(changing.NotAllowed, match="不能撤回"):
        changing.withdraw(request, by=filler, now=now)
    with pytest.raises(changing.NotAllowed, match="理由"):
        changing.refuse(request, by=office, now=now, reason="")
    assert changing.refuse(request, by=office, now=now, reason="不符合规定").state == State.REFUSED
    [again] = ask(point, filler, now, planned="2")
    assert changing.withdraw(again, by=filler, now=now).state == State.WITHDRAWN


def test_changes_of_one_value_come_into_force_in_turn(point: TaskPoint, office: User, now: datetime) -> None:
    granted(ask(point, office, now, planned="2")[0], office, now)
    [request] = ask(point, office, now, planned="3")
    with pytest.raises(changing.NotAllowed, match="上一次调整自 2024-05-10 起生效"):
        granted(request, office, now, in_force_on=date(2024, 4, 1))
    with pytest.raises(changing.NotAllowed, match="文号"):
        changing.approve(request, by=office, now=now, number=" ", on=GRANTED, in_force_on=GRANTED)


def test_no_change_comes_into_force_within_a_locked_window(
    point: TaskPoint, filler: User, office: User, now: datetime
) -> None:
    window, _ = ReportingWindow.objects.update_or_create(
        project=point.project,
        is_main=True,
        defaults={"start": date(2022, 1, 1), "cutoff": GRANTED, "locked_at": now},
    )
    [request] = ask(point, filler, now, planned="2")
    request = reported(request, office, now)
    day = {"number": "5号", "on": GRANTED}
    with pytest.raises(NotWritable, match="报告已定稿，2024-05-10 及以前的数据已锁定"):
        changing.approve(request, by=office, now=now, in_force_on=GRANTED, **day)  # type: ignore[arg-type]
    request.refresh_from_db()
    point.refresh_from_db()
    assert (request.state, point.planned) == (State.REPORTED, 1)
    today = timezone.localdate(now)
    WindowException.objects.create(
        window=window, user=office, reason="补录批复", granted_by=office, granted_on=today, until=today
    )
    changing.approve(request, by=office, now=now, in_force_on=GRANTED, **day)  # type: ignore[arg-type]
    point.refresh_from_db()
    assert point.planned == 2


def test_the_day_after_a_locked_window_is_free(point: TaskPoint, office: User, now: datetime) -> None:
    ReportingWindow.objects.update_or_create(
        project=point.project,
        is_main=True,
        defaults={"start": date(2022, 1, 1), "cutoff": date(2024, 5, 9), "locked_at": now},
    )
    granted(ask(point, office, now, planned="2")[0], office, now)
    point.refresh_from_db()
    assert point.planned == 2


def test_a_change_to_come_rules_from_its_day_on(
    point: TaskPoint,
    office_department: Department,
    industry_department: Department,
    office: User,
    now: datetime,
) -> None:
    in_force_on = date(2024, 12, 15)
    wanted = {"planned": "99", "due_on": "2025-06-30", "department": "校企合作处"}
    for request in ask(point, office, now, **wanted):
        granted(request, office, now, in_force_on=in_force_on)
    eve = timezone.make_aware(datetime(2024, 12, 14, 23, 59))
    assert changing.put_due(eve) == 0
    due_on = point.due_on
    point.refresh_from_db()
    assert (point.planned, point.due_on, point.department) == (1, due_on, office_department)
    with pytest.raises(changing.NotAllowed, match="“计划数量”已批复调整，自 2024-12-15 起生效"):
        ask(point, office, now, planned="5")
    midnight = timezone.make_aware(datetime(2024, 12, 15, 0, 0))
    assert (changing.put_due(midnight), changing.put_due(midnight)) == (3, 0)
    point.refresh_from_db()
    assert (point.planned, str(point.due_on), point.department) == (99, "2025-06-30", industry_department)
    assert set(ChangeRequest.objects.values_list("written_at", flat=True)) == {midnight}
    assert ask(point, office, now, planned="5")


def test_what_cannot_be_written_on_its_day_does_not_hold_up_the_others(
    point: TaskPoint, office: User, now: datetime
) -> None:
    tomorrow = date(2024, 5, 11)
    for wanted in ({"year": "2024-3"}, {"planned": "2"}):
        granted(ask(point, office, now, **wanted)[0], office, now, in_force_on=tomorrow)
    TaskPoint.objects.create(task=point.task, year=2024, seq="3", text="甲", due_on=date(2024, 12, 31))
    assert changing.put_due(timezone.make_aware(datetime(2024, 5, 11))) == 1
    point.refresh_from_db()
    assert (point.year, point.planned) == (2023, 2)


def test_what_could_not_be_written_later_is_not_approved(
    point: TaskPoint, office: User, now: datetime
) -> None:
    [request] = ask(point, office, now, department="没有这个处")
    with pytest.raises(changing.NotAllowed, match="没有名称为“没有这个处”的部门"):
        granted(request, office, now, in_force_on=date(2024, 12, 15))
    request.refresh_from_db()
    assert request.decided_at is None


def test_whoever_asked_is_told_each_step_that_others_take(
    point: TaskPoint, filler: User, office: User, now: datetime
) -> None:
    [request] = ask(point, filler, now, planned="2")
    granted(request, office, now)
    [refused] = ask(point, filler, now, unit="册")
    changing.refuse(refused, by=office, now=now, reason="不符合规定")
    told = [(m.user, m.kind, m.title.partition("：")[0]) for m in Message.objects.order_by("pk")]
    steps = ("已通过校内审议", "已上报", "已批复/备案", "未获同意")
    assert told == [(filler, Kind.CHANGE, f"任务书调整{step}") for step in steps]
    agreed, _, approved, no = Message.objects.order_by("pk")
    assert agreed.title.endswith("：计划数量，8-2-2023-03 编印学校《规章制度汇编》第二版")
    assert agreed.text.endswith("（周敏办理）：计划数量由 1 改为 2。\n说明：校长办公会通过")
    assert "计划数量由 1 改为 2。粤教〔2024〕5号，自 2024-05-10 起生效。" in approved.text
    assert "说明：不符合规定" in no.text
    assert no.url == f"/projects/{point.project.pk}/changes/{refused.pk}/"


def test_nobody_is_told_of_steps_of_their_own_nor_of_a_project_that_is_closed_to_them(
    point: TaskPoint, filler: User, office: User, now: datetime
) -> None:
    granted(ask(point, office, now, planned="2")[0], office, now)
    [withdrawn] = ask(point, filler, now, planned="3")
    changing.withdraw(withdrawn, by=filler, now=now)
    [request] = ask(point, filler, now, planned="3")
    filler.memberships.all().delete()
    changing.deliberate(ChangeRequest.objects.get(pk=request.pk), by=office, on=AGREED, now=now)
    assert not Message.objects.exists()


def test_a_step_that_is_refused_tells_nobody(
    point: TaskPoint, filler: User, office: User, now: datetime
) -> None:
    [request] = ask(point, filler, now, planned="2")
    request = reported(request, office, now)
    TaskPoint.objects.filter(pk=point.pk).update(planned=4)
    with pytest.raises(changing.Overtaken):
        changing.approve(request, by=office, now=now, number="5号", on=GRANTED, in_force_on=GRANTED)
    assert Message.objects.count() == 2
