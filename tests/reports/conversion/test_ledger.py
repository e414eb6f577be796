"""Ledgers of the finance office: exact amounts, nothing twice, nothing lost in silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from projects.models import Project
from projects.workbook.faults import Refused
from projects.workbook.raw import RawSheet, raw_cell
from reports.conversion.converter import Match, Task, digest
from reports.conversion.ledger import Reading, ledger_of, read_ledger, unit_of, without_reversed
from reports.conversion.ledger_file import LedgerFile
from reports.conversion.ledger_meanings import MEANINGS, fault
from reports.conversion.remarks import ELSEWHERE, HEADER, LEFT, LOOK, READ, TOTAL

Rows = Sequence[Sequence[Any]]
HEADER_ROW = ("日期", "凭证号", "摘要", "科目", "金额", "项目")


def sheet(rows: Rows) -> RawSheet:
    return RawSheet("明细账", [[raw_cell("" if value is None else value) for value in row] for row in rows])


def read(rows: Rows, unit: str = "", matches: dict[str, Match] | None = None) -> Reading:
    ledger = ledger_of(sheet(rows))
    columns = MEANINGS.guess(ledger.headings)
    assert fault(columns) == ""
    return read_ledger(ledger, columns, unit or unit_of(ledger, columns), matches or {})


def one(*row: Any, header: Sequence[str] = HEADER_ROW) -> Any:
    (found,) = read([header, row]).spent
    return found


def test_a_row_of_spending() -> None:
    found = one(date(2024, 3, 5), "记-0012", "购置实训设备", "设备购置费", 123456.78, "双高-02")
    assert (found.day, found.year, found.voucher) == (date(2024, 3, 5), 2024, "记-0012")
    assert found.amount == Decimal("12.345678")
    assert (found.summary, found.category, found.project) == ("购置实训设备", "设备购置费", "双高-02")


@pytest.mark.parametrize(
    "written",
    [date(2024, 3, 5), datetime(2024, 3, 5, 10, 22), "2024-03-05", "2024.3.5", "20240305", 20240305.0]
    + ["2024/3/5 10:22:11", "2024年3月5日"],
)
def test_dates_as_finance_programs_write_them(written: Any) -> None:
    assert one(written, "1", "购书", "", 100, "").day == date(2024, 3, 5)


def test_year_month_and_day_in_columns_of_their_own() -> None:
    found = one(2024, "3", 5, "购书", 100, header=("年", "月", "日", "摘要", "金额"))
    assert found.day == date(2024, 3, 5)


@pytest.mark.parametrize("written", ["1,234.50", "￥1,234.50", "１２３４.５元", 1234.5, "¥1234.50"])
def test_amounts_as_text(written: Any) -> None:
    assert one("2024-03-05", "1", "购书", "", written, "").amount == Decimal("0.12345")


@given(st.integers(1, 10**13))
def test_not_a_cent_is_lost(cents: int) -> None:
    yuan = Decimal(cents).scaleb(-2)
    assert one("2024-03-05", "1", "购书", "", str(yuan), "").amount * 10_000 == yuan


def test_thousands_are_told_by_a_line_above_or_the_heading() -> None:
    title = ("单位：万元", None, None, None)
    row = ("2024-03-05", "1", "购书", 1.5)
    assert read([title, ("日期", "凭证号", "摘要", "金额"), row]).spent[0].amount == Decimal("1.5")
    assert read([("日期", "凭证号", "摘要", "金额（万元）"), row]).spent[0].amount == Decimal("1.5")


VALUES = (
    st.sampled_from(
        [
            None,
            "",
            "#N/A",
            "—",
            "合计",
            "2024-01-05",
            "记-1",
            20240305.0,
            1e15,
            True,
            date(2024, 1, 5),
            "甲" * 20_000,
        ]
    )
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("0123456789.-,￥元万()年月日", max_size=10)
)


@given(st.lists(st.lists(VALUES, min_size=6, max_size=6), max_size=8))
def test_whatever_stands_in_a_ledger_is_read_or_listed(rows: Rows) -> None:
    found = read([HEADER_ROW, *rows])
    assert len(found.remarks) >= len(found.spent) + 1
    for row in found.remarks:
        assert row.state != LEFT or row.notes
    assert all(row.amount > 0 for row in without_reversed(found.spent))


def test_titles_above_and_totals_below() -> None:
    found = read(
        [
            ("样例职业技术学院项目支出明细账", None, None, None),
            ("2024年1—3月", None, None, None),
            (None, None, None, None),
            ("日期", "凭证号", "摘要", "金额"),
            (None, None, "期初余额", 90000),
            ("2024-01-05", "记-1", "购书", 1000),
            ("2024-01-06", "记-2", "培训", 2000),
            (None, None, "本月合计", 3000),
            ("2024-02-06", "记-1", "设备", 5000),
            (None, None, "本月合计", 5000),
            ("合计", None, None, 8000),
        ]
    )
    assert [row.amount for row in found.spent] == [Decimal("0.1"), Decimal("0.2"), Decimal("0.5")]
    states = [remark.state for remark in found.remarks]
    assert states == [HEADER] * 3 + [TOTAL, READ, READ, TOTAL, READ, TOTAL, TOTAL]


def test_a_total_that_does_not_add_up_is_told() -> None:
    found = read([HEADER_ROW, ("2024-01-05", "1", "购书", "", 1000, ""), ("合计", "", "", "", 1200, "")])
    assert found.remarks[-1].state == LOOK
    assert "账上合计 0.12 万元，读入的各行相加是 0.1 万元" in found.remarks[-1].notes[0]


def test_totals_hold_rows_of_other_projects_too() -> None:
    rows = [("2024-01-05", "1", "购书", "", 1000, "甲"), ("2024-01-05", "2", "水电", "", 500, "乙")]
    found = read([HEADER_ROW, *rows, ("合计", "", "", "", 1500, "")], matches={"乙": Match(left_out=True)})
    assert [remark.state for remark in found.remarks] == [HEADER, READ, ELSEWHERE, TOTAL]


def test_a_heading_repeated_on_each_page_is_no_row() -> None:
    row = ("2024-01-05", "1", "购书", "", 1000, "")
    assert [remark.state for remark in read([HEADER_ROW, row, HEADER_ROW, row]).remarks] == [HEADER, READ] * 2


BOTH = ("日期", "凭证号", "摘要", "借方", "贷方")


def test_debit_less_credit() -> None:
    found = read(
        [
            BOTH,
            ("2024-01-05", "1", "购书", 1000, None),
            ("2024-01-06", "2", "培训", 2000, 0),
            ("2024-01-07", "3", "退回", None, 300),
        ]
    )
    assert [row.amount for row in found.spent] == [Decimal("0.1"), Decimal("0.2"), Decimal("-0.03")]


def test_what_was_reversed_goes_in_pairs() -> None:
    found = read(
        [
            BOTH,
            ("2024-01-05", "1", "购书", 1000, None),
            ("2024-01-06", "2", "误记", 2000, None),
            ("2024-01-07", "3", "冲销记-2", -2000, None),
            ("2024-01-08", "4", "退款", None, 30),
        ]
    )
    assert [row.summary for row in without_reversed(found.spent)] == ["购书"]
    assert "与第 4 行互相冲销，两行都没有写入" in found.remarks[2].notes
    assert "与第 3 行互相冲销，两行都没有写入" in found.remarks[3].notes
    assert found.remarks[4].state == LEFT
    assert found.remarks[4].notes == ["冲减金额：系统不记负数的支出，请在相应的支出中扣减"]


def test_projects_are_matched_and_others_left_out() -> None:
    matches = {"双高-02": Match("2-1", "学校自筹"), "日常": Match(left_out=True)}
    rows = [("2024-01-05", "1", "购书", "", 1000, "双高-02"), ("2024-01-05", "2", "水电", "", 500, "日常")]
    found = read([HEADER_ROW, *rows], matches=matches)
    assert [(row.task, row.source) for row in found.spent] == [("2-1", "学校自筹")]
    assert found.remarks[2].state == ELSEWHERE


def test_what_cannot_be_read_is_listed() -> None:
    found = read(
        [
            HEADER_ROW,
            ("2024-01-05", "1", "没有金额", "", None, ""),
            ("2024-01-05", "1", "零", "", 0, ""),
            ("2024-01-05", "1", "文字", "", "壹佰元", ""),
            ("去年", "1", "日期不明", "", 100, ""),
            ("2024-01-05", "1", "三位小数", "", "1.005", ""),
        ]
    )
    assert [remark.state for remark in found.remarks[1:]] == [LEFT, LEFT, LEFT, LOOK, LEFT]
    assert [row.year for row in found.spent] == [None]
    assert "“去年”" in found.remarks[4].notes[0]


def test_an_amount_in_a_merged_cell_counts_once(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page
    for row in (
        HEADER_ROW,
        ("2024-01-05", "1", "购书", "", 1000, "甲"),
        (None, None, "购刊", None, None, "甲"),
    ):
        page.append(row)
    page.merge_cells("E2:E3")
    page.merge_cells("A2:A3")
    book.save(tmp_path / "账.xlsx")
    source = LedgerFile().read(tmp_path / "账.xlsx")
    (kind,) = LedgerFile().kinds(source)
    task = Task(None, Project(), {kind.digest: kind.guess}, {kind.digest: kind.unit})
    (value,) = LedgerFile().values(source, task)
    assert (value.text, value.rows, value.total) == ("甲", 1, "0.1")
    assert kind.digest == digest(HEADER_ROW)


def test_a_workbook_without_ledger_is_a_sentence(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active
    book.active.append(["姓名", "电话"])
    book.save(tmp_path / "表.xlsx")
    with pytest.raises(Refused, match="没有找到明细账的表头"):
        LedgerFile().read(tmp_path / "表.xlsx")
