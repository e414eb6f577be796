"""What an import would change, as rows that a person can read: old beside new, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from projects.numbers import plain
from projects.workbook.book import Values
from projects.workbook.columns import Row
from projects.workbook.sheet import FILE, RECORD, Changes, Sheet
from reports.export import cell, each_column, header_of

NEW, CHANGED, REMOVED, MISSING = "new", "changed", "removed", "missing"


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the file, or one record that the file lacks.

    `cells` are (heading, old, new).
    """

    sheet: str
    number: int
    kind: str
    key: str
    cells: tuple[tuple[str, str, str], ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def items(sheets: Iterable[Sheet], changes: Mapping[str, Changes]) -> Iterator[Item]:
    """Sheet by sheet what is changed, new, to be deleted and missing."""
    for sheet in sheets:
        if found := changes.get(sheet.title):
            yield from (changed(sheet, row) for row in (*found.changed, *found.new))
            yield from (absent(sheet, key, REMOVED) for key in found.removed)
            yield from (absent(sheet, key, MISSING) for key in found.missing)


def changed(sheet: Sheet, row: Row) -> Item:
    """A changed row with the cells that differ, or a new one with all that it says."""
    stood: Values | None = row.values.get(RECORD)
    years = sorted(row.values.get("targets", ()))
    cells = []
    for column, year in each_column(sheet.columns, years):
        if column.name in row.places or year in row.values.get("targets", ()):
            old = "" if stood is None else written(cell(column, stood, year))
            new = written(cell(column, row.values, year))
            if old != new:
                cells.append((header_of(column, year), old, new))
    if FILE in row.values:
        cells.append(("文件", *row.values[FILE]))
    names = sheet.key or [column.name for column in sheet.columns[:3]]
    key = key_written(row.values.get(name) for name in names)
    return Item(sheet.title, row.number, NEW if stood is None else CHANGED, key, tuple(cells))


def absent(sheet: Sheet, key: tuple[Any, ...], kind: str) -> Item:
    """A record that the file lacks."""
    return Item(sheet.title, 0, kind, key_written(key), ())


def key_written(key: Iterable[Any]) -> str:
    return " / ".join(filter(None, map(written, key)))


def written(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, tuple):
        return "-".join(dict.fromkeys(map(written, value)))
    return value.isoformat() if isinstance(value, date) else str(value)
