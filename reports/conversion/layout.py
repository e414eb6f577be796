"""Where the header of a Word table is, and which tables are of one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reports.conversion import meanings
from reports.conversion.columns import fingerprint
from reports.conversion.word import WordCell, WordTable

# A title and a line about units may stand in the table, above its header.
HEADER_WITHIN = 6
MOST_HEADER_ROWS = 3
LEAST_KNOWN = 2


@dataclass(frozen=True)
class Layout:
    """A table with its headings; its rows begin at `body`. Without headings nothing of it is understood."""

    table: WordTable
    headings: tuple[str, ...] = ()
    header: int = 0
    body: int = 0

    @property
    def kind(self) -> str:
        return fingerprint(self.headings)


def layouts(tables: Iterable[WordTable]) -> list[Layout]:
    found: list[Layout] = []
    for table in tables:
        layout = layout_of(table)
        before = found[-1] if found else None
        # A long table that was cut into several has its header in the first of them only.
        if not layout.headings and before and len(before.headings) == len(table.rows[0]):
            layout = Layout(table, before.headings)
        found.append(layout)
    return found


def layout_of(table: WordTable) -> Layout:
    for first in range(min(HEADER_WITHIN, len(table.rows))):
        last = first
        while last + 1 - first < MOST_HEADER_ROWS and goes_on(table.rows, first, last + 1):
            last += 1
        headings = headings_of(table.rows[first : last + 1])
        if meanings.known(headings) >= LEAST_KNOWN:
            return Layout(table, headings, first, last + 1)
    return Layout(table)


def goes_on(rows: Sequence[Sequence[WordCell]], first: int, at: int) -> bool:
    """Whether a row belongs to the header above: cells come down from it, all others are headings."""
    if at >= len(rows):
        return False
    own = [cell for cell in rows[at] if cell.row == at]
    return 0 < len(own) < len(rows[at]) and all(
        first <= cell.row < at or meanings.known([cell.text]) for cell in rows[at]
    )


def headings_of(rows: Sequence[Sequence[WordCell]]) -> tuple[str, ...]:
    """The texts of a column from top to bottom, each cell once."""
    columns = zip(*rows, strict=True)
    return tuple(" ".join(cell.text for cell in dict.fromkeys(column) if cell.text) for column in columns)


ColumnsFor = Callable[[tuple[str, ...]], Sequence[str]]
