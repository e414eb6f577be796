"""The exchange workbook of a demo project, made from the CSV files of its folder."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl

from reports.demo.evidence import index
from reports.demo.families import expanded, measured
from reports.demo.lines import Promise, promises

Row = dict[str, str]

DATA = Path(__file__).parent / "data"
# Files that hold a sheet as it is.
SHEETS = {
    "project": "项目",
    "windows": "统计时段",
    "tasks": "建设任务",
    "extras": "额外成果",
    "targets": "成果目标",
    "ledger": "成果台账",
    "funding": "经费",
    "satisfaction": "满意度",
    "bands": "等级",
    "scoring": "评分表",
    "vetoes": "否决项",
    "comparison": "发展对比",
    "visions": "愿景目标",
    "printed": "原报告数",
}


def rows(folder: str, name: str) -> list[Row]:
    """The rows of a CSV file; none where the folder has no such file."""
    path = DATA / folder / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def workbook(folder: str) -> BytesIO:
    """The whole project as an .xlsx file."""
    book = openpyxl.Workbook(write_only=True)
    for title, table in sheets(folder).items():
        if table:
            sheet = book.create_sheet(title)
            sheet.append(list(table[0]))
            for row in table:
                sheet.append([value or None for value in row.values()])
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def sheets(folder: str) -> dict[str, list[Row]]:
    """The rows of every sheet, by the sheet's name."""
    found = {title: rows(folder, name) for name, title in SHEETS.items()}
    project = {row["字段"]: row["值"] for row in found["项目"]}
    cutoff = date.fromisoformat(project["统计截止日期"])
    # Departments stand in the school's file; a group project works with the same ones.
    departments = rows(folder, "departments") or rows("school", "departments")
    persons = {row["部门名称"]: row.pop("填报人") for row in departments}
    kept = list(promises(rows(folder, "lines"), rows(folder, "entries"), persons, cutoff))
    indicators = list(expanded(rows(folder, "families"), rows("school", "objects"), persons))
    return found | {
        "部门": departments,
        "任务点": [promise.point_row() for promise in kept],
        "完成情况": entries(kept, rows(folder, "entries")),
        "绩效指标": [indicator.row() for indicator in indicators],
        "指标完成": list(measured(indicators, cutoff)),
        "佐证材料": list(index(kept, found["成果台账"], project["学校名称"])),
    }


def entries(kept: Iterable[Promise], exceptions: Iterable[Row]) -> list[Row]:
    """What was done: as promised, but for the points that have rows of their own."""
    regular = [promise.entry_row() for promise in kept if promise.is_regular]
    return regular + [row for row in exceptions if row["完成日期"]]
