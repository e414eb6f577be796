"""What all rows of a person's desk share: who, when, the facts, the guard, the round that asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Max, QuerySet
from django.utils.timezone import localtime

from indicators.attainment import Attainment
from indicators.models import IndicatorValue
from projects.guard import Guard
from projects.models import Department, Project, Reviewed, ReviewLog, Round, State, User
from projects.permissions import fills_all, own_departments
from projects.progress import PointFact
from projects.review import GIVING_BACK, said
from projects.reviewing import Panel
from projects.rounds import Phase, answered, asked_points, asked_tasks, asking, days_over, fields_asked, phase
from reports.desk.row import Returned
from reports.facts import Facts, gather


@dataclass
class Desk:
    """The desk of one person in one project on one day; everything is read once."""

    user: User
    project: Project
    today: date

    @cached_property
    def facts(self) -> Facts:
        return gather(self.project, self.today)

    @cached_property
    def point_facts(self) -> dict[int, PointFact]:
        return {point.id: point for point in self.facts.points}

    @cached_property
    def indicator_facts(self) -> dict[int, Attainment]:
        return {each.indicator.id: each for each in self.facts.attainments}

    @cached_property
    def guard(self) -> Guard:
        return Guard(self.user, self.project, self.today)

    @cached_property
    def panel(self) -> Panel:
        return Panel(self.project, self.today)

    def waiting(self, record: Reviewed | None) -> dict[str, str]:
        """Of what is under review: how far it is, and who has it."""
        if record is None or record.state != State.SUBMITTED:
            return {}
        return {"label": self.panel.standing(record)[1], "where": self.panel.whereabouts(record)}

    @cached_property
    def round(self) -> Round | None:
        return asking(self.project, self.today)

    @cached_property
    def is_running(self) -> bool:
        return self.round is not None and phase(self.round, self.today) is Phase.OPEN

    @cached_property
    def fills_all(self) -> bool:
        return fills_all(self.user, self.project)

    @cached_property
    def departments(self) -> set[int]:
        return own_departments(self.user, self.project)

    @cached_property
    def in_scope(self) -> set[int]:
        """The points that the round asks for."""
        return {point.id for point in asked_points(self.round, self.facts)} if self.round else set()

    @cached_property
    def asked(self) -> set[int]:
        """Those of them that nobody has filled in it yet."""
        return self.in_scope - self.answered

    @cached_property
    def fields_asked(self) -> tuple[str, ...]:
        """What the running round wants filled in of a point."""
        return fields_asked(self.round) if self.round and self.is_running else ()

    def is_asked(self, point_id: int) -> bool:
        """Whether the running round asks for the point."""
        return self.is_running and point_id in self.in_scope

    def days_late(self, due_on: date | None, is_asked: bool) -> int:
        """Days since the own day of a row, or since the round closed that asked for it in vain."""
        own = max(0, (self.today - due_on).days) if due_on else 0
        return max(own, days_over(self.round, self.today) if is_asked else 0)

    @cached_property
    def answered(self) -> set[int]:
        return answered(self.round) if self.round else set()

    @cached_property
    def answered_indicators(self) -> set[int]:
        values = IndicatorValue.objects.filter(indicator__project=self.project)
        return answered(self.round, values) if self.round else set()

    @cached_property
    def asked_tasks(self) -> set[int]:
        """The tasks within the scope of the round."""
        if self.round is None:
            return set()
        return asked_tasks(self.round, self.facts)

    @cached_property
    def zero_reports(self) -> set[tuple[str, int]]:
        if self.round is None:
            return set()
        found = self.round.zero_reports.values_list("content_type__model", "object_id")
        return {(model, pk) for model, pk in found}

    @cached_property
    def task_names(self) -> dict[int, str]:
        return {task.id: f"{task.code} {task.name}" for task in self.facts.tasks}

    @cached_property
    def department_names(self) -> dict[int, str]:
        rows = Department.objects.filter(institution=self.project.institution_id)
        return dict(rows.values_list("pk", "name"))


def latest_of(records: QuerySet[Any]) -> dict[int, Any]:
    """By subject the record made last, whatever its state."""
    subject = f"{records.model.SUBJECT}_id"
    last = records.order_by().values(subject).annotate(last=Max("pk")).values("last")
    found = records.model._default_manager.filter(pk__in=last).select_related("author")
    return {getattr(record, subject): record for record in found}


def open_record(latest: Any) -> Any:
    """The record made last while it is undecided, else None."""
    return latest if latest is not None and latest.state != State.APPROVED else None


def decisions(records: Iterable[Reviewed]) -> dict[int, Returned]:
    """By record the decision that gave it back, or gave back what a draft mends."""
    records = list(records)
    drafts = [record for record in records if record.state == State.DRAFT]
    waiting = {record.pk: (record, record) for record in records if record.state == State.RETURNED}
    waiting |= mended(drafts) if drafts else {}
    if not waiting:
        return {}
    kind = ContentType.objects.get_for_model(type(records[0]))
    logs = ReviewLog.objects.filter(content_type=kind, object_id__in=waiting, verb__in=GIVING_BACK)
    found = {}
    for log in logs.select_related("by").order_by("id"):
        before, now = waiting[log.object_id]
        found[now.pk] = told(log, is_same=said(before) == said(now))
    return found


def mended(drafts: list[Reviewed]) -> dict[int, tuple[Reviewed, Reviewed]]:
    """By key what was given back, and the draft which mends it."""
    model: Any = type(drafts[0])
    subject = f"{model.SUBJECT}_id"
    by_subject = {getattr(draft, subject): draft for draft in drafts}
    before = model.objects.filter(**{f"{subject}__in": by_subject}).exclude(state=State.DRAFT)
    return {
        record.pk: (record, by_subject[about])
        for about, record in latest_of(before).items()
        if record.state == State.RETURNED
    }


def told(log: ReviewLog, *, is_same: bool) -> Returned:
    return Returned(str(log.by or "系统"), moment(log.at), log.comment, log.at, is_same)


def moment(at: datetime) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Materials:
    """How many materials there are, and when the last one was linked or stored."""

    count: int = 0
    linked: datetime | None = None
    stored: datetime | None = None

    def is_newer(self, moment: datetime) -> bool:
        return any(day > moment for day in (self.linked, self.stored) if day)


def counted(uses: QuerySet[Any], subject: str) -> dict[int, Materials]:
    """The materials of each subject that has some."""
    asked = (Count("id"), Max("linked_at"), Max("evidence__file__uploaded_at"))
    found = uses.values_list(subject).annotate(*asked).order_by()
    return {pk: Materials(*told) for pk, *told in found}
