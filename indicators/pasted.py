"""A list copied from Excel, WPS or Word: its cells, what its columns mean, and the ledger rows it tells.

Pure: what the codes of a list may name (tasks, points, departments …) is given as dictionaries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from indicators.landmarks import NO_LEVEL, normal_level
from indicators.models import Outcome
from indicators.sheets import LEDGER
from projects.workbook import cells, days
from projects.workbook.cells import RawCell
from projects.workbook.faults import Problem
from projects.workbook.headers import Column, best_match
from projects.workbook.raw import RawSheet
from projects.workbook.synonyms import heading

MOST_ROWS, MOST_COLUMNS = 400, 18
HEADER_WITHIN = 5
# The number of a row is given out by the system.
NOT_READ = ("code",)
COLUMNS: dict[str, Column] = {
    column.name: column
    for column in LEDGER.columns
    if isinstance(column, Column) and column.name not in NOT_READ
}
# What stands above the columns of lists of prizes, beyond the words of the workbook.
ALSO: Mapping[str, tuple[str, ...]] = {
    "name": (
        "获奖名称",
        "奖项名称",
        "赛项名称",
        "项目名称",
        "作品名称",
        "成果",
        "荣誉名称",
        "专利名称",
        "教材名称",
    ),
    "grade": ("奖项", "奖项等级", "等级", "奖次", "获奖级别等次"),
    "level": ("获奖级别", "奖项级别", "项目级别", "赛事级别"),
    "awarded_on": ("日期", "时间", "颁奖日期", "发证日期", "授权日期", "公布时间", "取得时间", "认定时间"),
    "issuer": ("颁奖单位", "主办单位", "发文单位", "授奖单位", "组织单位", "认定单位"),
    "document_no": ("证书编号", "证书号", "专利号", "编号", "文件编号"),
    "kind": ("类别", "类型", "奖项类别"),
    "department": ("部门", "二级学院", "所属部门", "申报部门", "学院"),
    "quantity": ("项数", "件数"),
    "rank": ("排名", "位次", "单位排名"),
}
KINDS = ("获奖", "立项", "认定", "验收通过", "授权", "出版", "其他")
LEVELS = ("国家级", "省级", "市级", "校级", "国际组织", NO_LEVEL)
LIMITS = {
    name: getattr(Outcome._meta.get_field(name), "max_length", None)
    for name in ("name", "level", "kind", "grade", "issuer", "document_no", "rank", "first_project_code")
}
QUOTED = re.compile(r'"((?:[^"]|"")*)"(?=\t|\r?\n|\Z)')
PLAIN = re.compile(r"[^\t\r\n]*")


class NoList(Exception):
    """What was given is no list; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a list as text, and for each column the field it means (empty: none)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_recognised: bool = True
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the cells of a list may name, by what they write, as ids."""

    tasks: Mapping[str, int] = field(default_factory=dict)
    targets: Mapping[str, int] = field(default_factory=dict)
    points: Mapping[tuple[str, int, str], int] = field(default_factory=dict)
    indicators: Mapping[str, int] = field(default_factory=dict)
    departments: Mapping[str, int] = field(default_factory=dict)
    # Departments in whose name the user does not enter.
    others: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What one row tells: values by field of `Outcome`, linked ids, and what is wrong, by column."""

    values: dict[str, Any]
    points: tuple[int, ...] = ()
    indicators: tuple[int, ...] = ()
    faults: dict[str, str] = field(default_factory=dict)


# From text to cells


def cells_of(text: str) -> list[list[str]]:
    """The cells of a copied table: tabs between columns, a line for a row.

    A cell with line breaks stands in quotes, as Excel and WPS put it; other quotes belong to the text.
    """
    rows: list[list[str]] = [[]]
    at = 0
    while True:
        match = QUOTED.match(text, at)
        if match and re.search(r'[\n\t]|""', match[1]):
            cell = match[1].replace('""', '"')
        else:
            match = PLAIN.match(text, at)
            assert match
            cell = match[0]
        rows[-1].append(cells.clean(cell))
        at = match.end()
        if at >= len(text):
            break
        if text[at] == "\t":
            at += 1
            continue
        at += 2 if text.startswith("\r\n", at) else 1
        rows.append([])
    return [row for row in rows if any(row)]


def cells_of_sheet(raw: RawSheet) -> list[list[str]]:
    rows = [[cells.written(cell) for cell in row] for row in raw.rows]
    return [row for row in rows if any(row)]


# From cells to columns


