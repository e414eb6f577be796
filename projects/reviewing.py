"""Who reviews what: the levels of a project, the people at each of them, and who stands in for whom.

A record waits at one level: the first one it has not passed. Whoever holds a seat there that covers the
record's department or task may decide. What is not asked is not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce
from itertools import takewhile
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone

from projects.guard import Locks
from projects.models import (
    Delegation,
    Membership,
    Project,
    Reviewed,
    ReviewLevel,
    Role,
    State,
    User,
)
from projects.permissions import roles_of
from projects.seats import SEATED, Seat, approved_by, limits, place, standing_in

# Who reviews, by the number of levels; rows of `ReviewLevel` say otherwise for a project.
CHAINS: dict[int, tuple[Role, ...]] = {
    1: (Role.OFFICE,),
    2: (Role.HEAD, Role.OFFICE),
    3: (Role.HEAD, Role.LEADER, Role.OFFICE),
    4: (Role.HEAD, Role.LEADER, Role.OFFICE, Role.PRINCIPAL),
}
DESKS = {Role.HEAD: "部门", Role.LEADER: "建设组", Role.OFFICE: "项目办", Role.PRINCIPAL: "学校"}
# The badge of what has passed a level but not the last one (projects/templatetags/components.py).
PASSED = {
    Role.HEAD: "dept_approved",
    Role.LEADER: "team_approved",
    Role.OFFICE: "office_approved",
    Role.PRINCIPAL: "school_approved",
}

NOBODY = "{}这一级没有可审核的账号，跳过"
# 常用意见 of colleges that have none of their own.
PHRASES = (
    *("缺少批文或印发文件", "佐证不清晰", "日期不在统计时段", "数量与佐证不符", "未写未完成原因"),
    "请写明具体内容和数量",
)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of review; the first is number 1."""

    number: int
    role: Role

    @property
    def desk(self) -> str:
        """At whose desk a record lies there: 部门, 建设组, 项目办, 学校."""
        return DESKS[self.role]


@dataclass(frozen=True, slots=True)
class Pass:
    """A level that a record passes without a decision there, and why."""

    level: Level
    verb: str
    why: str


