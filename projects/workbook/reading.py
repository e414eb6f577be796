"""From a file to raw cells. Whatever is wrong with the file ends in `Refused`."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from projects.workbook.budget import Budget, refuse_deep_merges
from projects.workbook.cells import EMPTY, ERROR_VALUE, RawCell
from projects.workbook.faults import Fault, Refused
from projects.workbook.guard import LARGEST_READ, content, refused, unpack
from projects.workbook.marks import LOADED, Marks, Package, Position
from projects.workbook.references import cell_name

# Texts up to this length are kept once, however often they stand in a sheet.
OFTEN_REPEATED = 40

SAVE_AS_XLSX = "在 Excel 或 WPS 中另存的 .xlsx 工作簿"
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

Merge = tuple[Position, Position]


@dataclass(frozen=True, slots=True)
class RawSheet:
    """All cells of a sheet; `rows[0]` is row 1. Rows are as wide as the sheet, empty ones may be short.

    With `faults` the sheet could not be read at all.
    """

    title: str
    rows: list[list[RawCell]] = field(default_factory=list, repr=False)
    faults: tuple[Fault, ...] = ()

    @property
    def is_blank(self) -> bool:
        return not self.faults and all(cell.is_empty for cells in self.rows for cell in cells)


@dataclass(frozen=True, slots=True)
class RawBook:
    """The worksheets by title (trimmed), in their order, and what else is worth knowing of the file."""

    sheets: dict[str, RawSheet]
    oddities: tuple[str, ...] = ()


def read_sheets(source: Path | BinaryIO, wanted: Container[str] | None = None) -> dict[str, RawSheet]:
    """The worksheets of a file by title."""
    return read_workbook(content(source, LARGEST_READ), wanted).sheets


def read_workbook(data: bytes, wanted: Container[str] | None = None) -> RawBook:
    """The worksheets of a file; those not `wanted` come without rows."""
    with refusing("文件已损坏，或不是 Excel 工作簿"):
        refuse_other_formats(data)
        unpacked = unpack(data)
        unpacked.refuse_too_much(LOADED)
        package = Package(BytesIO(data))
        budget = Budget(package, unpacked)
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        titles = [meta.name for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
        sheets: dict[str, RawSheet] = {}
        for title in titles:
            key = title.strip() if title.strip() not in sheets else title
            is_wanted = wanted is None or key in wanted
            sheets[key] = sheet_or_faults(book, budget, title) if is_wanted else RawSheet(title)
        return RawBook(sheets, tuple(unpacked.oddities()))


def sheet_or_faults(book: CalamineWorkbook, budget: Budget, title: str) -> RawSheet:
    """One sheet that cannot be read does not hide what is wrong in the others."""
    try:
        return read_sheet(book, budget, title)
    except Refused as refused:
        return RawSheet(title, faults=refused.faults)


def read_sheet(book: CalamineWorkbook, budget: Budget, title: str) -> RawSheet:
    marks = budget.marks(title)
    try:
        sheet = book.get_sheet_by_name(title)
    except CalamineError:
        # It gives the sheet up for an error value that it does not know, such as #SPILL!.
        refuse_errors(title, marks)
        raise
    rows = raw_rows(sheet.to_python(skip_empty_area=False))
    apply_marks(rows, marks)
    merges = sheet.merged_cell_ranges or []
    refuse_deep_merges(title, merges, len(rows))
    for merge in merges:
        fill_down(rows, merge)
    return RawSheet(title, rows)


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


def raw_cell(value: Any) -> RawCell:
    """The cell for a value from calamine; floats become the decimals that Excel shows."""
    if isinstance(value, float):
        # The 15 digits that Excel keeps.
        return RawCell(Decimal(f"{value:.15g}"))
    if isinstance(value, str) and (not value or value.isspace()):
        return EMPTY
    if isinstance(value, datetime) and value.time() == time.min:
        return RawCell(value.date())
    return RawCell(value)


def apply_marks(rows: list[list[RawCell]], marks: Marks) -> None:
    for row, column in marks.percents:
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = RawCell(rows[row][column].value, is_percent=True)
    for at, text in marks.errors.items():
        put(rows, at, RawCell(text or "#N/A"))
    for at in marks.uncached:
        put(rows, at, RawCell(is_uncached=True))


def put(rows: list[list[RawCell]], at: Position, cell: RawCell) -> None:
    """Set a cell that may lie outside the area calamine saw."""
    row, column = at
    rows.extend([] for _ in range(row + 1 - len(rows)))
    rows[row].extend([EMPTY] * (column + 1 - len(rows[row])))
    rows[row][column] = cell


def fill_down(rows: list[list[RawCell]], merge: Merge) -> None:
    """Copy the value of a merged range down its first column, except into rows without any content."""
    (first, column), (last, _) = merge
    if first < len(rows) and column < len(rows[first]):
        for number in range(first + 1, min(last + 1, len(rows))):
            if rows[number]:
                put(rows, (number, column), rows[first][column])


@contextmanager
def refusing(message: str) -> Iterator[None]:
    """Whatever the libraries make of a damaged file is one sentence, also a panic of theirs."""
    try:
        yield
    except Refused:
        raise
    except MemoryError:
        raise refused("文件太大，内存不足", "较小的工作簿") from None
    except BaseException as error:
        # A panic derives from BaseException and its class cannot be imported.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise refused(message, SAVE_AS_XLSX) from error
        raise


def refuse_other_formats(data: bytes) -> None:
    if not data:
        raise refused("文件是空的", ".xlsx 工作簿")
    if data.startswith(OLE):
        if ENCRYPTED in data:
            raise refused("文件有打开密码", "没有打开密码的 .xlsx 工作簿")
        raise refused("不是 .xlsx 工作簿（像是旧版 .xls）", SAVE_AS_XLSX)
    if not data.startswith(ZIP):
        raise refused("不是 Excel 工作簿", SAVE_AS_XLSX)


def refuse_errors(title: str, marks: Marks) -> None:
    """Name the cells that hold an error value, if there are any."""
    if marks.errors:
        raise Refused(
            Fault(title, cell_name(row + 1, column), text, *ERROR_VALUE)
            for (row, column), text in sorted(marks.errors.items())
        )
