"""The user's own workbook back: each fault marked in its cell, all of them listed in a first sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from io import BytesIO

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from projects.workbook.cells import clean
from projects.workbook.faults import Fault

FAULT_LIST = "问题清单"
HEADINGS = (("工作表", 14), ("单元格", 10), ("内容", 30), ("问题", 44), ("应为", 44))
WRONG = PatternFill("solid", start_color="FFD9D6")
HEAD = PatternFill("solid", start_color="E8EEF4")
LINK = Font(color="0B57A4", underline="single")
AUTHOR = "系统"
COMMENT_WIDTH, LINE_HEIGHT, LINE_LENGTH = 280, 18, 20


def marked(data: bytes, faults: Sequence[Fault]) -> bytes:
    """A copy of the workbook: sheets, order and formats as they are, cells with faults coloured and noted."""
    book = load_workbook(BytesIO(data))
    sheets = {sheet.title.strip(): sheet for sheet in book.worksheets}
    for (title, name), some in by_cell(faults).items():
        if title in sheets:
            mark(sheets[title], name, some)
    if FAULT_LIST in book.sheetnames:
        del book[FAULT_LIST]
    write_list(book, faults, sheets)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def by_cell(faults: Iterable[Fault]) -> dict[tuple[str, str], list[Fault]]:
    cells: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        if fault.cell:
            cells[fault.sheet, fault.cell].append(fault)
    return cells


def mark(sheet: Worksheet, name: str, faults: Iterable[Fault]) -> None:
    cell = sheet[name]
    cell.fill = WRONG
    holder = first_of_merge(sheet, cell) if isinstance(cell, MergedCell) else cell
    holder.fill = WRONG
    told = [holder.comment.text] if holder.comment else []
    text = clean("\n".join([*told, *map(sentence, faults)]))
    lines = sum(len(line) // LINE_LENGTH + 1 for line in text.split("\n"))
    holder.comment = Comment(text, AUTHOR, height=LINE_HEIGHT * (lines + 1), width=COMMENT_WIDTH)


def first_of_merge(sheet: Worksheet, cell: MergedCell) -> Cell:
    merge = next(merge for merge in sheet.merged_cells.ranges if cell.coordinate in merge)
    found: Cell = sheet.cell(merge.min_row, merge.min_col)
    return found


def sentence(fault: Fault) -> str:
    return f"{fault.message}。应为：{fault.expected}" if fault.expected else f"{fault.message}。"


def write_list(book: Workbook, faults: Iterable[Fault], sheets: dict[str, Worksheet]) -> None:
    """All faults, each with a link to its cell."""
    page = book.create_sheet(FAULT_LIST, 0)
    for index, (heading, width) in enumerate(HEADINGS, 1):
        cell = page.cell(1, index, heading)
        cell.fill, cell.font = HEAD, Font(bold=True)
        page.column_dimensions[cell.column_letter].width = width
    page.freeze_panes = "A2"
    for row, fault in enumerate(faults, 2):
        texts = (fault.sheet or "文件", fault.cell, fault.value, fault.message, fault.expected)
        for index, text in enumerate(texts, 1):
            cell = page.cell(row, index)
            cell.value = clean(text)
            cell.data_type = "s"  # never a formula, whatever sign it starts with
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        if fault.cell and fault.sheet in sheets:
            target = sheets[fault.sheet].title.replace("'", "''")
            link = page.cell(row, 2)
            link.hyperlink = Hyperlink(link.coordinate, location=f"'{target}'!{fault.cell}")
            link.font = LINK
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is page
    book.active = 0
