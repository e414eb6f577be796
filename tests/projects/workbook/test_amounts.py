"""Numbers in cells."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import fields
from projects.workbook import amounts
from projects.workbook.cells import RawCell
from projects.workbook.faults import Problem
from projects.workbook.raw import raw_cell
from tests.projects.workbook.made import attempt, cell, percentage

exact = st.decimals(0, Decimal("9000000"), places=6)
FULL_WIDTH = str.maketrans("0123456789.,%", "０１２３４５６７８９．，％")


@given(number=exact)
def test_every_spelling_of_a_number_is_the_same_number(number: Decimal) -> None:
    plain = format(number, "f")
    spellings: list[Any] = [
        plain,
        f" {plain} ",
        f"+{plain}",
        format(number, ",f"),
        format(number, ",f").translate(FULL_WIDTH),
        number,
        float(number),
    ]
    assert {amounts.quantity(raw_cell(spelling)) for spelling in spellings} == {number}


@given(number=st.decimals(0, 1000, places=4))
def test_three_spellings_of_a_percentage_are_the_same_number(number: Decimal) -> None:
    ratio = number / 100
    as_text, as_format = cell(f"{number}%"), RawCell(ratio, is_percent=True)
    assert amounts.percent(cell(number)) == amounts.percent(as_text) == amounts.percent(as_format) == number
    assert amounts.ratio(cell(ratio)) == amounts.ratio(as_text) == amounts.ratio(as_format) == ratio


@given(number=st.floats(allow_nan=False, allow_infinity=False, min_value=0, max_value=9e12))
def test_a_quantity_is_exactly_what_excel_shows_or_a_problem(number: float) -> None:
    shown = Decimal(f"{number:.15g}")
    found = attempt(amounts.quantity, raw_cell(number))
    if shown == round(shown, 6):
        assert found == shown
        assert fields.ExactDecimalField().get_prep_value(found) == shown * 10**6
    else:
        assert isinstance(found, Problem)
        assert "小数超过 6 位" in found.message


def test_noise_of_binary_floats_is_gone() -> None:
    assert amounts.quantity(raw_cell(0.1 + 0.2)) == Decimal("0.3")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", "0"),
        (0.0, "0"),
        ("-0", "0"),
        ("1,234.5", "1234.5"),
        ("１２", "12"),
        ("1 234", "1234"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.5000000", "1.5"),
        (1e5, "100000"),
    ],
)
def test_quantity(value: Any, expected: str) -> None:
    found = amounts.quantity(cell(value))
    assert found == Decimal(expected)
    assert not found.is_signed()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("十二", "不是数字"),
        ("12项", "不是数字"),
        ("1,23", "不是数字"),
        ("1.2.3", "不是数字"),
        ("1e5", "不是数字"),
        ("NaN", "不是数字"),
        ("10²", "不是数字"),
        ("①", "不是数字"),
        ("٣", "不是数字"),
        (-1.0, "不能为负数"),
        ("−3", "不能为负数"),
        ("95%", "百分数"),
        (percentage("0.5"), "百分数"),
        (True, "逻辑值"),
        (date(2023, 1, 1), "日期"),
        (time(0, 0), "时间"),
        (float("nan"), "不是有效的数字"),
        (float("inf"), "不是有效的数字"),
        (1e300, "数字太大"),
        ("9223372036855", "数字太大"),
        ("1" * 40, "位数太多"),
        ("0.1234567", "小数超过 6 位"),
        (1 / 3, "小数超过 6 位"),
        (1e-300, "小数超过 6 位"),
    ],
)
def test_what_is_no_quantity(value: Any, message: str) -> None:
    with pytest.raises(Problem, match=message):
        amounts.quantity(cell(value))


def test_the_largest_number_is_the_largest_that_is_stored() -> None:
    assert fields.LIMIT == amounts.LARGEST
    assert fields.PLACES == amounts.PLACES
    assert amounts.quantity(cell(str(amounts.LARGEST))) == amounts.LARGEST


def test_signed_takes_both_signs() -> None:
    assert amounts.signed(cell("-1,234.5")) == Decimal("-1234.5")
    assert amounts.signed(cell("－3")) == -3


def test_whole() -> None:
    assert amounts.whole(cell(850.0)) == 850
    assert isinstance(amounts.whole(cell("850")), int)
    for value in (8.5, "3000000000"):
        with pytest.raises(Problem, match="不是整数"):
            amounts.whole(cell(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("95.43%", "0.9543"), ("95.43％", "0.9543"), (1.0, "1"), (1.5, "1.5"), (percentage("0.3"), "0.3")],
)
def test_a_plain_number_is_the_ratio_itself(value: Any, expected: str) -> None:
    assert amounts.ratio(cell(value)) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("95.43%", "95.43"), (95.43, "95.43"), (percentage("0.9543"), "95.43"), ("100%", "100"), (0.5, "0.5")],
)
def test_percent(value: Any, expected: str) -> None:
    assert amounts.percent(cell(value)) == Decimal(expected)
    assert amounts.measure(cell(value)) == Decimal(expected)


@pytest.mark.parametrize("parse", [amounts.ratio, amounts.percent])
def test_no_negative_rate(parse: Any) -> None:
    with pytest.raises(Problem, match="负数"):
        parse(cell("-5%"))
