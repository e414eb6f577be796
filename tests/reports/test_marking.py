"""The marked workbook: the user's own file, with the faults in the right cells."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from xlsxwriter import Workbook as XlsxWorkbook

from projects.workbook.faults import Fault
from projects.workbook.raw import RawSheet
from projects.workbook.reading import read_sheets
from reports.exchange import import_workbook
from reports.marking import FAULT_LIST, NotMarked, mark_file, marked
from tests.conftest import DATA
from tests.hostile import POINTS_PART, external_link, macros, parts_of, replaced
from tests.otherformats import ods, xls
from tests.projects.workbook.made import filled
from tests.workbooks import POINTS, TASKS, Rows, saved, small, workbook


@pytest.mark.django_db
def test_faults_are_marked_where_they_stand(now: datetime) -> None:
    sheets = small(任务点=[*POINTS, ("A.1", "去年", 2, "=1+1", "许多", "项")], 备注=[("随便",)])
    book = load_workbook(workbook(sheets))
    book["建设任务"]["A1"].font = Font(italic=True)
    book["建设任务"].column_dimensions["A"].width = 33
    data = saved(book).getvalue()
    faults = import_workbook(BytesIO(data), now=now).faults
    again = load_workbook(BytesIO(marked(data, faults)))
    assert again.sheetnames == [FAULT_LIST, *book.sheetnames]
    assert again["建设任务"]["A1"].font.italic
    assert again["建设任务"].column_dimensions["A"].width == 33
    points = again["任务点"]
    wrong = {cell.coordinate for row in points.iter_rows() for cell in row if cell.comment}
    assert wrong == {fault.cell for fault in faults} == {"B4", "D4", "E4"}
    assert "不是年份" in points["B4"].comment.text
    assert points["B4"].fill.start_color.rgb.endswith("FFD9D6")
    listed = list(again[FAULT_LIST].iter_rows(min_row=2, values_only=True))
    assert [row[:2] for row in listed] == [(fault.sheet, fault.cell) for fault in faults]
    assert again[FAULT_LIST]["B2"].hyperlink.location == f"'任务点'!{faults[0].cell}"


@pytest.mark.django_db
def test_a_marked_workbook_is_taken_in_once_mended(now: datetime) -> None:
    data = workbook(small(任务点=[*POINTS, ("A.1", 2022, 2, "建设", "许多", "项")])).getvalue()
    book = load_workbook(BytesIO(marked(data, import_workbook(BytesIO(data), now=now).faults)))
    book["任务点"]["E4"] = 5
    again = import_workbook(saved(book), now=now)
    assert again.ok
    assert not again.notices


def test_a_fault_in_a_merged_cell_and_a_value_like_a_formula() -> None:
    book = load_workbook(workbook({"建设任务": TASKS}))
    book["建设任务"].merge_cells("A2:A3")
    fault = Fault("建设任务", "A3", '=HYPERLINK("x")\x00', "编号重复", "不同的编号")
    again = load_workbook(BytesIO(marked(saved(book).getvalue(), [fault, Fault("", "", "", "文件", "")])))
    assert "编号重复" in again["建设任务"]["A2"].comment.text
    assert again[FAULT_LIST]["C2"].data_type == "s"
    assert again[FAULT_LIST]["C2"].value == '=HYPERLINK("x")'


@pytest.mark.django_db
@pytest.mark.parametrize("write", [xls, ods], ids=["xls", "ods"])
def test_a_file_of_another_format_comes_back_as_a_marked_xlsx(
    write: Callable[[dict[str, Rows]], bytes], now: datetime
) -> None:
    sheets = small(
        任务点=[("一览表",), *POINTS, ("A.1", "去年", "=1+1", "建设", "许多", "项")], 备注=[("随便",)]
    )
    data = write(sheets)
    faults = import_workbook(BytesIO(data), now=now).faults
    copy = marked(data, faults)
    again = load_workbook(BytesIO(copy))
    assert again.sheetnames == [FAULT_LIST, *sheets]
    wrong = {cell.coordinate for row in again["任务点"].iter_rows() for cell in row if cell.comment}
    assert wrong == {fault.cell for fault in faults} == {"B5", "E5"}
    before, after = read_sheets(BytesIO(data)), read_sheets(BytesIO(copy))
    for title, sheet in before.items():
        assert filled(after[title]) == filled(sheet)
    again["任务点"]["B5"], again["任务点"]["E5"] = 2022, 5
    assert import_workbook(saved(again), now=now).ok


def test_a_copy_keeps_merges_percentages_and_what_is_hidden() -> None:
    for path in (DATA / "office" / "odd.xls", DATA / "office" / "odd.ods"):
        data = path.read_bytes()
        before, after = read_sheets(BytesIO(data)), read_sheets(BytesIO(marked(data, [])))
        for title, sheet in before.items():
            copy = after[title]
            assert shown(copy) == shown(sheet)
            assert set(copy.merges) == set(sheet.merges)
            assert (copy.is_hidden, copy.hidden_rows) == (sheet.is_hidden, sheet.hidden_rows)
            assert copy.hidden_columns == sheet.hidden_columns


def shown(sheet: RawSheet) -> list[list[str]]:
    return [[cell.shown for cell in row] for row in filled(sheet)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+86 10", "-5 度", "@SUM(A1)", "\t=1+1", "\r=1+1", "=cmd|' /c calc'!A0"]
)
def test_text_of_the_file_stays_text(text: str) -> None:
    file = BytesIO()
    with XlsxWorkbook(file) as book:
        book.add_worksheet("任务点").write_string(0, 0, text)
    fault = Fault("任务点", "A1", text, f"{text}不对", text)
    again = load_workbook(BytesIO(marked(file.getvalue(), [fault])))
    cell = again["任务点"]["A1"]
    assert cell.data_type == "s"
    assert str(cell.value).endswith(text.strip())
    assert {cell.data_type for row in again[FAULT_LIST].iter_rows() for cell in row} == {"s"}


def in_its_process(content: bytes, faults: list[Fault], folder: Path) -> bytes:
    (folder / "source").write_bytes(content)
    (folder / "faults").write_text(json.dumps([fault.as_json() for fault in faults]), encoding="utf-8")
    mark_file(folder / "source", folder / "faults", folder / "target")
    return (folder / "target").read_bytes()


def parts(content: bytes) -> dict[str, bytes]:
    return {
        name: part for name, part in parts_of(BytesIO(content)).items() if not name.startswith("docProps")
    }


FAULT = Fault("任务点", "B2", "去年", "不是年份", "2022")


def test_macros_are_not_kept(tmp_path: Path) -> None:
    made = in_its_process(macros(), [FAULT], tmp_path)
    assert not [name for name in parts(made) if "vba" in name.lower()]
    assert b"macroEnabled" not in parts(made)["[Content_Types].xml"]
    assert load_workbook(BytesIO(made))["任务点"]["B2"].comment


def test_what_was_taken_from_another_file_is_a_value(tmp_path: Path) -> None:
    made = in_its_process(external_link(), [FAULT], tmp_path)
    assert not [name for name, part in parts(made).items() if b"evil" in part or "external" in name]
    assert load_workbook(BytesIO(made))["任务点"]["E2"].value == 4


def test_a_file_that_cannot_be_marked(tmp_path: Path) -> None:
    content = replaced(POINTS_PART, '<c r="B2" ', '<c r="B2" s="9999" ')
    with pytest.raises(NotMarked):
        in_its_process(content, [FAULT], tmp_path)
    assert not (tmp_path / "target").exists()


def test_a_list_of_the_users_own_and_text_in_two_looks_are_kept() -> None:
    book = load_workbook(workbook({"建设任务": TASKS, FAULT_LIST: [("我的", "清单")]}))
    book["建设任务"]["C2"] = CellRichText("一号", TextBlock(InlineFont(b=True), "任务"))
    fault = Fault("建设任务", "A3", "A.1", "编号重复", "不同的编号")
    once = marked(saved(book).getvalue(), [fault])
    again = load_workbook(BytesIO(marked(once, [fault])), rich_text=True)
    assert again.sheetnames == [f"{FAULT_LIST}1", "建设任务", FAULT_LIST]
    assert again[FAULT_LIST]["A1"].value == "我的"
    assert str(again["建设任务"]["C2"].value) == "一号任务"
    assert isinstance(again["建设任务"]["C2"].value, CellRichText)
