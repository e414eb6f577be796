"""From values to a workbook that offices go on with: exact numbers, formats, drop-downs, a guide.

What is written here reads back to the same values. Text is always written as text, whatever sign it
starts with, so that no cell becomes a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from projects.numbers import plain
from projects.workbook.cells import EXCEL_DIGITS

# Rows below the last one that still have the formats and drop-downs.
SPARE_ROWS = 1000
LAST_ROW = 1_048_575
# A list of options is stored in the file as one text, which Excel limits.
LONGEST_LIST = 255


class Shape(Enum):
    """How the cells of a column look: the number format and the width."""

    CODE = ("@", 14)
    LINE = ("@", 20)
    TEXT = ("@", 46)
    NUMBER = ("General", 12)
    YEAR = ("0", 8)
    PERCENT = ("0.00%", 10)
    DAY = ("yyyy-mm-dd", 12)

    @property
    def number_format(self) -> str:
        return self.value[0]

    @property
    def width(self) -> int:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column to write. `options` are offered in a drop-down; other text is refused only if `is_closed`.

    `list_of` names a sheet whose first column is offered instead.
    """

    text: str
    shape: Shape
    is_required: bool = False
    options: tuple[str, ...] = ()
    is_closed: bool = True
    list_of: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """A value that a person should look at: its cell is coloured, also where it is empty."""

    value: Any


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet to write: a header row and rows of values in its order; None and "" leave a cell empty."""

    title: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence[Any]]
    # Row (from 0, the header) and column → what a single cell offers.
    offers: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)


def write_workbook(target: Path | BinaryIO, pages: Iterable[Page], guide: tuple[str, Sequence[str]]) -> None:
    """Write the guide (title, lines) as the first sheet and each page after it."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with Workbook(str(target) if isinstance(target, Path) else target, options) as book:
        looks = Looks(book)
        write_guide(book.add_worksheet(guide[0]), guide[1], looks)
        for page in pages:
            write_page(book.add_worksheet(page.title), page, looks)


class Looks:
    """The formats of a workbook."""

    def __init__(self, book: Workbook) -> None:
        head = {"bold": True, "valign": "vcenter", "text_wrap": True, "border": 1, "border_color": "#9DB2C6"}
        self.optional = book.add_format(head | {"bg_color": "#E8EEF4"})
        self.required = book.add_format(head | {"bg_color": "#CFE0F0", "font_color": "#123E66"})
        self.line = book.add_format({"text_wrap": True, "valign": "top"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        shapes = {
            shape: {"num_format": shape.number_format, "valign": "top", "text_wrap": shape is Shape.TEXT}
            for shape in Shape
        }
        self.of: dict[Shape, Format] = {shape: book.add_format(look) for shape, look in shapes.items()}
        self.marked = {
            shape: book.add_format(look | {"bg_color": "#FFF2CC"}) for shape, look in shapes.items()
        }


def write_guide(sheet: Worksheet, lines: Sequence[str], looks: Looks) -> None:
    sheet.set_column(0, 0, 110)
    for number, line in enumerate(lines):
        sheet.write_string(number, 0, line, looks.line if number else looks.title)


def write_page(sheet: Worksheet, page: Page, looks: Looks) -> None:
    sheet.freeze_panes(1, 0)
    shapes = [heading.shape for heading in page.headings]
    for index, heading in enumerate(page.headings):
        sheet.set_column(
            index, index, max(heading.shape.width, len(heading.text) * 2 + 3), looks.of[shapes[index]]
        )
    for index, heading in enumerate(page.headings):
        text, look = (
            (f"{heading.text}*", looks.required) if heading.is_required else (heading.text, looks.optional)
        )
        sheet.write_string(0, index, text, look)
    number = 0
    for number, values in enumerate(page.rows, 1):
        for index, value in enumerate(values):
            if value is not None and value != "":
                write_value(sheet, number, index, value, shapes[index], looks)
    for index, heading in enumerate(page.headings):
        offer(sheet, index, heading, min(number + SPARE_ROWS, LAST_ROW))
    offer_in_cells(sheet, page)
    if number:
        sheet.autofilter(0, 0, number, len(page.headings) - 1)


def write_value(sheet: Worksheet, row: int, column: int, value: Any, shape: Shape, looks: Looks) -> None:
    formats = looks.of
    if isinstance(value, Marked):
        formats, value = looks.marked, value.value
    look = formats[Shape.DAY if isinstance(value, date) else shape]
    if value is None or value == "":
        sheet.write_blank(row, column, None, look)
    else:
        write_cell(sheet, row, column, value, look)


def offer_in_cells(sheet: Worksheet, page: Page) -> None:
    for (row, column), options in page.offers.items():
        rule = {"validate": "list", "source": list(options), "error_message": "请从下拉列表中选择。"}
        sheet.data_validation(row, column, row, column, rule)


def write_cell(sheet: Worksheet, row: int, column: int, value: Any, look: Format) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value, look)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否", look)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, look)
    elif fits(value):
        sheet.write_number(row, column, value, look)
    else:
        sheet.write_string(row, column, plain(Decimal(value)), look)


def fits(value: Decimal | int) -> bool:
    """Whether a number cell holds the value without loss: Excel keeps 15 digits."""
    return len(Decimal(value).normalize().as_tuple().digits) <= EXCEL_DIGITS


def offer(sheet: Worksheet, index: int, heading: Heading, last: int) -> None:
    """A drop-down for the column."""
    if heading.list_of:
        source: Any = f"='{heading.list_of}'!$A$2:$A${SPARE_ROWS}"
    elif heading.options and len(",".join(heading.options)) <= LONGEST_LIST:
        source = list(heading.options)
    else:
        return
    rule = {"validate": "list", "source": source, "show_error": heading.is_closed and not heading.list_of}
    rule |= {"error_title": heading.text, "error_message": "请从下拉列表中选择。"}
    sheet.data_validation(1, index, last, index, rule)
