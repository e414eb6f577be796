"""A task book as an exchange workbook: what was concluded is coloured, one sheet is there to check by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from indicators.models import Direction, Nature
from indicators.sheets import INDICATORS
from projects.models import Institution, Level, Project
from projects.sheets import POINTS, PROJECT, TASKS
from projects.workbook.headers import Column
from projects.workbook.sheet import Sheet
from projects.workbook.writing import Heading, Marked, Page, Shape, write_workbook
from reports.conversion.check_page import check_page, fitting
from reports.conversion.indicators import IndicatorRow
from reports.conversion.pages import project_page
from reports.conversion.rows import Point
from reports.conversion.taskbook import TaskBook
from reports.conversion.tree import Task
from reports.export import fields_page, heading
from reports.parsing import CHECK_LIST, GUIDE

LOOKS_LIKE_TITLE = re.compile(r"任务书|建设方案|建设计划|双高|高水平")
LONGEST_TITLE = 60
LABELS = {value: label for choices in (Nature, Direction) for value, label in choices.choices}
RULES = (
    "由 Word 任务书生成的工作簿",
    "请先核对再导入：黄色单元格是推断出来的或缺少的内容，核对、改正后导入即可，不必去掉颜色。",
    f"工作表“{CHECK_LIST}”逐行列出 Word 表格的内容和读入的结果，导入时不读这张表。",
    "其中“请核对”和“未读入”的行请对照 Word 文件处理，需要的内容请补填到前面的工作表。",
    "计划数量和单位是从文字里认出来的（“建成 3 门课程”读作 3、门），只是建议；不对的请改正或清空。",
    "“项目”中标题带 * 的字段必填；没有选择已有项目时，项目编号等请补填。",
    "工作簿里没有的工作表和列，导入时不会改变系统中的内容。",
)


def taskbook_workbook(
    book: TaskBook, opening: Sequence[str], project: Project | None, institution: Institution | None
) -> bytes:
    pages = [
        project_page(project) if project else new_project_page(book.points, opening, institution),
    ]
    if book.points or book.tree.tasks:
        pages.append(page(TASKS, ("code", "parent", "name"), map(task_row, book.tree.tasks.values())))
        names = told(POINTS, book.points)
        pages.append(page(POINTS, names, (row_of(point, names) for point in book.points)))
    if rows := book.indicators.rows:
        pages.append(indicators_page(rows))
    pages.append(check_page(book.remarks))
    file = BytesIO()
    write_workbook(file, pages, (GUIDE, RULES))
    return file.getvalue()


def new_project_page(
    points: Iterable[Point], opening: Sequence[str], institution: Institution | None
) -> Page:
    """What can be concluded about a new project; all that is required and missing is coloured."""
    years = sorted({point.year for point in points if point.year})
    first, last = (years[0], years[-1]) if years else (None, None)
    short = (text for text in opening if len(text) <= LONGEST_TITLE)
    name = next(filter(LOOKS_LIKE_TITLE.search, short), "")
    values = {
        "name": name,
        "institution": institution.name if institution else "",
        "level": Level.GROUP if "专业群" in name else Level.SCHOOL,
        "start_year": first,
        "end_year": last,
        "start": first and date(first, 1, 1),
        "cutoff": last and date(last, 12, 31),
    }
    found = fields_page(PROJECT, values)
    return Page(found.title, found.headings, map(marked_field, found.rows))


def marked_field(row: Sequence[Any]) -> Sequence[Any]:
    field, value = row
    return (field, Marked(value)) if field.endswith("*") else row


def page(sheet: Sheet, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Page:
    """A sheet with some of its columns: the others stay as they are when it is imported."""
    columns = {column.name: column for column in sheet.columns if isinstance(column, Column)}
    return Page(sheet.title, [heading(sheet, columns[name], None, ()) for name in names], rows)


def told(sheet: Sheet, rows: Sequence[Point | IndicatorRow]) -> list[str]:
    """The columns of a sheet that the file says something about."""
    columns = (column for column in sheet.columns if isinstance(column, Column))
    return [c.name for c in columns if c.required or any(getattr(row, c.name, None) for row in rows)]


def indicators_page(rows: Sequence[IndicatorRow]) -> Page:
    """The sheet 绩效指标 with a column for each year that has a target."""
    names = told(INDICATORS, rows)
    years = sorted({year for row in rows for year in row.targets})
    found = page(INDICATORS, names, [])
    yearly = [Heading(f"{year}年目标", Shape.NUMBER) for year in years]
    cells = ([*row_of(row, names), *map(row.targets.get, years)] for row in rows)
    return Page(found.title, [*found.headings, *yearly], cells)


def task_row(task: Task) -> Sequence[Any]:
    code = Marked(task.code) if task.is_counted else task.code
    return code, task.parent, fitting(task.name) if task.name else Marked("")


def row_of(row: Point | IndicatorRow, names: Sequence[str]) -> list[Any]:
    values = ((name, shown(getattr(row, name))) for name in names)
    return [Marked(value) if name in row.guesses else value for name, value in values]


def shown(value: Any) -> Any:
    return LABELS.get(value, fitting(value)) if isinstance(value, str) else value
