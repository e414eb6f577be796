"""Merged cells that go on over the page.

WeasyPrint ends a cell that is merged over rows of two pages on the first, where it has no line below it and
its text hangs where the middle of all its rows was to be. On the second its place is empty, and nobody knows
what those rows belong to. Within `merged_cells_go_on` a cell of class `again` says its text once more over
the rows that are left; `settled` puts each part in order when the pages are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import block


@contextmanager
def merged_cells_go_on() -> Iterator[None]:
    original = block.table_layout

    def laid_out(context: Any, table: Any, bottom_space: float, skip_stack: Any, *more: Any) -> Any:
        table, skip_stack = resumed(table, skip_stack)
        return original(context, table, bottom_space, skip_stack, *more)

    block.table_layout = laid_out
    try:
        yield
    finally:
        block.table_layout = original


def resumed(table: Any, skip_stack: Any) -> tuple[Any, Any]:
    """The table, where it goes on with a row or the rest of one, with the cells that are merged into that.

    They come last in the row, so that the places of the others, and of what is left of them, stay the same.
    """
    ((group_at, rows),) = skip_stack.items() if skip_stack else ((0, None),)
    ((row_at, cells),) = rows.items() if rows else ((0, None),)
    group = table.children[group_at]
    merged = [
        part
        for at, row in enumerate(group.children[:row_at])
        for cell in row.children
        if (part := rest_of(cell, at + cell.rowspan - row_at))
    ]
    if not merged:
        return table, skip_stack
    row = group.children[row_at]
    if cells:
        whole = dict.fromkeys(range(len(row.children), len(row.children) + len(merged)))
        skip_stack = {group_at: {row_at: {**cells, **whole}}}
    row = row.copy_with_children([*row.children, *merged])
    group = group.copy_with_children(put(group, row_at, row))
    return table.copy_with_children(put(table, group_at, group)), skip_stack


def put(box: Any, at: int, child: Any) -> list[Any]:
    """The children of a box with another one at a place."""
    return [*box.children[:at], child, *box.children[at + 1 :]]


def rest_of(cell: Any, rows: int) -> Any:
    """The cell once more, over so many rows; None where it has ended, or is not to be said again."""
    if rows < 1 or "again" not in (cell.element.get("class") or "").split():
        return None
    part = cell.deepcopy()
    part.rowspan = rows
    return part


def settled(document: Any) -> Any:
    """The document with the parts of its tables in order."""
    for page in document.pages:
        for box in page._page_box.descendants():
            if isinstance(box, boxes.TableBox) and box.style["border_collapse"] == "collapse":
                centre(box.children[-1].children)
                close(box)
    return document


def centre(rows: Any) -> None:
    """Move texts that are merged beyond the page into the middle of the rows they have on it."""
    for at, row in enumerate(rows):
        for cell in row.children:
            if at + cell.rowspan > len(rows) and cell.children:
                top, last = cell.children[0].position_y, cell.children[-1]
                height = last.position_y + last.margin_height() - top
                room = rows[-1].position_y + rows[-1].height - row.position_y - height
                for child in cell.children:
                    child.translate(dy=row.position_y + max(room, 0) / 2 - top)


def close(table: Any) -> None:
    """Draw the last line of the table below its last row on the page, under merged and broken cells, too."""
    vertical, horizontal = table.collapsed_border_grid
    head = len(table.children[0].children) if table.children[0].is_header else 0
    end = sum(len(group.children) for group in table.children) + max(table.skipped_rows - head, 0)
    table.skip_cell_border_bottom = False
    table.collapsed_border_grid = vertical, [*horizontal[:end], horizontal[-1], *horizontal[end + 1 :]]
