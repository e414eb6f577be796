"""Sheets and workbooks for tests."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import Workbook

from projects.workbook.cells import EMPTY, Parser, RawCell
from projects.workbook.faults import Problem
from projects.workbook.raw import RawSheet

NUMBER = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def cell(value: Any) -> RawCell:
    """None is an empty cell, a float an exact decimal, a `RawCell` itself."""
    if isinstance(value, RawCell):
        return value
    if isinstance(value, float):
        return RawCell(Decimal(repr(value)))
    return EMPTY if value is None else RawCell(value)


def attempt(parse: Parser, found: RawCell) -> Any:
    """What the parser gives, or the problem it names; any other exception is a failure."""
    try:
        return parse(found)
    except Problem as problem:
        return problem


def percentage(number: str) -> RawCell:
    """A number in a cell that shows a percentage."""
    return RawCell(Decimal(number), is_percent=True)


def sheet(*rows: Sequence[Any], title: str = "任务点") -> RawSheet:
    return RawSheet(title, [[cell(value) for value in row] for row in rows])


def filled(raw: RawSheet) -> list[list[RawCell]]:
    """Its rows without the empty cells at their ends."""
    ends = [max((at for at, cell in enumerate(row, 1) if cell != EMPTY), default=0) for row in raw.rows]
    return [list(row[:end]) for row, end in zip(raw.rows, ends, strict=True)]


def workbook(**sheets: Sequence[Sequence[Any]]) -> Workbook:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        made = book.create_sheet(title)
        for row in rows:
            made.append(row)
    return book


def saved(book: Workbook) -> BytesIO:
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def packed(cells: str, *, formats: Sequence[str] = (), rest: str = "", sheet: str = "") -> BytesIO:
    """An .xlsx whose only sheet, S, has these cells in XML; style 1 has the first of `formats`, and so on."""
    fmts = "".join(f'<numFmt numFmtId="{170 + i}" formatCode="{code}"/>' for i, code in enumerate(formats))
    xfs = "".join(f'<xf numFmtId="{170 + i}"/>' for i in range(len(formats)))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{NUMBER}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{NUMBER}"><numFmts>{fmts}</numFmts>'
        f'<cellXfs><xf numFmtId="0"/>{xfs}</cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": sheet
        or f'<worksheet xmlns="{NUMBER}"><sheetData>{cells}</sheetData>{rest}</worksheet>',
    }
    file = BytesIO()
    with ZipFile(file, "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)
    file.seek(0)
    return file
