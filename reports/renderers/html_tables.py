"""Tables of a report as HTML: heads with groups, merged cells, widths, rows that stay on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.safestring import SafeString

from reports.document import Cell, Group, Row, Table
from reports.grid import grid
from reports.renderers.html_columns import Setting, cell_text
from reports.renderers.html_text import Writer, broken, unbroken

# A row that would leave no more than this empty at the end of a page may go to the next as a whole.
SHORT_ROW_LINES = 8
# A merged text no longer than this is said again on the next page.
SHORT_LABEL = 40
# So many lines of a merged text, at most, are kept on one page; what is above and below a cell, in lines.
MOST_LINES, AROUND = 25, Fraction(2, 5)
KINDS = {"text": "", "center": "c", "number": "n"}


@dataclass(frozen=True, slots=True)
class HeadCell:
    html: SafeString
    rowspan: int
    colspan: int
    css: str


HeadRow = list[HeadCell]


@dataclass(frozen=True, slots=True)
class TableCell:
    html: SafeString
    rowspan: int
    colspan: int
    css: str


@dataclass(frozen=True, slots=True)
class TableRow:
    cells: list[TableCell]
    css: str


def table_size(table: Table) -> str:
    """A class for how wide the table must be at least to be read; on a narrower screen it scrolls."""
    columns = len(table.leaves)
    return next((size for limit, size in ((4, "s"), (6, "m"), (8, "l")) if columns <= limit), "xl")


def head_rows(table: Table, setting: Setting, writer: Writer) -> list[HeadRow]:
    """One row, or two where columns are grouped."""
    upper: HeadRow = []
    lower: HeadRow = []
    tall = 2 if any(isinstance(column, Group) for column in table.columns) else 1
    place = 0
    for column in table.columns:
        leaves = column.columns if isinstance(column, Group) else (column,)
        titles = [head_text(leaf.title, setting.room(at, 1), writer) for at, leaf in enumerate(leaves, place)]
        if isinstance(column, Group):
            upper.append(HeadCell(unbroken(column.title), 1, len(leaves), ""))
            lower += [HeadCell(title, 1, 1, lead(not at)) for at, title in enumerate(titles, place)]
        else:
            upper.append(HeadCell(titles[0], tall, 1, lead(not place)))
        place += len(leaves)
    return [upper, lower] if lower else [upper]


def head_text(title: str, room: Fraction, writer: Writer) -> SafeString:
    """On paper, where its width is known, a heading is broken into lines of about one length."""
    return unbroken("\n".join(broken(title, room)) if writer.paper else title)


def lead(is_first: bool) -> str:
    """The class of the first column, which stays in sight when a wide table is scrolled."""
    return "lead" if is_first else ""


def table_rows(table: Table, setting: Setting, writer: Writer) -> list[TableRow]:
    kinds = [KINDS[column.kind] for column in table.leaves]
    placed = grid(table.rows, len(kinds))
    lines = [
        [setting.lines(cell_text(cell, writer), first, cell.colspan) for first, cell in line]
        for line in placed
    ]
    return [
        TableRow([table_cell(cell, first, kinds, writer) for first, cell in line], css)
        for line, css in zip(placed, row_classes(table.rows, lines), strict=True)
    ]


def row_classes(rows: Sequence[Row], lines: list[list[int]]) -> list[str]:
    """`sum` for sums; `keep` for rows too short to be broken over two pages; `on` for those that stay on the
    page of the row before: sums, a second and a last row, and what a merged text beside them needs."""
    said = []
    # Of merged texts: the row they end with, and by how many lines they are longer than the rows so far.
    merged: list[tuple[int, Fraction]] = []
    for at, (row, tall) in enumerate(zip(rows, lines, strict=True)):
        cells = list(zip(row.cells, tall, strict=True))
        own = max((number for cell, number in cells if cell.rowspan == 1), default=1)
        is_short = own <= SHORT_ROW_LINES
        on = at and (
            row.strong or (is_short and at in (1, len(rows) - 1)) or any(left > 0 for _, left in merged)
        )
        names = {"sum": row.strong, "keep": is_short, "on": on}
        said.append(" ".join(name for name, wanted in names.items() if wanted))
        merged += [
            (at + cell.rowspan - 1, min(number, MOST_LINES) + AROUND)
            for cell, number in cells
            if cell.rowspan > 1
        ]
        merged = [(end, left - own - AROUND) for end, left in merged if end > at]
    return said


def table_cell(cell: Cell, first: int, kinds: list[str], writer: Writer) -> TableCell:
    """`again` marks what the next page says again when the rows it is merged over go on there."""
    names = {
        "c" if cell.colspan > 1 else kinds[first]: True,
        "again": cell.rowspan > 1 and len(cell_text(cell, writer)) <= SHORT_LABEL,
        lead(not first): True,
    }
    css = " ".join(name for name, wanted in names.items() if name and wanted)
    return TableCell(writer.runs(cell.runs), cell.rowspan, cell.colspan, css)
