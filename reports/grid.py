"""Tables as grids: which column each cell stands in when cells are merged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.document import Cell, Row


def grid(rows: Sequence[Row], width: int) -> list[list[tuple[int, Cell]]]:
    """The cells of each row with the column they begin in.

    Raises ValueError when a row leaves a column empty or covers one twice.
    """
    covered = [0] * width
    placed = []
    for number, each in enumerate(rows, start=1):
        line, covered = place(each, covered, number)
        placed.append(line)
    if any(covered):
        raise ValueError("a merged cell reaches below the last row")
    return placed


def place(row: Row, covered: list[int], number: int) -> tuple[list[tuple[int, Cell]], list[int]]:
    """`covered`: over how many rows, from this one on, a cell from above covers each column."""
    left = [max(count - 1, 0) for count in covered]
    free = [index for index, count in enumerate(covered) if not count]
    line = []
    for each in row.cells:
        taken, free = free[: each.colspan], free[each.colspan :]
        if len(taken) < each.colspan or taken[-1] - taken[0] != each.colspan - 1:
            raise ValueError(f"row {number}: too many cells for {len(covered)} columns")
        line.append((taken[0], each))
        for index in taken:
            left[index] = each.rowspan - 1
    if free:
        raise ValueError(f"row {number}: too few cells for {len(covered)} columns")
    return line, left


def less(rows: Sequence[Row], columns: Collection[int], width: int) -> tuple[Row, ...]:
    """The rows without some columns; a merged cell gets narrower, and goes when nothing is left of it."""
    return tuple(
        replace(each, cells=tuple(kept for first, cell in line if (kept := narrower(cell, first, columns))))
        for each, line in zip(rows, grid(rows, width), strict=True)
    )


def narrower(cell: Cell, first: int, columns: Collection[int]) -> Cell | None:
    colspan = sum(column not in columns for column in range(first, first + cell.colspan))
    return replace(cell, colspan=colspan) if colspan else None