class Panel:
    """The levels of a project and who sits there on a day. A new one for each request or transaction."""

    def __init__(self, project: Project, today: date) -> None:
        self.project = project
        self.today = today
        self._own: dict[int, list[Seat]] = {}
        self._approved: dict[tuple[int, type[Reviewed]], set[int]] = {}

    @cached_property
    def chain(self) -> tuple[Level, ...]:
        return chain(self.project)

    @property
    def last(self) -> Level:
        return self.chain[-1]

    def level_of(self, record: Reviewed) -> Level:
        """The level at which it waits: after the last one when the levels have become fewer, the last."""
        return self.chain[min(record.passed, len(self.chain) - 1)]

    def standing(self, record: Reviewed) -> tuple[str, str]:
        """The badge and the words of a submitted record: 已提交, 部门已审 …"""
        reviewed = [level for level in self.chain[: record.passed] if self.at(level, record)]
        if not reviewed:
            return "submitted", "已提交"
        return PASSED[reviewed[-1].role], f"{reviewed[-1].desk}已审"

    def whereabouts(self, record: Reviewed) -> str:
        """`部门已审，等待项目办审核：周敏`, of a submitted record."""
        level = self.level_of(record)
        names = [str(user) for user in self.reviewers(record)]
        who = "、".join(names[:3]) + (f"等 {len(names)} 人" if len(names) > 3 else "")
        at = f"等待{level.desk}审核" + (f"：{who}" if who else "（目前没有可审核的账号，请联系管理员）")
        return f"{self.standing(record)[1]}，{at}"

    def reviewers(self, record: Reviewed) -> list[User]:
        """Whoever may decide at the level where it waits, substitutes included."""
        seats = self.seats_at(self.level_of(record), record)
        people = list(
            {seat.user.pk: seat.user for seat in seats if not self.is_used_up(seat, record)}.values()
        )
        return [user for user in people if user.pk != record.author_id] or people

    def at(self, level: Level, record: Reviewed) -> list[User]:
        """Whoever may decide about the record at that level."""
        return list({seat.user.pk: seat.user for seat in self.seats_at(level, record)}.values())

    def seats_at(self, level: Level, record: Reviewed) -> list[Seat]:
        where = place(record)
        return [seat for seat in self.by_role[level.role] if seat.covers(*where)]

    def seat(self, user: User, record: Reviewed) -> Seat | None:
        """The seat from which the user may decide about the record now; the own one before another's."""
        level, where = self.level_of(record), place(record)
        fitting = (s for s in self.seats_of(user) if s.role == level.role and s.covers(*where))
        seat = next(fitting, None)
        return None if seat and (self.is_for_others(user, record) or self.is_used_up(seat, record)) else seat

    def absent_after_own(self, user: User, record: Reviewed) -> User | None:
        """For whom the user would decide, had they not approved the record at an earlier level."""
        seats = self.seats_at(self.level_of(record), record)
        return next((s.behalf for s in seats if s.user == user and self.is_used_up(s, record)), None)

    def is_used_up(self, seat: Seat, record: Reviewed) -> bool:
        """Whether the seat is of somebody away, who may still decide, and the substitute has approved the
        record at an earlier level: nobody passes two levels alone that two people hold."""
        if seat.behalf is None or not record.passed:
            return False
        user, model = seat.user, type(record)
        if (user.pk, model) not in self._approved:
            rows = model._base_manager.filter(
                approved_by(user, model), state=State.SUBMITTED, **{model.PROJECT: self.project.pk}
            )
            self._approved[user.pk, model] = set(rows.values_list("pk", flat=True))
        return record.pk in self._approved[user.pk, model]

    def is_for_others(self, user: User, record: Reviewed) -> bool:
        """Whether the user filled it in, and somebody else sits at the level where it waits: four eyes."""
        if record.author_id != user.pk:
            return False
        where = place(record)
        return any(seat.covers(*where) for seat in self.others(self.level_of(record), user))

    def others(self, level: Level, user: User) -> list[Seat]:
        """The seats of everybody else at a level."""
        return [seat for seat in self.by_role[level.role] if seat.user.pk != user.pk]

    def seats_of(self, user: User) -> list[Seat]:
        """The seats of a user at the levels of the project: own ones, then those of whoever is away."""
        if user.pk not in self._own:
            own = [Seat(user, Role.OFFICE)] if user.is_superuser else []
            own += self.seats_from(roles_of(user))
            absent = {each.absent_id: each.absent for each in self.away if each.substitute_id == user.pk}
            theirs = self.seats_from(self.memberships.filter(user__in=absent)) if absent else []
            own += [Seat(user, s.role, s.department, s.tasks, absent[s.user.pk]) for s in theirs]
            self._own[user.pk] = [seat for seat in own if seat.role in self.roles]
        return self._own[user.pk]

    def waiting(self, user: User, model: type[Reviewed]) -> Q:
        """The records of one kind that wait for a decision of the user."""
        found = Q(pk__in=())
        for level in self.chain:
            at = Q(passed=level.number - 1)
            if level == self.last:
                at = Q(passed__gte=level.number - 1)
            if not (seats := [seat for seat in self.seats_of(user) if seat.role == level.role]):
                continue
            mine = Q(author=user.pk)
            for_others = [mine & seat.condition(model) for seat in self.others(level, user)]
            for seat in seats:
                fits = at & seat.condition(model) & ~reduce(or_, for_others, Q(pk__in=()))
                found |= fits & ~approved_by(user, model) if seat.behalf else fits
        return found & Q(state=State.SUBMITTED, **{model.PROJECT: self.project.pk})

    def on_submission(self, record: Reviewed, by: User) -> list[Pass]:
        """The first levels that it passes at once: at which nobody could review it, or whoever submits it has
        an own seat (not that of somebody who is away). Never the last one."""
        passed: list[Pass] = []
        for level in self.chain[:-1]:
            if not self.at(level, record):
                passed.append(Pass(level, "skip", NOBODY.format(level.desk)))
            elif any(seat.user == by and not seat.behalf for seat in self.seats_at(level, record)):
                passed.append(Pass(level, "own", f"提交人即{level.desk}审核人，这一级不再审核"))
            else:
                break
        return passed

    def on_approval(self, record: Reviewed) -> list[Pass]:
        """The levels after the present one that it passes as nobody could review it there."""
        return self.vacant(record, self.chain[self.level_of(record).number :])

    def while_waiting(self, record: Reviewed) -> list[Pass]:
        """The levels from the present one on that it passes as nobody can review it there any more. Never the
        last one."""
        return self.vacant(record, self.chain[record.passed : -1])

    def vacant(self, record: Reviewed, levels: Iterable[Level]) -> list[Pass]:
        """The first of these levels, as long as nobody could review it there."""
        empty = takewhile(lambda level: not self.at(level, record), levels)
        return [Pass(level, "skip", NOBODY.format(level.desk)) for level in empty]

    def stuck(self, model: type[Reviewed]) -> Q:
        """The records of one kind that wait at a level, not the last one, at which nobody can review them."""
        found = Q(pk__in=())
        for level in self.chain[:-1]:
            at = Q(passed=level.number - 1)
            held = [at & seat.condition(model) for seat in self.by_role[level.role]]
            found |= at & ~reduce(or_, held, Q(pk__in=()))
        return found & Q(state=State.SUBMITTED, **{model.PROJECT: self.project.pk})

    @cached_property
    def locks(self) -> Locks:
        return Locks(self.project, self.today)

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(level.role for level in self.chain)

    @cached_property
    def memberships(self) -> Any:
        """Roles that may hold a seat, of accounts in use."""
        members = Membership.objects.filter(
            institution=self.project.institution_id, role__in=SEATED, user__is_active=True
        ).filter(Q(project=None) | Q(project=self.project))
        return members.select_related("user").order_by("user__name", "pk")

    @cached_property
    def away(self) -> list[Delegation]:
        return list(standing_in(self.project.institution_id, self.today))

    @cached_property
    def by_role(self) -> dict[Role, list[Seat]]:
        """Everyone's seats, by role; those of substitutes last."""
        own = self.seats_from(self.memberships)
        away = defaultdict(list)
        for each in self.away:
            away[each.absent_id].append(each.substitute)
        lent = [
            Seat(substitute, seat.role, seat.department, seat.tasks, seat.user)
            for seat in own
            for substitute in away[seat.user.pk]
        ]
        found: dict[Role, list[Seat]] = {role: [] for role in DESKS}
        for seat in (*own, *lent):
            found[seat.role].append(seat)
        return found

    def seats_from(self, memberships: Iterable[Membership]) -> list[Seat]:
        """What these roles let people review in the project."""
        mine = [
            m
            for m in memberships
            if m.role in SEATED
            and m.institution_id == self.project.institution_id
            and m.project_id in (None, self.project.pk)
        ]
        leading = [m.pk for m in mine if SEATED[Role(m.role)] == Role.LEADER]
        tasks = limits(leading) if leading else {}
        return [seat for m in mine if (seat := self.seat_from(m, tasks.get(m.pk)))]

    def seat_from(self, member: Membership, tasks: set[int] | None) -> Seat | None:
        role = SEATED[Role(member.role)]
        if role == Role.HEAD:
            return Seat(member.user, role, department=member.department_id)
        if role != Role.LEADER:
            return Seat(member.user, role)
        # 专业群负责人 lead a group project that is named, or some tasks: without either, nothing is theirs.
        if tasks is None and member.role == Role.GROUP_LEADER and member.project_id is None:
            return None
        return Seat(member.user, role, tasks=None if tasks is None else self.below(tasks))

    def below(self, tasks: set[int]) -> frozenset[int]:
        """Tasks of the project among these, with all tasks below them."""
        found = tasks & self.parents.keys()
        while more := {pk for pk, parent in self.parents.items() if parent in found} - found:
            found |= more
        return frozenset(found)

    @cached_property
    def parents(self) -> dict[int, int | None]:
        return dict(self.project.tasks.order_by().values_list("pk", "parent_id"))