def grid_of(found: Sequence[Sequence[str]]) -> Grid:
    """The list in these cells; NoList with a sentence when there is none."""
    width = max((len(row) for row in found), default=0)
    if not width:
        raise NoList("没有读到内容，请从 Excel、WPS 或 Word 中复制整张表格后再粘贴。")
    # Empty columns at the right edge come along with a selection.
    while width > 1 and not any(len(row) >= width and row[width - 1] for row in found):
        width -= 1
    if width > MOST_COLUMNS:
        raise NoList(f"表格有 {width} 列，最多 {MOST_COLUMNS} 列，请只复制需要登记的列。")
    rows = [tuple((*row, *[""] * width)[:width]) for row in found]
    at = header_at(rows)
    notices: tuple[str, ...] = ()
    if at is None:
        columns, body = guessed(rows), rows
    else:
        columns, body = meant(rows[at]), [row for row in rows[at + 1 :] if row != rows[at]]
        if at:
            notices = (f"表头上面的 {at} 行标题没有读取：{' '.join(filter(None, rows[0]))[:60]}",)
    if not body:
        raise NoList("只读到表头，没有内容。请连同表头下面的各行一起复制。")
    if len(body) > MOST_ROWS:
        raise NoList(f"清单有 {len(body)} 行，一次最多 {MOST_ROWS} 行，请分几次粘贴。")
    return Grid(columns, tuple(body), at is not None, notices)


def header_at(rows: Sequence[Sequence[str]]) -> int | None:
    """The row that names the columns: that of a name among them, and of a second one in a wider list."""
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        columns = [name for name in meant(row) if name]
        if "name" in columns and (len(columns) > 1 or len(row) == 1):
            return at
    return None


def meant(header: Sequence[str]) -> tuple[str, ...]:
    """The field each header means; of two that mean the same only the first."""
    found: list[str] = []
    for text in header:
        name = field_of(text)
        found.append(name if name not in found else "")
    return tuple(found)


def field_of(text: str) -> str:
    head = heading(text)
    match = best_match(COLUMNS.values(), head)
    if match and match.parse:
        return match.name
    return next((name for name, words in ALSO.items() if head.word in words), "")


def guessed(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What columns without header may be, by what stands in them: dates, levels, and the longest text."""
    width = len(rows[0])
    columns = [[row[place] for row in rows if row[place]] for place in range(width)]
    found = [""] * width
    tests: tuple[tuple[str, Callable[[str], bool]], ...] = (("awarded_on", is_day), ("level", is_level))
    for name, holds in tests:
        place = next((n for n, some in enumerate(columns) if some and all(map(holds, some))), None)
        if place is not None and not found[place]:
            found[place] = name
    lengths = {
        place: sum(map(len, some)) / len(some)
        for place, some in enumerate(columns)
        if some and not found[place] and not all(text.isdigit() for text in some)
    }
    if lengths:
        found[max(lengths, key=lambda place: lengths[place])] = "name"
    return tuple(found)


def is_day(text: str) -> bool:
    try:
        return days.day(RawCell(text)) is not None
    except Problem:
        return False


def is_level(text: str) -> bool:
    return normal_level(text) in LEVELS


# From rows to values


def read(grid: Grid, defaults: Mapping[str, Any], known: Known) -> list[Read]:
    """What each row tells; where a cell is empty, the default for all rows stands."""
    return [read_row(dict(zip(grid.columns, row, strict=True)), defaults, known) for row in grid.rows]


def read_row(told: Mapping[str, str], defaults: Mapping[str, Any], known: Known) -> Read:
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, column in COLUMNS.items():
        try:
            values[name] = value_of(column, told.get(name, ""), defaults.get(name))
        except Problem as problem:
            expected = f"，应为{problem.expected}" if problem.expected else ""
            faults[name] = f"{problem.message}{expected}"
    named: dict[str, tuple[int, ...]] = {}
    for name, (found, word) in {
        "points": (known.points, "任务点"),
        "indicators": (known.indicators, "指标"),
    }.items():
        named[name] = several(values.pop(name, ()), found, name, word, faults)  # type: ignore[arg-type]
    for name, (found, word) in {
        "task": (known.tasks, "建设任务"),
        "target": (known.targets, "成果目标"),
        "department": (known.departments, "部门"),
    }.items():
        values[f"{name}_id"] = single(values.pop(name, None), found, name, word, faults)
    if (other := told.get("department", "")) in known.others:
        faults["department"] = f"“{other}”的成果不能由您登记，请联系该部门或项目办"
    for name, limit in LIMITS.items():
        if limit and len(values.get(name) or "") > limit:
            faults[name] = f"文字太长（{len(values[name])} 字），最多 {limit} 字"
    return Read(values, named["points"], named["indicators"], faults)


def value_of(column: Column, text: str, default: Any) -> Any:
    cell = RawCell(text or None)
    value = column.parse(cell) if text else None
    if value not in (None, "", ()) and not (column.name == "level" and value == NO_LEVEL):
        return value
    if default not in (None, "", ()):
        return default
    if column.required:
        raise Problem("必填，不能为空", f"“{column.header}”的内容")
    return column.blank


def single(value: Any, known: Mapping[str, int], name: str, word: str, faults: dict[str, str]) -> int | None:
    """The id for what a cell names; a default is one already."""
    if isinstance(value, int):
        return value
    if value and value not in known:
        faults[name] = f"没有{word}“{value}”"
        return None
    return known[value] if value else None


def several(
    value: Any, known: Mapping[Any, int], name: str, word: str, faults: dict[str, str]
) -> tuple[int, ...]:
    lacking = [each for each in value if each not in known]
    if lacking:
        each = lacking[0]
        faults[name] = f"没有{word}“{'/'.join(map(str, each)) if isinstance(each, tuple) else each}”"
        return ()
    return tuple(known[each] for each in value)
