"""分工: which rows are whose, giving them to people, and handing all of one person's to another.

Rows are what somebody fills: points, indicators, outcome targets, shares, surveys. Who did what stays as it
was: an entry keeps its author, the log its names.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from indicators.models import IndicatorValue
from projects.asking import key_in
from projects.menu import MINE
from projects.models import (
    Department,
    Entry,
    Institution,
    Membership,
    Project,
    State,
    User,
)
from projects.notes import note, note_all
from projects.notices.events import handed
from projects.notices.telling import Line
from projects.people import sorted_people
from projects.permissions import DEPARTMENT_ROLES
from reports.desk.kinds import BY_NAME as ON_DESK
from reports.duty_kinds import BY_NAME, KINDS, Kind

NOBODY = "未指定"
FIXED = (
    "“{}”等 {} 项的责任部门（{}）写在任务书里，改为其他部门要经校内审议和批复/备案。"
    "请在该行点“申请调整”；没有责任部门的内容才能在这里指定。"
)


class Refusal(Exception):
    """What was asked cannot be done; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One row and whose it is."""

    kind: Kind
    pk: int
    code: str
    text: str
    year: int | None
    task_id: int | None
    department_id: int | None
    department: str
    assignee_id: int | None
    assignee: str
    href: str

    @property
    def key(self) -> str:
        """Its name in a form, with what it was when the form was made: `point:12:5:7`."""
        return f"{self.kind.name}:{self.pk}:{self.department_id or ''}:{self.assignee_id or ''}"

    @property
    def is_fixed(self) -> bool:
        """Whether another department needs a change of the task book."""
        return self.kind.is_task_book and self.department_id is not None


def duty(kind: Kind, row: Any) -> Duty:
    code, text, year, href = kind.about(row)
    task: Any = row
    for step in kind.task.split("__") if kind.task else ():
        task = task and getattr(task, step)
    return Duty(
        kind=kind,
        pk=row.pk,
        code=code,
        text=text,
        year=year,
        task_id=task.pk if kind.task and task else None,
        department_id=row.department_id,
        department=str(row.department or ""),
        assignee_id=row.assignee_id,
        assignee=str(row.assignee or ""),
        href=href,
    )


def duties_of(project: Project, department: int | None) -> list[Duty]:
    """All rows of a department (None: those of no department), one query for each kind."""
    return [
        duty(kind, row)
        for kind in KINDS
        for row in kind.of(project)
        .filter(department=department, **kind.in_force())
        .order_by(*order_of(kind), "pk")
    ]


def order_of(kind: Kind) -> Sequence[str]:
    ordering: Sequence[str] = kind.model._meta.ordering
    return ordering


def counts(project: Project) -> dict[int | None, Counter[str]]:
    """By department how many rows it has (`all`), and how many are nobody's (`free`)."""
    found: dict[int | None, Counter[str]] = {}
    for kind in KINDS:
        rows = kind.of(project).filter(**kind.in_force()).order_by()
        for department, assignee in rows.values_list("department_id", "assignee_id"):
            count = found.setdefault(department, Counter())
            count["all"] += 1
            count["free"] += assignee is None
    return found


def people_of(
    institution: Institution, departments: Collection[int] | None, project: Project | None
) -> list[User]:
    """Who may be given rows: active people who fill there (None: in any department of the college)."""
    found = Membership.objects.filter(
        institution=institution, role__in=DEPARTMENT_ROLES, user__is_active=True
    ).select_related("user")
    if departments is not None:
        found = found.filter(department__in=departments)
    if project is not None:
        found = found.filter(Q(project=None) | Q(project=project))
    people = {membership.user_id: membership.user for membership in found}
    return sorted_people(people.values())


@dataclass(frozen=True, slots=True)
class Done:
    """How many rows changed, and those that another person had changed meanwhile."""

    changed: int
    skipped: tuple[Duty, ...] = ()


