"""Carrying messages out, in a background job. A failed one is tried again later, and stops nothing else."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from projects.jobs import Progress, enqueue
from projects.models import Delivery
from projects.notices import ways
from projects.notices.telling import JOB
from projects.notices.web import NotSent, Refused, Unreachable

log = logging.getLogger(__name__)

State = Delivery.State
# The pause after each failure; after the last one it is given up and shown to the administrator.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))
BATCH = 200
UNEXPECTED = "程序出错，没有发送；已记入日志。"


def send_what_is_due() -> None:
    """Ask for a job if there is something to send."""
    if Delivery.objects.due(timezone.now()).exists():
        enqueue(JOB, {}, by=None, key=JOB)


def send(payload: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The job: everything that is due. A service that is down is left alone until the next."""
    down: set[str] = set()
    done = {State.SENT: 0, State.FAILED: 0, State.WAITING: 0}
    while found := list(
        Delivery.objects.due(timezone.now())
        .exclude(channel__in=down)
        .select_related("message__user", "message__project")[:BATCH]
    ):
        for delivery in found:
            progress(sum(done.values()))
            if delivery.channel in down or not taken(delivery, timezone.now()):
                continue
            done[carry(delivery, down)] += 1
    return {"sent": done[State.SENT], "failed": done[State.FAILED], "again": done[State.WAITING]}


def taken(delivery: Delivery, now: datetime) -> bool:
    """Count the attempt before it is made: one that ends with the worker is not made for ever."""
    pause = PAUSES[min(delivery.attempts, len(PAUSES) - 1)]
    waiting = Delivery.objects.filter(pk=delivery.pk, state=State.WAITING, attempts=delivery.attempts)
    return bool(waiting.update(attempts=F("attempts") + 1, next_at=now + pause))


def carry(delivery: Delivery, down: set[str]) -> State:
    """One attempt, and how it stands after it."""
    this = Delivery.objects.filter(pk=delivery.pk)
    try:
        ways.hand_over(delivery.message, delivery.channel)
    except Refused as fault:
        this.update(state=State.FAILED, error=str(fault))
        return State.FAILED
    except Exception as fault:
        if not isinstance(fault, NotSent):
            log.exception("message %s by %s", delivery.message_id, delivery.channel)
        if isinstance(fault, Unreachable):
            down.add(delivery.channel)
        is_last = delivery.attempts >= len(PAUSES)
        state = State.FAILED if is_last else State.WAITING
        this.update(state=state, error=str(fault) if isinstance(fault, NotSent) else UNEXPECTED)
        return state
    this.update(state=State.SENT, sent_at=timezone.now(), error="")
    return State.SENT


def again(delivery: Delivery) -> None:
    """Try once more from the start, because the administrator asked."""
    failed = Delivery.objects.filter(pk=delivery.pk, state=State.FAILED)
    if failed.update(state=State.WAITING, attempts=0, error="", next_at=timezone.now()):
        enqueue(JOB, {}, by=None, key=JOB)
