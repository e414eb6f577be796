"""分解下达: a lead splits a point or an indicator into shares; units report on theirs, the lead sums up.

A share counts in no figure. The total becomes one when the lead fills it in as the entry of the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.contrib.admin.models import ADDITION, DELETION
from django.db import transaction

from projects import versions
from projects.models import Department, Share, User
from projects.notes import note
from projects.numbers import plain
from projects.review import NotAllowed, Overtaken, lock

AnyShare = TypeVar("AnyShare", bound=Share)

REPORTED = ("quantity", "reported_on", "description")
AGREED = ("department_id", "target")
TAKEN_BACK = "这份分解任务已被收回，请刷新页面。"
CHANGED = "您打开页面之后，分解有了变化，请对照后再下达。"
TWICE = "“{}”写了两次，每个部门只能承担一份。"


class Changed(NotAllowed):
    """Another person split it meanwhile."""


class Unconfirmed(NotAllowed):
    """It can be split so, when a reason is given; `concerns` are sentences that say what is unusual."""

    def __init__(self, concerns: Sequence[str]) -> None:
        super().__init__("".join(concerns))
        self.concerns = concerns


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one department is to take over."""

    department: Department
    target: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """What the shares of one point or indicator come to; None where nothing is known or nothing is added."""

    target: Decimal | None
    quantity: Decimal | None
    reported_on: date | None
    reported: int
    missing: tuple[str, ...]
    text: str

    @property
    def is_partial(self) -> bool:
        """Whether some unit has not reported yet."""
        return bool(self.missing)


def total_of(subject: Any, shares: Iterable[Share]) -> Total:
    """Sums over the shares, with the last day reported and every unit's words."""
    shares = list(shares)
    told = [share for share in shares if has_reported(share)]
    return Total(
        target=added(share.target for share in shares) if subject.adds_up else None,
        quantity=added(share.quantity for share in told) if subject.adds_up else None,
        reported_on=max((share.reported_on for share in told if share.reported_on), default=None),
        reported=len(told),
        missing=tuple(str(share.department) for share in shares if share not in told),
        text="\n".join(words(share, subject.unit) for share in told),
    )


