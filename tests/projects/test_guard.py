"""The guard: who may write what, and what a locked window and its exceptions do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from projects import review
from projects.guard import Guard, NotWritable, locked, writable
from projects.models import Entry, Project, ReportingWindow, TaskPoint, User, WindowException
from tests.projects.test_entries import fill

TODAY = date(2024, 3, 1)
CUTOFF = date(2023, 12, 31)
BEFORE, AFTER = date(2023, 12, 22), date(2024, 1, 2)


@pytest.fixture
def window(point: TaskPoint) -> ReportingWindow:
    """The window of the report that was finalised."""
    found, _ = ReportingWindow.objects.update_or_create(
        project=point.task.project,
        is_main=True,
        defaults={"name": "中期", "start": date(2022, 1, 1), "cutoff": CUTOFF},
    )
    found.locked_at = timezone.make_aware(datetime(2024, 2, 20, 10))
    found.save()
    return found


@pytest.fixture
def exception(window: ReportingWindow, filler: User, office: User) -> WindowException:
    return WindowException.objects.create(
        window=window,
        user=filler,
        reason="补录印发文件",
        granted_by=office,
        granted_on=TODAY,
        until=TODAY + timedelta(days=2),
    )


def test_what_speaks_of_a_locked_day_is_refused_with_why_and_who_helps(
    point: TaskPoint, filler: User, office: User, window: ReportingWindow
) -> None:
    refusal = writable(filler, point, CUTOFF, TODAY)
    assert refusal
    assert refusal.is_locked
    assert str(refusal) == (
        f"“{window}”的报告已定稿，2023-12-31 及以前的数据已锁定，2023-12-31 的内容不能再改。"
        f"确需更正，请联系项目办（{office}）申请锁定例外。"
    )
    assert writable(filler, point, AFTER, TODAY) is None


def test_the_form_tells_of_a_lock_before_anything_is_typed(
    browser: Any, point: TaskPoint, filler: User, window: ReportingWindow
) -> None:
    page = browser(filler).get(reverse("projects:fill", args=[point.pk])).content.decode()
    assert f"{CUTOFF} 及以前的数据已锁定，完成日期只能填以后的日期" in page


def test_the_office_is_bound_by_the_lock_too(point: TaskPoint, office: User, window: ReportingWindow) -> None:
    assert writable(office, point, BEFORE, TODAY)
    assert locked(None, point, BEFORE, TODAY)


def test_a_stranger_to_the_point_is_told_whose_it_is(point: TaskPoint, other_filler: User) -> None:
    refusal = writable(other_filler, point, AFTER, TODAY)
    assert refusal
    assert not refusal.is_locked
    assert str(refusal).startswith(f"“{point}”由{point.department}填报，您不能填报。")


@pytest.mark.parametrize(
    ("today", "is_open"),
    [(TODAY - timedelta(days=1), False), (TODAY, True), (TODAY + timedelta(days=2), True)]
    + [(TODAY + timedelta(days=3), False)],
)
def test_an_exception_holds_from_its_day_until_its_last(
    point: TaskPoint, filler: User, exception: WindowException, today: date, is_open: bool
) -> None:
    assert (writable(filler, point, BEFORE, today) is None) == is_open


def test_an_exception_is_for_its_person_and_its_points(
    point: TaskPoint, filler: User, office: User, exception: WindowException
) -> None:
    assert writable(office, point, BEFORE, TODAY)
    other = TaskPoint.objects.create(
        task=point.task, year=point.year, seq="77", text="其他", due_on=CUTOFF, department=point.department
    )
    exception.points.add(other)
    assert writable(filler, point, BEFORE, TODAY)
    assert writable(filler, other, BEFORE, TODAY) is None


def test_many_targets_cost_what_one_does(
    point: TaskPoint, filler: User, exception: WindowException, django_assert_max_num_queries: Any
) -> None:
    guard = Guard(filler, point.task.project, TODAY)
    point = TaskPoint.objects.select_related("task__project").prefetch_related("co_departments").get()
    with django_assert_max_num_queries(5):
        assert [guard.refusal(point, BEFORE) for _ in range(20)] == [None] * 20


def test_the_form_is_refused_and_keeps_what_was_typed(
    browser: Any, point: TaskPoint, filler: User, window: ReportingWindow
) -> None:
    answer = fill(browser(filler), point, "submit", description="正在补录印发文件")
    assert answer.status_code == 403
    assert "已锁定" in answer.content.decode()
    assert "正在补录印发文件" in answer.content.decode()
    assert not Entry.objects.exists()


def test_a_draft_from_before_the_lock_cannot_be_handed_in(
    browser: Any, draft: Any, filler: User, window: ReportingWindow
) -> None:
    entry = draft()
    answer = browser(filler).post(reverse("projects:submit", args=[entry.pk]))
    assert answer.status_code == 403
    assert "已锁定" in answer.content.decode()
    entry.refresh_from_db()
    assert entry.state == "draft"


def test_what_waited_when_the_window_was_locked_is_not_decided_any_more(
    submitted: Any, office: User, window: ReportingWindow, now: datetime
) -> None:
    entry = submitted()
    with pytest.raises(NotWritable, match="已锁定"):
        review.approve(entry, by=office, now=now)


def test_who_decides_all_the_same_is_told_and_it_is_logged(
    browser: Any,
    submitted: Any,
    office: User,
    project: Project,
    window: ReportingWindow,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = submitted()
    address = reverse("reports:review_approve", args=[project.pk, "point", entry.pk])
    sent = {"seen": review.version_of(entry), "faults": "9", "comment": "同意"}
    answer = browser(office).post(address, sent)
    assert answer.status_code == 403
    assert "已锁定" in answer.content.decode()
    assert [record.levelname for record in caplog.records if address in record.getMessage()] == ["WARNING"]
    entry.refresh_from_db()
    assert entry.state == "submitted"


def test_with_an_exception_of_its_author_it_is(
    submitted: Any, office: User, exception: WindowException, now: datetime
) -> None:
    entry = submitted()
    WindowException.objects.update(granted_on=now.date(), until=now.date())
    assert review.approve(entry, by=office, now=now).state == "approved"


def test_an_approval_within_a_locked_window_is_not_taken_back(
    submitted: Any, office: User, window: ReportingWindow, now: datetime
) -> None:
    ReportingWindow.objects.update(locked_at=None)
    entry = review.approve(submitted(), by=office, now=now)
    ReportingWindow.objects.update(locked_at=now)
    with pytest.raises(NotWritable, match="已锁定"):
        review.revoke(entry, by=office, comment="数量有误", now=now)
