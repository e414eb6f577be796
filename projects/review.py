"""The life of an entry: save a draft, submit, withdraw, approve, return. One function per step.

Each step locks the record, checks that the move is allowed, changes the state and writes the log, in one
transaction. Entries are never overwritten once submitted: a correction is a new entry.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from projects.models import Entry, ReviewLog, State, User

MOVES: dict[str, dict[str, State]] = {
    "submit": {State.DRAFT: State.SUBMITTED, State.RETURNED: State.SUBMITTED},
    "withdraw": {State.SUBMITTED: State.DRAFT},
    "approve": {State.SUBMITTED: State.APPROVED},
    "return": {State.SUBMITTED: State.RETURNED},
}
VERBS = {"submit": "提交", "withdraw": "撤回", "approve": "通过", "return": "退回", "import": "导入"}


class NotAllowed(Exception):
    """The entry is not in a state that allows this step; the message is a sentence for the user."""


def submit(entry: Entry, *, by: User, now: datetime) -> Entry:
    return move(entry, "submit", by=by, submitted_at=now)


def withdraw(entry: Entry, *, by: User) -> Entry:
    """Take back what has not been reviewed yet; it is a draft again."""
    return move(entry, "withdraw", by=by, submitted_at=None)


def approve(entry: Entry, *, by: User, now: datetime, comment: str = "") -> Entry:
    """From now on the entry counts in official figures."""
    return move(entry, "approve", by=by, comment=comment, decided_at=now)


def return_for_revision(entry: Entry, *, by: User, comment: str) -> Entry:
    """Give it back with a comment that says what to mend."""
    if not comment.strip():
        raise NotAllowed("退回时请写明需要修改什么。")
    return move(entry, "return", by=by, comment=comment.strip())


@transaction.atomic
def move(entry: Entry, verb: str, *, by: User, comment: str = "", **changes: datetime | None) -> Entry:
    """Change the state by `verb`; NotAllowed when another person was faster or the state forbids it."""
    current = Entry.objects.select_for_update().get(pk=entry.pk)
    target = MOVES[verb].get(current.state)
    if target is None:
        state = current.get_state_display()
        raise NotAllowed(f"该填报现在是“{state}”，不能{VERBS[verb]}。可能他人已处理，请刷新页面。")
    ReviewLog.objects.create(
        target=current, by=by, verb=verb, from_state=current.state, to_state=target, comment=comment
    )
    current.state = target
    for name, value in changes.items():
        setattr(current, name, value)
    current.save(update_fields=["state", *changes])
    return current
