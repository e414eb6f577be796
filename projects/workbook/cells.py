"""From one cell to one value: the rules that hold in every sheet.

A parser takes a `RawCell` and returns a value or raises `Problem`. An empty cell and the marks that
stand for "unknown" give `""`, `None` or `()`, whatever "unknown" is for that kind of value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from projects.numbers import plain
from projects.workbook.faults import Problem

RawValue = str | bool | int | Decimal | date | time | timedelta | None
Parser = Callable[["RawCell"], Any]

LONGEST_TEXT = 10_000
LONGEST_SHOWN = 100
# Excel itself keeps 15 digits of a number.
EXCEL_DIGITS = 15

UNKNOWN = frozenset(
    ["", "XXX", "ＸＸＸ", "—", "——", "-", "－", "–", "/", "／", "（略）", "(略)", "（略)", "(略）"]
)
# LibreOffice shows its own errors as Err:502.
ERROR = re.compile(r"#(?:[A-Z_]+!|DIV/0!|N/A|NAME\?|GETTING_DATA)|Err:\d{3}", re.ASCII)
# Control characters other than \n and \t, zero-width and direction marks, what XML cannot hold.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
NAME_BREAK = re.compile(r"[、，,；;\n]")
CODE_BREAK = re.compile(r"[；;\n]")
# Full-width ASCII only: NFKC would turn ① into 1 and 10² into 102.
HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: ord(" ")}

ERROR_VALUE = ("单元格是 Excel 错误值", "没有错误的公式，或直接填写的内容")
CODE_AS_TEXT = "文本格式的编号，例如 2-1"


class RawCell(NamedTuple):
    """One cell as the file holds it; `value` None is an empty cell."""

    value: RawValue = None
    # The number format shows a percentage: 0.9543 is seen as 95.43%.
    is_percent: bool = False
    # A formula that was saved without its result.
    is_uncached: bool = False

    @property
    def is_empty(self) -> bool:
        return self.value is None and not self.is_uncached

    @property
    def shown(self) -> str:
        """The value as a person sees it, cut short; for messages."""
        text = written(self)
        return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


EMPTY = RawCell()


def written(cell: RawCell) -> str:
    """The value as text: numbers without exponent, percentages with %, dates as 2023-12-31."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal):
        return number_written(Decimal(value), cell.is_percent)
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return str(value)


def number_written(value: Decimal, is_percent: bool = False) -> str:
    if not value.is_finite() or abs(value.adjusted()) > 2 * EXCEL_DIGITS:
        return str(value)
    return plain(value.scaleb(2)) + "%" if is_percent else plain(value)


def clean(text: str) -> str:
    """Trimmed, without characters nobody can see; inner line breaks are kept."""
    if not text.isprintable():
        text = INVISIBLE.sub("", LINE_ENDS.sub("\n", text)).replace("\t", " ")
    return text.strip()


def half_width(text: str) -> str:
    return text if text.isascii() else text.translate(HALF_WIDTH)


def known(cell: RawCell) -> RawValue:
    """The value with text cleaned; None for an empty cell or a mark for "unknown"."""
    value = cell.value
    if isinstance(value, str):
        value = clean(value)
        if value in UNKNOWN:
            return None
        if value[0] in "#E" and ERROR.fullmatch(value):
            raise Problem(*ERROR_VALUE)
    elif cell.is_uncached:
        raise Problem("公式没有保存计算结果", "在 Excel 或 WPS 中重新保存过的公式，或直接填写的内容")
    return value


# Text


def text(cell: RawCell, limit: int = LONGEST_TEXT) -> str:
    """Text of any length up to `limit`, line breaks kept; a number or date as it is written."""
    value = known(cell)
    if value is None:
        return ""
    found = value if isinstance(value, str) else written(cell)
    return within(found, limit)


def line(cell: RawCell, limit: int = 200) -> str:
    """Text on one line, as names are: line breaks that only wrap the cell are taken out."""
    found = text(cell)
    return within(unwrapped(found) if "\n" in found else found, limit)


def unwrapped(found: str) -> str:
    """A line break beside a Chinese character only wraps the cell; between Latin words it is a space."""
    lines = [" ".join(line.split()) for line in found.split("\n")]
    whole, *others = filter(None, lines)
    for line in others:
        whole += line if not whole[-1].isascii() or not line[0].isascii() else f" {line}"
    return whole


def within(found: str, limit: int) -> str:
    if len(found) > limit:
        raise Problem(f"文字太长（{len(found)} 字）", f"不超过 {limit} 字的文字")
    return found


def code(cell: RawCell, limit: int = 100) -> str:
    """A code: text even where the cell holds a number (2 is "2")."""
    value = known(cell)
    if value is None:
        return ""
    if isinstance(value, str):
        return within(code_text(value), limit)
    if isinstance(value, bool):
        raise Problem("是逻辑值，不是编号", CODE_AS_TEXT)
    if isinstance(value, int | Decimal):
        return code_of_number(Decimal(value), cell.is_percent)
    raise Problem("是日期或时间，不是编号（Excel 会把 2-1 变成日期），请存为文本", CODE_AS_TEXT)


def code_text(found: str) -> str:
    return " ".join(half_width(found).split())


def code_of_number(value: Decimal, is_percent: bool) -> str:
    if is_percent or not value.is_finite():
        raise Problem("不是编号", CODE_AS_TEXT)
    if value.adjusted() >= EXCEL_DIGITS:
        raise Problem("编号太长，作为数字已丢失末尾几位，请存为文本后重新填写", CODE_AS_TEXT)
    if value != value.to_integral_value():
        raise Problem("编号是带小数的数字，分不清 2.1 和 2.10，请存为文本", CODE_AS_TEXT)
    return str(int(value))


def names(cell: RawCell, limit: int = 200) -> tuple[str, ...]:
    """Several names by 、，；or line breaks, each once, in their order."""
    found = (part.strip() for part in NAME_BREAK.split(text(cell)))
    return tuple(dict.fromkeys(within(part, limit) for part in found if part not in UNKNOWN))


def codes(cell: RawCell, limit: int = 100) -> tuple[str, ...]:
    """Several codes by ； or line breaks, each once, in their order."""
    if not isinstance(cell.value, str):
        single = code(cell)
        return (single,) if single else ()
    found = (code_text(part) for part in CODE_BREAK.split(text(cell)))
    return tuple(dict.fromkeys(within(part, limit) for part in found if part not in UNKNOWN))


# Answers


class Choice:
    """One of the options and nothing else. The value is the option, or what `values` has for it."""

    def __init__(self, *options: str, values: Mapping[str, str] | None = None) -> None:
        self.options = options
        self.values = values or {option: option for option in options}
        self.labels = {value: option for option, value in self.values.items()}

    def __call__(self, cell: RawCell) -> str:
        found = folded(cell)
        if found and found not in self.values:
            raise Problem("不是可选的内容", "、".join(f"“{option}”" for option in self.options))
        return self.values.get(found, "")


def folded(cell: RawCell) -> str:
    """Text for comparing: half-width and without any space."""
    return "".join(half_width(text(cell)).split())


ANSWERS = dict.fromkeys("是√✓✔", True) | dict.fromkeys("否×✗✘", False)


def flag(cell: RawCell) -> bool | None:
    """是 or 否; None where nothing is said."""
    value = known(cell)
    if value is None or isinstance(value, bool):
        return value
    answer = ANSWERS.get(value) if isinstance(value, str) else None
    if answer is None:
        raise Problem("不是“是”或“否”", "“是”或“否”")
    return answer
