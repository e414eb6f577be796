"""Reminders of a day: what is due soon, what is late, what waits for review. Read from the facts alone.

Nothing is told twice (the key says what a message is about), so this may run several times a day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from indicators.models import Indicator, IndicatorShare, IndicatorValue
from projects import levels
from projects.guard import Guard
from projects.jobs import Progress
from projects.models import (
    Entry,
    Kind,
    Membership,
    Message,
    PointShare,
    Project,
    ReviewLog,
    Role,
    Round,
    State,
    TaskPoint,
    User,
)
from projects.notices.events import line_of, owners
from projects.notices.telling import Line, tell, tell_group
from projects.progress import PointFact
from projects.reviewing import Panel, kinds, waiting_count, waiting_records
from projects.rounds import (
    Phase,
    answered,
    asked_points,
    asked_tasks,
    asking,
    days_left,
    phase,
    review_days,
    running,
    standing,
)
from reports.facts import Facts, gather

# So many rows are named in a message; how many there are, it says.
NAMED = 20
# A project whose years are over is asked about for so long.
AFTER = timedelta(days=183)


@dataclass(frozen=True)
class Left:
    """A row that nobody has filled yet, until when it should be, and whose it is."""

    line: Line
    due_on: date
    users: tuple[User, ...]
    department: str
    department_id: int | None


def remind(payload: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The job: everything that people are to be reminded of on `day`."""
    today = date.fromisoformat(payload["day"])
    before = Message.objects.count()
    asked = [project for project in Project.objects.select_related("institution") if lasts(project, today)]
    for done, project in enumerate(asked):
        progress(done, len(asked), f"正在整理“{project}”的提醒"[:100])
        remind_project(project, today)
    return {"told": Message.objects.count() - before}


def lasts(project: Project, today: date) -> bool:
    return date(project.start_year, 1, 1) <= today <= date(project.end_year, 12, 31) + AFTER


def remind_project(project: Project, today: date) -> None:
    # First, so that whoever reviews next hears of it now.
    levels.skip_vacant(project, by=None, today=today)
    facts = gather(project, today)
    rows = Rows(facts, today)
    if asked := running(project, today):
        remind_of_round(asked, rows, today)
    remind_of_internal_days(rows, today)
    tell_late(rows, today)
    tell_reviewers(project, today)


class Rows:
    """What is filled in a project with those who answer for it; owners are looked up once each."""

    def __init__(self, facts: Facts, today: date) -> None:
        self.facts, self.project, self.today = facts, facts.project, today
        points = TaskPoint.objects.of(self.project).select_related("task", "assignee", "department")
        self.records = {each.pk: each for each in points.prefetch_related("co_departments", "shares")}
        waiting = Entry.objects.of(self.project).filter(state=State.SUBMITTED)
        self.waiting = set(waiting.values_list("point_id", flat=True))
        self.held = self.held_fast()
        self._owners: dict[tuple[Any, ...], tuple[User, ...]] = {}

    def held_fast(self) -> set[int]:
        """Points whose entry is to be mended, but speaks of a day in a locked window.

        Whoever has an exception was told so.
        """
        guard = Guard(None, self.project, self.today)
        last = Entry.objects.of(self.project).latest_per_point()
        open_ones = last.filter(state__in=(State.DRAFT, State.RETURNED))
        found = open_ones.values_list("point_id", "effective_on")
        return {point for point, day in found if guard.lock(None, day)}

    def left(self, points: Iterable[PointFact], due_on: date | None = None) -> list[Left]:
        return [self.row(self.records[p.id], due_on or p.due_on) for p in points if p.id in self.records]

    def row(self, subject: Any, due_on: date) -> Left:
        """Of a point, an indicator or a share."""
        named = subject.department.name if subject.department else ""
        return Left(line_of(subject), due_on, self.owners(subject), named, subject.department_id)

    def owners(self, subject: Any) -> tuple[User, ...]:
        key = (subject.assignee_id, *sorted(pk for pk in subject.owners() if pk))
        if key not in self._owners:
            self._owners[key] = tuple(owners(subject))
        return self._owners[key]

    def shares_of_points(self, points: Iterable[PointFact]) -> list[PointShare]:
        """Those that no unit has reported on, of points that are not done."""
        unmet = {point.id for point in points if point.r is None or point.r < 1}
        found = PointShare.objects.filter(point__task__project=self.project, reported_on=None)
        return [
            share
            for share in found.select_related("point__task", "department", "assignee").order_by("id")
            if share.point_id in unmet and self.of_project(share.point.task)
        ]

    def of_project(self, record: Any) -> bool:
        record.project = self.project
        return True

    def indicators(self, asked: Round) -> list[Indicator | IndicatorShare]:
        """Indicators the round asks for that are not met, and that nobody has handed in since it began;
        and the shares of such indicators that no unit has reported on."""
        tasks = asked_tasks(asked, self.facts)
        unmet = {each.indicator.id for each in self.facts.attainments if each.raw is None or each.raw < 1}
        found = Indicator.objects.filter(project=self.project, is_counted=True, pk__in=unmet)
        within = [
            each
            for each in found.select_related("department", "assignee").prefetch_related(
                "co_departments", "shares"
            )
            if (each.task_id is None or each.task_id in tasks) and self.of_project(each)
        ]
        values = IndicatorValue.objects.filter(indicator__project=self.project)
        since = Q(state=State.SUBMITTED) | Q(state=State.APPROVED, submitted_at__date__gte=asked.opens_on)
        filled = {*answered(asked, values), *values.filter(since).values_list("indicator_id", flat=True)}
        shares = IndicatorShare.objects.filter(indicator__in=within, reported_on=None)
        split = list(shares.select_related("indicator", "department", "assignee").order_by("id"))
        for share in split:
            self.of_project(share.indicator)
        return [*(each for each in within if each.pk not in filled), *split]

    def open(self) -> Iterator[tuple[PointFact, date]]:
        """Points on which somebody can work that are not done, with the day they should be done by."""
        for fact in self.facts.points:
            record = self.records.get(fact.id)
            if record is None or fact.id in self.waiting | self.held or (fact.r is not None and fact.r >= 1):
                continue
            yield fact, asked_by(record, fact.due_on)


