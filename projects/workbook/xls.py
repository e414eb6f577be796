"""Sheets of an .xls file, as Excel 97—2003 and WPS (.et) write it.

xlrd is read for all of it: unlike calamine it tells number formats, error values and what is hidden,
and it makes no rectangle of a sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import xlrd
from xlrd.biffh import error_text_from_code
from xlrd.xldate import XLDateError, xldate_as_datetime

from projects.workbook.budget import Room, refuse_deep_merges, refuse_many_merges, refuse_many_sheets
from projects.workbook.cells import EMPTY, RawCell
from projects.workbook.faults import Refused, refused
from projects.workbook.guard import MEGABYTE, megabytes
from projects.workbook.marks import shows_percent
from projects.workbook.raw import Merge, Position, RawSheet, fill_down, raw_cell, refuse_too_large

# xlrd holds styles, texts and a whole sheet before anything can be counted: up to 50 bytes for each one of
# the file. Ten thousand rows of a task book take some 3 MB.
LARGEST = 6 * MEGABYTE
PASSWORD = "encrypted"
NOTHING = bytes([xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK])


class Silence:
    """Where xlrd reports what puzzles it."""

    def write(self, text: str) -> None:
        pass


def sheets(data: bytes, is_wanted: Callable[[str], bool]) -> Iterator[RawSheet]:
    """The worksheets in their order; those not wanted come without rows."""
    room = Room()
    with opened(data) as book:
        refuse_many_sheets(book.nsheets)
        for title in book.sheet_names():
            if not is_wanted(title):
                yield RawSheet(title)
                continue
            try:
                yield sheet(book, title, room)
            except Refused as refused:
                yield RawSheet(title, faults=refused.faults)
            book.unload_sheet(title)


def opened(data: bytes) -> Any:
    if len(data) > LARGEST:
        message = f"旧格式（.xls、.et）的文件太大：{megabytes(len(data))}，超过上限 {megabytes(LARGEST)}"
        raise refused(message, "在 Excel 或 WPS 中另存为 .xlsx 的工作簿")
    try:
        return xlrd.open_workbook(
            file_contents=data, formatting_info=True, on_demand=True, ragged_rows=True, logfile=Silence()
        )
    except xlrd.XLRDError as error:
        if PASSWORD in str(error):
            raise refused("文件有打开密码", "没有打开密码的工作簿") from None
        raise


def sheet(book: Any, title: str, room: Room) -> RawSheet:
    found = book.sheet_by_name(title)
    read = Cells(book)
    rows: list[list[RawCell]] = []
    for number in range(found.nrows):
        rows.append(read.row(found, number))
        room.take(title, sum(cell is not EMPTY for cell in rows[-1]))
    while rows and not rows[-1]:
        rows.pop()
    refuse_too_large(title, len(rows), max(map(len, rows), default=0))
    merges: tuple[Merge, ...] = tuple(
        ((top, left), (bottom - 1, right - 1)) for top, bottom, left, right in found.merged_cells
    )
    refuse_many_merges(title, len(merges))
    refuse_deep_merges(title, merges, len(rows))
    fill_down(rows, merges)
    return RawSheet(
        title,
        rows,
        merges=merges,
        is_hidden=found.visibility != 0,
        hidden_rows=frozenset(
            row for row, look in found.rowinfo_map.items() if look.hidden and row < len(rows)
        ),
        hidden_columns=frozenset(column for column, look in found.colinfo_map.items() if look.hidden),
    )


class Cells:
    """Reads cells of a workbook: what a number is depends on its format."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.percents: dict[int, bool] = {}

    def row(self, sheet: Any, number: int) -> list[RawCell]:
        """The cells of a row, without those at its end that only have a format."""
        kinds = sheet.row_types(number).tobytes().rstrip(NOTHING)
        values = sheet.row_values(number, 0, len(kinds)) if kinds else ()
        return [
            self.cell(kind, value, sheet, (number, column))
            for column, (kind, value) in enumerate(zip(kinds, values, strict=True))
        ]

    def cell(self, kind: int, value: Any, sheet: Any, at: Position) -> RawCell:
        if kind == xlrd.XL_CELL_TEXT:
            return raw_cell(value)
        if kind == xlrd.XL_CELL_NUMBER:
            return RawCell(raw_cell(value).value, is_percent=self.is_percent(sheet.cell_xf_index(*at)))
        if kind == xlrd.XL_CELL_DATE:
            return raw_cell(self.moment(value, sheet.cell_xf_index(*at)))
        if kind == xlrd.XL_CELL_BOOLEAN:
            return RawCell(bool(value))
        if kind == xlrd.XL_CELL_ERROR:
            return RawCell(error_text_from_code.get(value, "#N/A"))
        return EMPTY

    def is_percent(self, style: int) -> bool:
        if style not in self.percents:
            self.percents[style] = shows_percent(self.number_format(style))
        return self.percents[style]

    def number_format(self, style: int) -> str:
        """The number format of a cell style, such as 0.00%."""
        return str(self.book.format_map[self.book.xf_list[style].format_key].format_str)

    def moment(self, value: float, style: int) -> Any:
        """A date, a time or a duration; the bare number where it stands for none."""
        try:
            if "[h" in self.number_format(style).lower():
                return timedelta(days=value)
            found = xldate_as_datetime(value, self.book.datemode)
        except (XLDateError, ValueError, OverflowError):
            return value
        return found.time() if 0 <= value < 1 else found
