"""Sheets of an .ods file, as LibreOffice, WPS and Excel write it, in one pass over its XML.

calamine reads these files as well, but drops percentages, errors and merges, and allocates what a cell
claims to repeat before anybody can refuse it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from io import BytesIO
from xml.parsers import expat
from zipfile import ZipFile

from projects.workbook.budget import Room, refuse_deep_merges, refuse_many_merges, refuse_many_sheets
from projects.workbook.cells import EMPTY, ERROR, RawCell
from projects.workbook.faults import Refused, refused
from projects.workbook.guard import Unpacked, parse, part_name
from projects.workbook.raw import MOST_COLUMNS, Merge, RawSheet, fill_down, raw_cell, refuse_too_large

CONTENT, MANIFEST = "content.xml", "meta-inf/manifest.xml"
ENCRYPTED = b"encryption-data"
MOST_SPACES = 100
# Of one cell so much is held: far more than any column takes.
MOST_OF_A_CELL = 100_000

OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TABLE, TEXT, STYLE = (f"{OASIS}{name}:1.0 " for name in ("office", "table", "text", "style"))
# Subtrees whose tables and texts are none of the sheet's cells.
APART = frozenset(
    [
        f"{OFFICE}annotation",
        f"{OFFICE}forms",
        f"{TABLE}tracked-changes",
        f"{TABLE}dde-links",
        f"{TABLE}shapes",
        f"{TEXT}note",
        f"{TEXT}ruby-text",
    ]
)
DRAWING = f"{OASIS}drawing:1.0 "
CELLS = frozenset([f"{TABLE}table-cell", f"{TABLE}covered-table-cell"])
PARAGRAPHS = frozenset([f"{TEXT}p", f"{TEXT}h"])
NUMBERS = frozenset(["float", "percentage", "currency"])
DURATION = re.compile(r"PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,]\d*)?S)?", re.ASCII)
DAY = timedelta(days=1)

Attributes = dict[str, str]


def sheets(data: bytes, unpacked: Unpacked, is_wanted: Callable[[str], bool]) -> list[RawSheet]:
    """The worksheets in their order; those not wanted come without rows."""
    unpacked.refuse_too_much([CONTENT, MANIFEST])
    scan = Scan(is_wanted)
    with ZipFile(BytesIO(data)) as archive:
        parts = {part_name(info): info for info in archive.infolist()}
        if MANIFEST in parts and ENCRYPTED in archive.read(parts[MANIFEST]):
            raise refused("文件有打开密码", "没有打开密码的工作簿")
        with archive.open(parts[CONTENT]) as part:
            parse(scan.parser, part, CONTENT)
    return scan.sheets


@dataclass
class Grid:
    """A sheet while its cells come in, row by row from the left."""

    title: str
    room: Room
    rows: list[list[RawCell]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    row: int = 0
    column: int = 0
    columns: int = 0
    width: int = 0

    def add(self, cell: RawCell, times: int, spanned: tuple[int, int]) -> None:
        """The next cells of the row; `spanned` are the rows and columns of a merge."""
        if not cell.is_empty:
            self.make_room(times)
            self.rows[self.row].extend([cell] * times)
        if spanned != (1, 1):
            last = (self.row + spanned[0] - 1, self.column + spanned[1] - 1)
            self.merges.append(((self.row, self.column), last))
        self.column += times

    def end_row(self, times: int, is_hidden: bool) -> None:
        if self.row < len(self.rows):
            refuse_too_large(self.title, self.row + times, self.width)
            cells = self.rows[self.row]
            filled = sum(not cell.is_empty for cell in cells)
            self.room.take(self.title, filled * (times - 1), len(cells) * (times - 1), times - 1)
            self.rows.extend(list(cells) for _ in range(times - 1))
            if is_hidden:
                self.hidden_rows.update(range(self.row, self.row + times))
        self.row += times
        self.column = 0

    def add_columns(self, times: int, is_hidden: bool) -> None:
        if is_hidden:
            self.hidden_columns.update(range(self.columns, min(self.columns + times, MOST_COLUMNS)))
        self.columns += times

    def make_room(self, times: int) -> None:
        """Fill the grid with empty cells up to where the next ones come."""
        end = self.column + times
        self.width = max(self.width, end)
        refuse_too_large(self.title, self.row + 1, self.width)
        new_rows = self.row + 1 - len(self.rows)
        missing = end - (0 if new_rows > 0 else len(self.rows[self.row]))
        self.room.take(self.title, times, missing, max(0, new_rows))
        self.rows.extend([] for _ in range(new_rows))
        self.rows[self.row].extend([EMPTY] * (missing - times))

    def sheet(self, is_hidden: bool) -> RawSheet:
        refuse_many_merges(self.title, len(self.merges))
        refuse_deep_merges(self.title, self.merges, len(self.rows))
        fill_down(self.rows, self.merges)
        return RawSheet(
            self.title,
            self.rows,
            merges=tuple(self.merges),
            is_hidden=is_hidden,
            hidden_rows=frozenset(self.hidden_rows),
            hidden_columns=frozenset(self.hidden_columns),
        )


class Scan:
    """Goes through content.xml."""

    def __init__(self, is_wanted: Callable[[str], bool]) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.is_wanted = is_wanted
        self.room = Room()
        self.sheets: list[RawSheet] = []
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.apart = 0
        self.table: Attributes | None = None
        # None while a table is not wanted, or is given up.
        self.grid: Grid | None = None
        self.refused: Refused | None = None
        self.line: Attributes = {}
        self.cell: Attributes | None = None
        self.paragraphs: list[list[str]] = []
        self.length = 0
        self.tables = 0

    def start(self, name: str, found: Attributes) -> None:
        if (
            self.apart
            or name in APART
            or name.startswith(DRAWING)
            or (self.cell is not None and name == f"{TABLE}table")
        ):
            self.apart += 1
        elif name in CELLS:
            self.cell, self.paragraphs, self.length = found, [], 0
        elif self.cell is not None:
            self.inside(name, found)
        else:
            self.outside(name, found)

    def outside(self, name: str, found: Attributes) -> None:
        """Tables with their columns and rows, and before them styles."""
        if name == f"{TABLE}table-row":
            self.line = found
        elif name == f"{TABLE}table-column" and self.grid:
            self.grid.add_columns(count(found, f"{TABLE}number-columns-repeated"), is_hidden(found))
        elif name == f"{TABLE}table":
            self.tables += 1
            refuse_many_sheets(self.tables)
            title = found.get(f"{TABLE}name", "")
            self.table, self.refused = found, None
            self.grid = Grid(title, self.room) if self.is_wanted(title) else None
        elif name == f"{STYLE}style":
            self.style = found.get(f"{STYLE}name", "")
        elif name == f"{STYLE}table-properties" and found.get(f"{TABLE}display") == "false":
            self.hidden_styles.add(self.style)

    def inside(self, name: str, found: Attributes) -> None:
        """What stands in a cell: paragraphs of text."""
        if name in PARAGRAPHS or (self.paragraphs and name == f"{TEXT}line-break"):
            if self.has_room(1):
                self.paragraphs.append([])
        elif self.paragraphs and name == f"{TEXT}s":
            self.hold(" " * min(count(found, f"{TEXT}c"), MOST_SPACES))
        elif self.paragraphs and name == f"{TEXT}tab":
            self.hold("\t")

    def text(self, data: str) -> None:
        if self.cell is not None and self.paragraphs and not self.apart:
            self.hold(data)

    def hold(self, text: str) -> None:
        if self.has_room(len(text)):
            self.paragraphs[-1].append(text)

    def has_room(self, length: int) -> bool:
        self.length += length
        return self.length <= MOST_OF_A_CELL

    def end(self, name: str) -> None:
        if self.apart:
            self.apart -= 1
            return
        try:
            self.finish(name)
        except Refused as refused:
            self.refused, self.grid = refused, None

    def finish(self, name: str) -> None:
        if name in CELLS:
            found, self.cell = self.cell, None
            if self.grid and found is not None:
                self.add_cell(self.grid, found)
        elif name == f"{TABLE}table-row":
            if self.grid:
                self.grid.end_row(count(self.line, f"{TABLE}number-rows-repeated"), is_hidden(self.line))
        elif name == f"{TABLE}table" and self.table:
            self.sheets.append(self.sheet(self.table))
            self.table = self.grid = self.refused = None

    def add_cell(self, grid: Grid, found: Attributes) -> None:
        lines = [unbroken("".join(line)) for line in self.paragraphs]
        spanned = count(found, f"{TABLE}number-rows-spanned"), count(found, f"{TABLE}number-columns-spanned")
        grid.add(cell(found, lines), count(found, f"{TABLE}number-columns-repeated"), spanned)

    def sheet(self, found: Attributes) -> RawSheet:
        title = found.get(f"{TABLE}name", "")
        try:
            if self.refused:
                raise self.refused
            is_hidden = found.get(f"{TABLE}style-name") in self.hidden_styles
            return self.grid.sheet(is_hidden) if self.grid else RawSheet(title)
        except Refused as refused:
            return RawSheet(title, faults=refused.faults)


def unbroken(text: str) -> str:
    """Line ends in the XML itself mean no more than a space."""
    lines = text.splitlines() if "\n" in text or "\r" in text else [text]
    return " ".join(filter(None, (line.strip(" \t") for line in lines))) if len(lines) > 1 else text


def count(found: Attributes, name: str) -> int:
    """How often something is repeated, or how far it spans; nonsense is refused as damage by ValueError."""
    return max(1, int(found.get(name) or 1))


def is_hidden(found: Attributes) -> bool:
    return found.get(f"{TABLE}visibility") in ("collapse", "filter")


def cell(found: Attributes, lines: list[str]) -> RawCell:
    """A cell from its attributes and its lines of text."""
    kind = found.get(f"{OFFICE}value-type", "")
    shown = "\n".join(lines)
    if f"{TABLE}formula" in found:
        if not kind and not lines:
            return RawCell(is_uncached=True)
        if ERROR.fullmatch(shown):
            return RawCell(shown)
    if kind in NUMBERS:
        return RawCell(raw_cell(number(found.get(f"{OFFICE}value", ""))).value, kind == "percentage")
    if kind == "date":
        return raw_cell(moment(found.get(f"{OFFICE}date-value", "")))
    if kind == "time":
        return raw_cell(duration(found.get(f"{OFFICE}time-value", "")))
    if kind == "boolean":
        return RawCell(found.get(f"{OFFICE}boolean-value") == "true")
    return raw_cell(shown or found.get(f"{OFFICE}string-value", ""))


def number(written: str) -> float | str:
    try:
        return float(written)
    except ValueError:
        return written


def moment(written: str) -> datetime | str:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return written


def duration(written: str) -> time | timedelta | str:
    """A time of the day, or a longer duration."""
    match = DURATION.fullmatch(written)
    if not match:
        return written
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    found = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return found if found >= DAY else (datetime.min + found).time()
