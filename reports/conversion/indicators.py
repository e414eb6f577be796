"""From the indicator tables of a task book to rows of the sheet 绩效指标."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from indicators.models import Direction, Nature
from indicators.sheets import LEVEL1
from projects.workbook import cells
from projects.workbook.cells import half_width
from reports.conversion.columns import year_in
from reports.conversion.layout import Layout
from reports.conversion.remarks import Remark, left
from reports.conversion.titles import title
from reports.conversion.word import WordCell

# Where a table has no column of 一级指标.
ABOVE: Mapping[str, str] = {
    **dict.fromkeys(("数量指标", "质量指标", "时效指标", "成本指标"), "产出指标"),
    **dict.fromkeys(("社会效益指标", "经济效益指标", "可持续影响指标"), "效益指标"),
    "服务对象满意度指标": "满意度指标",
    **dict.fromkeys(("资金管理指标", "项目管理指标"), "管理与执行指标"),
}
IN_BRACKETS = re.compile(r"\([^()]*\)")
UNIT_OF_NAME = re.compile(r".*\((?:单位:)?([^()\d]{1,6})\)")
AT_MOST = re.compile(r"^(?:≤|<=?|不高于|不超过|低于|少于)")
NUMBER = re.compile(
    r"(?:≥|≤|>=?|<=?|不低于|不少于|不高于|不超过|达到|至少|约)*(\d+(?:,\d{3})*(?:\.\d+)?)([^\d.]{0,6}?)(?:以上|及以上|以内)?"
)


@dataclass(frozen=True, slots=True)
class Goal:
    """A target as it is written: a number with its unit, or words."""

    text: str
    value: Decimal | None = None
    unit: str = ""


@dataclass
class IndicatorRow:
    """A row of the sheet 绩效指标; `guesses` are the columns that were concluded, not read."""

    code: str
    level1: str
    level2: str
    name: str
    unit: str = ""
    nature: str = Nature.QUANTITATIVE
    direction: str = Direction.HIGHER
    final_target: Decimal | None = None
    midterm_target: Decimal | None = None
    targets: dict[int, Decimal] = field(default_factory=dict)
    target_text: str = ""
    department: str = ""
    person: str = ""
    definition: str = ""
    guesses: set[str] = field(default_factory=set)


def goal(text: str) -> Goal:
    match = NUMBER.fullmatch("".join(half_width(text).split()))
    return Goal(text, Decimal(match[1].replace(",", "")), match[2]) if match else Goal(text)


class IndicatorReader:
    """Reads the tables of indicators one after the other; what is empty is as in the row above."""

    def __init__(self) -> None:
        self.rows: list[IndicatorRow] = []
        self._level1 = self._level2 = ""

    def read(self, layout: Layout, columns: Sequence[str], row: Sequence[WordCell], remark: Remark) -> None:
        texts = {name: plain(row[at]) for at, name in enumerate(columns) if name and name != "year_target"}
        self.place(texts, remark)
        found = title(texts.get("indicator", ""))
        if not found.name:
            remark.note("没有指标名称")
            return
        made = IndicatorRow(
            texts.get("code", "") or found.code or self.next_code(),
            self._level1,
            self._level2,
            found.name,
            texts.get("unit", ""),
            department=texts.get("department", ""),
            person=texts.get("person", ""),
            definition=texts.get("definition", ""),
        )
        if not (texts.get("code") or found.code):
            made.guesses.add("code")
            remark.note(f"指标没有编号，按次序编为 {made.code}")
        goals = {name: goal(texts[name]) for name in ("midterm_target", "final_target") if texts.get(name)}
        yearly = {
            year: goal(text)
            for at, name in enumerate(columns)
            if name == "year_target" and (year := year_in(layout.headings[at])) and (text := plain(row[at]))
        }
        set_goals(made, goals, yearly, remark)
        made.guesses |= {name for name in ("level1", "level2") if not getattr(made, name)}
        if "level1" not in texts:
            made.guesses.add("level1")
        self.rows.append(made)
        remark.made.append(f"指标 {made.code}")

    def place(self, texts: Mapping[str, str], remark: Remark) -> None:
        """一级指标 and 二级指标 of the row."""
        if text := texts.get("level2"):
            self._level2 = bare(text)
        if text := texts.get("level1"):
            self._level1 = level1_of(bare(text))
            if not self._level1:
                remark.note(f"一级指标“{text}”不是{'、'.join(LEVEL1)}之一，请补填")
        elif "level1" not in texts:
            self._level1 = ABOVE.get(self._level2, self._level1)
        if not (self._level1 and self._level2):
            remark.note("没有认出一级指标或二级指标，请补填")

    def section(self, cell: WordCell, remark: Remark) -> None:
        """A row that is one cell: the level of the indicators below it."""
        name = bare(plain(cell))
        if name in ABOVE:
            self._level2 = name
        elif known := level1_of(name):
            self._level1, self._level2 = known, ""
        else:
            left(remark, "整行只有一个单元格，没有认出指标级别")

    def next_code(self) -> str:
        taken = {row.code for row in self.rows}
        return next(code for number in range(1, len(taken) + 2) if (code := str(number)) not in taken)


def set_goals(
    row: IndicatorRow, goals: Mapping[str, Goal], yearly: Mapping[int, Goal], remark: Remark
) -> None:
    """Numbers go to their columns, words to 目标表述."""
    for name, found in goals.items():
        setattr(row, name, found.value)
    row.targets = {year: found.value for year, found in yearly.items() if found.value is not None}
    every = [*yearly.values(), *goals.values()]
    if words := list(dict.fromkeys(found.text for found in every if found.value is None)):
        row.target_text = "；".join(words)
        remark.note(f"目标“{row.target_text}”不是数字，写入“目标表述”")
        if len(words) == len({found.text for found in every}):
            row.nature = Nature.QUALITATIVE
            row.guesses.add("nature")
    units = {found.unit for found in every if found.unit}
    named = UNIT_OF_NAME.fullmatch(half_width(row.name))
    if not row.unit and (named or len(units) == 1):
        row.unit = named[1] if named else units.pop()
        row.guesses.add("unit")
    if any(AT_MOST.match(half_width(found.text).strip()) for found in every):
        row.direction = Direction.LOWER
        row.guesses.add("direction")


def level1_of(name: str) -> str:
    return next((known for known in LEVEL1 if name and known.startswith(name[:2])), "")


def bare(text: str) -> str:
    """A name of a level without its number and its share of the marks."""
    return IN_BRACKETS.sub("", half_width(title(text).name)).strip()


def plain(cell: WordCell) -> str:
    text = " ".join(line.text for line in cell.lines)
    return "" if text in cells.UNKNOWN else text