def picked(keys: Iterable[str], project: Project) -> list[tuple[Duty, bool]]:
    """The rows of a form, locked, each with whether it is still as it was; Refusal when one is not there."""
    asked: dict[str, dict[int, str]] = {}
    for key in keys:
        name, _, rest = key.partition(":")
        pk = key_in(rest.partition(":")[0])
        if name not in BY_NAME or pk is None:
            raise Refusal("有的行不存在，请刷新页面后重新勾选。")
        asked.setdefault(name, {})[pk] = key
    found = []
    for name, some in asked.items():
        kind = BY_NAME[name]
        rows = kind.of(project).filter(pk__in=some).select_for_update(of=("self",))
        duties = [duty(kind, row) for row in rows.order_by("pk")]
        if len(duties) != len(some):
            raise Refusal("有的行不存在，请刷新页面后重新勾选。")
        found += [(each, some[each.pk] == each.key) for each in duties]
    return found


@transaction.atomic
def assign(
    project: Project, keys: Iterable[str], *, to: User | None, departments: Collection[int] | None, by: User
) -> Done:
    """Give rows to a person of their department, or to nobody. PermissionError for rows of departments that
    are not among `departments` (None: all). What another person gave away meanwhile is left as it is."""
    rows = checked(keys, project, departments)
    duties = [duty for duty, stands in rows if stands and duty.assignee_id != (to.pk if to else None)]
    change(duties, by, f"分工：填报账号改为 {to or NOBODY}", assignee=to)
    if to:
        tell_of(to, project, duties, by)
    return Done(len(duties), tuple(duty for duty, stands in rows if not stands))


@transaction.atomic
def move(project: Project, keys: Iterable[str], *, into: Department, reason: str, by: User) -> Done:
    """Give rows to another department; who cannot fill there no longer has them. Refusal for shares, for rows
    of the task book that have a department, and without a reason where one answered for a row before."""
    rows = checked(keys, project, None)
    if any(not duty.kind.moves for duty, _ in rows):
        raise Refusal("分解任务的承担部门请在“分解下达”里调整。")
    if fixed := [duty for duty, stands in rows if stands and duty.is_fixed and duty.department_id != into.pk]:
        raise Refusal(FIXED.format(fixed[0].code or fixed[0].text, len(fixed), fixed[0].department))
    if any(duty.department_id for duty, _ in rows) and not reason.strip():
        raise Refusal("这些行已有责任部门，改为其他部门时请写明原因。")
    own = {user.pk for user in people_of(into.institution, [into.pk], project)}
    duties = [duty for duty, stands in rows if stands and duty.department_id != into.pk]
    leaving = [duty for duty in duties if duty.assignee_id and duty.assignee_id not in own]
    change(leaving, by, f"分工：填报账号改为 {NOBODY}", assignee=None)
    change(duties, by, f"分工：责任部门改为 {into}{because(reason)}", department=into)
    return Done(len(duties), tuple(duty for duty, stands in rows if not stands))


def tell_of(to: User, project: Project, duties: Sequence[Duty], by: User) -> None:
    """The person is told which rows are theirs from now on, each with its row in 我的任务 or its page."""
    rows = [Line(f"{duty.code} {duty.text}".strip()[:80], address_of(duty, project)) for duty in duties]
    handed(to, project, rows, by=by, key=timezone.now().isoformat())


def address_of(duty: Duty, project: Project) -> str:
    """Where its person sees the row; empty where no page shows it."""
    if duty.kind.name in ON_DESK:
        return f"{reverse(MINE.url_name, args=[project.pk])}#{duty.kind.name}:{duty.pk}"
    return duty.href if duty.kind.has_page else ""


def change(duties: Iterable[Duty], by: User, said: str, **values: Any) -> None:
    """Write some fields of rows, and say so in the log of each."""
    for kind, some in by_kind(duties):
        pks = [duty.pk for duty in some]
        kind.model.objects.filter(pk__in=pks).update(**values)
        note_all(kind.rows().filter(pk__in=pks), by, said)


