"""The life of a ledger row until it is submitted, and its correction after it was approved.

What is under review stays as it was submitted. What counts is corrected by the office alone, with a reason:
the log keeps what stood before and what stands now. A department asks the office to give its row back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.timezone import localdate

from indicators.ledger_words import differences, told
from indicators.models import LedgerNumber, Outcome, OutcomeIndicator, OutcomePoint
from projects import review
from projects.guard import Guard, NotWritable, locked
from projects.models import Project, ReviewLog, State, User
from projects.notes import note
from projects.reviewing import Panel
from projects.workbook.sheet import BATCH

PREFIX = "CG-"
# So long after it was entered the very same row is taken for a form that was sent twice.
SENT_TWICE = timedelta(minutes=10)
NO_REASON = "更正已通过的成果，请写明原因。"
SAME = "内容没有变化，没有需要保存的更正。"


@dataclass(frozen=True, slots=True)
class Links:
    """Task points and indicators by id: True where the row counts for it (计入), False 仅引用."""

    points: Mapping[int, bool] = field(default_factory=dict)
    indicators: Mapping[int, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A row to be registered: its values by field name, and its links."""

    values: Mapping[str, Any]
    links: Links = Links()


def links_of(outcome: Outcome) -> Links:
    return Links(
        dict(outcome.point_links.values_list("point_id", "counts")),
        dict(outcome.indicator_links.values_list("indicator_id", "counts")),
    )


@transaction.atomic
def register(
    project: Project, rows: Sequence[Fresh], *, by: User, now: datetime, submitting: bool
) -> list[Outcome]:
    """Enter rows in one go, all or none, as drafts or submitted at once.

    NotWritable, and nothing is written, where the user may not write one of them. So many statements whatever
    the number of rows.
    """
    codes = next_codes(project, len(rows))
    last = project.outcomes.order_by("-position").values_list("position", flat=True).first() or 0
    outcomes = []
    for place, (code, row) in enumerate(zip(codes, rows, strict=True), 1):
        outcome = Outcome(project=project, code=code, author=by, state=State.DRAFT, position=last + place)
        put(outcome, row.values)
        outcomes.append(outcome)
    refuse(outcomes, by=by, now=now)
    refuse_again(outcomes, by=by, now=now)
    Outcome.objects.bulk_create(outcomes, batch_size=BATCH)
    write_links(list(zip(outcomes, (row.links for row in rows), strict=True)))
    if submitting:
        submit_all(outcomes, by=by, now=now)
    return outcomes


def refuse(outcomes: Sequence[Outcome], *, by: User, now: datetime) -> None:
    """NotWritable where the guard says so; each date and department is asked about once."""
    asked = {(each.department_id, each.awarded_on): each for each in outcomes}
    guard = Guard(by, outcomes[0].project, localdate(now))
    for (_, day), outcome in asked.items():
        if refusal := guard.refusal(outcome, day):
            raise NotWritable(str(refusal))


def refuse_again(outcomes: Sequence[Outcome], *, by: User, now: datetime) -> None:
    """NotAllowed for what the person has just entered, value for value: the form was sent twice. Also where a
    reason or a reference answers for a likeness, since that speaks of other rows."""
    lately = outcomes[0].project.outcomes.filter(author=by, created_at__gt=now - SENT_TWICE)
    codes = {content(row): row.code for row in lately.order_by("-pk")}
    for outcome in outcomes:
        if code := codes.get(content(outcome)):
            raise review.NotAllowed(
                f"几分钟前您已登记完全相同的一项（{code}），这一次没有再登记。确有两项的，请写明区别。"
            )


def content(outcome: Outcome) -> tuple[Any, ...]:
    return tuple(getattr(outcome, name) for name in Outcome.CONTENT)


def next_codes(project: Project, count: int) -> list[str]:
    """Numbers that nothing in the project has or ever had; a workbook may have brought in the like."""
    counter, _ = LedgerNumber.objects.select_for_update().get_or_create(project=project)
    taken = set(project.outcomes.filter(code__startswith=PREFIX).values_list("code", flat=True))
    codes: list[str] = []
    while len(codes) < count:
        counter.last += 1
        if (code := f"{PREFIX}{counter.last:04}") not in taken:
            codes.append(code)
    counter.save(update_fields=["last"])
    return codes


def put(outcome: Outcome, values: Mapping[str, Any]) -> None:
    for name in set(Outcome.CONTENT) & values.keys():
        setattr(outcome, name, values[name])
    outcome.set_keys()


def write_links(rows: Sequence[tuple[Outcome, Links]]) -> None:
    """The links of new rows."""
    points = [
        OutcomePoint(outcome=row, point_id=pk, counts=c) for row, of in rows for pk, c in of.points.items()
    ]
    indicators = [
        OutcomeIndicator(outcome=row, indicator_id=pk, counts=counts)
        for row, of in rows
        for pk, counts in of.indicators.items()
    ]
    OutcomePoint.objects.bulk_create(points, batch_size=BATCH)
    OutcomeIndicator.objects.bulk_create(indicators, batch_size=BATCH)


def submit_all(outcomes: Sequence[Outcome], *, by: User, now: datetime) -> None:
    """Hand in new drafts, as `review.submit` does each."""
    panel = Panel(outcomes[0].project, localdate(now))
    logs: list[ReviewLog] = []
    for outcome in outcomes:
        logs += review.advance(outcome, "submit", panel, by=by)
        outcome.submitted_at = now
    Outcome.objects.bulk_update(outcomes, ["state", "passed", "submitted_at"], batch_size=200)
    ReviewLog.objects.bulk_create(logs, batch_size=BATCH)


