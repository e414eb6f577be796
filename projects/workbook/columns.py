"""From a raw sheet to rows of typed values, with every fault of the sheet at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from projects.workbook.cells import EMPTY, RawCell, written
from projects.workbook.faults import Fault, Notice, Problem
from projects.workbook.headers import AnyColumn, Column, Header, Slot, YearColumns, folded, place_key
from projects.workbook.reading import RawSheet
from projects.workbook.references import cell_name, column_letters

__all__ = [
    "Column",
    "FieldsRow",
    "Row",
    "Table",
    "YearColumns",
    "duplicate_keys",
    "parse_fields",
    "parse_table",
]

FIELD, VALUE = "字段", "值"


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one row, by column name. A value that could not be read is absent."""

    number: int
    values: dict[str, Any]
    cells: Sequence[RawCell] = field(repr=False)
    # Column name, or `name:year` → index of the column (in a sheet of fields: of the row).
    places: Mapping[str, int] = field(repr=False)

    def at(self, name: str, year: int | None = None) -> str:
        """The cell, `C5`; the first cell of the row where the file has no such column."""
        return cell_name(self.number, self.places.get(place_key(name, year), 0))

    def shown(self, name: str, year: int | None = None) -> str:
        """What stands in the cell, as a person sees it."""
        index = self.places.get(place_key(name, year))
        return "" if index is None else cell_in(self.cells, index).shown


@dataclass(frozen=True, slots=True)
class FieldsRow(Row):
    """The only row of a sheet of fields: each of its values stands in a row of its own."""

    column: int = 1

    def at(self, name: str, year: int | None = None) -> str:
        """The cell of the value, `B5`; nothing where the file has no such field."""
        index = self.places.get(place_key(name, year))
        return "" if index is None else cell_name(index + 1, self.column)


@dataclass(frozen=True)
class Table:
    """What a sheet says.

    `faulty` are the rows that cannot be taken in, with the values that could be read. `present` names
    the columns that the file has; in the others a row has defaults.
    """

    title: str
    rows: list[Row] = field(default_factory=list)
    faulty: list[Row] = field(default_factory=list)
    present: frozenset[str] = frozenset()
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @property
    def faulty_rows(self) -> frozenset[int]:
        return frozenset(row.number for row in self.faulty)

    def fault(self, row: Row, name: str, message: str, expected: str = "", year: int | None = None) -> Fault:
        """A fault of one cell, with the value that stands there."""
        return Fault(self.title, row.at(name, year), row.shown(name, year), message, expected)

    def add(self, row: Row, slots: Iterable[Slot]) -> None:
        """Read the cells of the row and put it where it belongs."""
        faults = read_row(self, row, slots)
        (self.faulty if faults else self.rows).append(row)
        self.faults.extend(faults)


def parse_table(raw: RawSheet, columns: Sequence[AnyColumn]) -> Table:
    """The rows of a sheet whose first row is the header. What is wrong becomes faults, no exception."""
    if is_blank(raw):
        return blank_table(raw.title)
    header = table_header(raw, columns)
    table, slots = table_of(header), list(header.slots.values())
    places, blanks = header.places, header.blanks()
    for number, cells in enumerate(raw.rows[1:], 2):
        if any(not cell_in(cells, slot.index).is_empty for slot in slots):
            table.add(Row(number, blanks(), cells, places), slots)
    return without_rows(table) if header.faults else table


def parse_fields(raw: RawSheet, columns: Sequence[Column]) -> Table:
    """The one row that the columns 字段 and 值 make."""
    if is_blank(raw):
        return blank_table(raw.title)
    heads = [folded(written(cell)) for cell in raw.rows[0]]
    if FIELD not in heads or VALUE not in heads:
        missing = Fault(raw.title, "", "", "缺少表头“字段”或“值”", "第 1 行写有“字段”和“值”的工作表")
        return Table(raw.title, faults=[missing])
    at, value_at = heads.index(FIELD), heads.index(VALUE)
    header = fields_header(raw, columns, at)
    table, slots = table_of(header), header.slots.values()
    values = [cell_in(cells, value_at) for cells in raw.rows]
    table.add(FieldsRow(1, header.blanks()(), values, header.places, value_at), slots)
    return without_rows(table) if header.faults else table


def duplicate_keys(table: Table, names: Sequence[str]) -> list[Fault]:
    """A fault for each row whose key stands in an earlier row. Keys that are not known are passed over."""
    first: dict[tuple[Any, ...], int] = {}
    faults = []
    for row in sorted(table.rows + table.faulty, key=lambda row: row.number):
        key = tuple(row.values.get(name) for name in names)
        if any(value is None or value == "" for value in key):
            continue
        number = first.setdefault(key, row.number)
        if number != row.number:
            shown = "、".join(row.shown(name) for name in names)
            message = f"与第 {number} 行重复"
            faults.append(Fault(table.title, row.at(names[0]), shown, message, "每个键只有一行"))
    return faults


def read_row(table: Table, row: Row, slots: Iterable[Slot]) -> list[Fault]:
    """Fill `row.values` from its cells; the faults are returned."""
    faults = []
    for slot in slots:
        try:
            value = slot.read(cell_in(row.cells, slot.index))
        except Problem as problem:
            faults.append(table.fault(row, slot.name, problem.message, problem.expected, slot.year))
            row.values.pop(slot.name, None)
            continue
        if slot.year is None:
            row.values[slot.name] = value
        elif slot.name in row.values:
            row.values[slot.name][slot.year] = value
    return faults


def table_header(raw: RawSheet, columns: Sequence[AnyColumn]) -> Header:
    header = Header(raw.title, "列", columns)
    for index in range(max(map(len, raw.rows))):
        cell = cell_in(raw.rows[0], index)
        if not cell.is_empty:
            header.take(cell, index, cell_name(1, index))
        elif any(not cell_in(cells, index).is_empty for cells in raw.rows):
            header.notice(f"{column_letters(index)} 列没有表头，已忽略")
    header.report_missing()
    return header


def fields_header(raw: RawSheet, columns: Sequence[Column], at: int) -> Header:
    header = Header(raw.title, "字段", columns)
    for index, cells in enumerate(raw.rows[1:], 1):
        cell = cell_in(cells, at)
        if not cell.is_empty:
            header.take(cell, index, cell_name(index + 1, at))
        elif any(not other.is_empty for other in cells):
            header.notice(f"第 {index + 1} 行没有字段名，已忽略")
    header.report_missing()
    return header


def table_of(header: Header) -> Table:
    return Table(
        header.title, present=header.present, faults=list(header.faults), notices=list(header.notices)
    )


def without_rows(table: Table) -> Table:
    """With a wrong header no row can be taken in."""
    table.faulty.extend(table.rows)
    table.rows.clear()
    return table


def is_blank(raw: RawSheet) -> bool:
    return all(cell.is_empty for cells in raw.rows for cell in cells)


def blank_table(title: str) -> Table:
    return Table(title, notices=[Notice(title, "工作表是空的，已忽略")])


def cell_in(cells: Sequence[RawCell], index: int) -> RawCell:
    """Rows may be shorter than the sheet is wide."""
    return cells[index] if index < len(cells) else EMPTY
