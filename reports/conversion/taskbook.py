"""From the tables of a task book to tasks and task points, with a remark for every row of the Word file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reports.conversion import meanings
from reports.conversion.columns import folded, year_in
from reports.conversion.indicators import IndicatorReader
from reports.conversion.layout import ColumnsFor, Layout
from reports.conversion.points import quantities, split
from reports.conversion.remarks import HEADER, LEFT, LOOK, READ, Remark
from reports.conversion.rows import Point, RowReader, State
from reports.conversion.titles import Title, heading, parent_code, title
from reports.conversion.tree import Task, Tree
from reports.conversion.word import WordCell


class TaskBook:
    """Gathers tasks, points, indicators and remarks table by table."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.points: list[Point] = []
        self.indicators = IndicatorReader()
        self.remarks: list[Remark] = []
        self._taken: Counter[tuple[str, int | None]] = Counter()

    def add(self, layout: Layout, columns: Sequence[str], state: State) -> State:
        """Read a table of points; what held at its end may hold for the next."""
        named = None if {"area", "task"} <= set(columns) else heading(layout.table.above)
        if named:
            remark = Remark(layout.table.number, 0, layout.table.above[-1], "（表格上方的标题）")
            state = State(self.tree.find(named, "", remark), is_area_above=True)
            self.remarks += [remark] if remark.notes else []
        elif layout.body:
            state = State(state.area, state.is_area_above)
        places = {name: at for at, name in enumerate(columns) if name and name != "year_point"}
        yearly = [
            (at, year_in(layout.headings[at])) for at, name in enumerate(columns) if name == "year_point"
        ]
        for number, row, remark in self.body(layout, columns):
            if is_one_cell(row):
                self.section(row[0], state, remark)
            else:
                self.read(RowReader(row, number, places, yearly), state, remark)
        return state

    def add_indicators(self, layout: Layout, columns: Sequence[str]) -> None:
        name_at = columns.index("indicator")
        for number, row, remark in self.body(layout, columns):
            if is_one_cell(row):
                self.indicators.section(row[0], remark)
            elif row[name_at].row != number:
                remark.state, remark.notes = LEFT, ["与上一行是同一指标，没有读入"]
            else:
                self.indicators.read(layout, columns, row, remark)

    def body(
        self, layout: Layout, columns: Sequence[str]
    ) -> Iterator[tuple[int, Sequence[WordCell], Remark]]:
        """The rows below the header that say something; every row gets its remark."""
        for number, row in enumerate(layout.table.rows):
            if not any(cell.lines for cell in row):
                continue
            self.remarks.append(remark := self.remark(layout, number))
            if number < layout.body or is_header(row, layout):
                self.header(layout, number, columns, remark)
            else:
                yield number, row, remark

    def header(self, layout: Layout, number: int, columns: Sequence[str], remark: Remark) -> None:
        """Once for each table it is said which columns are not read."""
        remark.state = HEADER
        names = zip(layout.headings, columns, strict=True)
        unread = [heading for heading, name in names if heading and not name and not is_number(heading)]
        if number == layout.body - 1 and unread:
            remark.state, remark.notes = LOOK, [f"没有读入的列：{'、'.join(unread)}"]

    def leave(self, layout: Layout, why: str) -> None:
        """List a table that is not read."""
        for number, row in enumerate(layout.table.rows):
            if any(cell.lines for cell in row):
                remark = self.remark(layout, number)
                remark.state, remark.notes = LEFT, [why]
                self.remarks.append(remark)

    def remark(self, layout: Layout, number: int) -> Remark:
        row = layout.table.rows[number]
        content = " | ".join(cell.text for cell in dict.fromkeys(row) if cell.text)
        return Remark(layout.table.number, number + 1, " ".join(layout.table.above[-1:]), content)

    def section(self, cell: WordCell, state: State, remark: Remark) -> None:
        """A row that is one cell: a task or a year, for the rows below it."""
        text = " ".join(line.text for line in cell.lines)
        found = title(text)
        year = year_in(text)
        if parent_code(found.code):
            state.task = self.home(found, state.area, remark)
            remark.made.append(f"任务 {state.task}")
        elif found.code:
            state.area, state.task, state.is_area_above = self.tree.find(found, "", remark), "", True
            remark.made.append(f"任务 {state.area}")
        elif year and len(text) <= 12:
            state.year = year
            remark.made.append(f"以下为 {year} 年度")
        else:
            remark.state, remark.notes = LEFT, ["整行只有一个单元格，没有认出任务或年度"]

    def read(self, row: RowReader, state: State, remark: Remark) -> None:
        self.place(row, state, remark)
        if not state.task:
            remark.note("没有认出属于哪个任务，“任务编号”请补填")
        made = [
            point
            for year, cell in row.point_cells(state, remark)
            for point in self.points_of(cell, year, row, state, remark)
        ]
        made = row.with_details(made, remark)
        self.points += made
        remark.made += [f"{point.task}/{point.year or '？'}/{point.seq}" for point in made]
        if not made and remark.state == READ and not row.goes_on:
            remark.note("没有任务点")

    def place(self, row: RowReader, state: State, remark: Remark) -> None:
        """The task and the year of a row; an empty cell is as the row above."""
        area, task = row.title("area", "area_code"), row.title("task", "task_code")
        if area and not row.has("task") and state.is_area_above and not self.is_same(area, state.area):
            area, task = None, area
        if area and (code := self.home(area, "", remark)) != state.area:
            state.area, state.is_area_above, state.task = code, False, ""
        if task:
            state.task = self.home(task, state.area, remark)
        elif not state.task:
            state.task = state.area
        if row.has("year"):
            year, sentence = row.year()
            if sentence:
                remark.note(sentence)
            if year or sentence:
                state.year = year

    def is_same(self, found: Title, code: str) -> bool:
        return found.code == code or found.name == self.tree.tasks[code].name

    def home(self, found: Title, parent: str, remark: Remark) -> str:
        """The number of the task; one numbered 1-1 belongs to 1, whatever heading stands above."""
        prefix = parent_code(found.code)
        if prefix and prefix != parent and (not parent or prefix in self.tree.tasks):
            if prefix not in self.tree.tasks:
                self.tree.tasks[prefix] = Task(prefix, parent_code(prefix), "")
                remark.note(f"没有找到任务 {prefix} 的名称，请在“建设任务”中补填")
            parent = prefix
        return self.tree.find(found, parent, remark)

    def points_of(
        self, cell: WordCell, year: int | None, row: RowReader, state: State, remark: Remark
    ) -> Iterator[Point]:
        if year is None:
            remark.note("没有认出年度，请补填")
        found = split(cell.lines)
        if found.intro:
            remark.note(f"任务点前面的话没有读入：“{found.intro}”")
        if found.is_guess:
            remark.note("任务点没有编号，按行分开")
        for text in found.points:
            guesses = {"text"} if found.is_guess else set()
            point = Point(state.task, year, self.seq(state.task, year), text)
            named = quantities(text)
            if len(named) == 1:
                point = replace(point, planned=named[0].value, unit=named[0].unit)
                guesses |= {"planned", "unit"}
            elif named:
                told = "、".join(map(str, named))
                remark.note(f"第 {point.seq} 点有几个数量（{told}），没有填计划数量")
            guesses |= {name for name in ("task", "year") if not getattr(point, name)}
            yield replace(point, guesses=frozenset(guesses))

    def seq(self, task: str, year: int | None) -> str:
        """The next number among the points of a task and year."""
        self._taken[task, year] += 1
        return str(self._taken[task, year])


def is_number(heading: str) -> bool:
    """Whether a column only counts the rows."""
    return folded(heading) == "序号"


def is_one_cell(row: Sequence[WordCell]) -> bool:
    return len(set(row)) == 1 and len(row) > 1


def is_header(row: Sequence[WordCell], layout: Layout) -> bool:
    """Whether the header is repeated, as on a new page."""
    texts = tuple(cell.text for cell in row)
    headers = layout.table.rows[layout.header : layout.body]
    return texts == layout.headings or any(texts == tuple(cell.text for cell in each) for each in headers)


def read_taskbook(found: Iterable[Layout], columns_for: ColumnsFor) -> TaskBook:
    book, state = TaskBook(), State()
    for layout in found:
        columns = columns_for(layout.headings) if layout.headings else ()
        if meanings.OF_POINTS & set(columns):
            state = book.add(layout, columns, state)
        elif "indicator" in columns:
            book.add_indicators(layout, columns)
        else:
            book.leave(layout, "表格没有读入：没有任务点列，也没有指标名称列")
    return book
