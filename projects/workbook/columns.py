"""From a raw sheet to rows of typed values, with every fault of the sheet at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from projects.workbook.cells import EMPTY, RawCell
from projects.workbook.faults import Fault, Notice, Problem
from projects.workbook.headers import AnyColumn, Column, Header, Slot, YearColumns, place_key
from projects.workbook.layout import HEADER_WITHIN, header_row, place_of, repeats
from projects.workbook.notes import notes_from, told_by
from projects.workbook.raw import RawSheet
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
# In one sheet; nobody mends more at a time.
MOST_FAULTS = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one row, by column name. A value that could not be read is absent."""

    number: int
    values: dict[str, Any]
    cells: Sequence[RawCell] = field(repr=False)
    # Column name, or `name:year` → index of the column (in a sheet of fields: of the row).
    places: Mapping[str, int] = field(repr=False)

    def tells(self, names: Iterable[str]) -> bool:
        """Whether the cells of these columns could be read."""
        return all(name in self.values for name in names)

    def at(self, name: str, year: int | None = None) -> str:
        """The cell, `C5`; the first cell of the row where the file has no such column."""
        return cell_name(self.number, self.places.get(place_key(name, year), 0))

    def cell(self, name: str, year: int | None = None) -> RawCell:
        index = self.places.get(place_key(name, year))
        return EMPTY if index is None else cell_in(self.cells, index)

    def shown(self, name: str, year: int | None = None) -> str:
        """What stands in the cell, as a person sees it."""
        return self.cell(name, year).shown


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
    """What a sheet says; with `faults` none of it can be taken in.

    `rows` are all of them, also those with faults: these tell what could be read of them. `present` names
    the columns that the file has; in the others a row has defaults. `lacking` are the required ones that
    it does not have: there a row tells nothing.
    """

    title: str
    rows: list[Row] = field(default_factory=list)
    present: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def telling(self, *names: str) -> Iterator[Row]:
        """The rows that a rule about these columns can judge, whatever else is wrong with them."""
        return (row for row in self.rows if row.tells(names))

    def fault(self, row: Row, name: str, message: str, expected: str = "", year: int | None = None) -> Fault:
        """A fault of one cell, with the value that stands there."""
        return Fault(self.title, row.at(name, year), row.shown(name, year), message, expected)

    def notice(self, row: Row, name: str, message: str) -> Notice:
        return Notice(self.title, message, row.at(name))

    def add(self, row: Row, slots: Iterable[Slot]) -> None:
        """Read the cells of the row."""
        self.faults.extend(read_row(self, row, slots))
        self.rows.append(row)


def parse_table(raw: RawSheet, columns: Sequence[AnyColumn]) -> Table:
    """The rows of a sheet, not a blank one, whose first row is the header. What is wrong becomes faults."""
    if raw.faults:
        return unreadable_table(raw.title, columns, raw.faults)
    header = table_header(raw, columns)
    table, slots = table_of(header), list(header.slots.values())
    places, blanks, head = header.places, header.blanks(), raw.rows[header.row]
    end = notes_from(raw.rows, header.row + 1, slots)
    for number, cells in enumerate(raw.rows[header.row + 1 : end], header.row + 2):
        if repeats(cells, head):
            table.notices.append(Notice(raw.title, "这一行重复了表头，已忽略", cell_name(number, 0)))
        elif any(not cell_in(cells, slot.index).is_empty for slot in slots):
            table.add(Row(number, blanks(), cells, places), slots)
        if len(table.faults) > MOST_FAULTS:
            more = f"问题超过 {MOST_FAULTS:,} 处，第 {number} 行以后没有再检查"
            fault = Fault(raw.title, "", "", more, "先改正已列出的问题")
            return unreadable_table(raw.title, columns, [*table.faults, fault])
    table.notices.extend(around(raw, header.row, end))
    return table


