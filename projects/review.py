"""The life of a reviewed record: save a draft, submit, withdraw, approve, return, revoke.

One function per step. Each locks the record, checks that the move is allowed, changes the state and writes
the log, in one transaction. Who may take it is asked before (projects/permissions.py, projects/reviewing.py).
What is submitted passes the levels of its project one after another; it counts from the last one on. What
reports on a point or an indicator is never overwritten once submitted: a
correction is a new record, and so is the next try after a return or a withdrawal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.timezone import localdate

from projects import versions
from projects.guard import Locks, NotWritable, Refusal
from projects.models import Reviewed, ReviewLog, State, User
from projects.notices import events
from projects.reviewing import Panel, project_of

Record = TypeVar("Record", bound=Reviewed)

MOVES: dict[str, dict[str, State]] = {
    "submit": {State.DRAFT: State.SUBMITTED},
    "withdraw": {State.SUBMITTED: State.DRAFT},
    "approve": {State.SUBMITTED: State.APPROVED},
    "return": {State.SUBMITTED: State.RETURNED},
    "revoke": {State.APPROVED: State.RETURNED},
}
VERBS = {
    "submit": "提交",
    "withdraw": "撤回",
    "approve": "通过",
    "return": "退回",
    "revoke": "撤销通过",
    "import": "导入",
    "skip": "跳过",
    "own": "免审",
    "edit": "修改",
    "correct": "更正",
    "ask": "请求退回",
}
DECISIONS = ("approve", "return")
# The verbs that give an entry back to be mended.
GIVING_BACK = ("return", "revoke")
WAITING = "上一次填报还在审核中。要修改，请先撤回；或等审核完成后再更正。"
OUTDATED = "已有更新的填报，请提交最新的一份。"
NO_WORDS = "退回时请写明需要修改什么。"
NEWER = "已有更新的填报，请处理最新的一份。"
NO_REASON = "撤销通过时请写明原因。"
OWN = "审核人即填报人本人，这一级没有其他审核人。"
OVERTAKEN = "您打开页面之后，这一项的填报有了变化。"
REVIEWED = "这份填报已有人审核通过，不能撤回。要修改，请联系审核人退回。"
UNCHANGED = "内容与退回的填报完全相同，请按退回意见修改，或在说明中写明。"


class NotAllowed(Exception):
    """The record is not in a state that allows this step; the message is a sentence for the user."""


class Overtaken(NotAllowed):
    """Another person changed what the user had before their eyes; `record` is what stands now."""

    def __init__(self, record: Reviewed | None, sentence: str = OVERTAKEN) -> None:
        super().__init__(sentence)
        self.record = record


def latest(subject: Any) -> Any:
    """The record made last about a point or an indicator, whatever its state; None without any."""
    return subject.reports.select_related("author").order_by("-id").first()


def version_of(record: Reviewed | None) -> str:
    """A short text that changes whenever the state or the content of the record does."""
    if record is None:
        return "0"
    return versions.version_of(record, ("state", "passed", *record.CONTENT))


@transaction.atomic
def save_draft(subject: Any, values: Mapping[str, Any], *, by: User, seen: str) -> Any:
    """Write `values` into the open draft of a point or an indicator, or into a new one.

    `seen` is the version of the latest record that the user had before their eyes.
    """
    lock(subject)
    standing = latest(subject)
    if version_of(standing) != seen:
        raise Overtaken(standing)
    if standing and standing.state == State.SUBMITTED:
        raise NotAllowed(WAITING)
    record = standing if standing and is_open_draft(standing) else begun(subject)
    for name in set(record.CONTENT) & values.keys():
        setattr(record, name, values[name])
    record.author = by
    record.save()
    return record


@transaction.atomic
def discard(subject: Any, *, seen: str) -> None:
    """Take the open draft of a point or an indicator away again; nothing is done where there is none."""
    lock(subject)
    standing = latest(subject)
    if version_of(standing) != seen:
        raise Overtaken(standing)
    if standing and is_open_draft(standing):
        standing.delete()


def begun(subject: Any) -> Any:
    """A new record about the subject."""
    model = subject.reports.model
    return model(**{model.SUBJECT: subject})


def lock(subject: Any) -> None:
    """Until the end of the transaction nobody else begins, changes or decides anything about it."""
    type(subject)._base_manager.select_for_update().values_list("pk").get(pk=subject.pk)


def is_open_draft(record: Reviewed) -> bool:
    """Whether nobody else has seen it yet: what was withdrawn stays as it was submitted."""
    return record.state == State.DRAFT and not record.log.filter(verb="withdraw").exists()


def submit(record: Record, *, by: User, now: datetime) -> Record:
    return move(record, "submit", by=by, submitted_at=now)


def is_unchanged_return(record: Reviewed) -> bool:
    """Whether a draft says what was returned before it, with no file stored or linked since.

    Spaces do not count.
    """
    if not record.SUBJECT:
        return False
    others = record.subject.reports.filter(pk__lt=record.pk).exclude(state=State.DRAFT)
    before = others.order_by("-id").first()
    if before is None or before.state != State.RETURNED or said(before) != said(record):
        return False
    decision = logs_of([before]).filter(verb__in=GIVING_BACK).order_by("id").last()
    uses = record.subject.evidence_uses
    if decision is None:
        return True
    is_new = Q(evidence__file__uploaded_at__gt=decision.at) | Q(linked_at__gt=decision.at)
    return not uses.filter(is_new).exists()


def logs_of(records: Sequence[Reviewed]) -> QuerySet[ReviewLog]:
    """The log of some records of one kind."""
    kind = ContentType.objects.get_for_model(type(records[0])) if records else None
    return ReviewLog.objects.filter(content_type=kind, object_id__in=[record.pk for record in records])


def said(record: Reviewed) -> list[Any]:
    values = (getattr(record, name) for name in record.CONTENT)
    return ["".join(value.split()) if isinstance(value, str) else value for value in values]


def resubmit(record: Record, *, by: User, now: datetime, has_new_files: bool = False) -> Record:
    """Submit what a person filled in; after a return something must be different."""
    if not has_new_files and is_unchanged_return(record):
        raise NotAllowed(UNCHANGED)
    return submit(record, by=by, now=now)


def withdraw(record: Record, *, by: User) -> Record:
    """Take back what has not been reviewed yet; it is a draft again."""
    return move(record, "withdraw", by=by, submitted_at=None)


def is_untouched(record: Reviewed) -> bool:
    """Whether nobody has approved it at any level since it was submitted."""
    if not record.passed:
        return True
    last = logs_of([record]).filter(verb__in=("submit", "approve")).order_by("id").last()
    return last is None or last.verb == "submit"


def approve(
    record: Record,
    *,
    by: User,
    now: datetime,
    comment: str = "",
    seen: str = "",
    behalf: User | None = None,
) -> Record:
    """Pass the level where it waits; after the last one it counts in official figures.

    `behalf` is who is away, when `by` decides in their place.
    """
    return move(record, "approve", by=by, comment=comment.strip(), seen=seen, behalf=behalf, decided_at=now)


def return_for_revision(
    record: Record, *, by: User, comment: str, seen: str = "", behalf: User | None = None
) -> Record:
    """Give it back with a comment that says what to mend; handed in again, it begins at the first level."""
    if not comment.strip():
        raise NotAllowed(NO_WORDS)
    return move(record, "return", by=by, comment=comment.strip(), seen=seen, behalf=behalf)


def revoke(record: Record, *, by: User, comment: str, now: datetime, seen: str = "") -> Record:
    """It no longer counts from now on, and is to be mended; as known before, it still did."""
    if not comment.strip():
        raise NotAllowed(NO_REASON)
    return move(record, "revoke", by=by, comment=comment.strip(), seen=seen, revoked_at=now)


@transaction.atomic
def move(
    record: Record,
    verb: str,
    *,
    by: User,
    comment: str = "",
    seen: str = "",
    behalf: User | None = None,
    **changes: datetime | None,
) -> Record:
    """Change the state by `verb`; NotAllowed when another person was faster or the state forbids it.

    `seen` is the version the user decided on; empty when the caller has just read it.
    """
    # In the order of `save_draft`, which may be about to begin a newer record.
    lock(record.subject)
    current: Record = type(record)._base_manager.select_for_update().get(pk=record.pk)
    if record.SUBJECT:
        setattr(current, record.SUBJECT, record.subject)
    refuse(current, verb)
    # The right to decide was asked at the level that the caller read.
    if (seen and seen != version_of(current)) or (verb in DECISIONS and current.passed != record.passed):
        raise Overtaken(current)
    if verb in ("submit", "revoke") and is_superseded(current):
        raise NotAllowed(OUTDATED if verb == "submit" else NEWER)
    if refusal := refused_by_lock(current, verb, changes):
        raise NotWritable(str(refusal))
    moment = next(iter(changes.values()), None)
    panel = Panel(project_of(current), localdate(moment) if moment else timezone.localdate())
    logs = advance(current, verb, panel, by=by, comment=comment, behalf=behalf)
    for name, value in changes.items():
        if name != "decided_at" or current.state == State.APPROVED:
            setattr(current, name, value)
    current.save(update_fields=["state", "passed", *changes])
    ReviewLog.objects.bulk_create(logs)
    events.decided(current, logs)
    return current


def refused_by_lock(record: Reviewed, verb: str, changes: Mapping[str, datetime | None]) -> Refusal | None:
    """What a locked window says to a step that changes its numbers; an exception of the author opens it."""
    moment = changes.get({"approve": "decided_at", "revoke": "revoked_at"}.get(verb, ""))
    return Locks(project_of(record), localdate(moment)).refusal(record) if moment else None


def refuse(current: Reviewed, verb: str) -> None:
    if State(current.state) not in MOVES[verb]:
        state = current.get_state_display()
        raise NotAllowed(f"该填报现在是“{state}”，不能{VERBS[verb]}。可能他人已处理，请刷新页面。")
    if verb == "withdraw" and not is_untouched(current):
        raise NotAllowed(REVIEWED)


def advance(
    current: Reviewed, verb: str, panel: Panel, *, by: User, comment: str = "", behalf: User | None = None
) -> list[ReviewLog]:
    """Give a record the state and levels that `verb` leads to, and the log of each step; nothing is saved.

    Levels at which nobody could decide are passed at once.
    """
    before, kind = current.state, ContentType.objects.get_for_model(type(current))
    current.state = MOVES[verb][State(before)]
    level, passes = None, []
    if verb in DECISIONS:
        level = panel.level_of(current).number
    if verb == "approve":
        if current.author_id == by.pk:
            comment = f"{comment}\n{OWN}".strip()
        passes = panel.on_approval(current)
        current.passed = (level or 0) + len(passes)
        if current.passed < panel.last.number:
            current.state = State.SUBMITTED
    else:
        passes = panel.on_submission(current, by) if verb == "submit" else []
        current.passed = len(passes)
    steps = [(verb, level, comment, behalf), *((p.verb, p.level.number, p.why, None) for p in passes)]
    states = [before, *([State.SUBMITTED] * len(passes)), current.state]
    return [
        ReviewLog(
            content_type=kind,
            object_id=current.pk,
            by=by,
            on_behalf_of=absent,
            verb=step,
            level=number,
            from_state=states[place],
            to_state=states[place + 1],
            comment=words,
        )
        for place, (step, number, words, absent) in enumerate(steps)
    ]


@transaction.atomic
def approve_all(
    records: Sequence[Record],
    *,
    panel: Panel,
    by: User,
    now: datetime,
    seen: Mapping[int, str],
    behalf: Mapping[int, User | None],
    comment: str = "",
) -> tuple[list[Record], list[tuple[Record, str]]]:
    """Approve records of one kind as `approve` does each: those that were, and those left with the reason.

    `seen` and `behalf` by record. So many statements as there are levels at which they end up, however many
    records there are.
    """
    if not records:
        return [], []
    model, by_pk = type(records[0]), {record.pk: record for record in records}
    if model.SUBJECT:
        subjects = type(records[0].subject)._base_manager.select_for_update()
        list(subjects.filter(pk__in=[r.subject.pk for r in records]).order_by("pk").values_list("pk"))
    standing = model._base_manager.select_for_update().filter(pk__in=by_pk).order_by("pk")
    done: list[Record] = []
    left: list[tuple[Record, str]] = []
    logs: list[ReviewLog] = []
    ends: dict[tuple[str, int], list[int]] = {}
    locks = Locks(panel.project, localdate(now))
    for current in standing:
        if model.SUBJECT:
            setattr(current, model.SUBJECT, by_pk[current.pk].subject)
        if current.state != State.SUBMITTED or seen.get(current.pk) != version_of(current):
            left.append((current, OVERTAKEN))
            continue
        if refusal := locks.refusal(current):
            left.append((current, str(refusal)))
            continue
        logs += advance(current, "approve", panel, by=by, comment=comment, behalf=behalf.get(current.pk))
        ends.setdefault((current.state, current.passed), []).append(current.pk)
        done.append(current)
    for (state, passed), pks in ends.items():
        decided = {"decided_at": now} if state == State.APPROVED else {}
        model._base_manager.filter(pk__in=pks).update(state=state, passed=passed, **decided)
    ReviewLog.objects.bulk_create(logs)
    return done, left


def is_superseded(record: Reviewed) -> bool:
    """Whether a newer record was made about the same point or indicator."""
    return bool(record.SUBJECT) and record.subject.reports.filter(pk__gt=record.pk).exists()
