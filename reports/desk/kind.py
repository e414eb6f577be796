"""What a kind of row must offer; `kinds.KINDS` lists them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from projects import review
from projects.guard import Refusal
from projects.models import Reviewed, State
from projects.needed import needed
from projects.numbers import plain, round_half_up
from reports.desk.desk import Desk, Materials, counted, decisions, latest_of, moment, open_record
from reports.desk.row import OPEN, Column, Returned, Row


class Faulty(Exception):
    """What was typed cannot be taken; sentences by field."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__("; ".join(sentence for some in errors.values() for sentence in some))
        self.errors = errors


class Refused(Exception):
    """The guard refuses; `refusal` says why and who can help."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class Kind(ABC):
    """One kind of row. Targets are what is filled: a point, an indicator, a share, a survey, a text."""

    name: ClassVar[str]
    label: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    # The column that says of which day a row speaks, if one does.
    day: ClassVar[str] = ""
    # Whether what is typed saves itself; what counts as soon as it is saved waits for its button.
    saves_itself: ClassVar[bool] = True

    @abstractmethod
    def own(self, desk: Desk) -> Iterable[Any]:
        """The targets that are the person's to fill."""

    @abstractmethod
    def find(self, desk: Desk, pk: int) -> Any | None:
        """A target of the project, whoever fills it; None where there is none."""

    @abstractmethod
    def rows(self, desk: Desk) -> Iterable[Row]:
        """A row for each own target."""

    @abstractmethod
    def row(self, desk: Desk, target: Any) -> Row:
        """One target as it stands now, read anew."""

    @abstractmethod
    def standing(self, desk: Desk, target: Any) -> Mapping[str, str]:
        """What is typed in its open record, by column: missing columns of an input keep it."""

    @abstractmethod
    def form(self, desk: Desk, target: Any, typed: Mapping[str, str], submitting: bool) -> forms.Form: ...

    @abstractmethod
    def on(self, desk: Desk, target: Any, form: Any) -> date:
        """The day that what was typed speaks of."""

    @abstractmethod
    def write(self, desk: Desk, target: Any, form: Any, seen: str, submitting: bool, now: datetime) -> None:
        """Save it, and hand it in when `submitting`; NotAllowed or Overtaken otherwise."""

    @abstractmethod
    def version(self, record: Any) -> str: ...

    @abstractmethod
    def writer(self, record: Any) -> tuple[str, str]:
        """Who wrote a record last, and when."""

    @abstractmethod
    def typed(self, record: Any) -> dict[str, str]:
        """A record as it would be typed."""

    def goes_on(self, desk: Desk, target: Any) -> bool:
        """Whether it is reported anew after a window was locked over what was said last."""
        return False

    def spoken(self, desk: Desk, target: Any, values: Mapping[str, str]) -> tuple[Mapping[str, str], str]:
        """What was typed, as it is written on, and why that cannot be.

        What goes on after a locked window loses the day it spoke of: it is to speak of a later one.
        """
        said = values.get(self.day)
        refusal = desk.guard.lock(target, date.fromisoformat(said) if said else self.on(desk, target, None))
        if said and refusal and self.goes_on(desk, target):
            return {**values, self.day: ""}, str(desk.guard.lock(target, desk.today) or "")
        return values, str(refusal or "")

    def take(
        self, desk: Desk, target: Any, typed: Mapping[str, str], seen: str, submitting: bool, now: datetime
    ) -> None:
        """Check what was typed, ask the guard, write."""
        if refusal := desk.guard.permission(target):
            raise Refused(refusal)
        known = {column.name for column in self.columns}
        if unknown := sorted(typed.keys() - known):
            raise Faulty({"": [f"没有“{'、'.join(unknown)}”这一列。"]})
        form = self.form(desk, target, {**self.standing(desk, target), **typed}, submitting)
        if not form.is_valid():
            raise Faulty(faults(form))
        if refusal := desk.guard.lock(target, self.on(desk, target, form)):
            raise Refused(refusal)
        self.write(desk, target, form, seen, submitting, now)


class ReviewedKind(Kind):
    """Kinds whose records are reviewed: a draft is saved, then submitted."""

    def opened(self, desk: Desk, target: Any, record: Any) -> tuple[Mapping[str, str], str]:
        """What stands in its open record, and why that cannot be written on."""
        return self.spoken(desk, target, self.typed(record) if record else {})

    def on(self, desk: Desk, target: Any, form: Any) -> date:
        on: date = form.cleaned_data[self.day] if form else desk.today
        return on

    def version(self, record: Any) -> str:
        return review.version_of(record)

    def writer(self, record: Any) -> tuple[str, str]:
        return whoever(record)