@transaction.atomic
def rewrite(outcome: Outcome, row: Fresh, *, by: User, seen: str, now: datetime) -> Outcome:
    """Change a draft or what was returned; the latter becomes a draft, and the log tells what was mended.

    Of a draft, which has no log yet, a note tells it: a draft with a log cannot be discarded.
    """
    current = standing(outcome, seen)
    if current.state not in (State.DRAFT, State.RETURNED):
        state = current.get_state_display()
        raise review.NotAllowed(f"这项成果现在是“{state}”，不能修改。可能他人已处理，请刷新页面。")
    refuse([current], by=by, now=now)
    before, was = told(current), current.state
    change(current, row, by=by, now=now)
    current.state = State.DRAFT
    current.save()
    if was == State.RETURNED:
        log(current, "edit", was, by=by, comment=differences(before, told(current)))
    elif changed := differences(before, told(current)):
        note(current, by, changed)
    return current


@transaction.atomic
def correct(outcome: Outcome, row: Fresh, *, by: User, reason: str, seen: str, now: datetime) -> Outcome:
    """Change what counts, with a reason; what stood and what stands now is in the log."""
    if not reason.strip():
        raise review.NotAllowed(NO_REASON)
    current = standing(outcome, seen)
    if current.state != State.APPROVED:
        raise review.NotAllowed("这项成果不是“已通过”，请直接修改后提交审核。")
    # From which day and to which: neither may be locked.
    for each in (current.awarded_on, row.values.get("awarded_on", current.awarded_on)):
        if refusal := locked(by, current, each, localdate(now)):
            raise NotWritable(str(refusal))
    before = told(current)
    change(current, row, by=by, now=now, is_correction=True)
    changed = differences(before, told(current))
    if not changed:
        raise review.NotAllowed(SAME)
    current.save()
    log(current, "correct", current.state, by=by, comment=f"{reason.strip()}\n{changed}")
    return current


def standing(outcome: Outcome, seen: str) -> Outcome:
    """The row as it is now, locked; Overtaken when it is not what the user saw."""
    current: Outcome = Outcome.objects.select_for_update().get(pk=outcome.pk)
    current.project = outcome.project
    if review.version_of(current) != seen:
        raise review.Overtaken(current)
    return current


def change(outcome: Outcome, row: Fresh, *, by: User, now: datetime, is_correction: bool = False) -> None:
    put(outcome, row.values)
    outcome.revision += 1
    if not is_correction:
        refuse([outcome], by=by, now=now)
    outcome.point_links.all().delete()
    outcome.indicator_links.all().delete()
    write_links([(outcome, row.links)])


def log(outcome: Outcome, verb: str, before: str, *, by: User, comment: str) -> None:
    ReviewLog.objects.create(
        content_type=ContentType.objects.get_for_model(Outcome),
        object_id=outcome.pk,
        by=by,
        verb=verb,
        from_state=before,
        to_state=outcome.state,
        comment=comment,
    )


@transaction.atomic
def discard(outcome: Outcome, *, seen: str) -> None:
    """Take a draft away that nobody has reviewed. Its number is not given out again."""
    current = standing(outcome, seen)
    if current.state != State.DRAFT or review.logs_of([current]).exists():
        raise review.NotAllowed("只有还没有提交过的草稿可以删除。")
    current.delete()


@transaction.atomic
def ask_back(outcome: Outcome, *, by: User, why: str) -> None:
    """Ask the office to give back what counts (撤销通过), so that its department can mend it."""
    if not why.strip():
        raise review.NotAllowed("请写明需要更正什么。")
    current = Outcome.objects.select_for_update().get(pk=outcome.pk)
    if current.state != State.APPROVED:
        raise review.NotAllowed("这项成果不是“已通过”，可以直接修改。")
    log(current, "ask", current.state, by=by, comment=why.strip())


@transaction.atomic
def link(
    outcomes: Sequence[Outcome],
    *,
    of: str,
    target: int,
    counts: bool,
    by: User,
    now: datetime,
    seen: Mapping[int, str],
) -> int:
    """Link rows to one task point (`of` "point") or indicator; how many links are new or other than before.

    `seen` are the versions of the rows that the user chose; Overtaken, and nothing is linked, when one of
    them is another now. What counts already (已通过) is told in its log.
    """
    model: Any = {"point": OutcomePoint, "indicator": OutcomeIndicator}[of]
    name = f"{of}_id"
    rows = Outcome.objects.select_for_update().filter(pk__in=[each.pk for each in outcomes]).order_by("pk")
    changed = 0
    for outcome in rows:
        if seen.get(outcome.pk) != review.version_of(outcome):
            raise review.Overtaken(outcome)
    for outcome in rows:
        if refusal := locked(by, outcome, outcome.awarded_on, localdate(now)):
            raise NotWritable(str(refusal))
        before = told(outcome)
        found, is_new = model._default_manager.get_or_create(
            outcome=outcome, **{name: target}, defaults={"counts": counts}
        )
        if is_new or found.counts != counts:
            found.counts = counts
            found.save(update_fields=["counts"])
            outcome.revision += 1
            outcome.save(update_fields=["revision"])
            changed += 1
            if outcome.state == State.APPROVED:
                log(outcome, "correct", outcome.state, by=by, comment=differences(before, told(outcome)))
    return changed
