"""The one way in which rows are written: form, grid, workbook and programming interface call `file`."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from projects import review
from projects.asking import key_in
from projects.guard import NotWritable
from projects.models import Project, User
from projects.rounds import report_nothing, take_back
from reports.desk.desk import Desk
from reports.desk.kind import Faulty, Kind, Refused
from reports.desk.kinds import BY_NAME
from reports.desk.row import Row

log = logging.getLogger("projects.filing")

STEPS = ("draft", "submit", "zero", "unzero")
NOT_THERE = "“{}”不在本项目中，或已被删除，请刷新页面。"
NO_ROUND = "现在没有进行中的填报批次，不需要报“本批次无进展”。"
NOT_ASKED = "“{}”不参加填报批次，不需要报“本批次无进展”。"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed into one row; `seen` is the version they had before their eyes."""

    key: str
    seen: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Theirs:
    """What another person wrote meanwhile."""

    who: str
    when: str
    values: Mapping[str, str]
    seen: str


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of one row: `row` as it stands now, faults by field, or a refusal in words."""

    key: str
    ok: bool
    row: Row | None = None
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refusal: str = ""
    is_forbidden: bool = False
    theirs: Theirs | None = None

    def as_json(self) -> dict[str, Any]:
        theirs = self.theirs
        return {
            "key": self.key,
            "ok": self.ok,
            "row": self.row.as_json() if self.row else None,
            "errors": {name: list(some) for name, some in self.errors.items()},
            "refusal": self.refusal,
            "theirs": theirs
            and {"who": theirs.who, "when": theirs.when, "values": theirs.values, "seen": theirs.seen},
        }


def file(
    user: User, project: Project, typed: Iterable[Typed], *, today: date, now: datetime, step: str
) -> list[Filed]:
    """Write each row by itself: one that is refused does not stop the others.

    `step`: draft (save), submit (save and hand in), zero (零报告: nothing new in this round) or unzero.
    """
    desk = Desk(user, project, today)
    return [file_one(desk, each, step, now) for each in typed]


def file_one(desk: Desk, typed: Typed, step: str, now: datetime) -> Filed:
    kind, target = found(desk, typed.key)
    if kind is None or target is None:
        return Filed(typed.key, ok=False, refusal=NOT_THERE.format(typed.key), is_forbidden=True)
    try:
        with transaction.atomic():
            if step in ("zero", "unzero"):
                say_nothing_new(desk, target, typed, is_back=step == "unzero")
            else:
                kind.take(desk, target, typed.values, typed.seen, step == "submit", now)
    except Faulty as fault:
        return Filed(typed.key, ok=False, errors=fault.errors)
    except (Refused, NotWritable) as refused:
        return Filed(typed.key, ok=False, refusal=str(refused), is_forbidden=True)
    except review.Overtaken as overtaken:
        theirs = theirs_of(kind, overtaken.record)
        return Filed(typed.key, ok=False, row=kind.row(desk, target), refusal=str(overtaken), theirs=theirs)
    except review.NotAllowed as refusal:
        return Filed(typed.key, ok=False, refusal=str(refusal))
    return Filed(typed.key, ok=True, row=kind.row(desk, target))


def found(desk: Desk, key: str) -> tuple[Kind | None, Any]:
    """The kind and the target that a key names; (None, None) for any other text."""
    name, _, number = key.partition(":")
    kind, pk = BY_NAME.get(name), key_in(number)
    if kind is None or pk is None:
        return None, None
    return kind, kind.find(desk, pk)


def say_nothing_new(desk: Desk, target: Any, typed: Typed, *, is_back: bool = False) -> None:
    """零报告, or `is_back` the taking back of one."""
    if refusal := desk.guard.refusal(target, desk.today):
        raise Refused(refusal)
    if not desk.is_running or desk.round is None:
        raise review.NotAllowed(NO_ROUND)
    if not hasattr(target, "reports"):
        raise review.NotAllowed(NOT_ASKED.format(target))
    if is_back:
        take_back(desk.round, target)
    else:
        note = typed.values.get("description", "")[:2000]
        report_nothing(desk.round, target, by=desk.user, today=desk.today, note=note)
    for name in ("answered", "answered_indicators", "asked", "zero_reports"):
        desk.__dict__.pop(name, None)


def theirs_of(kind: Kind, record: Any) -> Theirs | None:
    """The version that stands now, beside which the person's own is shown."""
    if record is None:
        return Theirs("", "", {}, "0")
    who, when = kind.writer(record)
    return Theirs(who, when, kind.typed(record), kind.version(record))


def status_of(filed: Sequence[Filed]) -> int:
    """One code for an answer about many rows: only when none was taken it is that of a refusal."""
    if not filed or any(one.ok for one in filed):
        return 200
    if all(one.is_forbidden for one in filed):
        return 403
    return 422 if any(one.errors for one in filed) else 409


def log_refusals(user: User, filed: Iterable[Filed]) -> None:
    """Who tried to write rows that are locked or not theirs."""
    for one in filed:
        if one.is_forbidden:
            log.warning("%s may not write %s: %s", user.username, one.key, one.refusal)