def added(numbers: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None when nothing is."""
    known = [number for number in numbers if number is not None]
    return sum(known, Decimal(0)) if known else None


def words(share: Share, unit: str) -> str:
    """`校企合作处：4 项，新签协议 4 份。`"""
    amount = f"{plain(share.quantity)} {unit}".strip() if share.quantity is not None else ""
    return f"{share.department}：" + "，".join(filter(None, (amount, share.description)))


def has_reported(share: Share) -> bool:
    """Whether the unit has said how far it is; what it cleared again is not said."""
    return share.reported_on is not None


def shares_of(subject: Any) -> list[Any]:
    return list(subject.shares.select_related("department", "assignee", "reported_by").order_by("id"))


def version_of(share: Share) -> str:
    """Of what a unit reports: changes whenever that does."""
    return versions.version_of(share, REPORTED)


def split_version(subject: Any, shares: Iterable[Share]) -> str:
    """Of how something is split: changes when a share, a target or the plan does."""
    told = [str(subject.planned), *(versions.version_of(share, AGREED) for share in shares)]
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()[:16]


@transaction.atomic
def split(subject: Any, wanted: Sequence[Wanted], *, by: User, seen: str, reason: str = "") -> list[Any]:
    """Make the shares of a point or an indicator these: what a unit has reported stays with it.

    `seen` is the `split_version` that the user had before their eyes. Unconfirmed, unless a reason is given,
    when the sum is not the plan or a unit that has reported loses its share.
    """
    lock(subject)
    subject.refresh_from_db()
    standing = {share.department_id: share for share in shares_of(subject)}
    if split_version(subject, standing.values()) != seen:
        raise Changed(CHANGED)
    for each in wanted:
        if sum(other.department == each.department for other in wanted) > 1:
            raise NotAllowed(TWICE.format(each.department))
    found = concerns(subject, wanted, standing.values())
    if found and not reason.strip():
        raise Unconfirmed(found)
    gone = [share for pk, share in standing.items() if pk not in {each.department.pk for each in wanted}]
    if not gone and all(stands(each, standing.get(each.department.pk)) for each in wanted):
        return list(standing.values())
    for share in gone:
        note(share, by, f"收回：{words(share, subject.unit)}", DELETION)
        share.delete()
    for each in wanted:
        write(subject, each, standing.get(each.department.pk), by)
    note(subject, by, told(subject, wanted, reason))
    return shares_of(subject)


def concerns(subject: Any, wanted: Sequence[Wanted], standing: Iterable[Share]) -> list[str]:
    """What a person should confirm before it is split so."""
    kept = {each.department.pk for each in wanted}
    found = [
        f"{share.department}已填报进展，收回后它的填报只留在变动记录里。"
        for share in standing
        if share.department_id not in kept and has_reported(share)
    ]
    total = added(each.target for each in wanted) if subject.adds_up else None
    if wanted and total is not None and subject.planned is not None and total != subject.planned:
        found.append(
            f"分解合计 {amount(total, subject)}，与目标 {amount(subject.planned, subject)} 不一致"
            f"（{difference(total - subject.planned)}）。"
        )
    return found


def amount(number: Decimal, subject: Any) -> str:
    return f"{plain(number)} {subject.unit}".strip()


def difference(number: Decimal) -> str:
    return f"多 {plain(number)}" if number > 0 else f"少 {plain(-number)}"


def stands(wanted: Wanted, share: Share | None) -> bool:
    return share is not None and share.target == wanted.target


def write(subject: Any, wanted: Wanted, share: Any, by: User) -> None:
    """A new share, or the new target of one; whoever it was given to keeps it."""
    if stands(wanted, share):
        return
    is_new = share is None
    if is_new:
        share = subject.shares.model(department=wanted.department)
        setattr(share, subject.shares.field.name, subject)
    share.target = wanted.target
    share.save()
    said = f"承担 {plain(share.target)}" if share.target is not None else "承担，没有数量目标"
    note(share, by, said, ADDITION) if is_new else note(share, by, said)


def told(subject: Any, wanted: Sequence[Wanted], reason: str) -> str:
    """`分解下达：教务处 8、校企合作处 4，合计 12 项。`"""
    if not wanted:
        said = "取消分解"
    else:
        parts = (
            f"{each.department}" + ("" if each.target is None else f" {plain(each.target)}")
            for each in wanted
        )
        total = added(each.target for each in wanted) if subject.adds_up else None
        said = "分解下达：" + "、".join(parts)
        said += "" if total is None else f"，合计 {amount(total, subject)}"
    return said + (f"。说明：{reason.strip()}" if reason.strip() else "")


@transaction.atomic
def report(share: AnyShare, values: Mapping[str, Any], *, by: User, seen: str, now: datetime) -> AnyShare:
    """What the unit has reached by `reported_on`, cumulative. `seen` is the `version_of` the share that the
    user had before their eyes; Overtaken when it is another now, NotAllowed when it was taken back."""
    own: Any = type(share)._base_manager
    current = own.select_for_update().filter(pk=share.pk).first()
    if current is None:
        raise NotAllowed(TAKEN_BACK)
    if version_of(current) != seen:
        raise Overtaken(current)
    for name in REPORTED:
        if name in values:
            setattr(current, name, values[name])
    if version_of(current) == seen:
        return current
    current.reported_by, current.reported_at = by, now
    current.save(update_fields=[*REPORTED, "reported_by", "reported_at"])
    note(current, by, f"填报进展：{reported_words(current)}")
    return current


def reported_words(share: Share) -> str:
    day = f"{share.reported_on:%Y-%m-%d}" if share.reported_on else ""
    amount = "" if share.quantity is None else plain(share.quantity)
    return "，".join(filter(None, (amount, day and f"截至 {day}", share.description))) or "清空"
