"""Reviewers at the same moment: each decision once, none lost, whoever was late is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from projects import review
from projects.models import Department, Entry, Project, ReviewLog, Role, State, Task, TaskPoint, User
from projects.reviewing import Panel
from tests.conftest import NOW, person

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*work: Callable[[], object]) -> list[object]:
    """All of it in threads of their own that start together; a refusal is an answer."""
    barrier = Barrier(len(work))

    def one(each: Callable[[], object]) -> object:
        try:
            barrier.wait()
            return each()
        except review.NotAllowed as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, work))


@pytest.fixture
def many(project: Project, task: Task, filler: User, office_department: Department) -> list[Entry]:
    made = []
    for number in range(30):
        point = TaskPoint.objects.create(
            task=task,
            year=2023,
            seq=str(number),
            text="其他",
            due_on=date(2023, 12, 31),
            planned=1,
            department=office_department,
        )
        entry = Entry.objects.create(point=point, effective_on=date(2023, 6, 1), quantity=1, author=filler)
        made.append(review.submit(entry, by=filler, now=NOW))
    return made


def read(pks: list[int]) -> list[Entry]:
    return list(Entry.objects.filter(pk__in=pks).select_related("point__task__project__institution"))


@pytest.mark.parametrize("levels", [1, 2])
def test_two_decide_about_one_row(
    project: Project, many: list[Entry], office: User, head: User, levels: int
) -> None:
    """One approves, one returns; at two levels two heads of one department."""
    Project.objects.update(review_levels=levels)
    first = office if levels == 1 else head
    role, department = first.memberships.get().role, head.memberships.get().department
    second = person("second", "另一位", role, project.institution, department)
    record = read([many[0].pk])[0]
    seen = review.version_of(record)
    answers = at_once(
        lambda: review.approve(read([record.pk])[0], by=first, now=timezone.now(), seen=seen),
        lambda: review.return_for_revision(read([record.pk])[0], by=second, comment="不对", seen=seen),
    )
    refused = [answer for answer in answers if isinstance(answer, review.NotAllowed)]
    assert len(refused) == 1
    logs = ReviewLog.objects.filter(object_id=record.pk, verb__in=("approve", "return"))
    assert logs.count() == 1
    record.refresh_from_db()
    expected = {"return": State.RETURNED, "approve": State.APPROVED if levels == 1 else State.SUBMITTED}
    assert record.state == expected[logs.get().verb]


def test_bulk_against_bulk_and_single_decisions(
    project: Project, many: list[Entry], office: User, admin_user: User
) -> None:
    pks = [entry.pk for entry in many]
    seen = {entry.pk: review.version_of(entry) for entry in read(pks)}

    def bulk(by: User, order: list[int]) -> tuple[list[Entry], list[tuple[Entry, str]]]:
        records = sorted(read(order), key=lambda entry: order.index(entry.pk))
        panel = Panel(project, NOW.date())
        return review.approve_all(records, panel=panel, by=by, now=timezone.now(), seen=seen, behalf={})

    def return_some() -> int:
        done = 0
        for pk in reversed(pks):
            try:
                review.return_for_revision(read([pk])[0], by=office, comment="不对", seen=seen[pk])
                done += 1
            except review.NotAllowed:
                pass
        return done

    first, second, returned = at_once(
        lambda: bulk(office, pks), lambda: bulk(admin_user, pks[::-1]), return_some
    )
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    assert isinstance(returned, int)
    assert len(first[0]) + len(second[0]) + returned == len(pks)
    assert len(first[0]) + len(first[1]) == len(second[0]) + len(second[1]) == len(pks)
    logs = ReviewLog.objects.filter(verb__in=("approve", "return"))
    assert sorted(logs.values_list("object_id", flat=True)) == sorted(pks)
    assert Entry.objects.filter(state=State.APPROVED).count() == len(first[0]) + len(second[0])
    assert Entry.objects.filter(state=State.RETURNED).count() == returned


def test_levels_and_decision(project: Project, many: list[Entry], head: User, office: User) -> None:
    """While the levels change, a row is decided by the old ones or the new ones, not by a mixture."""
    from projects import levels

    Project.objects.update(review_levels=2)
    record = read([many[0].pk])[0]
    at_once(
        lambda: review.approve(record, by=head, now=timezone.now()),
        lambda: levels.change(project, [Role.OFFICE], by=office, now=NOW, seen="head-office"),
    )
    record = read([many[0].pk])[0]
    assert (record.state, record.passed) in ((State.SUBMITTED, 1), (State.APPROVED, 1))
    assert Panel(record.point.project, NOW.date()).level_of(record).role == Role.OFFICE
