"""Numbers in cells: exact decimals, never binary floats, with at most six decimals."""

from __future__ import annotations

import re
from decimal import Decimal

from projects.workbook.cells import RawCell, half_width, known
from projects.workbook.faults import Problem

PLACES = 6
MICRO = Decimal(1).scaleb(-PLACES)
# A number is stored times 10⁶ in 64 bits.
LARGEST = Decimal(2**63 - 1).scaleb(-PLACES)
LARGEST_WHOLE = 2**31 - 1
LONGEST_NUMBER = 28
ZERO = Decimal(0)

NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[+-]?\.\d+", re.ASCII)
MINUS_SIGNS = str.maketrans("−–", "--")

A_NUMBER = "数字，例如 12.5"


def quantity(cell: RawCell) -> Decimal | None:
    """A number that is not negative, in the unit of its column: 件, 万元."""
    return not_negative(signed(cell))


def signed(cell: RawCell) -> Decimal | None:
    """A number of either sign; a percentage is refused."""
    found = number(cell)
    if found is None:
        return None
    value, is_percent = found
    if is_percent:
        raise Problem("是百分数，不是数量", "不带 % 的数字，例如 12.5")
    return storable(value)


def whole(cell: RawCell) -> int | None:
    """A count: 0, 1, 2 …"""
    value = quantity(cell)
    if value is None:
        return None
    if value != value.to_integral_value() or value > LARGEST_WHOLE:
        raise Problem("不是整数或太大", f"0 到 {LARGEST_WHOLE} 的整数")
    return int(value)


def ratio(cell: RawCell) -> Decimal | None:
    """A ratio, 1 = 100 %: a plain number is the ratio itself, 95.43% is 0.9543."""
    found = number(cell)
    return None if found is None else not_negative(storable(found[0]))


def ratio_of_percent(cell: RawCell) -> Decimal | None:
    """A ratio in a column headed （%）: there a plain 95.43 is 0.9543, as 95.43% is everywhere."""
    value = percent(cell)
    return None if value is None else storable(value.scaleb(-2))


def percent(cell: RawCell) -> Decimal | None:
    """A number of percent: 95.43, 95.43% and 0.9543 shown as a percentage are all 95.43."""
    found = number(cell)
    if found is None:
        return None
    value, is_percent = found
    return not_negative(storable(value.scaleb(2) if is_percent else value))


def measure(cell: RawCell) -> Decimal | None:
    """A number whose unit stands elsewhere and may be %: then 95, 95% and 0.95 shown as 95% are all 95."""
    return percent(cell)


def number(cell: RawCell) -> tuple[Decimal, bool] | None:
    """The number, and whether it was given as a percentage (95.43% is 0.9543, True)."""
    value = known(cell)
    if isinstance(value, str):
        return number_in_text(value)
    if value is None:
        return None
    if isinstance(value, bool):
        raise Problem("是逻辑值（TRUE 或 FALSE），不是数字", A_NUMBER)
    if not isinstance(value, int | Decimal):
        raise Problem("是日期或时间，不是数字", "“常规”格式单元格中的数字")
    return finite(Decimal(value)), cell.is_percent


def number_in_text(found: str) -> tuple[Decimal, bool]:
    written = "".join(half_width(found).translate(MINUS_SIGNS).split())
    digits = written.removesuffix("%")
    if not NUMBER.fullmatch(digits):
        raise Problem("不是数字", A_NUMBER)
    if len(digits) > LONGEST_NUMBER:
        raise Problem("数字的位数太多", f"整数部分不超过 13 位、小数不超过 {PLACES} 位的数字")
    value = Decimal(digits.replace(",", ""))
    is_percent = digits != written
    return (value.scaleb(-2) if is_percent else value), is_percent


def finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise Problem("不是有效的数字（无穷大或非数）", A_NUMBER)
    if value.adjusted() > LARGEST.adjusted():
        raise too_large()
    return value


def too_large() -> Problem:
    return Problem("数字太大", f"绝对值小于 {LARGEST:,.0f} 的数字")


def storable(value: Decimal) -> Decimal:
    """The same number if it can be kept without loss."""
    if value.copy_abs() > LARGEST:
        raise too_large()
    excess = -PLACES - int(value.as_tuple().exponent)
    if excess <= 0:
        return value or ZERO
    if any(value.as_tuple().digits[-excess:]):
        raise Problem(f"小数超过 {PLACES} 位", f"四舍五入到 {PLACES} 位小数以内的数字")
    return value.quantize(MICRO) or ZERO


def not_negative(value: Decimal | None) -> Decimal | None:
    if value is not None and value < 0:
        raise Problem("不能为负数", "0 或正数")
    return value
