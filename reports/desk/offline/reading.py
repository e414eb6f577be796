"""From a workbook that came back to its rows. Hostile files are refused as at import, by the same reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from projects.workbook.cells import EMPTY, LONGEST_TEXT, RawCell, known, text, written
from projects.workbook.faults import Fault, Problem, Refused
from projects.workbook.raw import RawSheet
from projects.workbook.reading import read_sheets
from projects.workbook.references import cell_name
from reports.desk.kinds import BY_NAME
from reports.desk.offline.sheets import BASE, KEY, SEEN
from reports.desk.row import Column

HEADER_ROWS = 30
MOST_ROWS = 3000
LONGEST_KEY = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A row that came back: where it stands, what was typed by column, where each value stands, faults."""

    sheet: str
    at: int
    key: str
    code: str = ""
    text: str = ""
    seen: str = ""
    base: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)

    @property
    def columns(self) -> Sequence[Column]:
        kind = BY_NAME.get(self.key.partition(":")[0])
        return kind.columns if kind else ()


def read(source: Path) -> list[Line]:
    """All rows; Refused where there are none that came from a desk."""
    found: list[Line] = []
    faults: list[Fault] = []
    is_ours = False
    for title, sheet in read_sheets(source).items():
        header = header_of(sheet)
        if header is None:
            continue
        is_ours = True
        faults += sheet.faults
        found += lines(title, sheet, *header)
    if faults:
        raise Refused(faults)
    if not is_ours:
        message = "这不是从“我的任务”下载的填报表：没有“行标识”这一列"
        raise Refused([Fault("", "", "", message, "从“用 Excel 填报”下载的工作簿；导入整个项目请到“导入”")])
    if len(found) > MOST_ROWS:
        raise Refused([Fault("", "", "", f"行太多：有 {len(found)} 行", f"最多 {MOST_ROWS} 行的填报表")])
    return found


def header_of(sheet: RawSheet) -> tuple[int, dict[str, int]] | None:
    """The row of the header, and where each column is; faults of the sheet count as a header."""
    if sheet.faults:
        return 0, {}
    for at, cells in enumerate(sheet.rows[:HEADER_ROWS]):
        names: dict[str, int] = {}
        for place, cell in enumerate(cells):
            if isinstance(cell.value, str):
                names.setdefault(cell.value.strip(), place)
        if KEY in names:
            return at, names
    return None


def lines(title: str, sheet: RawSheet, header: int, names: Mapping[str, int]) -> Iterator[Line]:
    for at, cells in enumerate(sheet.rows[header + 1 :], header + 1):
        if all(cell.is_empty for cell in cells):
            continue
        yield line(title, at, cells, names)


def line(title: str, at: int, cells: Sequence[RawCell], names: Mapping[str, int]) -> Line:
    def cell(name: str) -> RawCell:
        place = names.get(name, len(cells))
        return cells[place] if place < len(cells) else EMPTY

    key = written(cell(KEY))[:LONGEST_KEY]
    kind = BY_NAME.get(key.partition(":")[0])
    typed: dict[str, str] = {}
    places: dict[str, str] = {}
    faults: dict[str, Fault] = {}
    for column in kind.columns if kind else ():
        if column.label not in names:
            continue
        places[column.name] = cell_name(at + 1, names[column.label])
        found = cell(column.label)
        try:
            typed[column.name] = read_cell(found, column.type)
        except Problem as problem:
            place = places[column.name]
            faults[column.name] = Fault(title, place, found.shown, problem.message, problem.expected)
    places[""] = cell_name(at + 1, names.get("编号", names.get(KEY, 0)))
    return Line(
        title,
        at + 1,
        key,
        written(cell("编号"))[:100],
        written(cell("内容"))[:500],
        written(cell(SEEN))[:100],
        tuple(written(cell(BASE)).split()),
        typed,
        places,
        faults,
    )


def read_cell(cell: RawCell, kind: str) -> str:
    """What was typed, as it would be typed into the form; Problem for what no form takes."""
    if kind == "text":
        return text(cell, LONGEST_TEXT)
    value = known(cell)
    if value is None:
        return ""
    if kind == "date" and isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    if kind == "percent" and cell.is_percent and isinstance(value, int | Decimal):
        # 95% in a cell is 0.95 with a format; the column is headed （%）.
        return written(RawCell(Decimal(value) * 100))
    return text(cell, LONGEST_TEXT)
