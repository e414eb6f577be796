"""Workbooks that mean harm, or might as well. Each is a valid small one with something done to it."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile
from zlib import Z_FULL_FLUSH, compressobj

from openpyxl import load_workbook
from xlsxwriter import Workbook

from tests.workbooks import Rows, saved, small, workbook

MEGABYTE = 1024 * 1024
POINTS_PART = "xl/worksheets/sheet3.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">'
    + "".join(
        f'<!ENTITY {outer} "{inner}">'
        for outer, inner in zip("bcdefghi", (f"&{name};" * 10 for name in "abcdefgh"), strict=True)
    )
    + "]>"
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'

Parts = dict[str, bytes]


def parts_of(book: BytesIO | None = None) -> Parts:
    with ZipFile(book or workbook(small())) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: Parts | Iterable[tuple[str, bytes]]) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            package.writestr(name, content)
    return file.getvalue()


def with_parts(**added: bytes) -> bytes:
    """Names of parts cannot be Python names: __ stands for a slash, _dot_ for a dot."""
    return packed(
        parts_of() | {name.replace("__", "/").replace("_dot_", "."): part for name, part in added.items()}
    )


def replaced(part: str, old: str, new: str) -> bytes:
    parts = parts_of()
    assert old.encode() in parts[part], parts[part][:2000]
    return packed(parts | {part: parts[part].replace(old.encode(), new.encode(), 1)})


def in_cell(value: str, *, kind: str = "n", at: str = "E2") -> bytes:
    """A cell of the first task point, E2 is 计划数量, as XML says it."""
    sheet = parts_of()[POINTS_PART].decode()
    start = sheet.index(f'<c r="{at}"')
    end = sheet.index("</c>", start) + 4
    return replaced(POINTS_PART, sheet[start:end], f'<c r="{at}" t="{kind}"><v>{value}</v></c>')


def dated(serial: float) -> bytes:
    """完成日期 as a date cell with this number in it."""
    made = load_workbook(workbook(small()))
    cell = made["完成情况"]["D2"]
    cell.value, cell.number_format = serial, "yyyy-mm-dd"
    return saved(made).getvalue()


def many_rows(cells: str, count: int) -> bytes:
    """The sheet of task points goes on for `count` more rows; {r} is the number of the row."""
    sheet = parts_of()[POINTS_PART]
    rows = "".join(
        f'<row r="{r}" s="1" customFormat="1">{cells.format(r=r)}</row>' for r in range(4, count + 4)
    )
    return packed(parts_of() | {POINTS_PART: sheet.replace(b"</sheetData>", rows.encode() + b"</sheetData>")})


def merges(ranges: Iterable[str]) -> str:
    return "<mergeCells>" + "".join(f'<mergeCell ref="{each}"/>' for each in ranges) + "</mergeCells>"


def lying(claim: int) -> bytes:
    """The directory says that a part has `claim` bytes; much more comes out of it."""
    data = bytearray(with_parts(xl__media__a_dot_bin=bytes(4 * MEGABYTE)))
    size = struct.pack("<I", 4 * MEGABYTE)
    at = data.index(size)
    while at >= 0:
        data[at : at + 4] = struct.pack("<I", claim)
        at = data.find(size, at + 4)
    return bytes(data)


def many_entries() -> bytes:
    return packed([*parts_of().items(), *((f"xl/media/{number}", b"") for number in range(10_001))])


def nested() -> bytes:
    inner = packed({"zeros": bytes(64 * MEGABYTE)})
    for _ in range(3):
        inner = packed({f"{number}.zip": inner for number in range(16)})
    return inner


def zeros(size: int) -> bytes:
    """A part of zeros, packed without making them all: the same packed piece over and over."""
    packer = compressobj(wbits=-15)
    piece = packer.compress(bytes(MEGABYTE)) + packer.flush(Z_FULL_FLUSH)
    name, body = b"xl/media/zeros.bin", piece * (size // MEGABYTE) + packer.flush()
    data = bytearray(with_parts(xl__media__zeros_dot_bin=b"".join(bytes([n % 251]) for n in range(10))))
    sizes = struct.pack("<II", len(body), size)
    at, entry = data.index(name), data.rindex(name)
    packed_size = struct.unpack_from("<I", data, at - 12)[0]
    data[at - 12 : at - 4] = data[entry - 26 : entry - 18] = sizes
    start = at + len(name)
    grown = len(body) - packed_size
    directory = struct.unpack_from("<I", data, len(data) - 6)[0]
    data[-6:-2] = struct.pack("<I", directory + grown)
    return bytes(data[:start] + body + data[start + packed_size :])


def same_text_everywhere(length: int, cells: int) -> bytes:
    """One long text in the file, a copy of it in each of many cells."""
    file = BytesIO()
    with Workbook(file) as book:
        for title, rows in small().items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if title == "任务点":
                for number in range(cells):
                    sheet.write_string(3 + number, 3, "长" * length)
    return file.getvalue()


def encrypted_entry() -> bytes:
    data = bytearray(packed(parts_of()))
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    return bytes(data)


def protected() -> bytes:
    """The container that Excel writes when a file has a password to open it."""
    return OLE + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(500)


def macros() -> bytes:
    parts = parts_of()
    types = parts["[Content_Types].xml"].replace(
        b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    return packed(
        parts | {"[Content_Types].xml": types, "xl/vbaProject.bin": OLE + b"Auto_Open" + bytes(3000)}
    )


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def external_link(result: str = "4") -> bytes:
    """计划数量 is taken from another workbook; its last result is kept in this one."""
    parts = parts_of(BytesIO(in_cell("4")))
    parts[POINTS_PART] = parts[POINTS_PART].replace(
        b'<c r="E2" t="n"><v>4</v></c>', f'<c r="E2"><f>[1]Sheet1!$A$1</f><v>{result}</v></c>'.encode()
    )
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b"</sheets>",
        f'</sheets><externalReferences><externalReference xmlns:r="{RELATIONS}" r:id="rId99"/>'
        "</externalReferences>".encode(),
    )
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        f'<Relationship Id="rId99" Type="{RELATIONS}/externalLink" '
        'Target="externalLinks/externalLink1.xml"/></Relationships>'.encode(),
    )
    parts["xl/externalLinks/externalLink1.xml"] = (
        f'<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{RELATIONS}" r:id="rId1"/></externalLink>'
    ).encode()
    parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
        f'Id="rId1" Type="{RELATIONS}/externalLinkPath" Target="http://127.0.0.1:9/evil.xlsx" '
        'TargetMode="External"/></Relationships>'
    ).encode()
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="application/vnd.'
        b'openxmlformats-officedocument.spreadsheetml.externalLink+xml"/></Types>',
    )
    return packed(parts)


def points(*rows: tuple[object, ...]) -> Rows:
    return (("任务编号", "年度", "序号", "任务点", "计划数量", "单位"), *rows)


def book(**sheets: Rows) -> bytes:
    return workbook(small(**sheets)).getvalue()
