"""Telling somebody something, once: the message is kept with the ways it shall go; a job carries it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from projects.jobs import enqueue
from projects.models import Channel, Delivery, Kind, Message, Project, User
from projects.notices import ways

JOB = "messages"


@dataclass(frozen=True, slots=True)
class Line:
    """One row a message is about: its words and its page (empty: none shows it)."""

    text: str
    url: str


def tell(
    user: User,
    kind: Kind,
    *,
    key: str,
    title: str,
    text: str,
    url: str,
    project: Project | None = None,
    rows: Sequence[Line] = (),
) -> Message | None:
    """The message, or None when this was told before or the account is closed. `url` begins with /."""
    if not user.is_active:
        return None
    return _keep(user, kind, key, title, text, url, project, rows, ways.wanted(user, kind))


def tell_group(
    project: Project, *, key: str, title: str, text: str, url: str, rows: Sequence[Line] = ()
) -> Message | None:
    """The same for the group of the project's college; None where it has no robot."""
    robots = ways.robots()
    if not robots or not ways.has_group(project.institution):
        return None
    return _keep(None, Kind.GROUP, key, title, text, url, project, rows, robots)


@transaction.atomic
def _keep(
    user: User | None,
    kind: Kind,
    key: str,
    title: str,
    text: str,
    url: str,
    project: Project | None,
    rows: Sequence[Line],
    channels: Iterable[Channel],
) -> Message | None:
    values = {
        "user": user,
        "kind": kind,
        "title": short(title),
        "text": text.strip(),
        "url": url,
        "project": project,
        "rows": [asdict(row) for row in rows],
    }
    message, is_new = Message.objects.get_or_create(key=key, defaults=values)
    if not is_new:
        return None
    now = timezone.now()
    made = [Delivery(message=message, channel=channel, next_at=now) for channel in channels]
    Delivery.objects.bulk_create(made)
    if made:
        enqueue(JOB, {}, by=None, key=JOB)
    return message


def short(title: str) -> str:
    """One line of at most 100 characters."""
    line = " ".join(title.split())
    return line if len(line) <= 100 else f"{line[:99]}…"
