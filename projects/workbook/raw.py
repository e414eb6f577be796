"""A sheet as its file holds it: cells with values, merges, and what is hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from projects.workbook.cells import EMPTY, RawCell
from projects.workbook.faults import Fault, Notice, Refused
from projects.workbook.references import cell_name, column_letters

# The rectangle of a sheet may be allocated whole: some 60 bytes a cell while reading.
LARGEST_AREA = 2_000_000
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
SPANS_SHOWN = 12

Position = tuple[int, int]
Merge = tuple[Position, Position]


@dataclass(frozen=True, slots=True)
class RawSheet:
    """All cells of a sheet; `rows[0]` is row 1. Rows may be shorter than the sheet is wide.

    With `faults` the sheet could not be read at all. Hidden rows and columns are counted from 0.
    """

    title: str
    rows: list[list[RawCell]] = field(default_factory=list, repr=False)
    faults: tuple[Fault, ...] = ()
    merges: tuple[Merge, ...] = ()
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    @property
    def is_blank(self) -> bool:
        return not self.faults and all(cell.is_empty for cells in self.rows for cell in cells)


def raw_cell(value: Any) -> RawCell:
    """The cell for a value; floats become the decimals that Excel shows."""
    if isinstance(value, float):
        # The 15 digits that Excel keeps.
        return RawCell(Decimal(f"{value:.15g}"))
    if isinstance(value, str) and (not value or value.isspace()):
        return EMPTY
    if isinstance(value, datetime) and value.time() == time.min:
        return RawCell(value.date())
    return RawCell(value)


def put(rows: list[list[RawCell]], at: Position, cell: RawCell) -> None:
    """Set a cell that may lie outside the rows and columns there are."""
    row, column = at
    rows.extend([] for _ in range(row + 1 - len(rows)))
    rows[row].extend([EMPTY] * (column + 1 - len(rows[row])))
    rows[row][column] = cell


def fill_down(rows: list[list[RawCell]], merges: Iterable[Merge]) -> None:
    """Copy the value of each merged range down its first column, except into rows without any content."""
    for (first, column), (last, _) in merges:
        if first < len(rows) and column < len(rows[first]):
            for number in range(first + 1, min(last + 1, len(rows))):
                if rows[number]:
                    put(rows, (number, column), rows[first][column])


def refuse_too_large(title: str, height: int, width: int) -> None:
    if height * width > LARGEST_AREA or height > MOST_ROWS or width > MOST_COLUMNS:
        message = f"工作表太大：内容一直到第 {height} 行、{column_letters(width - 1)} 列"
        raise Refused([Fault(title, "", "", message, "表格以外没有内容的工作表")])


def hidden_notices(sheet: RawSheet) -> Iterator[Notice]:
    """What of the sheet is hidden and read all the same."""
    if sheet.is_hidden:
        yield Notice(sheet.title.strip(), "工作表是隐藏的，内容照常读取")
    rows = {row for row in sheet.hidden_rows if any(not cell.is_empty for cell in sheet.rows[row])}
    if rows:
        first = cell_name(min(rows) + 1, 0)
        yield Notice(sheet.title.strip(), f"隐藏的第 {spans(rows, row_name)} 行照常读取", first)
    filled = {index for cells in sheet.rows for index, cell in enumerate(cells) if not cell.is_empty}
    if columns := sheet.hidden_columns & filled:
        yield Notice(sheet.title.strip(), f"隐藏的 {spans(columns, column_letters)} 列照常读取")


def row_name(index: int) -> str:
    return str(index + 1)


def spans(indexes: Iterable[int], name: Callable[[int], str]) -> str:
    """`3—5、9`."""
    found: list[list[int]] = []
    for index in sorted(indexes):
        if found and index == found[-1][1] + 1:
            found[-1][1] = index
        else:
            found.append([index, index])
    shown = [name(a) if a == b else f"{name(a)}—{name(b)}" for a, b in found[:SPANS_SHOWN]]
    return "、".join(shown) + (" 等" if len(found) > SPANS_SHOWN else "")