class ReportedKind(ReviewedKind):
    """Kinds whose targets are reported on again and again: each report is a record of its own."""

    @abstractmethod
    def records(self, desk: Desk) -> QuerySet[Any]:
        """All reports of the project."""

    @abstractmethod
    def uses(self, desk: Desk) -> QuerySet[Any]:
        """The materials of all targets of the project."""

    @abstractmethod
    def made(
        self, desk: Desk, target: Any, latest: Any, returned: Returned | None, materials: Materials
    ) -> Row: ...

    def rows(self, desk: Desk) -> Iterator[Row]:
        records = self.records(desk)
        latest = latest_of(records)
        returned = decisions(latest.values())
        materials = counted(self.uses(desk), f"{records.model.SUBJECT}_id")
        for target in self.own(desk):
            record = latest.get(target.pk)
            comment = returned.get(record.pk) if record else None
            yield self.told(desk, target, record, comment, materials.get(target.pk, Materials()))

    def row(self, desk: Desk, target: Any) -> Row:
        record = review.latest(target)
        comment = decisions([record]).get(record.pk) if record else None
        materials = counted(target.evidence_uses.all(), f"{target.reports.model.SUBJECT}_id")
        return self.told(desk, target, record, comment, materials.get(target.pk, Materials()))

    def told(
        self, desk: Desk, target: Any, latest: Any, returned: Returned | None, materials: Materials
    ) -> Row:
        """Its row, with what would be said to it if it were handed in as it is saved."""
        row = self.made(desk, target, latest, returned, materials)
        if row.group not in ("returned", "draft"):
            return row
        lacks = dict(faults(self.form(desk, target, row.values, submitting=True)))
        is_unchanged = has_nothing_new(latest, returned, materials)
        if is_unchanged:
            lacks.setdefault("", []).append(review.UNCHANGED)
        return replace(row, lacks=lacks, is_unchanged=is_unchanged)

    def standing(self, desk: Desk, target: Any) -> Mapping[str, str]:
        return self.opened(desk, target, open_record(review.latest(target)))[0]

    def write(self, desk: Desk, target: Any, form: Any, seen: str, submitting: bool, now: datetime) -> None:
        values = form.values()
        if not submitting and says_nothing(values, target.reports.model.DATE, desk.today):
            review.discard(target, seen=seen)
            return
        record = review.save_draft(target, values, by=desk.user, seen=seen)
        if submitting:
            review.resubmit(record, by=desk.user, now=now)


def faults(form: forms.Form) -> dict[str, list[str]]:
    """The sentences of a form, by field."""
    return {name: [str(one) for one in some] for name, some in form.errors.items()}


def has_nothing_new(record: Reviewed, returned: Returned | None, materials: Materials) -> bool:
    """As `review.is_unchanged_return` says of one record, from what was read of all."""
    if returned is None:
        return record.state == State.RETURNED
    return returned.is_same and not materials.is_newer(returned.since)


def says_nothing(values: Mapping[str, Any], date_field: str, today: date) -> bool:
    """Whether everything was cleared again, but for the day that was filled in for the person."""
    told = {name: value for name, value in values.items() if value not in (None, "")}
    return told == {date_field: today}


def group_of(record: Reviewed | None, locked: str, *, is_done: bool, is_missing: bool) -> str:
    """Where a row stands: what happens to its open record first, then whether it is asked for."""
    if record is not None:
        return unless_locked(str(record.state), locked)
    return "done" if is_done else unless_locked("missing", locked) if is_missing else "not_due"


def unless_locked(group: str, locked: str) -> str:
    """What a lock holds fast is not to be done."""
    return "locked" if locked and group in OPEN else group


def evidence_of(materials: Materials, required: str) -> dict[str, Any]:
    """How many materials there are, and how many the words of the task book ask for."""
    asked = needed(required)
    return {"count": materials.count, "required": required, "needed": asked.count, "items": asked.items}


def number(value: Any) -> str:
    """A number as it would be typed; a third, which no decimal is, to six places."""
    if value is None:
        return ""
    return plain(round_half_up(value, 6) if isinstance(value, Fraction) else value)


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


def whoever(record: Reviewed) -> tuple[str, str]:
    """Who wrote a record last; and when, of a step that is logged: when a draft was changed is not stored."""
    log = review.logs_of([record]).select_related("by").order_by("id").last()
    who = log.by if log else record.author
    return str(who or record.author or "工作簿导入"), moment(log.at) if log else ""
