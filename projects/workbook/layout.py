"""Where a table begins: its header may stand below titles."""

from __future__ import annotations

from collections.abc import Sequence

from projects.workbook.cells import RawCell, clean
from projects.workbook.headers import AnyColumn, Column, best_match, place_key
from projects.workbook.synonyms import Heading, heading, words_for

HEADER_WITHIN = 30
CLEARLY_MORE = 2

Rows = Sequence[Sequence[RawCell]]


def header_row(rows: Rows, columns: Sequence[AnyColumn]) -> int:
    """The row of the header, from 0: the first that holds all required columns, and of these the one with
    most known columns, since a title may be called as one of them (年度).

    If none holds them all it is row 1, unless another clearly holds more.
    """
    known = [known_columns(cells, columns) for cells in rows[:HEADER_WITHIN]]
    required = {column.name for column in columns if column.required}
    full = [row for row, keys in enumerate(known) if required <= keys]
    best = max(full or range(len(known)), key=lambda row: len(known[row]))
    return best if full or len(known[best]) >= len(known[0]) + CLEARLY_MORE else 0


def known_columns(cells: Sequence[RawCell], columns: Sequence[AnyColumn]) -> set[str]:
    """What a row has of the columns, as if it were the header."""
    words = {word for column in columns if isinstance(column, Column) for word in words_of(column.header)}
    found = (head for cell in cells if (head := head_in(cell)))
    matches = (best_match(columns, head) for head in found if head.word in words or head.word[:4].isdecimal())
    return {place_key(match.name, match.year) for match in matches if match and match.parse}


def words_of(header: str) -> frozenset[str]:
    return words_for(header) | {heading(header).word}


def head_in(cell: RawCell) -> Heading | None:
    """The header that a cell may be."""
    return heading(clean(cell.value)) if isinstance(cell.value, str) else None


def place_of(cells: Sequence[RawCell], header: str) -> int | None:
    """The first column with this header, or if there is none with another word for it."""
    heads = [head.word if (head := head_in(cell)) else "" for cell in cells]
    own = [index for index, word in enumerate(heads) if word == heading(header).word]
    others = [index for index, word in enumerate(heads) if word in words_for(header)]
    return next(iter(own + others), None)


def repeats(cells: Sequence[RawCell], heads: Sequence[RawCell]) -> bool:
    """Whether a row says what the header says, as on each page of a printed table."""
    told = [(index, cell) for index, cell in enumerate(cells) if not cell.is_empty]
    return len(told) > 1 and all(
        index < len(heads) and (head := head_in(cell)) is not None and head == head_in(heads[index])
        for index, cell in told
    )
