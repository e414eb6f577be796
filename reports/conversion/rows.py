"""One row of a task table: its cells by what their columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from projects.workbook import cells, days
from projects.workbook.cells import RawCell
from projects.workbook.faults import Problem
from reports.conversion.columns import year_in
from reports.conversion.points import quantities
from reports.conversion.remarks import Remark
from reports.conversion.titles import Title, title
from reports.conversion.word import WordCell


@dataclass(frozen=True, slots=True)
class Point:
    """A row of the sheet 任务点; `guesses` are the columns that were concluded, not read."""

    task: str
    year: int | None
    seq: str
    text: str
    planned: Decimal | None = None
    unit: str = ""
    department: str = ""
    co_departments: str = ""
    person: str = ""
    due_on: date | None = None
    evidence_required: str = ""
    guesses: frozenset[str] = frozenset()


@dataclass
class State:
    """What holds from a row on for those below it."""

    area: str = ""
    is_area_above: bool = False
    task: str = ""
    year: int | None = None


class RowReader:
    """The cells of one row by what their columns mean."""

    def __init__(
        self,
        row: Sequence[WordCell],
        number: int,
        places: Mapping[str, int],
        yearly: Sequence[tuple[int, int | None]],
    ) -> None:
        self.row, self.number, self.places, self.yearly = row, number, places, yearly

    def has(self, name: str) -> bool:
        return name in self.places

    def cell(self, name: str) -> WordCell:
        return self.row[self.places[name]] if name in self.places else WordCell()

    def text(self, name: str) -> str:
        found = self.cell(name).text
        return "" if found in cells.UNKNOWN else found

    @property
    def goes_on(self) -> bool:
        """Whether the points of the row are those of a cell that began in a row above."""
        return bool(self.text("point")) and self.cell("point").row != self.number

    def title(self, name: str, code: str) -> Title | None:
        """The task a row names; None where its cell is empty."""
        found = title(self.text(name))
        number = " ".join(self.text(code).split())
        if not number:
            return found if found.name else None
        return Title(title(f"{number} x").code or number, found.name)

    def year(self) -> tuple[int | None, str]:
        """The year of a row, or a sentence why not; neither where its cell is empty."""
        text = self.text("year")
        if not text:
            return None, ""
        try:
            found = days.years(RawCell(text))
        except Problem:
            year = year_in(text)
            return year, f"年度写作“{text}”" + (f"，读作 {year}" if year else "")
        assert found
        if found[0] != found[1]:
            return found[1], f"年度写作“{text}”，任务点按最后一年 {found[1]} 读入"
        return found[0], ""

    def point_cells(self, state: State, remark: Remark) -> Iterator[tuple[int | None, WordCell]]:
        """The cells that hold points, with their years; one that spans several years counts in the last."""
        if self.text("point") and self.cell("point").row == self.number:
            yield state.year, self.cell("point")
        last = {self.row[at]: year for at, year in self.yearly}
        for cell, year in last.items():
            if cell.row == self.number and cell.lines and cell.text not in cells.UNKNOWN:
                if sum(self.row[at] == cell for at, _ in self.yearly) > 1:
                    remark.note(f"单元格跨几个年度，任务点按最后一年 {year} 读入")
                yield year, cell

    def with_details(self, points: list[Point], remark: Remark) -> list[Point]:
        """The other columns of the row, which hold for all of its points."""
        department, others = self.departments(remark)
        points = [
            replace(
                point,
                department=department,
                co_departments=others,
                person=self.line("person"),
                evidence_required=self.text("evidence"),
            )
            for point in points
        ]
        points = self.with_due_day(points, remark)
        return self.with_planned(points, remark)

    def line(self, name: str) -> str:
        return " ".join(self.text(name).split())

    def names(self, name: str) -> list[str]:
        parts = (part.strip() for part in cells.NAME_BREAK.split(self.text(name)))
        return [part for part in dict.fromkeys(parts) if part not in cells.UNKNOWN]

    def departments(self, remark: Remark) -> tuple[str, str]:
        """(责任部门, 协同部门): of several in one cell the first is taken to be responsible."""
        names, others = self.names("department"), self.names("co_departments")
        if len(names) > 1:
            remark.note(f"责任部门写了几个，“{names[0]}”作为责任部门，其余作为协同部门")
        return "".join(names[:1]), "、".join(dict.fromkeys([*names[1:], *others]))

    def with_due_day(self, points: list[Point], remark: Remark) -> list[Point]:
        text = self.text("due_on")
        try:
            due = days.day(RawCell(text or None))
        except Problem:
            remark.note(f"截止日期“{text}”不是日期，没有读入")
            return points
        return [replace(point, due_on=due) for point in points] if due else points

    def with_planned(self, points: list[Point], remark: Remark) -> list[Point]:
        """A quantity in a column of its own stands for the only point of the row."""
        planned, unit = self.text("planned"), self.text("unit")
        if not points or not (planned or unit):
            return points
        named = quantities(planned + unit) if planned else []
        plain = planned.replace(",", "")
        value = Decimal(plain) if plain.replace(".", "", 1).isdecimal() else named[0].value if named else None
        if len(points) > 1 or (planned and value is None):
            remark.note(f"计划数量“{planned} {unit}”不能分给各点，没有读入")
            return points
        (point,) = points
        unit = unit or (named[0].unit if named else point.unit)
        guesses = point.guesses - {"planned", "unit"} if planned else point.guesses - {"unit"}
        return [replace(point, planned=value if planned else point.planned, unit=unit, guesses=guesses)]
