"""Locked windows: locking, unlocking with a reason, and exceptions for a person until a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from projects.models import ReportingWindow, TaskPoint, User, WindowException, WindowLog
from projects.notices import events

NO_REASON = "请写明理由。"


class NotAllowed(Exception):
    """The step cannot be taken; the message is a sentence for the user."""


@transaction.atomic
def lock(window: ReportingWindow, *, by: User, now: datetime, reason: str) -> None:
    """From now on what speaks of a day up to its cut-off is not written."""
    current = ReportingWindow.objects.select_for_update().get(pk=window.pk)
    if current.locked_at is not None:
        raise NotAllowed(f"“{current}”已经锁定。")
    set_locked(current, now)
    window.locked_at = now
    WindowLog.objects.create(window=current, verb=WindowLog.Verb.LOCK, by=by, at=now, reason=reason)


@transaction.atomic
def unlock(window: ReportingWindow, *, by: User, now: datetime, reason: str) -> None:
    """Open it to everyone who fills; what was finalised stays as it is."""
    if not reason.strip():
        raise NotAllowed(NO_REASON)
    current = ReportingWindow.objects.select_for_update().get(pk=window.pk)
    if current.locked_at is None:
        raise NotAllowed(f"“{current}”没有锁定，可能他人已解除，请刷新页面。")
    set_locked(current, None)
    window.locked_at = None
    WindowLog.objects.create(window=current, verb=WindowLog.Verb.UNLOCK, by=by, at=now, reason=reason.strip())


def set_locked(window: ReportingWindow, at: datetime | None) -> None:
    window.locked_at = at
    window.save(update_fields=["locked_at"])


@transaction.atomic
def grant(
    window: ReportingWindow,
    user: User,
    points: Collection[TaskPoint],
    *,
    until: date,
    reason: str,
    by: User,
    today: date,
) -> WindowException:
    """Let a person write on in a locked window, up to and including a day. Without points: all they fill."""
    if not reason.strip():
        raise NotAllowed(NO_REASON)
    if until < today:
        raise NotAllowed(f"有效期 {until} 已经过去，请选择今天或以后的日期。")
    # One after the other: a form that is sent twice asks for the same.
    ReportingWindow.objects.select_for_update().get(pk=window.pk)
    standing = WindowException.objects.filter(window=window, user=user, until=until, ended_at=None)
    wanted = {point.pk for point in points}
    if any({point.pk for point in each.points.all()} == wanted for each in standing):
        raise NotAllowed(f"{user}已有相同的例外（至 {until} 为止），无需重复批准。")
    made = WindowException.objects.create(
        window=window, user=user, reason=reason.strip(), granted_by=by, granted_on=today, until=until
    )
    made.points.set(points)
    events.excepted(made)
    return made


@transaction.atomic
def end(exception: WindowException, *, now: datetime) -> None:
    """Before its day."""
    current = WindowException.objects.select_for_update().get(pk=exception.pk)
    if current.ended_at is not None:
        raise NotAllowed("这项例外已经结束，可能他人已处理，请刷新页面。")
    current.ended_at = now
    current.save(update_fields=["ended_at"])
    events.exception_ended(current)
