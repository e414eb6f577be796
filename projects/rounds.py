"""填报批次: which one is running, what it asks for, what is still to be filled in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Max, QuerySet

from projects.gathered import Gathered, lineage
from projects.models import Entry, Project, Round, State, User, ZeroReport
from projects.progress import PointFact
from projects.review import NotAllowed
from projects.reviewing import Level, Panel

ASKS = ("asks_progress", "asks_problems", "asks_help", "asks_expected_completion")


# What a round may ask for, as a field of an entry. Progress is the description, without which nothing is
# submitted unless a round asks for other things alone; a day of completion is asked for only while the point
# is not done.
FIELDS = {
    "asks_progress": "description",
    "asks_problems": "problems",
    "asks_help": "help_needed",
    "asks_expected_completion": "expected_on",
}


class Phase(Enum):
    COMING = "未开始"
    OPEN = "进行中"
    OVER = "已结束"


def phase(asked: Round, today: date) -> Phase:
    if today < asked.opens_on:
        return Phase.COMING
    return Phase.OVER if today > asked.closes_on else Phase.OPEN


def days_left(asked: Round, today: date) -> int:
    """Whole days until it closes; 0 on the last day."""
    return (asked.closes_on - today).days


def running(project: Project, today: date) -> Round | None:
    """The round that asks today; of several, the one that closes first."""
    open_now = Round.objects.filter(project=project, opens_on__lte=today, closes_on__gte=today)
    return open_now.prefetch_related("tasks").order_by("closes_on", "id").first()


def asked_tasks(asked: Round, facts: Gathered) -> set[int]:
    """The tasks in its scope: those named and all below them; all where none is named."""
    named = {task.pk for task in asked.tasks.all()}
    tasks = facts.tasks
    return {t.id for t in tasks if not named or named & {up.id for up in lineage(tasks, t.id)}}


def asked_points(asked: Round, facts: Gathered) -> list[PointFact]:
    """The points in its scope: of its years, in its tasks or below them."""
    within = asked_tasks(asked, facts)
    first, last = asked.first_year or 0, asked.last_year or 9999
    return [p for p in facts.points if p.task_id in within and first <= p.year <= last]


def fields_asked(asked: Round) -> tuple[str, ...]:
    """The fields of an entry that must not be left empty in the round."""
    return tuple(field for name, field in FIELDS.items() if getattr(asked, name))


def asked_of(project: Project, point_id: int, facts: Gathered, today: date) -> tuple[str, ...]:
    """What the running round asks to be filled in of a point; nothing outside of its scope."""
    asked = running(project, today)
    if asked is None or point_id not in {point.id for point in asked_points(asked, facts)}:
        return ()
    return fields_asked(asked)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a round stands: how many points it asks for, and those that nobody has filled in yet."""

    asked: int
    left: tuple[PointFact, ...]

    @property
    def filled(self) -> int:
        return self.asked - len(self.left)

    @property
    def behind(self) -> list[tuple[str, int]]:
        """The departments with points left, those with most first."""
        return Counter(point.department or "未落实责任部门" for point in self.left).most_common()


def standing(asked: Round, facts: Gathered, answered: Collection[int]) -> Standing:
    """A point is filled when it is done or was submitted since the round began (`answered`)."""
    points = asked_points(asked, facts)
    left = tuple(p for p in points if p.id not in answered and (p.r is None or p.r < 1))
    return Standing(len(points), left)


def answered(asked: Round, records: QuerySet[Any] | None = None) -> set[int]:
    """The points filled in since the round began and not returned since; 零报告 counts until it is filled in.

    What is handed in after it closed still answers it, late, until the next round begins.
    `records` asks the same of other subjects: the records about them.
    """
    if records is None:
        records = Entry.objects.of(asked.project)
    subject: Any = records.model._meta.get_field(records.model.SUBJECT)
    filled = records.filter(submitted_at__date__gte=asked.opens_on)
    filled = filled.exclude(state__in=(State.DRAFT, State.RETURNED))
    later = Round.objects.filter(project=asked.project_id, opens_on__gt=asked.closes_on)
    if (next_one := later.order_by("opens_on").values_list("opens_on", flat=True).first()) is not None:
        filled = filled.filter(submitted_at__date__lt=next_one)
    kind = ContentType.objects.get_for_model(subject.related_model)
    zero = asked.zero_reports.filter(content_type=kind)
    # Who began to fill it in after all has taken that back, as long as the draft stands.
    last = records.order_by().values(subject.name).annotate(last=Max("pk")).values("last")
    begun = records.filter(pk__in=last, state__in=(State.DRAFT, State.RETURNED))
    zero = zero.exclude(object_id__in=begun.values(subject.name))
    return set(filled.values_list(subject.name, flat=True)) | set(zero.values_list("object_id", flat=True))


