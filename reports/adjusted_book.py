"""What changes of the task book mean for workbooks: what left it, and what a file would set back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from projects.adjustable import YEARLY, field_of, shown, written
from projects.models import ChangeRequest
from projects.models.change import DELETION
from projects.workbook.book import Book, Key, Values
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Notice
from projects.workbook.sheet import RECORD, Changes, Sheet

# The sheet that holds each kind of record.
SHEETS = {"taskpoint": "任务点", "indicator": "绩效指标", "outcometarget": "成果目标", "task": "建设任务"}
Gone = Mapping[str, frozenset[Key]]


def gone(book: Book, sheets: Mapping[str, Sheet], today: date) -> Gone:
    """The keys of the records that have left the task book by a day, by sheet."""
    if book.project is None:
        return {}
    found = {}
    for kind, title in SHEETS.items():
        sheet = sheets[title]
        if kind != "task":
            keys = sheet.records(book).filter(removed_on__lte=today)
            found[title] = frozenset(keys.values_list(*map(sheet.lookup, sheet.key)))
    return {title: keys for title, keys in found.items() if keys}


def without(rows: Iterable[Values], sheet: Sheet, left: Gone) -> list[Values]:
    """The rows of a sheet without what left: not the records, nor rows about them, nor references to them."""
    if not left:
        return list(rows)
    return [kept for values in rows if (kept := stripped(values, sheet, left)) is not None]


def stripped(values: Values, sheet: Sheet, left: Gone) -> Values | None:
    if sheet.key and sheet.key_of(values) in left.get(sheet.title, ()):
        return None
    kept = dict(values)
    for reference in sheet.references:
        if tuple(values.get(name) for name in reference.columns) in left.get(reference.sheet, ()):
            if set(reference.columns) <= set(sheet.key):
                return None
            kept |= dict.fromkeys(reference.columns, "")
    for name, many in sheet.many.items():
        if many.sheet in left:
            kept[name] = frozenset(values[name]) - left[many.sheet]
    return kept


class Adjusted:
    """The changes in force of the project that a file is about; without any, nothing more is read."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.last = last_of_each(book)

    @cached_property
    def left(self) -> Gone:
        """What has left the task book, on whatever day: a file is not asked for it."""
        return gone(self.book, self.book.sheets, date.max) if self.last else {}

    def gone(self, title: str) -> frozenset[Key]:
        return self.left.get(title, frozenset())

    def notices(self, sheet: Sheet, table: Table, changes: Changes) -> Iterator[Notice]:
        """One line for every approved change that the file would undo, or cannot."""
        own = [each for each in self.last if SHEETS[each.content_type.model] == sheet.title]
        if not own:
            return
        keys = {pk: key for key, pk in sheet.ids(self.book).items()}
        rows = {sheet.key_of(row.values): row for row in table.telling(*sheet.key)}
        changed = {sheet.key_of(row.values) for row in changes.changed}
        for each in own:
            key = keys.get(each.object_id)
            for at in (key, before_move(key, each)) if key else ():
                if row := rows.get(at):
                    message = undoing(each, row, is_changed=at in changed, is_old=at != key)
                    if message:
                        yield table.notice(row, sheet.key[-1], message)
                    break


def last_of_each(book: Book) -> list[ChangeRequest]:
    """The last change that was written of every value of the project."""
    if book.project is None:
        return []
    found = ChangeRequest.objects.filter(project=book.project, written_at__isnull=False)
    last = {
        (each.content_type_id, each.object_id, each.field): each
        for each in found.select_related("content_type").order_by("decided_at", "id")
    }
    return list(last.values())


def before_move(key: Key, request: ChangeRequest) -> Key:
    """The key of a point before it went to another year; of all else its key."""
    if request.field != "year":
        return key
    year, _, seq = request.old_value.partition("-")
    return (key[0], int(year), seq)


def undoing(request: ChangeRequest, row: Row, *, is_changed: bool, is_old: bool) -> str:
    """What the row of a file does against a change, as a sentence; empty where it does nothing."""
    by = f"{request.approval_no}（自 {request.in_force_on} 起生效）"
    if request.field == DELETION:
        return f"已按 {by} 调出任务书，导入不会恢复"
    field = field_of(request.content_type.model, request.field)
    what = f"已按 {by} 由 {shown(field, request.old_value)} 调整为 {shown(field, request.new_value)}"
    if is_old:
        return f"{what}，导入会另建一条"
    text = undone(row, request) if is_changed else None
    return "" if text is None else f"“{field.label}”{what}，导入将改为 {shown(field, text)}"


def undone(row: Row, request: ChangeRequest) -> str | None:
    """What the file says instead of an adjusted value; None where it agrees or says nothing of it."""
    stood: Values = row.values[RECORD]
    name = request.field
    value: Any
    if name.startswith(YEARLY):
        year = int(name.removeprefix(YEARLY))
        targets: Mapping[int, Any] = row.values.get("targets") or {}
        if year not in targets:
            return None
        value, was = targets[year], stood["targets"].get(year)
    elif name in row.places and name in stood:
        value, was = row.values[name], stood[name]
    else:
        return None
    return written(value) if written(value) != written(was) else None
