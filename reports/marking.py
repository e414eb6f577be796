"""The user's own workbook back: each fault marked in its cell, all of them listed in a first sheet.

Macros are not kept, nor what points to other files. The file is opened by a process of its own
(`python -m reports.marking`), which may take so much memory and time: openpyxl holds every cell of every
sheet, some fifty times the size of the file, also those that nobody has looked at before.
"""

from __future__ import annotations

import errno
import json
import re
import resource
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from projects.filetypes import ODS, XLS, kind_of
from projects.workbook.cells import clean
from projects.workbook.faults import Fault
from projects.workbook.reading import read_workbook
from reports.copying import copied

FAULT_LIST = "问题清单"
HEADINGS = (("工作表", 14), ("单元格", 10), ("内容", 30), ("问题", 44), ("应为", 44))
WRONG = PatternFill("solid", start_color="FFD9D6")
HEAD = PatternFill("solid", start_color="E8EEF4")
LINK = Font(color="0B57A4", underline="single")
WRAPPED = Alignment(wrap_text=True, vertical="top")
AUTHOR = "系统"
COMMENT_WIDTH, LINE_HEIGHT, LINE_LENGTH = 280, 18, 20


ROOT = Path(__file__).parent.parent
MEMORY = 400 * 1024 * 1024
SECONDS = 60
# How the process ends when the disk does not take what it made.
NOT_WRITTEN = 3
# [1]Sheet1!A1, where 1 is the number of another file.
ELSEWHERE = re.compile(r"\[\d+\][^\[\]]*!")


class NotMarked(Exception):
    """The file cannot be marked: it is too large for it, or not understood."""


def mark_file(source: Path, faults: Path, target: Path) -> None:
    """Write a marked copy of a workbook to `target`; `faults` is a list in JSON."""
    command = [sys.executable, "-m", "reports.marking", *map(str, (source, faults, target))]
    try:
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=2 * SECONDS)
    except subprocess.TimeoutExpired as error:
        raise NotMarked("it took too long") from error
    except subprocess.CalledProcessError as error:
        target.unlink(missing_ok=True)
        if error.returncode == NOT_WRITTEN:
            raise OSError(errno.ENOSPC, error.stderr) from error
        raise NotMarked(error.stderr[-1000:]) from error


def main(source: str, faults: str, target: str) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    told = [Fault(**fault) for fault in json.loads(Path(faults).read_text(encoding="utf-8"))]
    made = marked(Path(source).read_bytes(), told)
    try:
        Path(target).write_bytes(made)
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(NOT_WRITTEN)


def marked(data: bytes, faults: Sequence[Fault]) -> bytes:
    """A copy of the workbook: sheets, order and formats as they are, cells with faults coloured and noted.

    Of an .xls or .ods it is a copy of what was read of it.
    """
    book, sheets = copied(read_workbook(data).sheets) if is_converted(BytesIO(data)) else opened(data)
    for (title, name), some in by_cell(faults).items():
        if title in sheets:
            mark(sheets[title], name, some)
    for sheet in filter(is_our_list, book.worksheets):
        book.remove(sheet)
        sheets.pop(sheet.title, None)
    write_list(book, faults, sheets)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def is_our_list(sheet: Worksheet) -> bool:
    """Whether a sheet is that of an earlier marking, and not one of the user's own of this name."""
    return sheet.title.startswith(FAULT_LIST) and [cell.value for cell in sheet[1]] == [
        heading for heading, _ in HEADINGS
    ]


def is_converted(file: BinaryIO) -> bool:
    """Whether the marked workbook is of another format than the file."""
    return kind_of(file) in (XLS, ODS)


def opened(data: bytes) -> tuple[Workbook, dict[str, Worksheet]]:
    """The workbook without other files, and its sheets by title."""
    book = load_workbook(BytesIO(data), rich_text=True)
    cut_off(book, data)
    return book, {sheet.title.strip(): sheet for sheet in book.worksheets}


def cut_off(book: Workbook, data: bytes) -> None:
    """Let go of other files: what was taken from them stays as the value that was last seen."""
    if not book._external_links:
        return
    book._external_links = []
    for name in [name for name, defined in book.defined_names.items() if refers(defined.value)]:
        del book.defined_names[name]
    values = load_workbook(BytesIO(data), data_only=True, keep_links=False)
    for sheet in book.worksheets:
        for cell in [cell for row in sheet.iter_rows() for cell in row if refers(cell.value)]:
            cell.value = values[sheet.title][cell.coordinate].value


def refers(formula: object) -> bool:
    """Whether a formula takes something from another file."""
    return bool(ELSEWHERE.search(str(getattr(formula, "text", formula) or "")))


def by_cell(faults: Iterable[Fault]) -> dict[tuple[str, str], list[Fault]]:
    cells: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        if fault.cell:
            cells[fault.sheet.strip(), fault.cell].append(fault)
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
            cell.alignment = WRAPPED
        if fault.cell and fault.sheet.strip() in sheets:
            target = sheets[fault.sheet.strip()].title.replace("'", "''")
            link = page.cell(row, 2)
            link.hyperlink = Hyperlink(link.coordinate, location=f"'{target}'!{fault.cell}")
            link.font = LINK
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is page
    book.active = 0


if __name__ == "__main__":
    main(*sys.argv[1:])
