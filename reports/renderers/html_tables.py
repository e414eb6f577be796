"""Tables of a report as HTML: heads with groups, merged cells, widths, rows that stay on one page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from django.utils.safestring import SafeString

from reports.document import Cell, Group, Row, Table
from reports.drawing.canvas import FONT_SIZE, text_width
from reports.grid import grid
from reports.numbering import text
from reports.renderers.html_text import Writer, unbroken

# Of paper, in points: the text area upright and landscape, a character, the padding of a cell.
UPRIGHT, LANDSCAPE = 442, 638
CHARACTER, PADDING = Fraction(21, 2), 8
# A row that would leave no more than this empty at the end of a page may go to the next as a whole.
SHORT_ROW_LINES = 8
# Numbers and foreign words: they are not to be broken over two lines.
UNBREAKABLE = re.compile(r"[0-9A-Za-z.,%+−—/-]+年?")
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


def column_widths(table: Table, writer: Writer) -> list[Fraction]:
    """The share of each column in the width: by weight, but never narrower than its longest number."""
    weights = [column.weight for column in table.leaves]
    least = least_widths(table, writer)
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    tight = {at for at, share in enumerate(shares) if share < least[at]}
    free = 1 - sum(least[at] for at in tight)
    loose = sum(share for at, share in enumerate(shares) if at not in tight)
    if not tight or free < loose / 2:
        return shares
    return [least[at] if at in tight else share * free / loose for at, share in enumerate(shares)]


def least_widths(table: Table, writer: Writer) -> list[Fraction]:
    """What the longest number or word in each column takes on paper, as a share of the width."""
    longest = [2 * FONT_SIZE] * len(table.leaves)
    for line in grid(table.rows, len(table.leaves)):
        for at, cell in line:
            words = UNBREAKABLE.findall(cell_text(cell, writer)) if cell.colspan == 1 else []
            longest[at] = max([longest[at], *map(text_width, words)])
    return [(width * CHARACTER / FONT_SIZE + PADDING) / paper_width(table) for width in longest]


def paper_width(table: Table) -> int:
    return LANDSCAPE if table.landscape else UPRIGHT


def head_rows(table: Table) -> list[HeadRow]:
    """One row, or two where columns are grouped."""
    groups = [column for column in table.columns if isinstance(column, Group)]
    leaves = [leaf for group in groups for leaf in group.columns]
    begins_with_group = isinstance(table.columns[0], Group)
    upper = [
        HeadCell(unbroken(column.title), 1, len(column.columns), "")
        if isinstance(column, Group)
        else HeadCell(unbroken(column.title), 2 if groups else 1, 1, lead(not at))
        for at, column in enumerate(table.columns)
    ]
    lower = [
        HeadCell(unbroken(leaf.title), 1, 1, lead(begins_with_group and not at))
        for at, leaf in enumerate(leaves)
    ]
    return [upper, lower] if lower else [upper]


def lead(is_first: bool) -> str:
    """The class of the first column, which stays in sight when a wide table is scrolled."""
    return "lead" if is_first else ""


def table_rows(table: Table, widths: list[Fraction], writer: Writer) -> list[TableRow]:
    kinds = [KINDS[column.kind] for column in table.leaves]
    rooms = [max(width * paper_width(table) - PADDING, CHARACTER) for width in widths]
    return [
        TableRow(
            [table_cell(each, first, kinds, writer) for first, each in line],
            row_css(row, line, rooms, writer),
        )
        for row, line in zip(table.rows, grid(table.rows, len(kinds)), strict=True)
    ]


def table_cell(cell: Cell, first: int, kinds: list[str], writer: Writer) -> TableCell:
    kind = "c" if cell.colspan > 1 else kinds[first]
    css = f"{kind} {lead(not first)}".strip()
    return TableCell(writer.runs(cell.runs), cell.rowspan, cell.colspan, css)


def row_css(row: Row, line: list[tuple[int, Cell]], rooms: list[Fraction], writer: Writer) -> str:
    """`sum` for sums; `keep` for rows too short to be broken over two pages."""
    lines = max(
        (cell_lines(each, sum(rooms[first : first + each.colspan]), writer) for first, each in line),
        default=0,
    )
    return " ".join(
        name for name, wanted in (("sum", row.strong), ("keep", lines <= SHORT_ROW_LINES)) if wanted
    )


def cell_lines(cell: Cell, room: Fraction | int, writer: Writer) -> int:
    """About how many lines a cell takes on paper; one that is merged downwards makes no row taller."""
    if cell.rowspan > 1:
        return 1
    size = CHARACTER / FONT_SIZE
    return sum(max(ceil(text_width(line) * size / room), 1) for line in cell_text(cell, writer).split("\n"))


def cell_text(cell: Cell, writer: Writer) -> str:
    return "".join(text(run, writer.labels) for run in cell.runs)
