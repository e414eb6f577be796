"""The life of an entry: save a draft, submit, withdraw, approve, return, revoke. One function per step.

Each step locks the record, checks that the move is allowed, changes the state and writes the log, in one
transaction. Entries are never overwritten once submitted: a correction is a new entry, and so is the next
try after a return or a withdrawal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from projects.models import Entry, ReviewLog, State, TaskPoint, User

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
}
# The verbs that give an entry back to be mended.
GIVING_BACK = ("return", "revoke")
WAITING = "上一次填报还在审核中。要修改，请先撤回；或等审核完成后再更正。"
OUTDATED = "这个任务点已有更新的填报，请提交最新的一份。"
NO_WORDS = "退回时请写明需要修改什么。"
NEWER = "这个任务点已有更新的填报，请处理最新的一份。"
NO_REASON = "撤销通过时请写明原因。"
UNCHANGED = "内容与退回的填报完全相同，请按退回意见修改，或在实际完成情况中说明。"
# What a person enters; together with the state, what another person must have seen before they change it.
CONTENT = (
    *("effective_on", "quantity", "ratio", "description"),
    *("reason", "reason_kind", "expected_on", "next_step"),
)


class NotAllowed(Exception):
    """The entry is not in a state that allows this step; the message is a sentence for the user."""


class Overtaken(NotAllowed):
    """Another person changed what the user had before their eyes; `entry` is what stands now."""

    def __init__(self, entry: Entry | None) -> None:
        super().__init__("您打开页面之后，这个任务点的填报有了变化。")
        self.entry = entry


def latest_entry(point: TaskPoint) -> Entry | None:
    entry: Entry | None = point.entries.select_related("author").order_by("-id").first()
    return entry


def version_of(entry: Entry | None) -> str:
    """A short text that changes whenever the state or the content of the entry does."""
    if entry is None:
        return "0"
    content = "\x1f".join(str(getattr(entry, name)) for name in ("state", *CONTENT))
    return f"{entry.pk}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


@transaction.atomic
def save_draft(point: TaskPoint, values: Mapping[str, Any], *, by: User, seen: str) -> Entry:
    """Write `values` into the open draft of a point, or into a new one.

    `seen` is the version of the latest entry that the user had before their eyes.
    """
    TaskPoint.objects.select_for_update().get(pk=point.pk)
    latest = latest_entry(point)
    if version_of(latest) != seen:
        raise Overtaken(latest)
    if latest and latest.state == State.SUBMITTED:
        raise NotAllowed(WAITING)
    entry = latest if latest and is_open_draft(latest) else Entry(point=point)
    for name in CONTENT:
        setattr(entry, name, values[name])
    entry.author = by
    entry.save()
    return entry


def is_open_draft(entry: Entry) -> bool:
    """Whether nobody else has seen it yet: what was withdrawn stays as it was submitted."""
    return entry.state == State.DRAFT and not entry.log.filter(verb="withdraw").exists()


def submit(entry: Entry, *, by: User, now: datetime) -> Entry:
    return move(entry, "submit", by=by, submitted_at=now)


def is_unchanged_return(entry: Entry) -> bool:
    """Whether a draft says what was returned before it, with no file stored since; spaces do not count."""
    others = entry.point.entries.filter(pk__lt=entry.pk).exclude(state=State.DRAFT)
    before = others.order_by("-id").first()
    if before is None or before.state != State.RETURNED or said(before) != said(entry):
        return False
    log = ReviewLog.objects.filter(
        content_type=ContentType.objects.get_for_model(Entry), object_id=before.pk, verb__in=GIVING_BACK
    ).last()
    uses = entry.point.evidence_uses
    return log is None or not uses.filter(evidence__file__uploaded_at__gt=log.at).exists()


def said(entry: Entry) -> list[Any]:
    values = (getattr(entry, name) for name in CONTENT)
    return ["".join(value.split()) if isinstance(value, str) else value for value in values]


def resubmit(entry: Entry, *, by: User, now: datetime, has_new_files: bool = False) -> Entry:
    """Submit what a person filled in; after a return something must be different."""
    if not has_new_files and is_unchanged_return(entry):
        raise NotAllowed(UNCHANGED)
    return submit(entry, by=by, now=now)


def withdraw(entry: Entry, *, by: User) -> Entry:
    """Take back what has not been reviewed yet; it is a draft again."""
    return move(entry, "withdraw", by=by, submitted_at=None)


def approve(entry: Entry, *, by: User, now: datetime, comment: str = "", seen: str = "") -> Entry:
    """From now on the entry counts in official figures."""
    return move(entry, "approve", by=by, comment=comment.strip(), seen=seen, decided_at=now)


def return_for_revision(entry: Entry, *, by: User, comment: str, seen: str = "") -> Entry:
    """Give it back with a comment that says what to mend."""
    if not comment.strip():
        raise NotAllowed(NO_WORDS)
    return move(entry, "return", by=by, comment=comment.strip(), seen=seen)


def revoke(entry: Entry, *, by: User, comment: str, now: datetime) -> Entry:
    """It no longer counts from now on, and is to be mended; as known before, it still did."""
    if not comment.strip():
        raise NotAllowed(NO_REASON)
    return move(entry, "revoke", by=by, comment=comment.strip(), revoked_at=now)


@transaction.atomic
def move(
    entry: Entry, verb: str, *, by: User, comment: str = "", seen: str = "", **changes: datetime | None
) -> Entry:
    """Change the state by `verb`; NotAllowed when another person was faster or the state forbids it.

    `seen` is the version the user decided on; empty when the caller has just read it.
    """
    # In the order of `save_draft`, which may be about to begin a newer entry.
    TaskPoint.objects.select_for_update().get(pk=entry.point_id)
    current = Entry.objects.select_for_update().get(pk=entry.pk)
    target = MOVES[verb].get(current.state)
    if target is None:
        state = current.get_state_display()
        raise NotAllowed(f"该填报现在是“{state}”，不能{VERBS[verb]}。可能他人已处理，请刷新页面。")
    if seen and seen != version_of(current):
        raise Overtaken(current)
    if verb in ("submit", "revoke") and current.point.entries.filter(pk__gt=current.pk).exists():
        raise NotAllowed(OUTDATED if verb == "submit" else NEWER)
    ReviewLog.objects.create(
        target=current, by=by, verb=verb, from_state=current.state, to_state=target, comment=comment
    )
    current.state = target
    for name, value in changes.items():
        setattr(current, name, value)
    current.save(update_fields=["state", *changes])
    return current