def asked_by(point: TaskPoint, due_on: date) -> date:
    """Until when the college wants it done: 内控完成日期, where that is earlier."""
    return min(point.internal_due_on or due_on, due_on)


def stage(days: int) -> int | None:
    """The reminder that is due with so many days left: the smallest of REMIND_DAYS not below; else None."""
    return min((each for each in settings.REMIND_DAYS if 0 <= days <= each), default=None)


def remind_of_round(asked: Round, rows: Rows, today: date) -> None:
    days = days_left(asked, today)
    step = stage(days)
    if step is None:
        return
    unfilled = standing(asked, rows.facts, answered(asked)).left
    left = rows.left((p for p in unfilled if p.id not in rows.waiting), asked.closes_on)
    others = [*rows.shares_of_points(asked_points(asked, rows.facts)), *rows.indicators(asked)]
    left += [rows.row(each, asked.closes_on) for each in others]
    when = f"还剩 {days} 天" if days else "今天截止"
    tell_each(
        Kind.DUE,
        rows.project,
        by_user(left),
        f"due:round:{asked.pk}:{step}",
        lambda own: (
            f"{asked.name}{when}，您还有 {len(own)} 项未填报",
            f"“{asked.name}”{asked.closes_on:%Y年%m月%d日}截止，{when}。请尽快填报以下 {len(own)} 项：",
        ),
    )
    if left:
        tell_group(
            rows.project,
            key=f"group:round:{asked.pk}:{step}",
            title=f"{asked.name}{when}，尚有 {len(left)} 项未填报",
            text="\n".join(f"{name or '未落实部门'}：{n} 项" for name, n in by_department(left)),
            url=reverse("reports:mine", args=[rows.project.pk]),
        )


def remind_of_internal_days(rows: Rows, today: date) -> None:
    """内控完成日期 of points that no message of a round speaks of."""
    soon: dict[tuple[date, int], list[Left]] = defaultdict(list)
    for fact, due_on in rows.open():
        record = rows.records[fact.id]
        step = stage((due_on - today).days)
        if record.internal_due_on == due_on and step is not None:
            soon[due_on, step].append(rows.row(record, due_on))
    for (day, step), left in soon.items():
        tell_soon(rows.project, left, day, step, (day - today).days)


def tell_soon(project: Project, left: Iterable[Left], day: date, step: int, days: int) -> None:
    when = f"还有 {days} 天" if days else "就是今天"
    tell_each(
        Kind.DUE,
        project,
        by_user(left),
        f"due:internal:{project.pk}:{day}:{step}",
        lambda own: (
            f"距内控完成日期{when}：{len(own)} 项",
            f"以下 {len(own)} 项的内控完成日期是 {day:%Y年%m月%d日}，{when}：",
        ),
    )


