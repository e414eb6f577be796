"""The workbook of a desk: a sheet for each kind that has rows, what cannot be written locked and grey.

Each row carries, hidden, its key, the version that was seen, and a mark of each value, so that what comes
back tells what was changed in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import blake2s
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from indicators.pasted import LEVELS
from projects.forms import REASON_KINDS
from projects.models import Project
from projects.numbers import plain
from projects.workbook.cells import UNKNOWN, clean
from projects.workbook.writing import fits
from reports.desk.kind import Kind
from reports.desk.kinds import KINDS
from reports.desk.row import GROUPS, Column, Row

GUIDE = "填报说明"
# What a row says about itself, with the width of the column.
FIXED = {
    **{"编号": 14, "内容": 42, "单位": 8, "计划": 10, "上次累计": 22},
    **{"截止日期": 12, "内控完成日期": 14, "状态": 22, "退回意见": 34},
}
KEY, SEEN, BASE = "行标识", "版本", "原值"
HIDDEN = (KEY, SEEN, BASE)
WIDTHS = {"number": 12, "percent": 14, "date": 13, "text": 30}
DAY = "yyyy-mm-dd"
# In points.
LINE_HEIGHT, MOST_LINES = 15.0, 12
OFFERED: dict[str, Sequence[str]] = {"reason_kind": REASON_KINDS, "level": LEVELS}
WAITS = "等待审核；要修改请先在系统里撤回"
ALLOWED = {
    "select_locked_cells": True,
    "select_unlocked_cells": True,
    "format_columns": True,
    "format_rows": True,
    "autofilter": True,
}


def lock_of(row: Row) -> str:
    """Why the row cannot be written in the workbook; empty where it can."""
    return row.locked or (WAITS if row.group == "submitted" else "")


def workbook(project: Project, rows: Sequence[Row], made_for: str, day: date) -> bytes:
    """The rows as a workbook, kind by kind, in the order in which they are given."""
    file = BytesIO()
    with Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        looks = Looks(book)
        write_guide(book.add_worksheet(GUIDE), guide(project, rows, made_for, day), looks)
        for kind in KINDS:
            if own := [row for row in rows if row.kind == kind.name]:
                write_sheet(book.add_worksheet(kind.label), kind, own, looks)
    return file.getvalue()


class Looks:
    """The formats of the workbook: grey is locked."""

    def __init__(self, book: Workbook) -> None:
        edge = {"border": 1, "border_color": "#C9D3DD", "valign": "top"}
        grey = edge | {"bg_color": "#EEF1F4", "font_color": "#44505C", "text_wrap": True}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.line = book.add_format({"text_wrap": True, "valign": "top"})
        head = edge | {"bold": True, "valign": "vcenter", "text_wrap": True}
        self.fixed_head = book.add_format(head | {"bg_color": "#DDE4EA"})
        self.open_head = book.add_format(head | {"bg_color": "#CFE0F0", "font_color": "#123E66"})
        self.grey = book.add_format(grey | {"num_format": "@"})
        self.grey_number = book.add_format(grey)
        self.grey_day = book.add_format(grey | {"num_format": DAY})
        self.returned = book.add_format(grey | {"font_color": "#B3261E", "num_format": "@"})
        formats = {"number": "General", "percent": "General", "date": DAY, "text": "@"}
        self.open: dict[str, Format] = {
            kind: book.add_format(edge | {"num_format": shape, "locked": False, "text_wrap": kind == "text"})
            for kind, shape in formats.items()
        }


def guide(project: Project, rows: Sequence[Row], made_for: str, day: date) -> list[str]:
    locked = sum(bool(lock_of(row)) for row in rows)
    return [
        f"{project.name}　填报表",
        f"{made_for}　共 {len(rows)} 行，其中 {len(rows) - locked} 行可以填写；{day.isoformat()} 下载。",
        "1. 只填白色单元格；灰色单元格由系统给出，已锁定。工作表没有设密码。",
        "2. 数量填累计数，不是本期新增；没有进展填 0；不知道就空着。“比例（%）”列填 95.5 表示 95.5%。",
        "3. 日期填成 2026-05-20；“原因类别”可以从下拉列表里选，也可以写别的。",
        "4. 不要增加、删除或调换列；不填的行可以删掉，删掉的行在系统里不变。不能在表里新增行。",
        "5. 填完后在“我的任务”的“用 Excel 填报”上传：先看变化，确认后才写入；没有改过的行不会写入。",
        "6. 佐证材料请在系统里上传。",
        f"项目编号 {project.code}",
    ]


def write_guide(sheet: Worksheet, lines: Iterable[str], looks: Looks) -> None:
    sheet.set_column(0, 0, 100)
    for at, line in enumerate(lines):
        sheet.write_string(at, 0, line, looks.line if at else looks.title)


def write_sheet(sheet: Worksheet, kind: Kind, rows: Sequence[Row], looks: Looks) -> None:
    told = [told_of(row) for row in rows]
    # A column that no row of the kind says anything in is left out.
    fixed = [name for name in FIXED if any(each[name] for each in told)]
    columns, start = kind.columns, len(fixed)
    for at, name in enumerate(fixed):
        sheet.set_column(at, at, FIXED[name])
        sheet.write_string(0, at, name, looks.fixed_head)
    for at, column in enumerate(columns, start):
        sheet.set_column(at, at, max(WIDTHS[column.type], 2 * len(column.label) + 2))
        sheet.write_string(0, at, column.label, looks.open_head)
        validate(sheet, at, column, len(rows))
    hidden = start + len(columns)
    sheet.set_column(hidden, hidden + len(HIDDEN) - 1, 10, None, {"hidden": True})
    for at, text in enumerate(HIDDEN, hidden):
        sheet.write_string(0, at, text, looks.fixed_head)
    for number, row in enumerate(rows, 1):
        write_row(sheet, number, row, {name: told[number - 1][name] for name in fixed}, columns, looks)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, len(rows), hidden - 1)
    sheet.protect("", ALLOWED)


def told_of(row: Row) -> dict[str, Any]:
    """What the row says about itself, by column."""
    lock = lock_of(row)
    return {
        "编号": row.code,
        "内容": row.text,
        "单位": row.unit,
        "计划": row.planned,
        "上次累计": last_of(row.last),
        "截止日期": row.due_on,
        "内控完成日期": row.internal_due_on,
        "状态": f"{row.state.get('label', GROUPS[row.group])}{f'（{lock}）' if lock else ''}",
        "退回意见": given_back(row),
    }


def write_row(
    sheet: Worksheet, at: int, row: Row, told: Mapping[str, Any], columns: Sequence[Column], looks: Looks
) -> None:
    lock = lock_of(row)
    for place, (name, value) in enumerate(told.items()):
        look = looks.returned if name == "退回意见" else looks.grey
        put(sheet, at, place, value, look, looks.grey_day, looks.grey_number if name == "计划" else None)
    for place, each in enumerate(columns, len(told)):
        grey = looks.grey if each.type == "text" else looks.grey_number
        look = grey if lock else looks.open[each.type]
        value = typed_value(row.values.get(each.name, ""), each.type)
        put(sheet, at, place, value, look, looks.grey_day if lock else looks.open["date"])
    fixed = [(value, FIXED[name]) for name, value in told.items()]
    typed = [(row.values.get(each.name, ""), WIDTHS[each.type]) for each in columns]
    sheet.set_row(at, height_of(fixed + typed))
    hidden = len(told) + len(columns)
    for place, text in enumerate((row.key, row.seen, base_of(row.values, columns)), hidden):
        sheet.write_string(at, place, text, looks.grey)


def height_of(told: Iterable[tuple[Any, int]]) -> float:
    """Enough for the longest text of the row, each with the width it has, as far as a row may be high."""
    lines = max(
        sum(-(-columns_of(part) // width) or 1 for part in str(value or "").split("\n"))
        for value, width in told
    )
    return LINE_HEIGHT * min(lines, MOST_LINES)


def columns_of(text: str) -> int:
    """How wide a text is in half-width characters."""
    return sum(1 if char.isascii() else 2 for char in text)


def put(
    sheet: Worksheet,
    at: int,
    column: int,
    value: Any,
    look: Format,
    day: Format,
    number: Format | None = None,
) -> None:
    """One cell; text is text, whatever sign it starts with, but a number where `number` is given."""
    if value is None or value == "":
        sheet.write_blank(at, column, None, look)
    elif isinstance(value, date):
        sheet.write_datetime(at, column, value, day)
    elif isinstance(value, Decimal):
        sheet.write_number(at, column, value, look)
    elif number and (exact := decimal(value)) is not None and fits(exact):
        sheet.write_number(at, column, exact, number)
    else:
        sheet.write_string(at, column, str(value), look)


def typed_value(text: str, kind: str) -> Any:
    """What stands in a cell for what was typed."""
    if kind == "date":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    if kind in ("number", "percent"):
        exact = decimal(text)
        return exact if exact is not None and fits(exact) else text
    return text


def decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except (InvalidOperation, TypeError):
        return None
    return found if found.is_finite() else None


def last_of(last: Mapping[str, str]) -> str:
    """`28（93.3%），2023-06-30`."""
    if not last:
        return ""
    quantity, rate, on = (last.get(name, "") for name in ("quantity", "percent", "on"))
    value = f"{quantity}（{rate}）" if quantity and rate else quantity or rate
    return "，".join(filter(None, (value, on)))


def given_back(row: Row) -> str:
    returned = row.returned
    return f"{returned.by} {returned.at}：{returned.comment}" if returned else ""


def validate(sheet: Worksheet, at: int, column: Column, rows: int) -> None:
    """Drop-downs are offers, as in the form; a day that is none is asked about."""
    if column.name in OFFERED:
        sheet.data_validation(
            1, at, rows, at, {"validate": "list", "source": list(OFFERED[column.name]), "show_error": False}
        )
    elif column.type == "date":
        rule = {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1), "error_type": "warning"}
        rule |= {"error_title": column.label, "error_message": "日期请填成 2026-05-20。"}
        sheet.data_validation(1, at, rows, at, rule)


def base_of(values: Mapping[str, str], columns: Iterable[Column]) -> str:
    """A mark of each value, in the order of the columns."""
    return " ".join(mark_of(values.get(column.name, ""), column.type) for column in columns)


def mark_of(text: str, kind: str) -> str:
    same = settled(text, kind)
    return blake2s(same.encode(), digest_size=6).hexdigest() if same else "-"


def settled(text: str, kind: str) -> str:
    """A value as it is however it was written: 3.0 is 3, a mark for unknown is nothing."""
    found = clean(text)
    if found in UNKNOWN:
        return ""
    if kind in ("number", "percent"):
        exact = decimal(found)
        return plain(exact) if exact is not None and abs(exact.adjusted()) < 30 else found
    return found
