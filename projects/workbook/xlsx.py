"""Sheets of an .xlsx file: values from calamine, and what it does not tell from one pass over the XML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetMetadata, SheetTypeEnum, SheetVisibleEnum

from projects.workbook.budget import Budget, refuse_deep_merges, refuse_many_sheets
from projects.workbook.cells import EMPTY, ERROR_VALUE, LONGEST_SHOWN, RawCell
from projects.workbook.faults import Fault, Refused
from projects.workbook.guard import Unpacked
from projects.workbook.marks import LOADED, Marks, Package
from projects.workbook.raw import RawSheet, fill_down, put, raw_cell
from projects.workbook.references import cell_name

# Texts up to this length are kept once, however often they stand in a sheet.
OFTEN_REPEATED = 40
# Broken cells that are named one by one.
MOST_NAMED = 100


def sheets(data: bytes, unpacked: Unpacked, is_wanted: Callable[[str], bool]) -> Iterator[RawSheet]:
    """The worksheets in their order; those not wanted come without rows."""
    unpacked.refuse_too_much(LOADED)
    package = Package(BytesIO(data))
    budget = Budget(package, unpacked)
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    refuse_many_sheets(len(book.sheets_metadata))
    for meta in book.sheets_metadata:
        if meta.typ == SheetTypeEnum.WorkSheet:
            yield sheet_or_faults(book, budget, meta) if is_wanted(meta.name) else RawSheet(meta.name)


def sheet_or_faults(book: CalamineWorkbook, budget: Budget, meta: SheetMetadata) -> RawSheet:
    """One sheet that cannot be read does not hide what is wrong in the others."""
    try:
        return read_sheet(book, budget, meta)
    except Refused as refused:
        return RawSheet(meta.name, faults=refused.faults)


def read_sheet(book: CalamineWorkbook, budget: Budget, meta: SheetMetadata) -> RawSheet:
    title = meta.name
    marks = budget.marks(title)
    try:
        sheet = book.get_sheet_by_name(title)
    except CalamineError:
        # It gives the sheet up for an error value that it does not know, such as #SPILL!, or a broken cell.
        refuse_errors(title, marks)
        refuse_unreadable(title, budget.package.unreadable(title))
        raise
    rows = raw_rows(sheet.to_python(skip_empty_area=False))
    apply_marks(rows, marks)
    merges = tuple(sheet.merged_cell_ranges or ())
    refuse_deep_merges(title, merges, len(rows))
    fill_down(rows, merges)
    return RawSheet(
        title,
        rows,
        merges=merges,
        is_hidden=meta.visible != SheetVisibleEnum.Visible,
        hidden_rows=frozenset(row for row in marks.hidden_rows if row < len(rows)),
        hidden_columns=frozenset(marks.hidden_columns),
    )


def raw_rows(found: list[list[Any]]) -> list[list[RawCell]]:
    """Rows of cells. What stands in many cells is kept once; what was taken in is let go."""
    rows: list[list[RawCell]] = []
    numbers: dict[float, RawCell] = {}
    texts: dict[str, RawCell] = {}
    for at, values in enumerate(found):
        rows.append(raw_row(values, numbers, texts))
        found[at] = []
    return rows


def raw_row(values: Sequence[Any], numbers: dict[float, RawCell], texts: dict[str, RawCell]) -> list[RawCell]:
    cells = []
    for value in values:
        known: Any = numbers if type(value) is float else texts if type(value) is str else None
        cell = EMPTY if value == "" else known.get(value) if known is not None else raw_cell(value)
        if cell is None:
            cell = raw_cell(value)
            if known is numbers or len(value) <= OFTEN_REPEATED:
                known[value] = cell
        cells.append(cell)
    return cells if any(cell is not EMPTY for cell in cells) else []


def apply_marks(rows: list[list[RawCell]], marks: Marks) -> None:
    for row, column in marks.percents:
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = RawCell(rows[row][column].value, is_percent=True)
    for at, text in marks.errors.items():
        put(rows, at, RawCell(text or "#N/A"))
    for at in marks.uncached:
        put(rows, at, RawCell(is_uncached=True))


def refuse_errors(title: str, marks: Marks) -> None:
    """Name the cells that hold an error value, if there are any."""
    if marks.errors:
        raise Refused(
            Fault(title, cell_name(row + 1, column), text, *ERROR_VALUE)
            for (row, column), text in sorted(marks.errors.items())
        )


def refuse_unreadable(title: str, found: Mapping[str, str]) -> None:
    """Name the cells that are not what the file says they are, if there are any."""
    if found:
        raise Refused(
            Fault(title, cell, text[:LONGEST_SHOWN], "单元格已损坏，读不出来", "重新填写的内容")
            for cell, text in list(found.items())[:MOST_NAMED]
        )