def tell_late(rows: Rows, today: date) -> None:
    """What is overdue, once a week: to those who fill it, and to the heads of their departments."""
    year, week, _ = today.isocalendar()
    asked = asking(rows.project, today)
    is_over = asked is not None and phase(asked, today) is Phase.OVER
    # What a round that is over asked for in vain is late since it closed, unless its own day was before.
    unfilled = (
        {p.id for p in standing(asked, rows.facts, answered(asked)).left} if asked and is_over else set()
    )
    late = []
    for fact, due_on in rows.open():
        day = min(due_on, asked.closes_on) if asked and fact.id in unfilled else due_on
        if day < today:
            late.append(rows.row(rows.records[fact.id], day))
    for share in rows.shares_of_points(rows.facts.points):
        day = asked_by(share.point, share.point.due_on)
        if day < today:
            late.append(rows.row(share, day))
    # An indicator has no day of its own: it is late once a round that asked for it is over.
    if asked and is_over:
        late += [rows.row(each, asked.closes_on) for each in rows.indicators(asked)]
    late.sort(key=lambda row: row.due_on)
    key = f"overdue:{rows.project.pk}:{year}-{week}"
    tell_each(
        Kind.OVERDUE,
        rows.project,
        by_user(late),
        key,
        lambda own: (
            f"您有 {len(own)} 项已逾期",
            f"“{rows.project}”有 {len(own)} 项已过内控完成日期、截止日期或填报截止日期而没有完成，"
            f"最长逾期 {(today - own[0].due_on).days} 天：",
        ),
    )
    tell_each(
        Kind.OVERDUE,
        rows.project,
        by_head(rows.project, late),
        f"{key}:head",
        lambda own: (
            f"{own[0].department}有 {len(own)} 项已逾期",
            f"由{people_of(own) or '（未落实填报人）'}填报的 {len(own)} 项已逾期，请督促：",
        ),
    )


def tell_reviewers(project: Project, today: date) -> None:
    """What waits for each reviewer: once a day, and again when something came up from the level below."""
    panel, asked = Panel(project, today), asking(project, today)
    seats = {seat.user for level in panel.chain for seat in panel.by_role[level.role]}
    for user in sorted(seats, key=lambda each: each.pk):
        count = waiting_count(panel, user)
        stem = f"review:{project.pk}:{user.pk}:{today}"
        last = Message.objects.filter(user=user, key__startswith=stem).order_by("-id").first()
        if not count or (last and not came_up(panel, user, last)):
            continue
        days = "".join(
            f"“{asked}”{each.level.desk}审核截止 {each.closes_on}（{each.words}）。"
            for each in review_days(panel, user, asked)
        )
        tell(
            user,
            Kind.REVIEW,
            key=f"{stem}:{last.pk if last else 0}",
            title=f"待您审核：{count} 项填报",
            text=f"截至 {today:%Y年%m月%d日}，“{project}”有 {count} 项填报等您审核。{days}",
            url=reverse("reports:review", args=[project.pk]),
            project=project,
        )


def came_up(panel: Panel, user: User, last: Message) -> bool:
    """Whether something that waits for the user passed the level below since that message."""
    for model in kinds():
        waiting = waiting_records(panel, user, model).filter(passed__gt=0)
        logs = ReviewLog.objects.filter(
            content_type__app_label=model._meta.app_label,
            content_type__model=model._meta.model_name,
            object_id__in=waiting.values("pk"),
            at__gt=last.created_at,
        )
        # Passed by somebody else, or because the level below has become vacant.
        if logs.filter(Q(verb="approve") | Q(verb="skip", by=None)).exclude(by=user).exists():
            return True
    return False


def people_of(rows: Iterable[Left]) -> str:
    return "、".join(dict.fromkeys(str(user) for row in rows for user in row.users))


def by_user(left: Iterable[Left]) -> dict[User, list[Left]]:
    found: dict[User, list[Left]] = defaultdict(list)
    for row in left:
        for user in row.users:
            found[user].append(row)
    return found


def by_head(project: Project, late: Iterable[Left]) -> dict[User, list[Left]]:
    """Heads with the late rows of their departments, but those they fill themselves."""
    heads: dict[int | None, list[User]] = defaultdict(list)
    members = Membership.objects.filter(institution=project.institution_id, role=Role.HEAD)
    for member in members.filter(user__is_active=True).select_related("user").order_by("id"):
        if member.project_id in (None, project.pk):
            heads[member.department_id].append(member.user)
    found: dict[User, list[Left]] = defaultdict(list)
    for row in late:
        for head in heads[row.department_id]:
            if head not in row.users:
                found[head].append(row)
    return found


def by_department(left: Iterable[Left]) -> list[tuple[str, int]]:
    """The departments, those with most left first."""
    counts: dict[str, int] = defaultdict(int)
    for row in left:
        counts[row.department] += 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def tell_each(
    kind: Kind,
    project: Project,
    people: Mapping[User, list[Left]],
    key: str,
    words: Callable[[list[Left]], tuple[str, str]],
) -> None:
    """Tell each person of their rows, in `words`: title and text.

    One row leads to its own page, several to 我的任务; each is named with its own address.
    """
    for user, own in people.items():
        lines = [row.line for row in own]
        title, text = words(own)
        tell(
            user,
            kind,
            key=f"{key}:{user.pk}",
            title=title,
            text=text + (f"\n（其余 {len(lines) - NAMED} 项见“我的任务”）" if len(lines) > NAMED else ""),
            url=lines[0].url if len(lines) == 1 else reverse("reports:mine", args=[project.pk]),
            project=project,
            rows=lines[:NAMED],
        )
