"""The sheet 核对: what became of every row of the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from projects.workbook.writing import Heading, Marked, Page, Shape
from reports.conversion.remarks import LEFT, LOOK, Remark
from reports.parsing import CHECK_LIST

# As much text as a cell holds, with room for a remark.
LONGEST_CELL = 32_000
HEADINGS = (
    Heading("位置", Shape.LINE),
    Heading("表格上方的文字", Shape.LINE),
    Heading("原文件中的内容", Shape.TEXT),
    Heading("结果", Shape.LINE),
    Heading("读成", Shape.TEXT),
    Heading("说明", Shape.TEXT),
)


def check_page(remarks: Sequence[Remark]) -> Page:
    return Page(CHECK_LIST, HEADINGS, map(remark_row, remarks))


def remark_row(remark: Remark) -> Sequence[Any]:
    state = Marked(remark.state) if remark.state in (LOOK, LEFT) else remark.state
    told = (fitting("、".join(remark.made)), fitting("；".join(remark.notes)))
    return remark.place, fitting(remark.above), fitting(remark.content), state, *told


def fitting(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}……（共 {len(text)} 字）"
