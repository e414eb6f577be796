"""Who did what with a record, when: kept in Django's log of changes, shown on the page of the record."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from projects.models import User

LONGEST_NAME = 200
# How the note of evidence that was taken away begins.
REMOVED = "移除佐证材料："


def note(record: Model, by: User, said: str, flag: int = CHANGE) -> None:
    """`said` is a sentence for those who read the record later."""
    note_all([record], by, said, flag)


def note_all(records: Iterable[Model], by: User, said: str, flag: int = CHANGE) -> None:
    """The same sentence about several records, in one query."""
    LogEntry.objects.bulk_create(
        LogEntry(
            user=by,
            content_type=ContentType.objects.get_for_model(type(record)),
            object_id=str(record.pk),
            object_repr=str(record)[:LONGEST_NAME],
            action_flag=flag,
            change_message=said,
        )
        for record in records
    )


def notes_about(record: Model) -> QuerySet[LogEntry]:
    """The latest first."""
    kind = ContentType.objects.get_for_model(type(record))
    found = LogEntry.objects.filter(content_type=kind, object_id=str(record.pk))
    return found.select_related("user").order_by("-action_time", "-id")
