"""What sections are written with: short functions that make the parts of a document from loose values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from projects.numbers import Exact
from projects.templatetags.numbers import cn_day, count
from reports.charts import ChartData
from reports.document import (
    Block,
    Cell,
    Chart,
    Column,
    Figure,
    Group,
    Note,
    Paragraph,
    Ref,
    Row,
    Run,
    Runs,
    Section,
    Table,
)
from reports.grid import grid, less

# What may stand in a cell.
Value = Run | Exact | date | Runs | None


def text_runs(value: Value) -> Runs:
    """A value as runs of text: None is unknown, a number is written as a count, a date as 2023年12月31日."""
    match value:
        case tuple():
            return value
        case str() | Figure() | Ref():
            return (value,)
        case date():
            return (cn_day(value),)
        case None | int() | Decimal() | Fraction():
            return (count(value),)


def paragraph(*runs: Run) -> Paragraph:
    return Paragraph(runs)


def note(*runs: Run) -> Note:
    return Note(runs)


def section(
    id: str,
    title: str,
    *content: Block | Section | None,
    numbered: bool = True,
    decimal: bool = False,
    tables_by_part: bool = False,
) -> Section:
    """Blocks first, then parts; None stands for what this report has nothing to say about."""
    blocks = tuple(part for part in content if part is not None and not isinstance(part, Section))
    parts = tuple(part for part in content if isinstance(part, Section))
    return Section(id, title, blocks, parts, numbered, decimal, tables_by_part)


def cell(value: Value | Cell, rowspan: int = 1, colspan: int = 1) -> Cell:
    return value if isinstance(value, Cell) else Cell(text_runs(value), rowspan, colspan)


def row(*values: Value | Cell, strong: bool = False) -> Row:
    return Row(tuple(cell(value) for value in values), strong)


def merged(
    before: Sequence[Value], rows: Sequence[Sequence[Value | Cell]], after: Sequence[Value] = ()
) -> list[Row]:
    """Rows with common cells before and after them, each merged over all the rows."""
    tall = len(rows)
    return [
        Row(
            (
                *(cell(value, rowspan=tall) for value in before if not number),
                *(cell(value) for value in values),
                *(cell(value, rowspan=tall) for value in after if not number),
            )
        )
        for number, values in enumerate(rows)
    ]


def beside(rows: Sequence[Row], value: Value) -> list[Row]:
    """Rows with a cell at their end that is merged over all of them."""
    first, *others = rows
    return [replace(first, cells=(*first.cells, cell(value, rowspan=len(rows)))), *others]


def table(
    id: str,
    caption: str,
    columns: Sequence[Column | Group],
    rows: Iterable[Row],
    *,
    unit: str = "",
    cutoff: str = "",
    notes: Iterable[str | Note] = (),
) -> Table:
    """A table without those of its droppable columns in which nothing is said.

    Raises ValueError when the cells of the rows do not fill the columns exactly.
    """
    full = Table(id, caption, tuple(columns), tuple(rows), unit, cutoff, as_notes(notes))
    empty = empty_columns(full)
    return replace(
        full, columns=columns_but(full.columns, empty), rows=less(full.rows, empty, len(full.leaves))
    )


def empty_columns(table: Table) -> set[int]:
    """The droppable columns without a word, but never all columns there are."""
    said = {
        column
        for line in grid(table.rows, len(table.leaves))
        for column, each in line
        if each.colspan == 1 and not each.is_empty
    }
    empty = {at for at, column in enumerate(table.leaves) if column.droppable and at not in said}
    return empty if len(empty) < len(table.leaves) else set()


def columns_but(columns: Sequence[Column | Group], empty: set[int]) -> tuple[Column | Group, ...]:
    """The columns without those at the given places; a group without columns goes, too."""
    kept: list[Column | Group] = []
    place = 0
    for column in columns:
        leaves = column.columns if isinstance(column, Group) else (column,)
        left = tuple(leaf for at, leaf in enumerate(leaves, place) if at not in empty)
        place += len(leaves)
        if left:
            kept.append(replace(column, columns=left) if isinstance(column, Group) else column)
    return tuple(kept)


def chart(
    id: str, caption: str, data: ChartData, sentence: str, *, notes: Iterable[str | Note] = ()
) -> Chart:
    return Chart(id, caption, data, sentence, as_notes(notes))


def as_notes(notes: Iterable[str | Note]) -> tuple[Note, ...]:
    return tuple(note(each) if isinstance(each, str) else each for each in notes)


def cutoff_line(as_of: date) -> str:
    return f"统计截止时间：{cn_day(as_of)}"


def period_line(start: date, end: date) -> str:
    return f"统计时段：{cn_day(start)}—{cn_day(end)}"


BOUND = re.compile(r"\{\{\s*(?:(?P<kind>表|图|章节)[:：]\s*)?(?P<name>.+?)\s*\}\}")


def bound(text: str, figure: Callable[[str], Figure]) -> Runs:
    """Written text with `{{ tasks.due_rate }}` and `{{表:funding-source}}` as runs.

    `figure` finds the figure of a key; what it raises for an unknown key passes through.
    """
    runs: list[Run] = []
    end = 0
    for found in BOUND.finditer(text):
        runs.append(text[end : found.start()])
        runs.append(Ref(found["name"]) if found["kind"] else figure(found["name"]))
        end = found.end()
    return tuple(run for run in (*runs, text[end:]) if run != "")
