"""Damaged workbooks, made from sound ones by chance: the same seed makes the same file.

A family is a function that takes the source of chance and the bytes of a sound workbook, and gives the
bytes of a damaged one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from tests.hostile import packed
from tests.workbooks import FULL, saved, small, workbook

DATA = Path(__file__).parent / "data"
Family = Callable[[Random, bytes], bytes]

NASTY: tuple[Any, ...] = (
    *(0, -1, -0.0, 0.1 + 0.2, 1e-7, 1e15, 1e300, -1e300, 2**31, 2**53, 2**63, 1.0000001, 2023.1),
    *(60, 44926, 2958465, 2958466, -5, 0.99999999, True, False),
    *(None, "", " ", "\u3000", "\u200b", "\ufeff", "—", "-", "/", "XXX", "（略）"),
    *(
        "NaN",
        "inf",
        "-Infinity",
        "1e400",
        "1E+5",
        "0x10",
        "1_000",
        "1,000",
        "1，000",
        "１２",
        "½",
        "①",
        "10²",
    ),
    *("5%", "105％", "-5%", "5%%", "−3", "+3", "--3", "3.", ".5", "1.2.3", "9" * 40, "0." + "1" * 40, "二"),
    *("2023", "2023.1", "2023-13-01", "2023-02-30", "1900-02-29", "9999-12-31", "0000-00-00", "2023年"),
    *("#REF!", "#N/A", "#SPILL!", "=1+1", "=A1", "+1", "@x", "\tx", "'=1"),
    *("A", "A.1", "A.1/2022/1", "A.1；A.1", "；；", "、、", "A.1/2022", "a\nb", "\r\n", "_x000D_", "\x85"),
    *("甲" * 201, "甲" * 10_001, "甲" * 32_767, "😀", "é", "e\u0301", "﷽", "\u202e甲"),
    *("<b>&amp;", "]]>", "${7*7}", "{{ x }}"),
    *(date(1900, 1, 1), date(1989, 12, 31), date(2101, 1, 1), date(9999, 12, 31)),
    *(datetime(2023, 1, 1, 8, 30), time(8, 30), timedelta(days=400), timedelta(0)),
)
GARBAGE = (
    *(b"\x00", b"\xff\xfe", b"<", b">", b"&", b'"', b"&#0;", b"&x;"),
    *(b"<!--", b"<![CDATA[", b"</c>", b"NaN", b"-1"),
)
READ = re.compile(r"worksheets/sheet|workbook|styles|sharedStrings")


@dataclass(frozen=True, slots=True)
class Damaged:
    number: int
    family: str
    base: str
    content: bytes


@cache
def bases() -> dict[str, bytes]:
    files = ("rules.xlsx", "rules-annual.xlsx", "maoming-petrochem.xlsx")
    return {
        "full": workbook(FULL).getvalue(),
        "small": workbook(small()).getvalue(),
        **{name: (DATA / name).read_bytes() for name in files},
    }


@cache
def other_formats() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((DATA / "office").glob("rules.*"))}


def corpus(seed: int, count: int) -> Iterator[Damaged]:
    return (damaged(seed, number) for number in range(count))


def damaged(seed: int, number: int) -> Damaged:
    """The file of this number: families take turns, all else is left to chance."""
    chance = Random(f"{seed}:{number}")
    names = list(FAMILIES)
    family = names[number % len(names)]
    sound = bases() | other_formats() if family in OF_ANY_FORMAT else bases()
    base = chance.choice(sorted(sound))
    return Damaged(number, family, base, FAMILIES[family](chance, sound[base]))


# Bytes


def bytes_flipped(chance: Random, content: bytes) -> bytes:
    data = bytearray(content)
    for _ in range(chance.randint(1, 40)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def truncated(chance: Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content))]


def piece_lost(chance: Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.randint(1, 500) :]


def piece_zeroed(chance: Random, content: bytes) -> bytes:
    at, length = chance.randrange(len(content)), chance.randint(1, 2000)
    return content[:at] + bytes(length) + content[at + length :]


# Parts of the package


def parts(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def part_removed(chance: Random, content: bytes) -> bytes:
    found = parts(content)
    for _ in range(chance.randint(1, 3)):
        del found[chance.choice(sorted(found))]
    return packed(found)


def parts_swapped(chance: Random, content: bytes) -> bytes:
    found = parts(content)
    one, other = chance.sample(sorted(found), 2)
    return packed(found | {one: found[other], other: found[one]})


def part_emptied(chance: Random, content: bytes) -> bytes:
    found = parts(content)
    return packed(found | {chance.choice(sorted(found)): chance.choice((b"", b" ", b"<a/>", b"\x00" * 99))})


def part_renamed(chance: Random, content: bytes) -> bytes:
    found = parts(content)
    name = chance.choice(sorted(found))
    part = found.pop(name)
    return packed(
        found | {chance.choice((name.upper(), f"/{name}", name.replace("/", "\\"), f"{name}x")): part}
    )


# XML


def xml(chance: Random, content: bytes, damage: Callable[[bytes], bytes]) -> bytes:
    """Damage to one of the parts that are read."""
    found = parts(content)
    name = chance.choice([name for name in sorted(found) if READ.search(name)])
    return packed(found | {name: damage(found[name])})


def xml_cut(chance: Random, content: bytes) -> bytes:
    return xml(chance, content, lambda part: piece_lost(chance, part))


def xml_garbage(chance: Random, content: bytes) -> bytes:
    def damage(part: bytes) -> bytes:
        at = chance.randrange(len(part))
        return part[:at] + chance.choice(GARBAGE) * chance.randint(1, 3) + part[at:]

    return xml(chance, content, damage)


def xml_numbers(chance: Random, content: bytes) -> bytes:
    """Numbers of rows, styles, texts and values become others."""
    numbers = (b"0", b"-1", b"7", b"99999", b"1048577", b"9" * 30, b"1e400", b"NaN", b"")

    def damage(part: bytes) -> bytes:
        share = chance.choice((0.002, 0.05))
        return re.sub(
            rb'(?<=[">A-Z])\d+(?=["<])',
            lambda found: chance.choice(numbers) if chance.random() < share else found[0],
            part,
        )

    return xml(chance, content, damage)


def xml_kinds(chance: Random, content: bytes) -> bytes:
    """Cells say that they are of another kind."""
    kinds = (b"s", b"n", b"b", b"e", b"str", b"d", b"inlineStr", b"x")

    def damage(part: bytes) -> bytes:
        return re.sub(
            rb'(?<= t=")\w+',
            lambda found: chance.choice(kinds) if chance.random() < 0.02 else found[0],
            part,
        )

    return xml(chance, content, damage)


def xml_moved(chance: Random, content: bytes) -> bytes:
    """A piece of a part stands somewhere else, too."""

    def damage(part: bytes) -> bytes:
        pieces = part.split(b"<")
        at, to = chance.randrange(len(pieces)), chance.randrange(len(pieces))
        return b"<".join(pieces[:to] + pieces[at : at + chance.randint(1, 30)] + pieces[to:])

    return xml(chance, content, damage)


# What people do


def edited(content: bytes, edit: Callable[[Workbook], None]) -> bytes:
    book = load_workbook(BytesIO(content))
    edit(book)
    return saved(book).getvalue()


def a_sheet(chance: Random, book: Workbook) -> Worksheet:
    return chance.choice(book.worksheets)


def cells_nasty(chance: Random, content: bytes) -> bytes:
    def edit(book: Workbook) -> None:
        for _ in range(chance.randint(1, 25)):
            sheet = a_sheet(chance, book)
            row, column = chance.randint(2, sheet.max_row + 1), chance.randint(1, sheet.max_column)
            put(sheet, row, column, chance.choice(NASTY))

    return edited(content, edit)


def columns_nasty(chance: Random, content: bytes) -> bytes:
    """One value down a whole column."""

    def edit(book: Workbook) -> None:
        sheet, value = a_sheet(chance, book), chance.choice(NASTY)
        column = chance.randint(1, sheet.max_column)
        for row in range(2, sheet.max_row + 1):
            put(sheet, row, column, value)

    return edited(content, edit)


def put(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    cell: Any = sheet.cell(row, column)
    if isinstance(value, str):
        value = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", value)
    if type(cell).__name__ != "MergedCell":
        cell.value = value


def types_changed(chance: Random, content: bytes) -> bytes:
    """Numbers become texts, texts numbers, and formats others."""

    def edit(book: Workbook) -> None:
        for sheet in book.worksheets:
            for row in sheet.iter_rows(min_row=2):
                for cell in row:
                    if cell.value is not None and chance.random() < 0.1:
                        put(sheet, cell.row, cell.column, changed(chance, cell.value))
                        cell.number_format = chance.choice(("General", "@", "0.00%", "yyyy-mm-dd", "0.00"))

    return edited(content, edit)


def changed(chance: Random, value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return chance.choice((str(value), f"{value}%", f"约{value}", value * 1.1, bool(value)))
    return chance.choice((chance.randint(0, 50_000), chance.random(), f" {value} ", str(value)[::-1], True))


def headers_changed(chance: Random, content: bytes) -> bytes:
    def edit(book: Workbook) -> None:
        sheet = a_sheet(chance, book)
        one, other = (chance.randint(1, sheet.max_column) for _ in range(2))
        name = sheet.cell(1, one).value
        chance.choice(
            (
                lambda: put(sheet, 1, one, None),
                lambda: put(sheet, 1, one, f"{name}（新）"),
                lambda: put(sheet, 1, other, name),
                lambda: put(sheet, 1, one, chance.choice(NASTY)),
                lambda: sheet.delete_cols(one),
                lambda: sheet.insert_cols(one),
                lambda: sheet.insert_rows(1, chance.randint(1, 4)),
                lambda: sheet.delete_rows(1),
            )
        )()

    return edited(content, edit)


def sheets_changed(chance: Random, content: bytes) -> bytes:
    def edit(book: Workbook) -> None:
        for _ in range(chance.randint(1, 3)):
            sheet = a_sheet(chance, book)
            what = chance.randrange(5)
            if what == 0 and len(book.worksheets) > 1:
                book.remove(sheet)
            elif what == 1:
                book.copy_worksheet(sheet)
            elif what == 2:
                names = (f" {sheet.title}", f"{sheet.title}2", "Sheet1", "填写说明", sheet.title[::-1])
                sheet.title = chance.choice(names)
            elif what == 3:
                sheet.delete_rows(1, sheet.max_row)
            else:
                other = a_sheet(chance, book)
                titles = sheet.title, other.title
                sheet.title, other.title = "一", "二"
                other.title, sheet.title = titles

    return edited(content, edit)


def rows_changed(chance: Random, content: bytes) -> bytes:
    def edit(book: Workbook) -> None:
        for _ in range(chance.randint(1, 4)):
            sheet = a_sheet(chance, book)
            rows = [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
            what = chance.randrange(4)
            if what == 0:
                rows += rows
            elif what == 1:
                chance.shuffle(rows)
            elif what == 2:
                rows = [row for row in rows if chance.random() < 0.7]
            else:
                rows = [list(chance.sample(row, len(row))) if chance.random() < 0.3 else row for row in rows]
            for merge in list(sheet.merged_cells.ranges):
                sheet.unmerge_cells(str(merge))
            sheet.delete_rows(2, sheet.max_row)
            for row in rows:
                sheet.append(row)

    return edited(content, edit)


def merges_added(chance: Random, content: bytes) -> bytes:
    def edit(book: Workbook) -> None:
        for _ in range(chance.randint(1, 6)):
            sheet = a_sheet(chance, book)
            top, left = chance.randint(1, sheet.max_row), chance.randint(1, sheet.max_column)
            area = CellRange(
                min_row=top,
                min_col=left,
                max_row=top + chance.randint(0, 5),
                max_col=left + chance.randint(0, 3),
            )
            if all(area.isdisjoint(merge) for merge in sheet.merged_cells.ranges):
                sheet.merge_cells(area.coord)

    return edited(content, edit)


def blown_up(chance: Random, content: bytes) -> bytes:
    def edit(book: Workbook) -> None:
        sheet = a_sheet(chance, book)
        what = chance.randrange(4)
        if what == 0:
            row = [cell.value for cell in sheet[max(sheet.max_row, 1)]]
            for _ in range(chance.choice((500, 2000))):
                sheet.append(row)
        elif what == 1:
            sheet.cell(chance.choice((5000, 1_048_576)), 1).value = "远"
        elif what == 2:
            sheet.cell(2, chance.choice((500, 16_384))).value = "远"
        else:
            for column in range(1, 300):
                put(sheet, 1, sheet.max_column + 1, f"列{column}")

    return edited(content, edit)


FAMILIES: dict[str, Family] = {
    family.__name__: family
    for family in (
        *(bytes_flipped, truncated, piece_lost, piece_zeroed),
        *(part_removed, parts_swapped, part_emptied, part_renamed),
        *(xml_cut, xml_garbage, xml_numbers, xml_kinds, xml_moved),
        *(cells_nasty, columns_nasty, types_changed, headers_changed, sheets_changed, rows_changed),
        *(merges_added, blown_up),
    )
}
OF_ANY_FORMAT = frozenset(("bytes_flipped", "truncated", "piece_lost", "piece_zeroed"))
