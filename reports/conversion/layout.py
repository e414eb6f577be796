"""Where the header of a Word table is, and which tables are of one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reports.conversion import meanings
from reports.conversion.columns import fingerprint, year_in
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
        if layout is None and found and continues(table, found[-1]):
            layout = Layout(table, found[-1].headings)
        found.append(layout or likely_layout(table))
    return found


def layout_of(table: WordTable) -> Layout | None:
    """The table with the first rows whose headings are understood."""
    for first in range(min(HEADER_WITHIN, len(table.rows))):
        last = first
        while last + 1 - first < MOST_HEADER_ROWS and goes_on(table.rows, first, last + 1):
            last += 1
        headings = headings_of(table.rows[first : last + 1])
        if meanings.known(headings) >= LEAST_KNOWN:
            return Layout(table, headings, first, last + 1)
    return None


def continues(table: WordTable, before: Layout) -> bool:
    """Whether a table without header is the rest of the one before, which was cut at the end of a page."""
    if not before.headings or len(before.headings) != len(table.rows[0]):
        return False
    columns = meanings.guess(before.headings)
    if "year" in columns:
        text = table.rows[0][columns.index("year")].text
        return not text or bool(year_in(text))
    return all(text.startswith("续") for text in table.above)


def likely_layout(table: WordTable) -> Layout:
    """Headings nobody foresaw, for a person to say what they mean: the first row of several texts."""
    for at, row in enumerate(table.rows[:HEADER_WITHIN]):
        if sum(bool(cell.text) for cell in dict.fromkeys(row)) >= LEAST_KNOWN:
            return Layout(table, headings_of([row]), at, at + 1)
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
