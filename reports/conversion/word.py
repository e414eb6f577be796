"""The tables of a Word file as grids: merged cells filled, with the paragraphs that stand above each.

Word's own XML is walked, not python-docx's tables: these leave out rows in content controls and text that was
inserted under change tracking.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZipFile

from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from lxml.etree import _Element

from projects.workbook.cells import clean
from projects.workbook.faults import Refused, refused
from projects.workbook.guard import ENTRY, MOST_PARTS
from projects.workbook.reading import ENCRYPTED, OLE, ZIP

MAIN_PART = "word/document.xml"
LARGEST_FILE = 100 * 1024 * 1024
# A task book of 300 pages has some 10 MB.
LARGEST_PART = 24 * 1024 * 1024
MOST_COLUMNS = 63  # as many as Word itself allows
MOST_CELLS = 200_000
LONGEST_ABOVE = 12

A_DOCX = "在 Word 或 WPS 中另存的 .docx 文档"

P, TBL, TR, TC, T = map(qn, ("w:p", "w:tbl", "w:tr", "w:tc", "w:t"))
# Wrappers that people do not see: content controls, change tracking, custom XML.
WRAPPERS = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:customXml", "w:smartTag")))
SPACES = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): " ", qn("w:noBreakHyphen"): "-"}
# Properties, deleted text, and the second form of a drawing for old programs.
HIDDEN = frozenset(
    (
        *map(qn, ("w:pPr", "w:rPr", "w:del", "w:moveFrom")),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    )
)
NUMBERING = f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a cell. `starts`: it begins a paragraph; `is_item`: Word numbers that paragraph by itself."""

    text: str
    starts: bool = True
    is_item: bool = False


@dataclass(frozen=True, slots=True)
class WordCell:
    """A cell; all places of a merged one hold the same, which knows where it begins."""

    lines: tuple[Line, ...] = ()
    row: int = 0
    column: int = 0

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class WordTable:
    """`number` counts the tables of the file from 1; rows are equally wide."""

    number: int
    above: tuple[str, ...]
    rows: list[list[WordCell]] = field(repr=False)


@dataclass(frozen=True)
class WordFile:
    """`opening` are the first paragraphs, which hold the title."""

    opening: tuple[str, ...]
    tables: tuple[WordTable, ...]


def read_word(source: Path | BinaryIO) -> WordFile:
    """The tables of a .docx file; Refused with a sentence for whatever is none."""
    try:
        body = parse_xml(main_part(source)).find(qn("w:body"))
        if body is None:
            raise refused("文件已损坏，或不是 Word 文档", A_DOCX)
        found = file_of(body)
    except Refused:
        raise
    except MemoryError:
        raise refused("文件太大，内存不足", "较小的文档") from None
    except Exception as error:  # whatever the libraries make of a damaged file
        raise refused("文件已损坏，或不是 Word 文档", A_DOCX) from error
    if not found.tables:
        raise refused("文档中没有表格", "任务、年度和任务点写在表格中的 .docx 文档")
    return found


def main_part(source: Path | BinaryIO) -> bytes:
    """The XML of the text. What a file says of its own size is not believed."""
    try:
        with source.open("rb") if isinstance(source, Path) else nullcontext(source) as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError:
        raise refused("没有这个文件，或文件打不开", "可以读取的 .docx 文档", source) from None
    refuse_other_formats(data)
    with ZipFile(BytesIO(data)) as package:
        if MAIN_PART not in package.namelist():
            raise refused("不是 Word 文档", A_DOCX)
        with package.open(MAIN_PART) as part:
            content = part.read(LARGEST_PART + 1)
    if len(content) > LARGEST_PART:
        raise refused("文档展开后太大", f"文字部分不超过 {LARGEST_PART >> 20} MB 的文档，可以分成几个")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise refused("文档中有 XML 实体定义，不能读取", A_DOCX)
    return content


