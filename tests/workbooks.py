"""Workbooks for tests, made as people make them: a header row and rows of plain values."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

Rows = Sequence[Sequence[Any]]

PROJECT: Rows = (
    ("字段", "值"),
    ("项目编号", "T-1"),
    ("项目名称", "测试项目"),
    ("学校名称", "测试职业学院"),
    ("建设层面", "学校"),
    ("建设起始年", 2022),
    ("建设结束年", 2025),
    ("统计开始日期", "2022-01-01"),
    ("统计截止日期", "2023-12-31"),
)
TASKS: Rows = (
    ("任务编号", "上级编号", "任务名称"),
    ("A", None, "一号任务"),
    ("A.1", "A", "子任务"),
)
POINTS: Rows = (
    ("任务编号", "年度", "序号", "任务点", "计划数量", "单位"),
    ("A.1", 2022, 1, "建设课程", 4, "门"),
    ("A.1", 2023, 1, "建设教材", 2, "部"),
)
ENTRIES: Rows = (
    ("任务编号", "年度", "序号", "完成日期", "完成数量", "实际完成情况"),
    ("A.1", 2022, 1, "2022-12-01", 3, "三门"),
)


def small(**changes: Rows | None) -> dict[str, Rows]:
    """A small valid project; keyword sheets replace its own, None leaves one out."""
    sheets: dict[str, Rows | None] = {
        "项目": PROJECT,
        "建设任务": TASKS,
        "任务点": POINTS,
        "完成情况": ENTRIES,
        **changes,
    }
    return {title: rows for title, rows in sheets.items() if rows is not None}


def workbook(sheets: dict[str, Rows]) -> BytesIO:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def edited(path: Path, **changes: Any) -> BytesIO:
    """A copy of a workbook with some cells changed: `edited(path, **{"任务点!E2": 3})`."""
    book = load_workbook(path)
    for place, value in changes.items():
        title, cell = place.split("!")
        book[title][cell] = value
    return saved(book)


def saved(book: Workbook) -> BytesIO:
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file
