"""What waits for a reviewer: every submitted record at their levels, with what its checks say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.timezone import localdate

from indicators.querysets import in_ledger
from projects import review
from projects.models import Department, State, User
from projects.numbers import Exact
from projects.reviewing import Level, Panel, waiting_records
from reports.facts import Facts
from reports.inspection.checks import Check, Submission, checks
from reports.inspection.kinds import KINDS, Kind, Placed


@dataclass(frozen=True, slots=True)
class Past:
    """A record about the same subject that was submitted before."""

    pk: int
    state: str
    amount: Decimal | None
    on: date


@dataclass(frozen=True, slots=True)
class Item(Placed):
    """One record under review. `returned`: how often it came back since it was last approved."""

    kind: Kind
    record: Any
    level: Level
    behalf: User | None
    returned: int
    last: Past | None
    submission: Submission
    checks: list[Check] = field(default_factory=list)
    today: date = date.min

    @property
    def days(self) -> int:
        """Since when it waits, in days."""
        return (self.today - localdate(self.record.submitted_at)).days if self.record.submitted_at else 0

    @property
    def faults(self) -> list[Check]:
        return [check for check in self.checks if not check.is_ok]

    @property
    def is_correction(self) -> bool:
        return self.last is not None

    @property
    def seen(self) -> str:
        return review.version_of(self.record)


@dataclass(frozen=True, slots=True)
class Group:
    """What waits of one department, and which of it is listed."""

    items: list[Item]
    listed: list[Item]

    @property
    def department(self) -> Department | None:
        return self.items[0].department

    @property
    def days(self) -> int:
        """The longest that something of it waits."""
        return self.items[0].days


def waiting(panel: Panel, user: User, facts: Facts) -> list[Item]:
    """Everything that waits for the user, by department; the longest waiting comes first."""
    items = [item for kind in KINDS for item in of_kind(kind, panel, user, facts)]
    items.sort(key=lambda item: item.record.submitted_at or item.record.created_at)
    return [item for some in by_department(items) for item in some]


def by_department(items: Iterable[Item]) -> list[list[Item]]:
    """In the order in which the departments come first."""
    found: dict[int | None, list[Item]] = defaultdict(list)
    for item in items:
        found[item.department.pk if item.department else None].append(item)
    return list(found.values())


def grouped(items: Sequence[Item], listed: Iterable[Item]) -> list[Group]:
    """The queue by department; only rows that are `listed` are shown."""
    keys = {item.key for item in listed}
    return [Group(some, [item for item in some if item.key in keys]) for some in by_department(items)]


def of_kind(kind: Kind, panel: Panel, user: User, facts: Facts) -> list[Item]:
    found = (
        waiting_records(panel, user, kind.model).select_related(*kind.related).order_by("submitted_at", "pk")
    )
    return items_of(kind, list(found), panel, user, facts)


def items_of(kind: Kind, records: Sequence[Any], panel: Panel, user: User, facts: Facts) -> list[Item]:
    """Records of a kind with their checks: some queries for all of them."""
    if not records:
        return []
    subjects = [record.subject.pk for record in records]
    pasts, materials, sums = (
        past_of(kind, subjects),
        materials_of(kind, subjects),
        ledger_of(kind, subjects, facts),
    )
    returns = returns_of(records) if not kind.model.SUBJECT else {}
    made = []
    for record in records:
        past = [each for each in pasts.get(record.subject.pk, []) if each.pk < record.pk]
        last = next((each for each in past if each.state == State.APPROVED), None)
        since = [each for each in past if each.state == State.RETURNED and (not last or each.pk > last.pk)]
        plain = kind.submission(record, facts)
        known = replace(
            plain,
            last=last.amount if last and last.on <= plain.on else None,
            linked=sum_until(sums.get(record.subject.pk), plain.on),
            materials=tuple(materials.get(record.subject.pk, ())),
            locked=str(panel.locks.refusal(record) or ""),
        )
        seat = panel.seat(user, record)
        made.append(
            Item(
                kind=kind,
                record=record,
                level=panel.level_of(record),
                behalf=seat.behalf if seat else None,
                returned=returns.get(record.pk, len(since)),
                last=last,
                submission=known,
                checks=checks(known, facts.window.start, facts.window.cutoff, panel.today),
                today=panel.today,
            )
        )
    return made


def past_of(kind: Kind, subjects: Sequence[int]) -> Mapping[int, list[Past]]:
    """What was submitted about these before, the newest first."""
    if not kind.model.SUBJECT:
        return {}
    found: dict[int, list[Past]] = defaultdict(list)
    rows = kind.model._base_manager.filter(**{f"{kind.model.SUBJECT}__in": subjects}).exclude(
        state__in=(State.DRAFT, State.SUBMITTED)
    )
    names = (f"{kind.model.SUBJECT}_id", "pk", "state", kind.amount, kind.model.DATE)
    for subject, *values in rows.order_by("-pk").values_list(*names):
        found[subject].append(Past(*values))
    return found


def returns_of(records: Sequence[Any]) -> dict[int, int]:
    """How often records that are mended in place were returned."""
    found: dict[int, int] = defaultdict(int)
    for pk in review.logs_of(records).filter(verb__in=review.GIVING_BACK).values_list("object_id", flat=True):
        found[pk] += 1
    return found


def materials_of(kind: Kind, subjects: Sequence[int]) -> Mapping[int, list[tuple[str, date | None]]]:
    found: dict[int, list[tuple[str, date | None]]] = defaultdict(list)
    if kind.evidence:
        links = kind.evidence.model._base_manager.filter(**{f"{kind.evidence.field}__in": subjects})
        names = (f"{kind.evidence.field}_id", "evidence__title", "evidence__issued_on")
        for subject, title, issued_on in links.order_by("pk").values_list(*names):
            found[subject].append((title, issued_on))
    return found


def ledger_of(kind: Kind, subjects: Sequence[int], facts: Facts) -> Mapping[int, list[tuple[date, Decimal]]]:
    """Date and quantity of the ledger rows that count for these (计入), references left out."""
    found: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    if kind.ledger:
        links = kind.ledger.model._base_manager.filter(
            in_ledger(None, "outcome__"),
            counts=True,
            outcome__first_project_code__in=("", facts.project.code),
            **{f"{kind.ledger.field}__in": subjects},
        )
        names = (f"{kind.ledger.field}_id", "outcome__awarded_on", "outcome__quantity")
        for subject, on, quantity in links.values_list(*names):
            found[subject].append((on, quantity))
    return found


def sum_until(rows: Iterable[tuple[date, Decimal]] | None, on: date) -> Exact | None:
    return None if rows is None else sum((quantity for day, quantity in rows if day <= on), Decimal(0))
