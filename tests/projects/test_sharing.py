"""分解下达: shares, their sum, what units report, and who may do which."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from projects import sharing
from projects.leading import may_split, tasks_of
from projects.models import Department, Membership, PointShare, Project, Role, Task, TaskPoint, User
from projects.notes import notes_about
from projects.permissions import can_fill, points_to_fill, shares_to_report
from projects.review import NotAllowed, Overtaken
from projects.sharing import Changed, Unconfirmed, Wanted
from tests.conftest import NOW, person

HALF = Decimal("0.5")


@pytest.fixture
def shared(
    point: TaskPoint, head: User, office_department: Department, industry_department: Department
) -> list[PointShare]:
    """The point's one 部, half each."""
    return split(point, head, (office_department, HALF), (industry_department, HALF))


def split(
    point: TaskPoint, by: User, *parts: tuple[Department, Decimal | None], **more: Any
) -> list[PointShare]:
    wanted = [Wanted(department, target) for department, target in parts]
    seen = sharing.split_version(point, sharing.shares_of(point))
    return sharing.split(point, wanted, by=by, **({"seen": seen} | more))


def told(share: PointShare, by: User, **values: Any) -> PointShare:
    given = {"quantity": HALF, "reported_on": date(2023, 12, 1), "description": "已编写一半"}
    return sharing.report(share, given | values, by=by, seen=sharing.version_of(share), now=NOW)


def test_a_point_is_split_and_what_units_report_adds_up(
    point: TaskPoint, shared: list[PointShare], filler: User, other_filler: User
) -> None:
    assert [(str(share.department), share.target) for share in shared] == [
        ("党政办公室", HALF),
        ("校企合作处", HALF),
    ]
    told(shared[1], other_filler)
    total = sharing.total_of(point, sharing.shares_of(point))
    assert (total.target, total.quantity, total.missing) == (Decimal(1), HALF, ("党政办公室",))
    told(shared[0], filler, reported_on=date(2023, 12, 20), quantity=Decimal("0.25"), description="")
    total = sharing.total_of(point, sharing.shares_of(point))
    assert (total.quantity, total.reported_on, total.is_partial) == (
        Decimal("0.75"),
        date(2023, 12, 20),
        False,
    )
    assert total.text == "党政办公室：0.25 部\n校企合作处：0.5 部，已编写一半"
    # No figure counts it, and it is no entry.
    assert not point.entries.exists()


def test_another_sum_than_the_plan_needs_a_reason(
    point: TaskPoint, head: User, office_department: Department, industry_department: Department
) -> None:
    parts = ((office_department, HALF), (industry_department, Decimal(1)))
    with pytest.raises(Unconfirmed) as refusal:
        split(point, head, *parts)
    assert refusal.value.concerns == ["分解合计 1.5 部，与目标 1 部 不一致（多 0.5）。"]
    assert not point.shares.exists()
    split(point, head, *parts, reason="留有余量")
    assert point.shares.count() == 2
    said = notes_about(point)[0].change_message
    assert said == "分解下达：党政办公室 0.5、校企合作处 1，合计 1.5 部。说明：留有余量"


def test_rates_are_not_added(
    point: TaskPoint, head: User, office_department: Department, industry_department: Department
) -> None:
    TaskPoint.objects.filter(pk=point.pk).update(unit="%", planned=95)
    point.refresh_from_db()
    shares = split(point, head, (office_department, Decimal(95)), (industry_department, Decimal(95)))
    assert sharing.total_of(point, shares).target is None


def test_a_unit_that_has_reported_loses_its_share_only_with_a_reason(
    point: TaskPoint, head: User, shared: list[PointShare], other_filler: User, office_department: Department
) -> None:
    told(shared[1], other_filler)
    with pytest.raises(Unconfirmed, match="校企合作处已填报进展"):
        split(point, head, (office_department, Decimal(1)))
    split(point, head, (office_department, Decimal(1)), reason="改由办公室承担")
    assert [str(share.department) for share in point.shares.all()] == ["党政办公室"]
    assert notes_about(shared[1])[0].change_message == "收回：校企合作处：0.5 部，已编写一半"
    with pytest.raises(NotAllowed, match="已被收回"):
        told(shared[1], other_filler)


