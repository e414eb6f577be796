"""How wide the columns of a table are: by what stands in them, so that no number, date or word is broken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from math import ceil

from reports.document import Cell, Column, Table
from reports.drawing.canvas import FONT_SIZE, text_width
from reports.grid import grid
from reports.numbering import text
from reports.renderers.html_text import Writer, broken

# Of paper, in points: the width of the text, and sizes of type. With more columns than this, or more than
# fits, a table is set in the smaller (`fine`).
PAPER, NORMAL, FINE, MANY_COLUMNS = 442, Fraction(21, 2), Fraction(9), 8
PADDING = {NORMAL: 10, FINE: 8}
# What is tried, the best first: a size, how many characters the heaviest column has room for at least, and up
# to how many a text in any column is not broken at all.
TRIES = tuple(
    (size, characters * FONT_SIZE, whole * FONT_SIZE)
    for size, characters, whole in (
        *((NORMAL, 8, 6), (NORMAL, 6, 5)),
        *((FINE, 8, 6), (FINE, 6, 5), (FINE, 4, 4), (FINE, 2, 2)),
    )
)
# Characters that any column has room for, one of text or with a heading of two lines, or the longest word
# that is heeded; and the most lines of a heading.
LEAST, LEAST_TEXT, LONGEST_WORD = (characters * FONT_SIZE for characters in (2, 4, 10))
HEAD_LINES = 3
# By how much a percent sign is wider than other signs.
PERCENT = 5
# Numbers, dates and foreign words: they are not to be broken over two lines.
UNBREAKABLE = re.compile(r"[0-9A-Za-z.,%+−—/-]+年?")


@dataclass(frozen=True, slots=True)
class Setting:
    """How a table is set on paper: the size of its type, and what each column takes of its width."""

    size: Fraction
    columns: list[Fraction]

    @property
    def css(self) -> str:
        return "" if self.size == NORMAL else "fine"

    def room(self, first: int, colspan: int) -> Fraction:
        """How long a line in the columns from `first` on may be, as `breadth` says."""
        return (
            (sum(self.columns[first : first + colspan]) * PAPER - PADDING[self.size]) * FONT_SIZE / self.size
        )

    def lines(self, text: str, first: int, colspan: int) -> int:
        """About how many lines a text takes in the columns from `first` on: one, or of whole characters."""
        room = self.room(first, colspan)
        whole = max(room // FONT_SIZE, 1) * FONT_SIZE
        return sum(1 if breadth(line) <= room else ceil(breadth(line) / whole) for line in text.split("\n"))


def setting(table: Table, writer: Writer) -> Setting:
    """Columns by weight, but none narrower than its longest word or wider than its longest line."""
    said = measured(table, writer)
    heaviest = max(column.weight for column in table.leaves)
    for size, room, whole in TRIES[2 if len(table.leaves) > MANY_COLUMNS else 0 :]:
        needs = [
            limits(column, word, line, room if column.weight == heaviest else min(room, LEAST_TEXT), whole)
            for column, word, line in zip(table.leaves, *said, strict=True)
        ]
        least, most = (
            [(need * size / FONT_SIZE + PADDING[size]) / PAPER for need in some]
            for some in zip(*needs, strict=True)
        )
        if sum(least) <= 1:
            break
    return Setting(size, shares([column.weight for column in table.leaves], least, most))


def shares(weights: list[int], least: list[Fraction], most: list[Fraction]) -> list[Fraction]:
    """The whole by weight; what would get too little or too much gets its limit, and the others the rest."""
    if sum(least) >= 1:
        return [each / sum(least) for each in least]
    if sum(most) <= 1:
        spare = Fraction(1 - sum(most)) / sum(weights)
        return [each + spare * weight for each, weight in zip(most, weights, strict=True)]
    given: dict[int, Fraction] = {}
    while True:
        free = [at for at in range(len(weights)) if at not in given]
        unit = (1 - sum(given.values())) / Fraction(sum(weights[at] for at in free) or 1)
        short = {at: least[at] for at in free if unit * weights[at] < least[at]}
        ample = {at: most[at] for at in free if unit * weights[at] > most[at]}
        if not short and not ample:
            return [given.get(at, unit * weight) for at, weight in enumerate(weights)]
        beyond = sum(limit - unit * weights[at] for at, limit in (short | ample).items())
        given |= short if beyond > 0 else ample if beyond < 0 else short | ample


def measured(table: Table, writer: Writer) -> tuple[list[int], list[int]]:
    """How long the longest word and the longest line of each column are."""
    words, lines = ([0] * len(table.leaves) for _ in range(2))
    for row in grid(table.rows, len(table.leaves)):
        for at, cell in row:
            if cell.colspan == 1:
                said = cell_text(cell, writer)
                words[at] = max(words[at], longest_word(said))
                lines[at] = max(lines[at], *map(breadth, said.split("\n")))
    return words, lines


def limits(column: Column, word: int, line: int, room: int, whole: int) -> tuple[int, int]:
    """How wide a column must be at least, and how wide it is of use; `room` and `whole` as in TRIES."""
    head = next(width for width in count(LEAST, FONT_SIZE) if len(broken(column.title, width)) <= HEAD_LINES)
    least = max(word, longest_word(column.title), line if line <= whole else room, head)
    title = breadth(column.title)
    return least, max(least, line, min(title, max(LEAST_TEXT, ceil(title / 2))))


def breadth(text: str) -> int:
    """As `text_width`, but of bold type as well, where a percent sign is as wide as a Chinese character."""
    return text_width(text) + PERCENT * text.count("%")


def longest_word(text: str) -> int:
    return min(max(map(breadth, UNBREAKABLE.findall(text)), default=0), LONGEST_WORD)


def cell_text(cell: Cell, writer: Writer) -> str:
    return "".join(text(run, writer.labels) for run in cell.runs)
