"""From a file to tables of known sheets. A file with one table only may call it what it likes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from projects.workbook.columns import Table, table_header
from projects.workbook.faults import Fault, Notice, Refused
from projects.workbook.guard import content
from projects.workbook.raw import RawSheet, hidden_notices
from projects.workbook.reading import read_workbook
from projects.workbook.sheet import Sheet
from reports.marking import FAULT_LIST
from reports.sheets import EVERY, LISTS

# The sheet of instructions that an export begins with, what became of the rows of another file, the list of
# faults in a marked workbook.
GUIDE, CHECK_LIST = "填写说明", "核对"
OWN_SHEETS = (GUIDE, CHECK_LIST, FAULT_LIST)

BY_TITLE = {sheet.title: sheet for sheet in EVERY}


def parse(source: Path | BinaryIO) -> tuple[dict[str, Table], list[Notice]]:
    """The known sheets as tables, with notices about everything else."""
    data = content(source, settings.WORKBOOK_MAX_BYTES)
    book = read_workbook(data, wanted=BY_TITLE)
    raw = only_table(data) if book.sheets.keys().isdisjoint(BY_TITLE) else book.sheets
    unknown = [title for title in raw if title not in (*BY_TITLE, *OWN_SHEETS)]
    notices = [Notice("", oddity) for oddity in book.oddities]
    notices += [Notice(title, "工作表名称不在格式中，已忽略") for title in unknown]
    known = {title: raw[title] for title in BY_TITLE if title in raw}
    notices += [Notice(title, "工作表是空的，已忽略") for title, sheet in known.items() if sheet.is_blank]
    notices += [
        Notice(sheet.title, f"工作表按表头识别为“{title}”")
        for title, sheet in known.items()
        if title != sheet.title.strip()
    ]
    notices += [notice for sheet in known.values() for notice in hidden_notices(sheet)]
    tables = {title: BY_TITLE[title].parse(sheet) for title, sheet in known.items() if not sheet.is_blank}
    return tables, notices + [notice for table in tables.values() for notice in table.notices]


def only_table(data: bytes) -> dict[str, RawSheet]:
    """The sheets of a file in which none has a known name; its only table under the name it should have."""
    raw = read_workbook(data).sheets
    filled = [title for title, sheet in raw.items() if title not in OWN_SHEETS and not sheet.is_blank]
    if len(filled) != 1:
        return raw
    sheet = raw[filled[0]]
    if sheet.faults:
        raise Refused(sheet.faults)
    found = likely(sheet, LISTS)
    return {found.title: sheet} if found else raw


def likely(raw: RawSheet, sheets: Iterable[Sheet]) -> Sheet | None:
    """The sheet whose required columns all stand in the header; Refused where several may be meant.

    None is meant where another knows every column that it knows, and more.
    """
    known = [(sheet, found) for sheet in sheets if (found := known_columns(raw, sheet))]
    meant = [sheet for sheet, found in known if not any(found < other for _, other in known)]
    if len(meant) > 1:
        names = "”“".join(sheet.title for sheet in meant)
        message = f"表头同时符合“{names}”，分不清是哪一张表"
        raise Refused([Fault(raw.title, "", "", message, "工作表的名称改为其中一个")])
    return meant[0] if meant else None


def known_columns(raw: RawSheet, sheet: Sheet) -> frozenset[int]:
    """Where the header of a table has columns of the sheet; nowhere if it lacks a required one."""
    header = table_header(raw, sheet.columns)
    return frozenset() if header.lacking else frozenset(header.places.values())
