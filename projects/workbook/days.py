"""Dates, years and spans of years in cells, as staff write them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from projects.workbook.cells import (
    CODE_BREAK,
    EXCEL_DIGITS,
    RawCell,
    RawValue,
    code,
    code_text,
    half_width,
    known,
    text,
)
from projects.workbook.faults import Problem

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
# Day 0 of Excel's calendar, for dates after February 1900.
EXCEL_DAY_0 = date(1899, 12, 30)
SERIALS = range((EARLIEST - EXCEL_DAY_0).days, (LATEST - EXCEL_DAY_0).days + 1)

DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(\d{1,2})\s*[日号]?|月)?(?:\s+0?0:00(?::00)?)?", re.ASCII
)
YEAR = re.compile(r"(\d{4})(?:年度?)?", re.ASCII)
SPAN = re.compile(r"(\d{4})(?:年度?)?(?:[-~]+|至|到)(\d{4})(?:年度?)?", re.ASCII)
DASHES = str.maketrans("—–−～〜─", "---~~-")

A_DAY = "日期，例如 2026-05-20 或 2026年5月20日"
A_MONTH = "存为文本的月份，例如 2026.05，或完整日期，例如 2026-05-20"
A_YEAR = f"{EARLIEST.year} 到 {LATEST.year} 之间的年份，例如 2022"
A_SPAN = "年份，例如 2022，或起止年份，例如 2022-2023"
A_POINT = "任务编号/年度/序号，例如 2-1/2022/3，多个用；分开"


def day(cell: RawCell) -> date | None:
    """A date from 1990 to 2100; a month in text is its last day."""
    value = known(cell)
    if value is None:
        return None
    if isinstance(value, datetime):
        value = at_midnight(value)
    if isinstance(value, str):
        value = day_in_text(half_width(value).translate(DASHES))
    if not isinstance(value, date):
        raise no_day(value)
    if not EARLIEST <= value <= LATEST:
        raise Problem("日期超出范围", f"{EARLIEST} 到 {LATEST} 之间的日期")
    return value


def at_midnight(value: datetime) -> date:
    if value.time() != time.min:
        raise Problem("日期带有时刻", "不带时刻的日期，例如 2026-05-20")
    return value.date()


def day_in_text(found: str) -> date:
    match = DAY.fullmatch(found)
    if not match:
        raise Problem("不是日期", A_DAY)
    year, month, of_month = int(match[1]), int(match[2]), match[3]
    try:
        return date(year, month, int(of_month) if of_month else monthrange(year, month)[1])
    except ValueError:
        raise Problem("没有这一天", A_DAY) from None


def no_day(value: RawValue) -> Problem:
    """Why a number (or a time, or TRUE) in a date cell is refused."""
    if isinstance(value, Decimal) and value.is_finite() and EARLIEST.year <= value <= LATEST.year + 1:
        return Problem("是数字，不是日期（2023.1 和 2023.10 分不清），请存为文本", A_MONTH)
    serial = integer(value)
    if serial is not None and serial in SERIALS:
        meant = EXCEL_DAY_0 + timedelta(days=serial)
        return Problem("是数字，不是日期", f"日期格式的单元格（这个数字相当于 {meant}），或文本 {meant}")
    return Problem("不是日期" if serial is None else "是数字，不是日期", A_DAY)


def integer(value: RawValue) -> int | None:
    """The whole number in a number cell; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    exact = Decimal(value)
    if not exact.is_finite() or exact.adjusted() >= EXCEL_DIGITS or exact != exact.to_integral_value():
        return None
    return int(exact)


def year(cell: RawCell) -> int | None:
    """A year from 1990 to 2100: 2022 or 2022年."""
    value = known(cell)
    if value is None:
        return None
    if isinstance(value, str):
        match = YEAR.fullmatch("".join(half_width(value).split()))
        return a_year(int(match[1]) if match else None)
    return a_year(integer(value))


def a_year(found: int | None) -> int:
    """The number if it is a year that can be meant."""
    if found is None or not EARLIEST.year <= found <= LATEST.year:
        raise Problem("不是年份", A_YEAR)
    return found


def years(cell: RawCell) -> tuple[int, int] | None:
    """A year or a span of years, as (first, last)."""
    value = known(cell)
    if isinstance(value, str):
        found = "".join(half_width(value).translate(DASHES).split())
        if match := SPAN.fullmatch(found):
            return span(a_year(int(match[1])), a_year(int(match[2])))
        if not YEAR.fullmatch(found):
            raise Problem("不是年份", A_SPAN)
    single = year(cell)
    return None if single is None else (single, single)


def years_written(value: tuple[int, int]) -> str:
    """A year or a span of years, as `years` reads it."""
    first, last = value
    return str(first) if first == last else f"{first}-{last}"


def span(first: int, last: int) -> tuple[int, int]:
    if first > last:
        raise Problem("起始年份晚于结束年份", f"{last}-{first}")
    return first, last


def points(cell: RawCell) -> tuple[tuple[str, int, str], ...]:
    """References to task points, `2-1/2022/3`, as (任务编号, 年度, 序号), each once."""
    if not isinstance(cell.value, str):
        if code(cell):
            raise Problem("不是任务点", A_POINT)
        return ()
    parts = (code_text(part) for part in CODE_BREAK.split(text(cell)))
    return tuple(dict.fromkeys(point(part) for part in parts if part))


def point(found: str) -> tuple[str, int, str]:
    task, first, seq = (found.rsplit("/", 2) + ["", ""])[:3]
    match = YEAR.fullmatch(first.strip())
    if not (match and task.strip() and seq.strip()):
        raise Problem("不是任务点", A_POINT)
    return task.strip(), a_year(int(match[1])), seq.strip()
