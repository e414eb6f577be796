"""Workbooks that are no .xlsx: .xls (also WPS .et) and .ods read to the same cells."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from projects.workbook import xls as old
from projects.workbook.cells import EMPTY, RawCell
from projects.workbook.faults import Refused
from projects.workbook.raw import RawSheet, hidden_notices
from projects.workbook.reading import read_sheets
from tests.conftest import DATA
from tests.otherformats import locked_xls, ods, ods_of, saved, table_of, xls
from tests.projects.workbook.made import filled

OFFICE = DATA / "office"
ODDS = [OFFICE / "odd.xls", OFFICE / "odd.ods", OFFICE / "odd1904.xls"]


def only(data: bytes) -> RawSheet:
    (sheet,) = read_sheets(BytesIO(data)).values()
    return sheet


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_sheets(BytesIO(data))
    return str(caught.value)


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_what_an_office_program_saves_reads_as_the_xlsx_does(kind: str) -> None:
    expected = read_sheets(DATA / "rules.xlsx")
    found = read_sheets(OFFICE / f"rules.{kind}")
    assert list(found) == list(expected)
    for title, sheet in expected.items():
        assert filled(found[title]) == filled(sheet)


@pytest.mark.parametrize("path", ODDS, ids=lambda path: path.name)
def test_what_is_odd_in_a_sheet(path: object) -> None:
    sheets = read_sheets(path)  # type: ignore[arg-type]
    rows = sheets["任务点"].rows
    assert [row[0].value for row in rows[1:4]] == ["1-1"] * 3  # merged
    assert rows[1][3].value == "第一行\n第二  行"
    assert [row[4].value for row in rows[1:4]] == [Decimal("0.1"), Decimal("2.1"), Decimal("12.5")]
    assert [row[5] for row in rows[1:4]] == [
        RawCell(Decimal("0.9543"), is_percent=True),
        RawCell(Decimal(1), is_percent=True),
        RawCell(Decimal("0.5")),
    ]
    assert [row[6].value for row in rows[1:4]] == [
        date(2023, 12, 31),
        datetime(2023, 12, 31, 8, 30),
        time(8, 30),
    ]
    assert [row[7].shown for row in rows[1:3]] == ["#DIV/0!", "#N/A"]
    assert rows[3][7].shown in ("#VALUE!", "Err:502")
    assert (rows[1][8].value, rows[3][8].value) == (2, "1-1x")
    assert all(cell.is_empty for cell in rows[2][8:])
    assert rows[8][0].value == "注：说明"
    assert rows[12][9].value == timedelta(hours=30)
    assert [str(notice) for sheet in sheets.values() for notice in hidden_notices(sheet)] == [
        "任务点!A3: 隐藏的第 3 行照常读取",
        "任务点: 隐藏的 C 列照常读取",
        "隐藏表: 工作表是隐藏的，内容照常读取",
    ]


def test_percent_formats_of_xls() -> None:
    formats = {"S!A1": "0.00%", "S!B1": '0.00"%"', "S!C1": "0%", "S!D1": "General"}
    row = only(xls({"S": [[0.9543, 0.9543, 1, 0.5]]}, formats=formats)).rows[0]
    assert [cell.is_percent for cell in row] == [True, False, True, False]
    assert row[0].shown == "95.43%"


@pytest.mark.parametrize("mac", [False, True])
def test_dates_of_xls_in_both_calendars(mac: bool) -> None:
    row = only(xls({"S": [[date(2023, 12, 31), datetime(2022, 5, 1, 8, 30)]]}, mac=mac)).rows[0]
    assert [cell.value for cell in row] == [date(2023, 12, 31), datetime(2022, 5, 1, 8, 30)]


def test_formats_far_from_the_content_of_an_xls_do_no_harm() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    sheet.write(0, 0, "甲")
    for row in range(0, 65_000, 1000):
        sheet.write(row, 255, None, xlwt.easyxf(num_format_str="0%"))
    assert filled(only(saved(book))) == [[RawCell("甲")]]


def test_a_formula_without_result() -> None:
    formula = '<table:table-cell table:formula="of:=A1"'
    rows = only(ods_of(table_of([("", f"{formula}/>{formula}><text:p/></table:table-cell>")]))).rows
    assert rows == [[RawCell(is_uncached=True)]]


def number(times: int = 1) -> str:
    value = 'office:value-type="float" office:value="7"'
    return f'<table:table-cell table:number-columns-repeated="{times}" {value}/>'


def times(rows: int) -> str:
    return f'table:number-rows-repeated="{rows}"'


def test_what_an_ods_repeats() -> None:
    empty = '<table:table-cell table:number-columns-repeated="{}"/>'
    rows = [
        (times(2), empty.format(2) + number(2) + empty.format(16380)),
        (times(1_048_000), empty.format(1)),
    ]
    seven = RawCell(Decimal(7))
    assert filled(only(ods_of(table_of(rows)))) == [[EMPTY, EMPTY, seven, seven]] * 2


@pytest.mark.parametrize(
    ("rows", "columns"), [(1_048_576, 16_384), (1, 20_000), (2_000_000, 1), (10**12, 1), (1, 10**12)]
)
def test_what_an_ods_claims_to_repeat_is_not_allocated(rows: int, columns: int) -> None:
    tables = table_of([(times(rows), number(columns))]) + table_of([("", number())], "T")
    sheets = read_sheets(BytesIO(ods_of(tables)))
    assert "工作表太大" in str(sheets["S"].faults[0])
    assert sheets["T"].rows == [[RawCell(Decimal(7))]]


def test_only_the_text_of_a_cell_is_read() -> None:
    gone = "<table:tracked-changes><table:table-cell><text:p>删</text:p></table:table-cell>"
    gone += "</table:tracked-changes>"
    cell = (
        "<table:table-cell><office:annotation><text:p>批注</text:p></office:annotation>"
        "<text:p>第一<text:span>行</text:span><text:s text:c='2'/>末</text:p><text:p>第二\n  行</text:p>"
        "</table:table-cell>"
    )
    assert only(ods_of(gone + table_of([("", cell)]))).rows == [[RawCell("第一行  末\n第二 行")]]


@pytest.mark.parametrize("within", ["<text:s text:c='100'/>", "</text:p><text:p>"])
def test_of_a_cell_without_end_only_so_much_is_held(within: str) -> None:
    cell = f"<table:table-cell><text:p>甲{within * 200_000}乙</text:p></table:table-cell>"
    ((found,),) = only(ods_of(table_of([("", cell)]))).rows
    assert isinstance(found.value, str)
    assert found.value.startswith("甲")
    assert len(found.value) <= 100_000


def test_sheets_without_end() -> None:
    assert "工作表太多，超过 1,000 张" in refusal(ods_of(table_of([]) * 1_001))
    book = Workbook()
    for number in range(1_000):
        book.create_sheet(str(number))
    file = BytesIO()
    book.save(file)
    assert "工作表太多，超过 1,000 张" in refusal(file.getvalue())


def test_nonsense_in_an_ods_is_text() -> None:
    kinds = {"float": "value", "date": "date-value", "time": "time-value"}
    told = (f'office:value-type="{kind}" office:{name}="多少"' for kind, name in kinds.items())
    cells = "".join(f"<table:table-cell {attributes}/>" for attributes in told)
    assert only(ods_of(table_of([("", cells)]))).rows == [[RawCell("多少")] * 3]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (locked_xls(), "文件有打开密码"),
        (ods_of("", manifest="<manifest:encryption-data/>"), "文件有打开密码"),
        (ods_of("", head='<!DOCTYPE x [<!ENTITY a "a">]>'), "文件已损坏"),
        (xls({"S": [["甲"]]})[:1500], "文件已损坏"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(data: bytes, message: str) -> None:
    assert message in refusal(data)


def test_an_old_file_that_would_fill_the_memory_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old, "LARGEST", 3000)
    assert "旧格式（.xls、.et）的文件太大" in refusal(xls({"S": [["甲"]]}))


def test_unwanted_sheets_come_without_rows() -> None:
    for data in (xls({"甲": [["一"]], "乙": [["二"]]}), ods({"甲": [["一"]], "乙": [["二"]]})):
        found = read_sheets(BytesIO(data), wanted={"乙"})
        assert [(title, len(sheet.rows)) for title, sheet in found.items()] == [("甲", 0), ("乙", 1)]


values = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=30),
    st.integers(-(10**9), 10**9),
    st.floats(-1e12, 1e12, allow_nan=False),
    st.dates(date(1990, 1, 1), date(2100, 12, 31)),
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(values, max_size=6), max_size=8))
def test_both_formats_read_what_was_written(rows: list[list[object]]) -> None:
    old, open_ = only(xls({"S": rows})), only(ods({"S": rows}))
    assert filled(old)[: len(old.rows)] == filled(open_)[: len(old.rows)]
    for row, cells in zip(rows, open_.rows, strict=False):
        for value, cell in zip(row, cells, strict=False):
            expected = Decimal(f"{value:.15g}") if isinstance(value, int | float) else value
            assert cell.value == expected


XLS, ODS = (OFFICE / "odd.xls").read_bytes(), (OFFICE / "odd.ods").read_bytes()


@settings(max_examples=150, deadline=None)
@given(
    intact=st.sampled_from([XLS, ODS]),
    share=st.floats(0, 1, exclude_max=True),
    length=st.integers(0, 30),
    garbage=st.binary(max_size=8),
)
def test_a_damaged_file_is_read_or_refused(intact: bytes, share: float, length: int, garbage: bytes) -> None:
    at = int(share * len(intact))
    with suppress(Refused):
        read_sheets(BytesIO(intact[:at] + garbage + intact[at + length :]))


@settings(max_examples=150, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True), length=st.integers(0, 30), garbage=st.text(max_size=8))
def test_a_damaged_table_is_read_or_refused(share: float, length: int, garbage: str) -> None:
    cell = 'table:number-columns-spanned="2" office:value-type="percentage" office:value="0.5"'
    cells = f"<table:table-cell {cell}><text:p>50%</text:p></table:table-cell><table:covered-table-cell/>"
    table = table_of([(times(2), cells)])
    at = int(share * len(table))
    with suppress(Refused):
        read_sheets(BytesIO(ods_of(table[:at] + garbage + table[at + length :])))
