"""Workbooks of the other formats: .xls by xlwt, .ods by hand."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from html import escape
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import xlwt

Rows = Sequence[Sequence[Any]]

OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
NAMES = " ".join(f'xmlns:{name}="{OASIS}{name}:1.0"' for name in ("office", "table", "text", "style"))
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
INTERFACE, FILEPASS = struct.pack("<HH", 0xE1, 2), struct.pack("<HH", 0x2F, 2)


def xls(sheets: Mapping[str, Rows], *, mac: bool = False, formats: Mapping[str, str] | None = None) -> bytes:
    """`formats` has number formats by cell, such as {"任务点!E2": "0.00%"}; `mac` counts days from 1904."""
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = mac
    for title, rows in sheets.items():
        sheet = book.add_sheet(title)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                place = f"{title}!{chr(ord('A') + column)}{number + 1}"
                write(sheet, number, column, value, (formats or {}).get(place))
    return saved(book)


def write(sheet: Any, row: int, column: int, value: Any, number_format: str | None = None) -> None:
    if value is not None:
        known = number_format or ("yyyy-mm-dd" if isinstance(value, date) else "General")
        sheet.write(row, column, value, xlwt.easyxf(num_format_str=known))


def saved(book: Any) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def locked_xls() -> bytes:
    """An .xls that says it is encrypted."""
    return xls({"S": [["甲"]]}).replace(INTERFACE, FILEPASS, 1)


def ods(sheets: Mapping[str, Rows]) -> bytes:
    return ods_of("".join(table(title, rows) for title, rows in sheets.items()))


def table(title: str, rows: Rows) -> str:
    return table_of([("", "".join(map(cell, row))) for row in rows], escape(title))


def table_of(rows: Sequence[tuple[str, str]], title: str = "S") -> str:
    """A table from the attributes and the cells of its rows, in XML."""
    lines = "".join(f"<table:table-row {told}>{cells}</table:table-row>" for told, cells in rows)
    return f'<table:table table:name="{title}">{lines}</table:table>'


def cell(value: Any) -> str:
    """As LibreOffice writes it."""
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, int | float | Decimal):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def ods_of(tables: str, *, styles: str = "", manifest: str = "", head: str = "") -> bytes:
    """An .ods file from the XML of its tables."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<office:document-content {NAMES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("mimetype", MIMETYPE)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return file.getvalue()
