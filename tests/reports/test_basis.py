"""Figures by the task book as adjusted and as it was signed: changes go in, the original comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from indicators.models import Indicator, Outcome, OutcomeTarget
from projects import changing
from projects.adjustable import Sort, fields_of, values_of
from projects.models import ChangeRequest, Entry, Project, Task, TaskPoint, User
from projects.models.change import DELETION
from projects.original import ORIGINAL
from reports.facts import Facts, gather
from reports.figures import as_json, figures

ASKED = date(2023, 6, 1)
CUTOFF = date(2023, 12, 31)
NUMBERS = ("0", "0.5", "1", "2", "7.25")


def told(facts: Facts) -> Any:
    """Every figure, and every record behind them that can be adjusted."""
    return (
        as_json(figures(facts)),
        facts.tasks,
        sorted(facts.points, key=lambda p: p.id),
        sorted(facts.attainments, key=lambda a: a.indicator.id),
        facts.outcome_figures,
    )


def adjust(
    record: Any, wanted: dict[str, str], by: User, at: datetime, in_force_on: date = CUTOFF
) -> list[ChangeRequest]:
    values = values_of(record)
    asked: dict[str, Any] = {"seen": changing.version_of(values), "reason": "政策调整", "by": by}
    made = changing.ask(record, wanted, **asked, today=ASKED, now=at)
    done = []
    for request in made:
        request = changing.deliberate(request, by=by, on=ASKED, now=at)
        request = changing.report(request, by=by, on=ASKED, now=at)
        grant: dict[str, Any] = {"number": "5号", "on": ASKED, "in_force_on": in_force_on}
        done.append(changing.approve(request, by=by, now=at, **grant))
    return done


@pytest.fixture
def book(point: TaskPoint, project: Project, filler: User, now: datetime) -> Project:
    """Three points, two of them reported; an indicator; a target with something won for it."""
    second = TaskPoint.objects.create(
        task=point.task, year=2023, seq="4", text="修订章程", planned=4, unit="项", due_on=CUTOFF
    )
    TaskPoint.objects.create(
        task=project.tasks.get(code="8"), year=2024, seq="1", text="验收", due_on=date(2024, 6, 30)
    )
    for each, quantity in ((point, 1), (second, 2)):
        Entry.objects.create(
            point=each,
            effective_on=date(2023, 12, 22),
            quantity=quantity,
            author=filler,
            state="approved",
            decided_at=now,
        )
    indicator = Indicator.objects.create(
        project=project,
        code="1.1.1",
        level1="产出",
        level2="数量",
        name="专利",
        task=point.task,
        midterm_target=4,
        final_target=10,
    )
    indicator.targets.create(year=2023, value=4)
    indicator.values.create(measured_on=CUTOFF, value=3, state="approved", decided_at=now)
    target = OutcomeTarget.objects.create(
        project=project, code="1", name="教学成果奖", level="省级", target=2
    )
    Outcome.objects.create(
        project=project, code="1", name="一等奖", level="省级", awarded_on=date(2023, 5, 1), target=target
    )
    return project


def records(project: Project) -> list[Any]:
    return [
        *TaskPoint.objects.of(project).order_by("pk"),
        *Indicator.objects.filter(project=project),
        *OutcomeTarget.objects.filter(project=project),
        *Task.objects.filter(project=project),
    ]


def another(field: Any, data: Any, record: Any, current: str) -> str:
    """A value that the field can take and does not have."""
    offers = {
        Sort.TEXT: ("甲", "乙", "丙"),
        Sort.NUMBER: NUMBERS if field.is_needed else ("", *NUMBERS),
        Sort.DAY: ("2022-12-31", "2023-12-31", "2024-12-31"),
        Sort.PLACE: (f"2022-{record.pk}", f"2024-{record.pk}"),
        Sort.DEPARTMENT: ("", "党政办公室", "校企合作处"),
    }[field.sort]
    return str(data.draw(some.sampled_from([value for value in offers if value != current])))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_whatever_was_changed_the_original_comes_back(
    book: Project, industry_department: Any, office: User, now: datetime, data: Any
) -> None:
    days = (date(2023, 3, 1), CUTOFF, date(2025, 12, 31))
    with transaction.atomic():
        before = {day: told(gather(book, day)) for day in days}
        first = days[-1] + timedelta(days=1)
        for number in range(data.draw(some.integers(1, 6))):
            standing = [each for each in records(book) if not each.__dict__.get("removed_on")]
            record = data.draw(some.sampled_from(standing))
            values = values_of(record)
            goes = not isinstance(record, Task) and data.draw(some.integers(0, 4)) == 0
            field = data.draw(some.sampled_from(fields_of(record)))
            wanted = {field.name: another(field, data, record, values[field.name])}
            in_force_on = data.draw(some.dates(date(2023, 6, 1), days[-1]))
            try:
                adjust(
                    record,
                    {DELETION: ""} if goes else wanted,
                    office,
                    now + timedelta(hours=number + 1),
                    in_force_on,
                )
            except changing.NotAllowed as refusal:
                # A change of the same value before an earlier one: refused, as it must be.
                assert "起生效" in str(refusal)  # noqa: PT017
                transaction.set_rollback(True)
                return
            first = min(first, in_force_on)
        for day in days:
            assert told(gather(book, day, basis=ORIGINAL)) == before[day]
            # Approved later than this: not known then.
            assert told(gather(book, day, known_at=now)) == before[day]
            if day < first:
                assert told(gather(book, day)) == before[day]
        # No figure of any day moves when the changes to come are written into the records.
        ahead = {day: told(gather(book, day)) for day in days}
        changing.put_due(timezone.make_aware(datetime(2026, 1, 1)))
        assert not ChangeRequest.objects.to_come().exists()
        for day in days:
            assert told(gather(book, day)) == ahead[day]
            assert told(gather(book, day, basis=ORIGINAL)) == before[day]
        transaction.set_rollback(True)


def test_a_change_counts_from_the_day_it_is_in_force(book: Project, office: User, now: datetime) -> None:
    point = TaskPoint.objects.get(seq="4")
    in_force = date(2023, 12, 20)
    adjust(point, {"planned": "2"}, office, now, in_force)

    def rate(day: date, **others: Any) -> Any:
        return next(p.r for p in gather(book, day, **others).points if p.id == point.pk)

    # The entry of 2023-12-22 says 2: of 4 that is a half, of 2 all.
    assert rate(CUTOFF) == 1
    assert rate(CUTOFF, basis=ORIGINAL) * 2 == 1
    assert rate(CUTOFF, known_at=now) == 1
    assert rate(CUTOFF, known_at=now - timedelta(seconds=1)) is None  # nor was the entry approved by then
    planned = {
        day: next(p.planned for p in gather(book, day).points if p.id == point.pk)
        for day in (in_force - timedelta(days=1), in_force)
    }
    assert list(planned.values()) == [4, 2]


def test_changes_of_one_value_follow_each_other(book: Project, office: User, now: datetime) -> None:
    point = TaskPoint.objects.get(seq="4")
    for text, day in (("3", date(2023, 7, 1)), ("2", date(2023, 9, 1))):
        adjust(TaskPoint.objects.get(pk=point.pk), {"planned": text}, office, now, day)
    planned = [
        next(p.planned for p in gather(book, day).points if p.id == point.pk)
        for day in (date(2023, 6, 30), date(2023, 7, 1), date(2023, 8, 31), date(2023, 9, 1))
    ]
    assert planned == [4, 3, 3, 2]


def test_what_left_the_task_book_counts_before_that_day_and_in_the_original(
    book: Project, office: User, now: datetime
) -> None:
    point = TaskPoint.objects.get(seq="4")
    indicator, target = Indicator.objects.get(), OutcomeTarget.objects.get()
    for record in (point, indicator, target):
        adjust(record, {DELETION: ""}, office, now)

    def counts(facts: Facts) -> tuple[int, int, int]:
        return len(facts.points), len(facts.attainments), len(facts.outcome_figures.progress)

    assert counts(gather(book, CUTOFF - timedelta(days=1))) == (3, 1, 1)
    assert counts(gather(book, CUTOFF)) == (2, 0, 0)
    assert counts(gather(book, CUTOFF, basis=ORIGINAL)) == (3, 1, 1)
    # What was won stays in the ledger, for no target.
    facts = gather(book, CUTOFF)
    assert [outcome.name for outcome in facts.outcome_figures.others] == ["一等奖"]


def test_the_command_tells_both(
    book: Project, office: User, now: datetime, shell: Callable[..., tuple[int, str, str]]
) -> None:
    def total(*arguments: str) -> Any:
        code, out, _ = shell("figures", book.code, *arguments)
        assert code == 0
        return json.loads(out)["tasks"]["total"]

    adjust(TaskPoint.objects.get(seq="4"), {DELETION: ""}, office, now)
    assert (total(), total("--basis", "current"), total("--basis", "original")) == ("2", "2", "3")
    code, _, err = shell("figures", book.code, "--basis", "other")
    assert (code, "--basis" in err) == (2, True)


def test_pages_say_by_which_task_book_and_carry_it(
    book: Project, office: User, now: datetime, browser: Callable[[User], Client]
) -> None:
    client = browser(office)
    overview = reverse("reports:overview", args=[book.pk])
    assert "任务书已调整" not in client.get(overview).content.decode()
    adjust(TaskPoint.objects.get(seq="4"), {DELETION: ""}, office, now)
    assert "任务书已调整 1 处" in client.get(overview).content.decode()
    text = client.get(overview, {"basis": "original"}).content.decode()
    assert "按原任务书统计" in text
    tasks = reverse("reports:tasks", args=[book.pk])
    assert f"{tasks}?basis=original" in text
    assert client.get(overview, {"basis": "nonsense"}).context["is_original"] is False
    report = reverse("reports:document", args=[book.pk, "school-midterm"])
    assert "调整共1处" in client.get(report).content.decode()
    assert "按调整前的原任务书统计" in client.get(report, {"basis": "original"}).content.decode()


def test_a_project_that_was_never_adjusted_asks_nothing_more(
    book: Project, office: User, now: datetime, django_assert_max_num_queries: Any
) -> None:
    def asked(project: Project) -> int:
        with django_assert_max_num_queries(100) as queries:
            gather(project, CUTOFF)
        return len(queries)

    def fetched() -> Project:
        return Project.objects.with_window().get(pk=book.pk)

    never = asked(fetched())
    adjust(TaskPoint.objects.get(seq="4"), {DELETION: ""}, office, now)
    assert asked(fetched()) == never + 1
