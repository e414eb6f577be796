"""Sheets of dated values (完成情况, 指标完成): the records are a log, a correction is a new row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType

from projects.models import ReviewLog, State
from projects.workbook.book import Book, Key, Values, Writing
from projects.workbook.columns import Row, Table
from projects.workbook.sheet import BATCH, RECORD, Changes, Sheet, natural


@dataclass(frozen=True, slots=True)
class Standing:
    """The records of one key that a file may repeat: the approved one that counts, the latest waiting."""

    counting: Values | None = None
    waiting: Values | None = None

    def equal(self, values: Values, names: Sequence[str]) -> Values | None:
        for record in (self.counting, self.waiting):
            if record and all(record[name] == values[name] for name in names):
                return record
        return None


@dataclass(frozen=True, kw_only=True)
class LogSheet(Sheet):
    """`owner` is the foreign key to what the value belongs to, `owner_key` the columns that name it."""

    owner: str
    owner_key: tuple[str, ...]
    owner_sheet: str
    is_ordered: bool = False

    def own_names(self, present: frozenset[str]) -> list[str]:
        return [name for name in self.plain_names() if name in present and name not in self.key]

    def standing(self, book: Book) -> dict[Key, Standing]:
        """By key, in one query. Drafts and returned records are their authors' business."""
        names = self.plain_names()
        rows = (
            self.records(book)
            .filter(state__in=(State.APPROVED, State.SUBMITTED))
            .order_by("decided_at", "id")
            .values_list("pk", "state", *map(self.lookup, names))
        )
        latest: dict[str, dict[Key, Values]] = defaultdict(dict)
        for pk, state, *values in rows:
            record = dict(zip(names, values, strict=True)) | {"pk": pk}
            latest[state][self.key_of(record)] = record
        keys = {**latest[State.APPROVED], **latest[State.SUBMITTED]}
        return {
            key: Standing(latest[State.APPROVED].get(key), latest[State.SUBMITTED].get(key)) for key in keys
        }

    def exported(self, book: Book) -> list[Values]:
        """Per key the record that counts; what waits for review is not part of the project yet."""
        standing = self.standing(book)
        return [record for key in sorted(standing, key=natural) if (record := standing[key].counting)]

    def compare(self, table: Table, book: Book) -> Changes:
        standing = self.standing(book)
        names = self.own_names(table.present)
        new, changed, unchanged = [], [], []
        for row in table.rows:
            stands = standing.pop(self.key_of(row.values), None)
            if stands is None:
                new.append(row)
            elif record := stands.equal(row.values, names):
                row.values[RECORD] = record
                unchanged.append(row)
            else:
                row.values[RECORD] = stands.counting or stands.waiting
                changed.append(row)
        missing = tuple(key for key, stands in standing.items() if stands.counting)
        return Changes(tuple(new), tuple(changed), tuple(unchanged), missing=missing)

    def write(self, table: Table, changes: Changes, writing: Writing) -> None:
        state = State.APPROVED if writing.approve else State.SUBMITTED
        rows = (*changes.new, *changes.changed)
        for start in range(0, len(rows), BATCH):
            made = self.model._default_manager.bulk_create(
                self.model(**self.record(row, table.present, writing), **decided(state, writing))
                for row in rows[start : start + BATCH]
            )
            log([record.pk for record in made], self.model, state, writing)
        if writing.approve:
            self.approve_waiting([row.values[RECORD]["pk"] for row in changes.unchanged], writing)

    def record(self, row: Row, present: frozenset[str], writing: Writing) -> dict[str, Any]:
        """Columns that the file does not have keep the value of the record that is corrected."""
        before = row.values.get(RECORD) or {}
        owner = writing.ids(self.owner_sheet)[tuple(row.values[name] for name in self.owner_key)]
        values = {
            name: row.values[name] if name in present else before.get(name)
            for name in self.plain_names()
            if name not in self.owner_key and (name in present or before.get(name) is not None)
        }
        return values | {f"{self.owner}_id": owner}

    def approve_waiting(self, pks: Sequence[int], writing: Writing) -> None:
        """Take in as approved those equal records that still wait for review."""
        waiting = self.model._default_manager.filter(pk__in=pks, state=State.SUBMITTED)
        chosen = list(waiting.values_list("pk", flat=True))
        waiting.update(state=State.APPROVED, decided_at=writing.now)
        log(chosen, self.model, State.APPROVED, writing, before=State.SUBMITTED)


def decided(state: State, writing: Writing) -> dict[str, Any]:
    """State and its times for a record that an import brings in."""
    approved_at = writing.now if state == State.APPROVED else None
    return {"state": state, "submitted_at": writing.now, "decided_at": approved_at, "author": writing.by}


def log(pks: Sequence[int], model: type[Any], state: State, writing: Writing, before: str = "") -> None:
    kind = ContentType.objects.get_for_model(model)
    ReviewLog.objects.bulk_create(
        [
            ReviewLog(
                content_type=kind,
                object_id=pk,
                by=writing.by,
                verb="import",
                from_state=before,
                to_state=state,
            )
            for pk in pks
        ],
        batch_size=BATCH,
    )