def around(raw: RawSheet, header: int, end: int) -> Iterator[Notice]:
    """What stands above the header and below the table."""
    if any(raw.rows[:header]):
        message = f"第 {header + 1} 行是表头，上面的标题已忽略：{told_by(raw.rows[:header])}"
        yield Notice(raw.title, message, cell_name(header + 1, 0))
    if end < len(raw.rows):
        message = f"第 {end + 1} 行起是表后说明，已忽略：{told_by(raw.rows[end:])}"
        yield Notice(raw.title, message, cell_name(end + 1, 0))


def parse_fields(raw: RawSheet, columns: Sequence[AnyColumn]) -> Table:
    """The one row that the columns 字段 and 值 make."""
    if raw.faults:
        return unreadable_table(raw.title, columns, raw.faults)
    found = fields_head(raw)
    if found is None:
        missing = Fault(raw.title, "", "", "缺少表头“字段”或“值”", "第 1 行写有“字段”和“值”的工作表")
        return unreadable_table(raw.title, columns, [missing])
    row, at, value_at = found
    header = fields_header(raw, columns, row, at)
    table, slots = table_of(header), header.slots.values()
    values = [cell_in(cells, value_at) for cells in raw.rows]
    table.add(FieldsRow(1, header.blanks()(), values, header.places, value_at), slots)
    table.notices.extend(around(raw, row, len(raw.rows)))
    return table


def fields_head(raw: RawSheet) -> tuple[int, int, int] | None:
    """The row with 字段 and 值, and where these stand in it."""
    for row, cells in enumerate(raw.rows[:HEADER_WITHIN]):
        at, value_at = place_of(cells, FIELD), place_of(cells, VALUE)
        if at is not None and value_at is not None:
            return row, at, value_at
    return None


def duplicate_keys(table: Table, names: Sequence[str]) -> Iterator[Fault]:
    """A fault for each row whose key stands in an earlier row. Keys that are not known are passed over."""
    first: dict[tuple[Any, ...], int] = {}
    for row in table.telling(*names):
        key = tuple(row.values[name] for name in names)
        if any(value is None or value == "" for value in key):
            continue
        number = first.setdefault(key, row.number)
        if number != row.number:
            # Where the key was made from the rest of the row, the row is what is seen twice.
            shown = [row.shown(name) for name in names]
            seen = "、".join(shown if any(shown) else (cell.shown for cell in row.cells if not cell.is_empty))
            expected = "只填一行，或填写不同的编号"
            yield Fault(table.title, row.at(names[0]), seen, f"与第 {number} 行重复", expected)


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
    row = header_row(raw.rows, columns)
    header = Header(raw.title, "列", columns, row)
    for index in range(max(map(len, raw.rows))):
        cell = cell_in(raw.rows[row], index)
        if not cell.is_empty:
            header.take(cell, index, cell_name(row + 1, index))
        elif any(not cell_in(cells, index).is_empty for cells in raw.rows[row + 1 :]):
            header.notice(f"{column_letters(index)} 列没有表头，已忽略")
    header.report_missing()
    return header


def fields_header(raw: RawSheet, columns: Sequence[AnyColumn], row: int, at: int) -> Header:
    header = Header(raw.title, "字段", columns)
    for index, cells in enumerate(raw.rows[row + 1 :], row + 1):
        cell = cell_in(cells, at)
        if not cell.is_empty:
            header.take(cell, index, cell_name(index + 1, at))
        elif any(not other.is_empty for other in cells):
            header.notice(f"第 {index + 1} 行没有字段名，已忽略")
    header.report_missing()
    return header


def table_of(header: Header) -> Table:
    return Table(
        header.title,
        present=header.present,
        lacking=header.lacking,
        faults=list(header.faults),
        notices=list(header.notices),
    )


def unreadable_table(title: str, columns: Sequence[AnyColumn], faults: Sequence[Fault]) -> Table:
    """Of a sheet that cannot be read, every required column is lacking."""
    lacking = frozenset(column.name for column in columns if column.required)
    return Table(title, lacking=lacking, faults=list(faults))


def cell_in(cells: Sequence[RawCell], index: int) -> RawCell:
    """Rows may be shorter than the sheet is wide."""
    return cells[index] if index < len(cells) else EMPTY
