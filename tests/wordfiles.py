"""Word files for tests, made as people make task books: paragraphs and tables with merged cells."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document
from docx.table import Table, _Cell

# A cell that goes on from the one above, or from the one on its left.
UP, LEFT = "^", "<"

Grid = Sequence[Sequence[str]]


def word(*blocks: str | Grid) -> BytesIO:
    """A .docx of paragraphs and tables."""
    document = Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
        else:
            fill(document.add_table(len(block), len(block[0])), block)
    file = BytesIO()
    document.save(file)
    file.seek(0)
    return file


def fill(table: Table, grid: Grid) -> None:
    """Merge first, then write: what is merged keeps the text of all its cells."""
    places = [(row, column) for row, texts in enumerate(grid) for column in range(len(texts))]
    for row, column in places:
        if grid[row][column] == UP:
            table.cell(row - 1, column).merge(table.cell(row, column))
        elif grid[row][column] == LEFT:
            table.cell(row, column - 1).merge(table.cell(row, column))
    for row, column in places:
        if grid[row][column] not in (UP, LEFT):
            write(table.cell(row, column), grid[row][column])


def write(cell: _Cell, text: str) -> None:
    """Each line a paragraph."""
    first, *others = text.split("\n")
    cell.text = first
    for line in others:
        cell.add_paragraph(line)


def raw_word(xml: str | bytes, name: str = "word/document.xml") -> bytes:
    """A package with nothing in it but its text."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        package.writestr(name, xml)
    return file.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def body(content: str, doctype: str = "") -> str:
    """The XML of a document."""
    return f'<?xml version="1.0"?>{doctype}<w:document {W}><w:body>{content}</w:body></w:document>'
