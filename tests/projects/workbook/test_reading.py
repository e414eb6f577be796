"""From files to raw cells."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from projects.workbook import reading
from projects.workbook.cells import EMPTY, RawCell
from projects.workbook.faults import Refused
from projects.workbook.marks import shows_percent
from projects.workbook.raw import raw_cell
from projects.workbook.reading import read_sheets
from projects.workbook.references import cell_name, position
from tests.projects.workbook.made import NUMBER, packed, saved, workbook

DATA = Path(__file__).parents[2] / "data"


def cells_of(file: BytesIO) -> list[list[RawCell]]:
    return read_sheets(file)["S"].rows


def refusal(file: BytesIO) -> str:
    with pytest.raises(Refused) as caught:
        read_sheets(file)
    return str(caught.value)


def test_rows_keep_their_numbers() -> None:
    book = workbook(任务点=[["任务编号"]])
    book["任务点"]["C5"] = 2.5
    rows = read_sheets(saved(book))["任务点"].rows
    assert rows[0][0].value == "任务编号"
    assert rows[1] == rows[2] == rows[3] == []
    assert rows[4][2].value == Decimal("2.5")


def test_values_keep_their_types() -> None:
    values = ["文字", 7, 0.1, True, date(2023, 12, 31), datetime(2023, 12, 31, 8, 30), timedelta(hours=30)]
    rows = read_sheets(saved(workbook(表=[values])))["表"].rows
    assert [cell.value for cell in rows[0]] == ["文字", Decimal(7), Decimal("0.1"), *values[3:]]
    assert type(rows[0][4].value) is date


def test_blank_text_is_an_empty_cell() -> None:
    rows = read_sheets(saved(workbook(表=[["  ", "\n", "甲"], [" ", None, None]])))["表"].rows
    assert rows[0][:2] == [EMPTY, EMPTY]
    assert rows[1] == []


def test_percent_formats_are_seen() -> None:
    formats = ["0.00%", "0.00&quot;%&quot;", "0\\%", "[Red]0%;-0%", "0;-0%"]
    cells = "".join(f'<c r="{cell_name(1, i)}" s="{i + 1}"><v>0.5</v></c>' for i in range(len(formats)))
    rows = cells_of(packed(f'<row r="1">{cells}</row>', formats=formats))
    assert [cell.is_percent for cell in rows[0]] == [True, False, False, True, False]
    assert rows[0][0].shown == "50%"


@pytest.mark.parametrize(
    ("code", "expected"),
    [("0%", True), ("0.00%_ ", True), ('0"%"', False), ("General", False), ("0_%", False)],
)
def test_which_formats_show_a_percentage(code: str, expected: bool) -> None:
    assert shows_percent(code) is expected


def test_text_in_a_percent_cell_is_only_text() -> None:
    rows = cells_of(packed('<row r="1"><c r="A1" s="1" t="str"><v>95</v></c></row>', formats=["0%"]))
    assert rows[0][0] == RawCell("95")


def test_error_values_are_not_empty_cells() -> None:
    book = workbook(表=[["金额"], [1]])
    book["表"]["A3"] = "#REF!"
    book["表"]["A3"].data_type = "e"
    assert read_sheets(saved(book))["表"].rows[2][0].value == "#REF!"


def test_an_error_value_the_library_does_not_know_is_named_with_its_cell() -> None:
    (fault,) = read_sheets(packed('<row r="2"><c r="B2" t="e"><f>A1:A3</f><v>#SPILL!</v></c></row>'))[
        "S"
    ].faults
    assert str(fault).startswith("S!B2: 单元格是 Excel 错误值：“#SPILL!”")


def test_formulas_give_their_stored_result() -> None:
    rows = cells_of(
        packed(
            '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c><c r="C1"><f>1+1</f><v/></c>'
            '<c r="D1" t="str"><f>""</f><v></v></c><c r="E1"><v>3</v></c></row>'
            '<row r="2"><c r="G2"><f>A1</f></c></row>',
            rest="<extLst><ext><f>A1</f></ext></extLst>",
        )
    )
    uncached = RawCell(is_uncached=True)
    assert rows[0][:5] == [RawCell(Decimal(2)), uncached, uncached, EMPTY, RawCell(Decimal(3))]
    assert rows[1][6] == uncached


def test_cells_without_references_follow_each_other() -> None:
    rows = cells_of(
        packed(
            '<row><c><v>1</v></c><c s="1"><v>0.5</v></c></row><row r="3"><c r="C3"><v>1</v></c>'
            '<c s="1"><v>0.7</v></c></row>',
            formats=["0%"],
        )
    )
    assert rows[0][1] == RawCell(Decimal("0.5"), is_percent=True)
    assert rows[2][3] == RawCell(Decimal("0.7"), is_percent=True)


def test_prefixed_names_are_understood() -> None:
    rows = cells_of(
        packed(
            "",
            formats=["0%"],
            sheet=f'<x:worksheet xmlns:x="{NUMBER}"><x:sheetData><x:row r="1"><x:c r="A1" s="1">'
            "<x:v>0.5</x:v></x:c></x:row></x:sheetData></x:worksheet>",
        )
    )
    assert rows[0][0] == RawCell(Decimal("0.5"), is_percent=True)


def test_no_number_is_lost_as_not_a_number() -> None:
    rows = cells_of(
        packed('<row r="1"><c r="A1"><v>NaN</v></c><c r="B1"><v>1e400</v></c><c r="C1"><v>1e-7</v></c></row>')
    )
    assert [str(cell.value) for cell in rows[0]] == ["NaN", "Infinity", "1E-7"]


def test_merged_cells_are_filled_down_their_first_column() -> None:
    book = workbook(
        表=[
            ["任务编号", "标题", "年度"],
            ["1-1", None, 2022],
            [None, None, 2023],
            [None, None, None],
            [None, None, 2024],
            [None, None, None],
        ]
    )
    book["表"].merge_cells("A2:B6")
    rows = read_sheets(saved(book))["表"].rows
    assert [[cell.value for cell in row] for row in rows[1:]] == [
        ["1-1", None, Decimal(2022)],
        ["1-1", None, Decimal(2023)],
        [],
        ["1-1", None, Decimal(2024)],
    ]


def test_a_merged_percentage_stays_one() -> None:
    book = workbook(表=[[0.5, 1], [None, 2]])
    book["表"]["A1"].number_format = "0%"
    book["表"].merge_cells("A1:A2")
    assert read_sheets(saved(book))["表"].rows[1][0] == RawCell(Decimal("0.5"), is_percent=True)


def test_only_wanted_sheets_are_read() -> None:
    sheets = read_sheets(saved(workbook(任务点=[["甲"]], 草稿=[["乙"]])), wanted={"任务点"})
    assert [(title, len(sheet.rows)) for title, sheet in sheets.items()] == [("任务点", 1), ("草稿", 0)]


def test_titles_are_trimmed_and_chart_sheets_are_left_out() -> None:
    book = workbook(**{"任务点 ": [["甲"]]})
    book.create_chartsheet("图")
    sheets = read_sheets(saved(book))
    assert list(sheets) == ["任务点"]
    assert sheets["任务点"].title == "任务点 "


def test_a_path_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(saved(workbook(表=[["甲"]])).getvalue())
    assert read_sheets(path)["表"].rows[0][0].value == "甲"


def test_a_path_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "none.xlsx", "没有这个文件"), (tmp_path, "文件打不开")):
        with pytest.raises(Refused, match=f"^文件: {message}：“{re.escape(str(path))}”"):
            read_sheets(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "文件是空的"),
        (b"hello", "不是 Excel 工作簿"),
        (b"<html><table></table></html>", "不是 Excel 工作簿"),
        (b"%PDF-1.7", "不是 Excel 工作簿"),
        (b"PK\x03\x04" + bytes(100), "已损坏"),
        (reading.OLE + bytes(600), "已损坏"),
        (reading.OLE + bytes(600) + reading.ENCRYPTED, "密码"),
    ],
)
def test_what_is_no_workbook(content: bytes, message: str) -> None:
    sentence = refusal(BytesIO(content))
    assert sentence.startswith("文件: ")
    assert message in sentence
    assert "\n" not in sentence


def test_another_zip_is_no_workbook() -> None:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert "不是 Excel 工作簿" in refusal(BytesIO(file.getvalue()))


def test_a_cell_far_away_is_refused_before_its_rectangle_is_allocated() -> None:
    file = packed(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    (fault,) = read_sheets(file)["S"].faults
    assert str(fault).startswith("S: 工作表太大：内容一直到第 1048576 行、XFD 列")


def test_empty_cells_far_away_do_no_harm() -> None:
    file = packed(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>',
        formats=["0%"],
    )
    assert cells_of(file) == [[RawCell(Decimal(1))]]


def test_entities_are_refused() -> None:
    sheet = (
        '<!DOCTYPE worksheet [<!ENTITY a "aaaa">]>'
        '<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&a;</v></c></row></sheetData></worksheet>'
    )
    assert "已损坏" in refusal(packed("", sheet=sheet))


def test_a_panic_of_the_library_is_one_sentence() -> None:
    class PanicException(BaseException):
        pass

    with pytest.raises(Refused, match="已损坏"), reading.refusing("已损坏"):
        raise PanicException
    with pytest.raises(KeyboardInterrupt), reading.refusing("已损坏"):
        raise KeyboardInterrupt


def intact() -> dict[str, bytes]:
    with ZipFile(DATA / "rules.xlsx") as package:
        return {name: package.read(name) for name in package.namelist()}


PARTS = intact()


@settings(max_examples=150, deadline=None)
@given(
    part=st.sampled_from(sorted(name for name in PARTS if name.startswith("xl/"))),
    share=st.floats(0, 1, exclude_max=True),
    length=st.integers(0, 30),
    garbage=st.binary(max_size=8),
)
def test_a_damaged_file_is_read_or_refused(part: str, share: float, length: int, garbage: bytes) -> None:
    at = int(share * len(PARTS[part]))
    damaged = PARTS[part][:at] + garbage + PARTS[part][at + length :]
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, content in (PARTS | {part: damaged}).items():
            package.writestr(name, content)
    file.seek(0)
    with suppress(Refused):
        read_sheets(file)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.xlsx")), ids=lambda path: path.stem)
def test_the_examples_hold_what_openpyxl_reads(path: Path) -> None:
    sheets = read_sheets(path)
    book = load_workbook(path)
    assert list(sheets) == book.sheetnames
    for title, sheet in sheets.items():
        merged = {
            cell
            for merge in book[title].merged_cells.ranges
            for cell in merge.cells
            if cell[0] > merge.min_row
        }
        for number, row in enumerate(book[title].iter_rows(values_only=True), 1):
            cells = sheet.rows[number - 1]
            for column, value in enumerate(row, 1):
                if (number, column) not in merged:
                    assert cells[column - 1].shown == raw_cell("" if value is None else value).shown


@given(row=st.integers(0, 1_048_575), column=st.integers(0, 16_383))
def test_references_round_trip(row: int, column: int) -> None:
    assert position(cell_name(row + 1, column)) == (row, column)