def because(reason: str) -> str:
    return f"。原因：{reason.strip()}" if reason.strip() else ""


def checked(
    keys: Iterable[str], project: Project, departments: Collection[int] | None
) -> list[tuple[Duty, bool]]:
    rows = picked(keys, project)
    if departments is not None and any(duty.department_id not in departments for duty, _ in rows):
        raise PermissionError("有的行不属于您负责的部门，您不能分配。")
    return rows


def by_kind(duties: Iterable[Duty]) -> list[tuple[Kind, list[Duty]]]:
    found: dict[str, list[Duty]] = {}
    for each in duties:
        found.setdefault(each.kind.name, []).append(each)
    return [(BY_NAME[name], some) for name, some in found.items()]


# 交接


@dataclass(frozen=True, slots=True)
class Holding:
    """What one person has in one project: rows by kind, and their own drafts among these."""

    project: Project
    duties: tuple[Duty, ...]
    drafts: int

    @property
    def by_label(self) -> list[tuple[str, int]]:
        return [(kind.label, len(some)) for kind, some in by_kind(self.duties)]


def holdings(person: User, institution: Institution, departments: Collection[int] | None) -> list[Holding]:
    """All that is given to a person in the college's projects, as far as the departments go (None: all)."""
    found = []
    for project in Project.objects.filter(institution=institution):
        duties = []
        for kind in KINDS:
            rows = kind.of(project).filter(assignee=person)
            if departments is not None:
                rows = rows.filter(department__in=departments)
            duties += [duty(kind, row) for row in rows.order_by(*order_of(kind), "pk")]
        if duties:
            found.append(Holding(project, tuple(duties), drafts_among(duties, person)))
    return found


def drafts_among(duties: Iterable[Duty], person: User) -> int:
    """How many of the rows have a draft of the person, which the successor sees and goes on with."""
    pks = {kind.name: [duty.pk for duty in some] for kind, some in by_kind(duties)}
    drafts = {"author": person, "state": State.DRAFT}
    entries = Entry.objects.filter(point__in=pks.get("point", ()), **drafts).values("point")
    values = IndicatorValue.objects.filter(indicator__in=pks.get("indicator", ()), **drafts).values(
        "indicator"
    )
    return entries.distinct().count() + values.distinct().count()


def version_of(held: Iterable[Holding]) -> str:
    """Changes whenever a row of the person comes, goes or changes its department."""
    keys = sorted(duty.key for holding in held for duty in holding.duties)
    return hashlib.sha256("\x1f".join(keys).encode()).hexdigest()[:16]


CHANGED = "您打开页面之后，要移交的内容有了变化，请看过再移交。"


@transaction.atomic
def hand_over(
    person: User,
    to: User,
    institution: Institution,
    departments: Collection[int] | None,
    *,
    by: User,
    reason: str,
    seen: str,
) -> int:
    """Give everything a person has to another; how many rows. Refusal when it is not what was shown."""
    for kind in KINDS:
        list(kind.model.objects.select_for_update().filter(assignee=person).values_list("pk").order_by("pk"))
    held = holdings(person, institution, departments)
    if version_of(held) != seen:
        raise Refusal(CHANGED)
    duties = [duty for holding in held for duty in holding.duties]
    if not duties:
        raise Refusal(f"{person}名下没有要移交的内容。")
    for holding in held:
        if to not in people_of(institution, None, holding.project):
            raise Refusal(f"{to}在“{holding.project}”没有填报人或部门负责人的角色，不能接手。")
    change(duties, by, f"交接：{person} → {to}{because(reason)}", assignee=to)
    for holding in held:
        tell_of(to, holding.project, holding.duties, by)
    note(person, by, f"交接：{len(duties)} 项移交给{to}{because(reason)}")
    note(to, by, f"交接：接手{person}的 {len(duties)} 项{because(reason)}")
    return len(duties)
