"""Word tables as grids, and Word files that are none."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from projects.workbook.faults import Refused
from reports.conversion import word as reader
from reports.conversion.word import read_word
from tests.wordfiles import LEFT, UP, body, raw_word, word


def texts(file: BinaryIO | bytes) -> list[list[str]]:
    (table,) = read_word(BytesIO(file) if isinstance(file, bytes) else file).tables
    return [[cell.text for cell in row] for row in table.rows]


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def table(*rows: str) -> bytes:
    return raw_word(body(f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"))


def test_merged_cells_fill_their_places() -> None:
    found = texts(word([["任务", "甲", LEFT], [UP, "乙", "丙"]]))
    assert found == [["任务", "甲", "甲"], ["任务", "乙", "丙"]]


def test_a_merged_cell_knows_where_it_begins() -> None:
    (found,) = read_word(word([["任务", "甲"], [UP, "乙"]])).tables
    assert found.rows[0][0] == found.rows[1][0]
    assert (found.rows[1][0].row, found.rows[1][1].row) == (0, 1)


def test_paragraphs_above_belong_to_the_next_table() -> None:
    found = read_word(word("任务书", "任务一", [["甲"]], "任务二", [["乙"]]))
    assert found.opening == ("任务书", "任务一", "任务二")
    assert [table.above for table in found.tables] == [("任务书", "任务一"), ("任务二",)]


def test_rows_in_content_controls_and_inserted_text_are_seen() -> None:
    row = f"<w:tr>{cell('乙')}</w:tr>"
    new, old = "<w:r><w:t>甲</w:t></w:r>", "<w:r><w:delText>旧</w:delText></w:r>"
    inserted = f"<w:tc><w:p><w:ins>{new}</w:ins><w:del>{old}</w:del></w:p></w:tc>"
    wrapped = f"<w:sdt><w:sdtContent>{row}</w:sdtContent></w:sdt>"
    assert texts(raw_word(body(f"<w:tbl><w:tr>{inserted}</w:tr>{wrapped}</w:tbl>"))) == [["甲"], ["乙"]]


def test_tables_and_boxes_within_a_cell_are_read() -> None:
    inner = f"<w:tbl><w:tr>{cell('里')}</w:tr></w:tbl>"
    box = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<mc:Choice><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent></mc:Choice>"
        "<mc:Fallback><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
        "</mc:AlternateContent>"
    )
    outer = f"<w:tc><w:p><w:r><w:t>外</w:t></w:r></w:p>{inner}<w:p><w:r>{box}</w:r></w:p></w:tc>"
    assert texts(table(outer)) == [["外\n里\n框"]]


def test_rows_may_begin_late_and_be_short() -> None:
    late = f"<w:trPr><w:gridBefore w:val='1'/></w:trPr>{cell('乙')}"
    assert texts(table(cell("甲") + cell("丙"), late, cell("丁"))) == [["甲", "丙"], ["", "乙"], ["丁", ""]]


def test_the_old_way_to_merge_across() -> None:
    assert texts(table(cell("甲", "<w:hMerge w:val='restart'/>") + cell("", "<w:hMerge/>"))) == [["甲", "甲"]]


def test_what_word_numbers_itself() -> None:
    number = "<w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr>"
    paragraphs = "".join(f"<w:p>{number}<w:r><w:t>{text}</w:t></w:r></w:p>" for text in "甲乙")
    (found,) = read_word(BytesIO(table(f"<w:tc>{paragraphs}</w:tc>"))).tables
    assert [line.is_item for line in found.rows[0][0].lines] == [True, True]


def test_a_span_of_a_billion_columns() -> None:
    assert len(texts(table(cell("甲", "<w:gridSpan w:val='1000000000'/>")))[0]) == reader.MOST_COLUMNS


BOMB = "<!DOCTYPE w [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "文件是空的"),
        (b"%PDF-1.7", "不是 Word 文档"),
        (b"PK\x03\x04rubbish", "文件已损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "像是旧版 .doc"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "有打开密码"),
        (raw_word("<a/>", "xl/workbook.xml"), "不是 Word 文档"),
        (raw_word("<w:document"), "文件已损坏"),
        (raw_word("<a/>"), "文件已损坏"),
        (raw_word(body("<w:p><w:r><w:t>&b;</w:t></w:r></w:p>", BOMB)), "XML 实体"),
        (raw_word(body("<w:p/>")), "没有表格"),
        (raw_word(body("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000)), "文件已损坏"),
    ],
)
def test_other_files_end_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(Refused) as refused:
        read_word(BytesIO(data))
    assert said in str(refused.value)
    assert "应为" in str(refused.value)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(Refused, match="展开后太大"):
        read_word(BytesIO(raw_word(b" " * (reader.LARGEST_PART + 1))))


def test_too_many_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_CELLS", 3)
    assert len(texts(word([["甲", "乙", "丙"]]))[0]) == 3
    with pytest.raises(Refused, match="单元格超过 3 个"):
        read_word(word([["甲", "乙"]], [["丙", "丁"]]))


def test_too_many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_PARTS", 0)
    with pytest.raises(Refused, match="超过 0 个部分"):
        read_word(word([["甲"]]))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="没有这个文件"):
        read_word(tmp_path / "无.docx")
