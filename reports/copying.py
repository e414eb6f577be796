"""A workbook of another format as an .xlsx: sheets, values and their places, merges, what is hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from projects.workbook.cells import INVISIBLE, RawCell
from projects.workbook.raw import RawSheet

# What Excel does not allow in the name of a sheet, and how long it may be.
NOT_IN_TITLES, LONGEST_TITLE = re.compile(r"[\[\]:*?/\\]"), 31
LONGEST_CODE = 100
NARROWEST, WIDEST = 9, 46
ROWS_MEASURED = 100


def copied(sheets: Mapping[str, RawSheet]) -> tuple[Workbook, dict[str, Worksheet]]:
    """The copy, and its sheets by the titles they had. A formula is the value that was saved with it."""
    book = Workbook()
    book.remove(book.active)
    return book, {title: copy_of(raw, book) for title, raw in sheets.items()}


def copy_of(raw: RawSheet, book: Workbook) -> Worksheet:
    sheet: Worksheet = book.create_sheet(NOT_IN_TITLES.sub("_", raw.title)[:LONGEST_TITLE])
    for number, cells in enumerate(raw.rows, 1):
        for column, cell in enumerate(cells, 1):
            if cell.value is not None:
                write(sheet.cell(number, column), cell)
    for (top, left), (bottom, right) in raw.merges:
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    for column, width in enumerate(widths(raw.rows), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.column_dimensions[get_column_letter(column)].hidden = column - 1 in raw.hidden_columns
    for row in raw.hidden_rows:
        sheet.row_dimensions[row + 1].hidden = True
    sheet.sheet_state = "hidden" if raw.is_hidden else "visible"
    return sheet


def write(target: Any, cell: RawCell) -> None:
    value = cell.value
    if isinstance(value, Decimal) and not value.is_finite():
        value = str(value)
    if not isinstance(value, str):
        target.value = value
        if cell.is_percent:
            target.number_format = "0.00%"
        return
    target.value = INVISIBLE.sub("", value)
    if target.data_type == "f":
        target.data_type = "s"  # text, whatever sign it starts with
    if len(value) <= LONGEST_CODE:
        # So that a code which is mended does not become a date.
        target.number_format = "@"


def widths(rows: Sequence[Sequence[RawCell]]) -> list[int]:
    """Of each column, as wide as its first cells ask."""
    measured = rows[:ROWS_MEASURED]
    found = [NARROWEST] * max(map(len, rows), default=0)
    for cells in measured:
        for column, cell in enumerate(cells):
            found[column] = max(found[column], min(WIDEST, width_of(cell.shown) + 2))
    return found


def width_of(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