def refuse_other_formats(data: bytes) -> None:
    if not data:
        raise refused("文件是空的", ".docx 文档")
    if data.startswith(OLE):
        if ENCRYPTED in data:
            raise refused("文件有打开密码", "没有打开密码的 .docx 文档")
        raise refused("不是 .docx 文档（像是旧版 .doc 或 .wps）", A_DOCX)
    if not data.startswith(ZIP):
        raise refused("不是 Word 文档", A_DOCX)
    if len(data) > LARGEST_FILE:
        raise refused("文件太大", f"不超过 {LARGEST_FILE >> 20} MB 的文档；可以先删去图片")
    if data.count(ENTRY) > MOST_PARTS:
        raise refused(f"文件由超过 {MOST_PARTS} 个部分组成", A_DOCX)


def file_of(body: _Element) -> WordFile:
    opening: list[str] = []
    above: list[str] = []
    tables: list[WordTable] = []
    left = MOST_CELLS
    for block in within(body, (P, TBL)):
        if block.tag == TBL:
            if rows := grid(block, left):
                tables.append(WordTable(len(tables) + 1, tuple(above), rows))
                left -= len(rows) * len(rows[0])
            above = []
        elif text := " ".join(line.text for line in lines_of(block)):
            above = [*above, text][-LONGEST_ABOVE:]
            if len(opening) < LONGEST_ABOVE:
                opening.append(text)
    return WordFile(tuple(opening), tuple(tables))


def within(parent: _Element, tags: tuple[str, ...]) -> Iterator[_Element]:
    """The children with these tags, also inside wrappers."""
    for child in parent:
        if child.tag in tags:
            yield child
        elif child.tag in WRAPPERS:
            yield from within(child, tags)


def grid(table: _Element, left: int) -> list[list[WordCell]]:
    """The rows of a table, of at most `left` cells."""
    rows: list[list[WordCell]] = []
    width = 0
    for row in within(table, (TR,)):
        rows.append(grid_row(row, len(rows), rows[-1] if rows else []))
        width = max(width, len(rows[-1]))
        if len(rows) * width > left:
            raise refused(f"表格的单元格超过 {MOST_CELLS:,} 个", "较小的文档，可以分成几个")
    for number, row in enumerate(rows):
        row += [WordCell((), number, at) for at in range(len(row), width)]
    return rows


def grid_row(row: Any, number: int, above: list[WordCell]) -> list[WordCell]:
    """A cell for each column of the grid; one that goes on from the row above is the same cell."""
    before = min(row.grid_before, MOST_COLUMNS)
    cells = [WordCell((), number, at) for at in range(before)]
    for element in within(row, (TC,)):
        at = len(cells)
        span = min(element.grid_span, MOST_COLUMNS - at)
        if continues_left(element) and cells:
            cells += cells[-1:] * span
        elif element.vMerge == "continue" and at < len(above):
            cells += [above[at]] * span
        else:
            cells += [WordCell(cell_lines(element), number, at)] * span
    return cells


def continues_left(cell: _Element) -> bool:
    """The way in which old files merge across columns."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:hMerge')}")
    return merge is not None and merge.get(qn("w:val"), "continue") == "continue"


def cell_lines(cell: _Element) -> tuple[Line, ...]:
    """The lines of a cell, those of a table inside it too."""
    return tuple(line for paragraph in paragraphs(cell) for line in lines_of(paragraph))


def paragraphs(parent: _Element) -> Iterator[_Element]:
    """All within, also those in a box that floats over a paragraph."""
    for child in parent:
        if child.tag == P:
            yield child
        if child.tag not in HIDDEN and len(child):
            yield from paragraphs(child)


def lines_of(paragraph: _Element) -> Iterator[Line]:
    number = paragraph.find(NUMBERING)
    is_item = number is not None and number.get(qn("w:val")) != "0"
    parts = (clean(part) for part in "".join(words(paragraph)).split("\n"))
    for at, text in enumerate(filter(None, parts)):
        yield Line(text, starts=at == 0, is_item=is_item and at == 0)


def words(element: _Element) -> Iterator[str]:
    for child in element:
        if child.tag == T:
            yield child.text or ""
        elif child.tag in SPACES:
            yield SPACES[child.tag]
        elif child.tag not in HIDDEN and child.tag != P:
            yield from words(child)