def asking(project: Project, today: date) -> Round | None:
    """The round to fill in for: the running one, else the last that closed, which then is late."""
    last = Round.objects.filter(project=project, closes_on__lt=today).prefetch_related("tasks")
    return running(project, today) or last.order_by("-closes_on", "-id").first()


def days_over(asked: Round | None, today: date) -> int:
    """Since when what the round asked for, and nobody filled in, is late: days, 0 while it runs."""
    return max(0, (today - asked.closes_on).days) if asked else 0


@dataclass(frozen=True, slots=True)
class ReviewDay:
    """Until when a level has to be done with reviewing a round."""

    level: Level
    closes_on: date
    today: date

    @property
    def words(self) -> str:
        """`还有 3 天`, `今天`, `已过 2 天`."""
        days = (self.closes_on - self.today).days
        return f"还有 {days} 天" if days > 0 else f"已过 {-days} 天" if days else "今天"


def review_days(panel: Panel, user: User, asked: Round | None) -> list[ReviewDay]:
    """审核截止 of the levels at which the user has a seat, of the round that asks."""
    if asked is None:
        return []
    held = {seat.role for seat in panel.seats_of(user)}
    days = dict(asked.deadlines.values_list("level", "closes_on"))
    return [
        ReviewDay(level, days[level.number], panel.today)
        for level in panel.chain
        if level.role in held and level.number in days
    ]


@transaction.atomic
def report_nothing(asked: Round, target: Any, *, by: User, today: date, note: str = "") -> ZeroReport:
    """零报告: nothing new about the target in the round that is running. NotAllowed where there is."""
    if phase(asked, today) is not Phase.OPEN:
        raise NotAllowed(f"“{asked}”已结束，不能再报“本批次无进展”。请填写完成情况。")
    if not asked.allows_zero_report:
        raise NotAllowed(f"“{asked}”要求逐项填写进展，不能报“本批次无进展”。")
    latest = target.reports.order_by("-id").first()
    if latest and latest.state in (State.DRAFT, State.RETURNED):
        raise NotAllowed(f"这一项有{latest.get_state_display()}的填报，请提交它，或先清空草稿。")
    made, _ = ZeroReport.objects.update_or_create(
        round=asked,
        content_type=ContentType.objects.get_for_model(target),
        object_id=target.pk,
        defaults={"by": by, "note": note},
    )
    return made


def take_back(asked: Round, target: Any) -> None:
    """There is something to say about the target after all: its 零报告 is gone, and it is asked for again."""
    kind = ContentType.objects.get_for_model(target)
    asked.zero_reports.filter(content_type=kind, object_id=target.pk).delete()


def following(last: Round | None, today: date) -> dict[str, Any]:
    """What a new round starts from: the same scope and questions as the last one, right after it."""
    if last is None:
        return {"opens_on": today, "closes_on": today + timedelta(days=13), **dict.fromkeys(ASKS, True)}
    opens = max(last.closes_on + timedelta(days=1), today)
    closes = opens + (last.closes_on - last.opens_on)
    if (last.closes_on + timedelta(days=1)).day == last.opens_on.day == opens.day == 1:
        # Whole months stay whole months, of whatever length.
        closes = first_of_month(opens, months(last.opens_on, last.closes_on)) - timedelta(days=1)
    return {
        "opens_on": opens,
        "closes_on": closes,
        **{
            f"review_{each.level}": closes + (each.closes_on - last.closes_on)
            for each in last.deadlines.all()
        },
        "first_year": last.first_year,
        "last_year": last.last_year
        and min(last.last_year + closes.year - last.closes_on.year, last.project.end_year),
        "tasks": list(last.tasks.values_list("pk", flat=True)),
        **{name: getattr(last, name) for name in (*ASKS, "allows_zero_report")},
    }


def months(first: date, last: date) -> int:
    """How many calendar months a span touches."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def first_of_month(start: date, later: int) -> date:
    years, month = divmod(start.month - 1 + later, 12)
    return date(start.year + years, month + 1, 1)