def test_what_a_unit_has_reported_stays_when_targets_change(
    point: TaskPoint,
    head: User,
    shared: list[PointShare],
    other_filler: User,
    office_department: Department,
    industry_department: Department,
) -> None:
    told(shared[1], other_filler)
    split(point, head, (office_department, Decimal(0)), (industry_department, Decimal(1)))
    share = point.shares.get(department=industry_department)
    assert (share.pk, share.target, share.quantity) == (shared[1].pk, Decimal(1), HALF)


def test_the_second_who_splits_is_told(
    point: TaskPoint, head: User, office: User, office_department: Department, industry_department: Department
) -> None:
    seen = sharing.split_version(point, [])
    split(point, head, (office_department, Decimal(1)), seen=seen)
    with pytest.raises(Changed):
        split(point, office, (industry_department, Decimal(1)), seen=seen)
    assert point.shares.get().department == office_department


def test_a_changed_plan_is_another_question(
    point: TaskPoint, head: User, office_department: Department
) -> None:
    seen = sharing.split_version(point, [])
    TaskPoint.objects.filter(pk=point.pk).update(planned=5)
    with pytest.raises(Changed):
        split(point, head, (office_department, Decimal(1)), seen=seen)


def test_the_second_who_reports_sees_the_first(
    shared: list[PointShare], other_filler: User, office: User
) -> None:
    seen = sharing.version_of(shared[1])
    told(shared[1], other_filler)
    with pytest.raises(Overtaken) as refusal:
        sharing.report(shared[1], {"quantity": Decimal(3)}, by=office, seen=seen, now=NOW)
    assert refusal.value.record
    assert refusal.value.record.quantity == HALF  # type: ignore[attr-defined]
    assert [note.change_message for note in notes_about(shared[1])][
        0
    ] == "填报进展：0.5，截至 2023-12-01，已编写一半"


def test_a_department_twice_is_refused(point: TaskPoint, head: User, office_department: Department) -> None:
    with pytest.raises(NotAllowed, match="写了两次"):
        split(point, head, (office_department, HALF), (office_department, HALF))


def test_who_fills_what_once_it_is_split(
    point: TaskPoint,
    project: Project,
    head: User,
    filler: User,
    other_filler: User,
    industry_department: Department,
) -> None:
    point.co_departments.add(industry_department)
    assert can_fill(other_filler, point)
    assert point in points_to_fill(other_filler, project)
    share = split(point, head, (industry_department, Decimal(1)))[0]
    point.refresh_from_db()
    assert not can_fill(other_filler, point)
    assert point not in points_to_fill(other_filler, project)
    assert can_fill(other_filler, share)
    assert can_fill(filler, point)
    assert not can_fill(filler, share)
    every = PointShare.objects.filter(point__task__project=project)
    assert list(shares_to_report(other_filler, project, every)) == [share]
    assert not shares_to_report(filler, project, every)


def test_who_splits(
    point: TaskPoint,
    task: Task,
    project: Project,
    college: Any,
    head: User,
    filler: User,
    office: User,
    principal: User,
    industry_department: Department,
) -> None:
    leader = person("zuzhang", "组长", Role.LEADER, college, None)
    stranger = person("qita", "其他", Role.LEADER, college, None)
    other = Task.objects.create(project=project, code="9", name="别的任务")
    leader.memberships.get().tasks.add(Task.objects.get(code="8"))
    stranger.memberships.get().tasks.add(other)
    other_head = person("tahead", "他部门", Role.HEAD, college, industry_department)
    allowed = {
        user: may_split(user, point)
        for user in (head, office, leader, filler, principal, stranger, other_head)
    }
    assert [str(user) for user, may in allowed.items() if may] == ["李静", "周敏", "组长"]


def test_a_leader_of_a_project_leads_all_its_tasks(task: Task, project: Project, college: Any) -> None:
    leader = person("zuzhang", "组长", Role.GROUP_LEADER, college, None)
    assert tasks_of(leader, project) == set()
    Membership.objects.filter(user=leader).update(project=project)
    assert tasks_of(User.objects.get(pk=leader.pk), project) == {task.pk, task.parent_id}
