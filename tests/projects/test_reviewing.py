"""Levels of review: who decides where, what is skipped, who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from projects import review
from projects.models import (
    Delegation,
    Department,
    Entry,
    ExtraAchievement,
    Institution,
    Membership,
    Project,
    ReviewLevel,
    ReviewLog,
    Role,
    State,
    Task,
    TaskPoint,
    User,
)
from projects.reviewing import Panel, chain, waiting_count
from tests.conftest import NOW, person

TODAY = NOW.date()


@pytest.fixture
def cast(
    college: Institution,
    project: Project,
    task: Task,
    point: TaskPoint,
    filler: User,
    head: User,
    office: User,
    principal: User,
    admin_user: User,
    office_department: Department,
    industry_department: Department,
) -> dict[str, User]:
    """One person for each seat, and those beside it."""
    other = Task.objects.create(project=project, code="9", name="提升信息化水平", position=9)
    elsewhere = Project.objects.create(
        institution=college, code="G-1", name="专业群", level="group", start_year=2022, end_year=2025
    )
    made = {"filler": filler, "head": head, "office": office, "principal": principal, "admin": admin_user}
    made["other head"] = person("other_head", "校企处长", Role.HEAD, college, industry_department)
    made["leader of all"] = person("leader1", "总组长", Role.LEADER, college, None)
    area = task.parent
    assert area
    for name, role, tasks, within in (
        ("leader of the area", Role.LEADER, [area], project),
        ("leader of the task", Role.LEADER, [task], None),
        ("leader of another", Role.LEADER, [other], project),
        ("leader elsewhere", Role.LEADER, [], elsewhere),
        ("group leader of the task", Role.GROUP_LEADER, [task], None),
        ("group leader here", Role.GROUP_LEADER, [], project),
        ("group leader elsewhere", Role.GROUP_LEADER, [], elsewhere),
        ("group leader of nothing", Role.GROUP_LEADER, [], None),
    ):
        made[name] = person(name, name, role, college, None)
        membership = made[name].memberships.get()
        membership.project = within
        membership.save()
        membership.tasks.set(tasks)
    return made


def set_levels(project: Project, number: int) -> None:
    project.review_levels = number
    project.save()


LEADERS = {
    *("leader of all", "leader of the area", "leader of the task"),
    *("group leader of the task", "group leader here"),
}
OFFICE = {"office", "admin"}
# By the number of levels: who decides at each of them about the point of 党政办公室 in task 8-2.
TABLE = [
    (1, [OFFICE]),
    (2, [{"head"}, OFFICE]),
    (3, [{"head"}, LEADERS, OFFICE]),
    (4, [{"head"}, LEADERS, OFFICE, {"principal"}]),
]


@pytest.mark.parametrize(("levels", "seats"), TABLE)
def test_who_decides_at_which_level(
    cast: dict[str, User],
    project: Project,
    submitted: Callable[..., Entry],
    levels: int,
    seats: list[set[str]],
) -> None:
    set_levels(project, levels)
    entry = Entry.objects.get(pk=submitted().pk)
    for number, wanted in enumerate(seats, 1):
        panel = Panel(entry.point.project, TODAY)
        assert panel.level_of(entry).number == number
        assert {name for name, user in cast.items() if panel.seat(user, entry)} == wanted
        assert set(panel.reviewers(entry)) == {cast[name] for name in wanted}
        for name, user in cast.items():
            fresh = User.objects.get(pk=user.pk)
            found = Entry.objects.filter(Panel(project, TODAY).waiting(fresh, Entry))
            # The condition in the database says the same as the seat.
            project.refresh_from_db()
            assert (entry in found) == (name in wanted), (number, name)
            assert waiting_count(Panel(project, TODAY), fresh) == (name in wanted)
        by = cast[min(wanted)]
        before = entry.passed
        entry = review.approve(entry, by=by, now=NOW)
        assert entry.passed == before + 1
        log = ReviewLog.objects.get(object_id=entry.pk, verb="approve", level=number)
        is_last = number == levels
        assert (log.by, log.to_state) == (by, State.APPROVED if is_last else State.SUBMITTED)
        assert entry.state == (State.APPROVED if is_last else State.SUBMITTED)
        assert entry.decided_at == (NOW if is_last else None)
        entry = Entry.objects.get(pk=entry.pk)


def test_the_levels_are_data(project: Project) -> None:
    project.review_levels = 2
    assert [level.desk for level in chain(project)] == ["部门", "项目办"]
    ReviewLevel.objects.create(project=project, level=1, role=Role.LEADER)
    ReviewLevel.objects.create(project=project, level=2, role=Role.PRINCIPAL)
    assert [level.desk for level in chain(project)] == ["建设组", "学校"]


def test_below_the_last_level_nothing_counts_and_the_words_say_where_it_is(
    cast: dict[str, User], project: Project, submitted: Callable[..., Entry]
) -> None:
    set_levels(project, 3)
    entry = submitted()
    project.refresh_from_db()
    panel = Panel(project, TODAY)
    assert panel.whereabouts(entry) == "已提交，等待部门审核：李静"
    entry = review.approve(entry, by=cast["head"], now=NOW)
    assert panel.standing(entry) == ("dept_approved", "部门已审")
    assert panel.whereabouts(entry).startswith("部门已审，等待建设组审核：")
    assert panel.whereabouts(entry).endswith("等 5 人")
    assert not Entry.objects.counting(date(2024, 12, 31)).exists()


def test_a_return_at_any_level_begins_again_at_the_first(
    cast: dict[str, User], project: Project, submitted: Callable[..., Entry]
) -> None:
    set_levels(project, 3)
    entry = review.approve(submitted(), by=cast["head"], now=NOW)
    entry = review.return_for_revision(entry, by=cast["leader of all"], comment="请补充。")
    assert (entry.state, entry.passed) == (State.RETURNED, 0)
    assert ReviewLog.objects.get(verb="return").level == 2
    again = submitted(description="已补充。")
    assert Panel(again.point.project, TODAY).level_of(again).number == 1


def test_a_revoked_one_too(cast: dict[str, User], project: Project, submitted: Callable[..., Entry]) -> None:
    set_levels(project, 2)
    entry = review.approve(submitted(), by=cast["head"], now=NOW)
    entry = review.approve(entry, by=cast["office"], now=NOW)
    entry = review.revoke(entry, by=cast["office"], comment="佐证有误。", now=NOW)
    assert (entry.state, entry.passed) == (State.RETURNED, 0)


def test_a_level_without_anybody_is_skipped_and_told(
    project: Project, point: TaskPoint, office: User, submitted: Callable[..., Entry]
) -> None:
    set_levels(project, 4)
    entry = submitted()
    assert (entry.state, entry.passed) == (State.SUBMITTED, 2)
    told = [(log.verb, log.level, log.to_state) for log in ReviewLog.objects.order_by("id")]
    assert told == [("submit", None, "submitted"), ("skip", 1, "submitted"), ("skip", 2, "submitted")]
    assert "部门这一级没有可审核的账号" in ReviewLog.objects.get(level=1).comment
    # Nobody of the department has seen it: the words do not say so.
    assert Panel(entry.point.project, TODAY).standing(entry) == ("submitted", "已提交")
    entry = review.approve(entry, by=office, now=NOW)
    assert (entry.state, entry.passed, entry.decided_at) == (State.APPROVED, 4, NOW)
    last = ReviewLog.objects.latest("id")
    assert (last.verb, last.level, last.from_state, last.to_state) == ("skip", 4, "submitted", "approved")


def test_the_last_level_is_never_skipped_before_anybody_decided(
    project: Project, submitted: Callable[..., Entry]
) -> None:
    set_levels(project, 2)
    entry = submitted()
    assert (entry.state, entry.passed) == (State.SUBMITTED, 1)
    assert "目前没有可审核的账号" in Panel(entry.point.project, TODAY).whereabouts(entry)


def test_a_head_does_not_review_what_he_hands_in(
    project: Project, point: TaskPoint, head: User, office: User, draft: Callable[..., Entry]
) -> None:
    set_levels(project, 2)
    entry = review.submit(draft(), by=head, now=NOW)
    assert (entry.state, entry.passed) == (State.SUBMITTED, 1)
    assert ReviewLog.objects.get(verb="own").level == 1
    # Nobody else has seen it yet: he may take it back.
    assert review.withdraw(entry, by=head).passed == 0


def test_what_the_first_level_approved_is_not_withdrawn(
    project: Project, head: User, filler: User, office: User, submitted: Callable[..., Entry]
) -> None:
    set_levels(project, 2)
    entry = review.approve(submitted(), by=head, now=NOW)
    with pytest.raises(review.NotAllowed, match="已有人审核通过，不能撤回"):
        review.withdraw(entry, by=filler)


def test_who_decides_from_the_page_of_the_level_before_is_told(
    project: Project, head: User, office: User, submitted: Callable[..., Entry]
) -> None:
    set_levels(project, 2)
    entry = submitted()
    as_read = Entry.objects.get(pk=entry.pk)
    review.approve(entry, by=head, now=NOW)
    with pytest.raises(review.Overtaken):
        review.approve(as_read, by=head, now=NOW)


def test_fewer_levels_leave_what_was_passed_and_the_last_decides(
    project: Project, head: User, office: User, submitted: Callable[..., Entry], cast: dict[str, User]
) -> None:
    set_levels(project, 4)
    entry = review.approve(submitted(), by=head, now=NOW)
    entry = review.approve(entry, by=cast["leader of all"], now=NOW)
    set_levels(project, 2)
    entry = Entry.objects.get(pk=entry.pk)
    panel = Panel(entry.point.project, TODAY)
    assert entry.passed == 2
    assert panel.level_of(entry).role == Role.OFFICE
    assert waiting_count(panel, office) == 1
    assert review.approve(entry, by=office, now=NOW).state == State.APPROVED


@pytest.fixture
def away(college: Institution, head: User, other_filler: User, office: User) -> Delegation:
    """李静 is away for a week; 何文 of another department stands in."""
    return Delegation.objects.create(
        institution=college,
        absent=head,
        substitute=other_filler,
        since=TODAY,
        until=TODAY + timedelta(days=6),
        made_by=head,
    )


@pytest.mark.parametrize(("day", "is_in"), [(-1, False), (0, True), (6, True), (7, False)])
def test_a_substitute_decides_from_the_first_day_to_the_last(
    away: Delegation,
    project: Project,
    other_filler: User,
    submitted: Callable[..., Entry],
    head: User,
    day: int,
    is_in: bool,
) -> None:
    set_levels(project, 2)
    entry = submitted()
    panel = Panel(entry.point.project, TODAY + timedelta(days=day))
    seat = panel.seat(other_filler, entry)
    assert (seat is not None) == is_in
    assert waiting_count(panel, other_filler) == is_in
    assert (other_filler in panel.reviewers(entry)) == is_in
    assert panel.seat(head, entry) is not None
    if seat:
        assert seat.behalf == head


def test_a_substitute_does_not_pass_what_they_hand_in_themselves(
    away: Delegation, project: Project, other_filler: User, head: User, draft: Callable[..., Entry]
) -> None:
    set_levels(project, 2)
    entry = draft()
    Entry.objects.filter(pk=entry.pk).update(author=other_filler)
    entry = review.submit(entry, by=other_filler, now=NOW)
    entry = Entry.objects.get(pk=entry.pk)
    assert entry.passed == 0
    assert not ReviewLog.objects.filter(verb="own").exists()
    panel = Panel(entry.point.project, TODAY)
    assert panel.seat(other_filler, entry) is None
    assert waiting_count(panel, other_filler) == 0
    assert panel.reviewers(entry) == [head]
    assert panel.seat(head, entry) is not None
    assert waiting_count(panel, head) == 1


@pytest.mark.parametrize("levels", [1, 3])
def test_at_the_last_level_another_decides_than_who_filled_it_in(
    cast: dict[str, User], project: Project, draft: Callable[..., Entry], levels: int
) -> None:
    set_levels(project, levels)
    entry = draft()
    office, admin = cast["office"], cast["admin"]
    Entry.objects.filter(pk=entry.pk).update(author=office)
    Entry.objects.filter(pk=entry.pk).update(state=State.SUBMITTED, passed=levels - 1)
    entry = Entry.objects.get(pk=entry.pk)
    panel = Panel(entry.point.project, TODAY)
    assert panel.seat(office, entry) is None
    assert waiting_count(panel, office) == 0
    assert panel.seat(admin, entry) is not None
    assert waiting_count(panel, admin) == 1
    assert panel.whereabouts(entry).endswith("吴管理")


def test_who_is_alone_at_a_level_decides_about_the_own_and_the_log_says_so(
    project: Project, office: User, draft: Callable[..., Entry]
) -> None:
    entry = draft()
    Entry.objects.filter(pk=entry.pk).update(author=office)
    entry = review.submit(Entry.objects.get(pk=entry.pk), by=office, now=NOW)
    panel = Panel(entry.point.project, TODAY)
    assert panel.seat(office, entry) is not None
    assert waiting_count(panel, office) == 1
    review.approve(entry, by=office, now=NOW, comment="属实。")
    log = ReviewLog.objects.get(verb="approve")
    assert log.comment == "属实。\n审核人即填报人本人，这一级没有其他审核人。"


def test_what_is_stuck_is_found_as_it_is_passed_on(
    cast: dict[str, User], project: Project, submitted: Callable[..., Entry]
) -> None:
    """One after another closes the account: at each moment the rows that are found are those that go on."""
    set_levels(project, 4)
    entry = submitted()
    assert entry.passed == 0
    gone: list[int] = []
    passed = []
    for name in ("other head", *sorted(LEADERS - {"leader of all"}), "head", "leader of all", "principal"):
        gone.append(cast[name].pk)
        User.objects.filter(pk__in=gone).update(is_active=False)
        panel = Panel(Project.objects.get(pk=project.pk), TODAY)
        levels = [each.level.number for each in panel.while_waiting(Entry.objects.get(pk=entry.pk))]
        assert Entry.objects.filter(panel.stuck(Entry)).exists() == bool(levels)
        passed.append(levels)
    assert passed == [[], [], [], [], [], [1], [1, 2], [1, 2]]


def test_among_leaders_only_one_of_the_same_task_is_another(
    cast: dict[str, User], project: Project, draft: Callable[..., Entry]
) -> None:
    """Who leads another task does not review it, so it stays with its author."""
    set_levels(project, 3)
    for name in LEADERS - {"leader of the task"}:
        User.objects.filter(pk=cast[name].pk).update(is_active=False)
    author = cast["leader of the task"]
    entry = draft()
    Entry.objects.filter(pk=entry.pk).update(author=author, state=State.SUBMITTED, passed=1)
    entry = Entry.objects.get(pk=entry.pk)
    panel = Panel(entry.point.project, TODAY)
    assert panel.seat(author, entry) is not None
    assert waiting_count(panel, author) == 1


def test_the_log_names_both(
    away: Delegation, project: Project, other_filler: User, head: User, submitted: Callable[..., Entry]
) -> None:
    set_levels(project, 2)
    review.approve(submitted(), by=other_filler, now=NOW, behalf=head)
    log = ReviewLog.objects.get(verb="approve")
    assert (log.by, log.on_behalf_of) == (other_filler, head)


def test_an_ended_delegation_and_one_of_the_locked_out_are_none(
    away: Delegation, project: Project, other_filler: User, submitted: Callable[..., Entry]
) -> None:
    set_levels(project, 2)
    entry = submitted()
    away.ended_at = timezone.now()
    away.save()
    assert Panel(entry.point.project, TODAY).seat(other_filler, entry) is None
    Delegation.objects.update(ended_at=None)
    User.objects.filter(pk=other_filler.pk).update(is_active=False)
    assert other_filler not in Panel(entry.point.project, TODAY).reviewers(entry)


def test_a_level_whose_only_head_is_locked_out_is_skipped(
    project: Project, head: User, office: User, submitted: Callable[..., Entry]
) -> None:
    set_levels(project, 2)
    User.objects.filter(pk=head.pk).update(is_active=False)
    assert submitted().passed == 1


def test_extra_achievements_belong_to_the_leading_department(
    project: Project, task: Task, head: User, office: User, filler: User, office_department: Department
) -> None:
    set_levels(project, 2)
    task.lead = office_department
    task.save()
    extra = ExtraAchievement.objects.create(
        task=task, year=2023, seq="1", achieved_on=date(2023, 5, 1), content="获奖", author=filler
    )
    review.submit(extra, by=filler, now=NOW)
    project.refresh_from_db()
    panel = Panel(project, TODAY)
    assert waiting_count(panel, head) == 1
    assert waiting_count(panel, office) == 0


def test_many_are_approved_at_once_but_not_what_changed(
    project: Project,
    task: Task,
    head: User,
    office: User,
    filler: User,
    office_department: Department,
    industry_department: Department,
    django_assert_max_num_queries: Any,
) -> None:
    """Two levels: what has a head waits for him, the rest has passed that level."""
    set_levels(project, 2)
    entries = []
    for number in range(40):
        owner = office_department if number % 2 else industry_department
        point = TaskPoint.objects.create(
            task=task, year=2023, seq=f"b{number}", text="其他", due_on=TODAY, planned=1, department=owner
        )
        entry = Entry.objects.create(point=point, effective_on=TODAY, quantity=1, author=filler)
        entries.append(review.submit(entry, by=filler, now=NOW))
    mine = [entry for entry in entries if entry.passed == 0]
    assert len(mine) == 20
    seen = {entry.pk: review.version_of(entry) for entry in mine}
    Entry.objects.filter(pk=mine[3].pk).update(quantity=7)
    review.return_for_revision(mine[5], by=head, comment="不对")
    read = list(Entry.objects.filter(pk__in=seen).select_related("point__task__project__institution"))
    with django_assert_max_num_queries(12):
        done, left = review.approve_all(
            read, panel=Panel(project, TODAY), by=head, now=NOW, seen=seen, behalf={}
        )
    assert {entry.pk for entry, why in left} == {mine[3].pk, mine[5].pk}
    assert len(done) == 18
    assert Entry.objects.filter(passed=1, state=State.SUBMITTED).count() == 20 + 18
    logs = ReviewLog.objects.filter(verb="approve", by=head, level=1)
    assert set(logs.values_list("object_id", flat=True)) == {entry.pk for entry in done}
    rest = list(Entry.objects.filter(passed=1).select_related("point__task__project__institution"))
    done, left = review.approve_all(
        rest,
        panel=Panel(Project.objects.get(), TODAY),
        by=office,
        now=NOW,
        seen={entry.pk: review.version_of(entry) for entry in rest},
        behalf={},
    )
    assert (len(done), left) == (38, [])
    assert Entry.objects.filter(state=State.APPROVED, decided_at=NOW, passed=2).count() == 38


def test_membership_of_another_college_gives_no_seat(
    project: Project, outsider: User, submitted: Callable[..., Entry]
) -> None:
    entry = submitted()
    assert Panel(entry.point.project, TODAY).seat(outsider, entry) is None
    assert Membership.objects.filter(user=outsider, role=Role.OFFICE).exists()