def panel_of(user: User, project: Project) -> Panel:
    """The panel of a project today, made once per request (the user object lives as long)."""
    today = timezone.localdate()
    made: dict[tuple[int, date], Panel] = user.__dict__.setdefault("_panels", {})
    if (project.pk, today) not in made:
        made[project.pk, today] = Panel(project, today)
    return made[project.pk, today]


def chain(project: Project) -> tuple[Level, ...]:
    """The levels of a project, the first one first."""
    rows = ReviewLevel.objects.filter(project=project).values_list("level", "role")
    # `ProjectQuerySet.with_window` has asked already whether there are any.
    own = dict(rows) if getattr(project, "has_levels", True) else {}
    usual = enumerate(CHAINS[project.review_levels], 1)
    return tuple(Level(number, Role(own.get(number, role))) for number, role in usual)


def project_of(record: Reviewed) -> Project:
    found: Project = record.subject.project
    return found


def kinds() -> Iterator[type[Reviewed]]:
    """Every model that is reviewed, of all apps."""
    return (model for model in apps.get_models() if issubclass(model, Reviewed))


def waiting_records(panel: Panel, user: User, model: type[Reviewed]) -> QuerySet[Any]:
    """The records of a kind that wait for a decision of the user."""
    return model._base_manager.filter(panel.waiting(user, model)).order_by()


def waiting_count(panel: Panel, user: User) -> int:
    """How many records of all kinds wait for a decision of the user: one query, none without a seat."""
    if not panel.seats_of(user):
        return 0
    asked = [waiting_records(panel, user, model).values("pk") for model in kinds()]
    return int(asked[0].union(*asked[1:], all=True).count())


def may_review(user: User, record: Reviewed, today: date) -> bool:
    """Whether the user may decide about the record at the level where it waits."""
    return Panel(project_of(record), today).seat(user, record) is not None
