"""What everyday work costs: the page of what is to be filled in, drafts, decisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from projects import review
from projects.models import Entry, Project, ReviewLog, State, TaskPoint, User
from projects.reviewing import Panel
from reports.desk.filing import Typed, file
from script.measuring import best, cpu, example, office_of, report

ROWS = 50


def bench_mine() -> None:
    """All rows of the example for an office that fills everything, against the overview of the project."""
    project = example()
    client = Client()
    client.force_login(office_of(project, "mine"))

    def get(name: str) -> int:
        answer = client.get(reverse(name, args=[project.pk]))
        assert answer.status_code == 200, answer.status_code
        return len(answer.content)

    size = get("reports:mine")
    points = TaskPoint.objects.of(project).count()
    both = best(lambda: get("reports:mine"), lambda: get("reports:overview"))
    report(f"my work with {points} points ÷ overview page", *both, "—", f"{size / 1024:.0f} KB")


def bench_draft() -> None:
    """A draft that is begun, by the verb behind every door, against the insert of the same row."""
    project = example()
    user = office_of(project, "draft")
    # The page that the person has open knows the version of each row.
    seen = {
        point: review.version_of(review.latest(point))
        for point in TaskPoint.objects.of(project).select_related("task__project")
    }
    points = iter(seen)
    values: dict[str, Any] = {
        "effective_on": date(2023, 12, 22),
        "quantity": Decimal(1),
        "description": "已印发",
    }

    def ours() -> None:
        point = next(points)
        review.save_draft(point, values, by=user, seen=seen[point])

    def bare() -> None:
        with transaction.atomic():
            Entry.objects.create(point=next(points), author=user, **values)

    report("one draft ÷ a plain ORM insert", *best(ours, bare), "8")


def bench_grid() -> None:
    """A pasted block through the door of the grid, with checks, guard and facts, against bare inserts."""
    project = example()
    user, now = office_of(project, "grid"), timezone.now()
    points = list(TaskPoint.objects.of(project)[:ROWS])

    def ours() -> None:
        typed = [
            Typed(f"point:{point.pk}", review.version_of(review.latest(point)), {"quantity": "1"})
            for point in points
        ]
        filed = file(user, project, typed, today=now.date(), now=now, step="draft")
        assert all(one.ok for one in filed)

    def bare() -> None:
        for point in points:
            with transaction.atomic():
                Entry.objects.create(point=point, effective_on=now.date(), quantity=1, author=user)

    def emptied(work: Any) -> float:
        Entry.objects.filter(state=State.DRAFT).delete()
        return cpu(work)

    both = [min(emptied(work) for _ in range(5)) for work in (ours, bare)]
    report(f"{ROWS} drafts through the door of the grid ÷ inserts", both[0], both[1], "—")


def submissions(number: int) -> tuple[Project, User, list[Entry]]:
    """So many rows that wait for the project office, each of a point of its own."""
    project = example()
    by = office_of(project, f"reviewer{User.objects.count()}")
    points = TaskPoint.objects.of(project).select_related("task__project__institution")[:number]
    made = Entry.objects.bulk_create(
        Entry(point=point, effective_on=point.due_on, quantity=1, state=State.SUBMITTED, author=by)
        for point in points
    )
    return project, by, made


def bench_approval() -> None:
    """Lock, right, levels, state, log: against one plain INSERT through the ORM, each in its transaction."""
    _, by, waiting = submissions(440)
    now, rows = timezone.now(), iter(waiting)

    def ours() -> None:
        review.approve(next(rows), by=by, now=now)

    def bare() -> None:
        with transaction.atomic():
            Entry.objects.create(point=waiting[0].point, effective_on=now.date(), quantity=1)

    report("one approval ÷ a plain ORM insert", *best(ours, bare), "8")


def bench_bulk_approval() -> None:
    """450 rows, each with state, version and log, against one UPDATE and one bulk INSERT of as many logs."""
    project, by, waiting = submissions(450)
    now, kind = timezone.now(), ContentType.objects.get_for_model(Entry)
    pks = [entry.pk for entry in waiting]
    seen = {entry.pk: review.version_of(entry) for entry in waiting}

    def again() -> None:
        Entry.objects.filter(pk__in=pks).update(state=State.SUBMITTED, passed=0, decided_at=None)

    def ours() -> None:
        panel = Panel(project, now.date())
        done, left = review.approve_all(waiting, panel=panel, by=by, now=now, seen=seen, behalf={})
        assert (len(done), left) == (len(pks), [])

    def bare() -> None:
        with transaction.atomic():
            Entry.objects.filter(pk__in=pks).update(state=State.APPROVED, passed=1, decided_at=now)
            ReviewLog.objects.bulk_create(
                ReviewLog(content_type=kind, object_id=pk, by=by, verb="approve", to_state=State.APPROVED)
                for pk in pks
            )

    def round_of(work: Callable[[], None]) -> float:
        again()
        return cpu(work)

    ours_best, bare_best = (min(round_of(work) for _ in range(7)) for work in (ours, bare))
    with CaptureQueriesContext(connection) as captured:
        again()
        ours()
    queries = f"{len(captured) - 1} statements for {len(pks)} rows"
    report(f"approval of {len(pks)} ÷ bare UPDATE + INSERT", ours_best, bare_best, "8", queries)


EVERYDAY = {
    "mine": bench_mine,
    "draft": bench_draft,
    "grid": bench_grid,
    "approval": bench_approval,
    "bulk_approval": bench_bulk_approval,
}
