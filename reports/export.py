"""Giving a project out as the exchange workbook: what is written here imports again to the same records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

from django.utils import timezone

from funding.sheets import Unknown
from funding.sheets import amount as funding_amount
from projects.forms import REASON_KINDS
from projects.models import Project
from projects.people_rules import ROLES
from projects.people_sheet import roles
from projects.sheets import DEPARTMENTS, PROJECT
from projects.workbook import amounts, cells, days
from projects.workbook.book import Book, Values
from projects.workbook.columns import FIELD, VALUE
from projects.workbook.headers import AnyColumn, Column, YearColumns
from projects.workbook.sheet import Sheet
from projects.workbook.synonyms import SYNONYMS
from projects.workbook.writing import Heading, Page, Shape, write_workbook
from reports.adjusted_book import Gone, gone, without
from reports.parsing import BY_TITLE, GUIDE
from reports.sheets import SHEETS

SHAPES: Mapping[object, Shape] = {
    cells.line: Shape.LINE,
    cells.text: Shape.TEXT,
    cells.names: Shape.LINE,
    cells.codes: Shape.LINE,
    days.points: Shape.LINE,
    days.day: Shape.DAY,
    days.year: Shape.YEAR,
    amounts.quantity: Shape.NUMBER,
    amounts.measure: Shape.NUMBER,
    amounts.percent: Shape.NUMBER,
    amounts.whole: Shape.NUMBER,
    amounts.ratio: Shape.PERCENT,
    funding_amount: Shape.NUMBER,
}
YES_OR_NO = ("是", "否")
LEVELS = ("国家级", "省级", "市级", "校级", "国际组织", "未标级别")
# Lists that WORKBOOK.md leaves open: offered, not required.
SUGGESTED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("部门", "kind"): ("职能部门", "教学单位", "教辅单位"),
    ("完成情况", "reason_kind"): REASON_KINDS,
    ("绩效指标", "level2"): (
        *("数量指标", "质量指标", "时效指标", "成本指标", "社会效益指标", "可持续影响指标"),
        *("服务对象满意度指标", "资金管理指标", "项目管理指标"),
    ),
    ("成果目标", "level"): LEVELS,
    ("成果台账", "level"): LEVELS,
    ("成果台账", "kind"): ("获奖", "立项", "认定", "验收通过", "授权", "出版", "其他"),
    ("用户", "roles"): tuple(ROLES),
    ("满意度", "who"): ("在校生", "毕业生", "教职工", "用人单位", "家长"),
}
WHOLE = (
    "建设项目工作簿填写说明",
    "一个工作簿是一个建设项目。标题带 * 的列必填，其余可以空着；列的次序可以改变，表头文字照原样写。",
    "不需要的工作表可以删除：缺少的工作表不会改变系统中的内容；文件里没有的行保留不动，只会报告“缺少”。",
)
LIST = (
    "“{}”填写说明",
    "这个文件只有一张表。标题带 * 的列必填，其余可以空着；列的次序可以改变，表头文字照原样写。",
    "导入时{}；文件里没有的行保留不动，只会报告“缺少”。",
)
INTO_PROJECT = "在“导入到”中选择建设项目，表中的编号须是该项目已有的"
INTO_COLLEGE = "“导入到”不用选"
COMMON = (
    "空单元格、—、-、/、XXX 表示未知，不是 0；0 就是 0。",
    "日期写成 2026-05-20；编号都是文本，“2.10”这样的编号请保持文本格式。",
    "几个部门用“、”分开，几个编号用“；”分开；关联任务点写成 任务编号/年度/序号，例如 2-1/2022/3。",
    "表头上面可以有标题，表格下面可以有“注：”“填表人：”一类的话和“合计”行：导入时提示并忽略。",
    "有任何一处问题时整个文件都不导入，系统会列出全部问题所在的单元格、内容和正确写法。",
)
OTHER_WORDS = "从别的表格粘贴来的表头也可以是下面的写法；空格、换行、全角或半角括号不影响识别："
OF_SHEETS: Mapping[str, str] = {
    "完成情况": "“完成数量”填写截至完成日期的累计数，不是本次新增数。"
    "“完成比例”填写比例：1 即 100%，也可以写成 95.43%。",
    "绩效指标": "每年的目标各占一列，表头写成“2023年目标”。",
    "用户": "几个角色用“、”分开；填报人、部门负责人要写部门；一个人在几个部门有角色时分几行写，"
    "各行合起来是他的全部角色；角色空着时不改变原有角色。"
    "初始密码只用于新用户，首次登录必须修改；写有初始密码的文件不会保存。",
    "经费": "“经费”是整张表替换：导入后，以前从工作簿导入的经费以文件为准，在系统中录入的保留。",
}


def export_workbook(project: Project | None) -> bytes:
    """The workbook of the project, or without one the empty template for a new one."""
    own = [OF_SHEETS[sheet.title] for sheet in SHEETS if sheet.title in OF_SHEETS]
    return export_sheets(project, SHEETS, (*WHOLE, *COMMON, *own))


def export_list(project: Project | None, sheet: Sheet) -> bytes:
    """One sheet of the project, or without one its empty template."""
    title, rule, where = LIST
    into = INTO_COLLEGE if sheet.scope == "institution" else INTO_PROJECT
    guide = [title.format(sheet.title), rule, where.format(into), *COMMON]
    if own := OF_SHEETS.get(sheet.title):
        guide.append(own)
    return export_sheets(project, [sheet], guide)


def export_sheets(project: Project | None, sheets: Sequence[Sheet], guide: Sequence[str]) -> bytes:
    book = Book({}, BY_TITLE, project.institution if project else None, project)
    file = BytesIO()
    # The task book of today: what has left it stays in the system, not in the file.
    left = gone(book, BY_TITLE, timezone.localdate())
    pages = [page_of(sheet, book, sheets, left) for sheet in sheets]
    write_workbook(file, pages, (GUIDE, (*guide, OTHER_WORDS, *other_words(sheets))))
    return file.getvalue()


def other_words(sheets: Iterable[Sheet]) -> list[str]:
    """What else may be written for the headers of these sheets."""
    columns = (column for sheet in sheets for column in sheet.columns if isinstance(column, Column))
    headers = dict.fromkeys(column.header for column in columns if column.header in SYNONYMS)
    return [f"{header}：{'、'.join(SYNONYMS[header])}" for header in headers]


def page_of(sheet: Sheet, book: Book, beside: Sequence[Sheet], left: Gone) -> Page:
    """The sheet in a workbook with the sheets `beside` it."""
    rows = without(sheet.exported(book), sheet, left) if book.project else []
    if sheet is PROJECT:
        return fields_page(sheet, rows[0] if rows else {})
    columns = list(each_column(sheet.columns, years_of(rows, book.project)))
    return Page(
        sheet.title,
        [heading(sheet, column, year, beside) for column, year in columns],
        ([cell(column, values, year) for column, year in columns] for values in rows),
    )


def fields_page(sheet: Sheet, values: Values) -> Page:
    """字段 | 值: one row per field."""
    columns = [column for column in sheet.columns if isinstance(column, Column)]
    headings = [Heading(FIELD, Shape.LINE), Heading(VALUE, Shape.TEXT)]
    rows = [
        (f"{column.header}*" if column.required else column.header, cell(column, values))
        for column in columns
    ]
    offers = {(row, 1): options for row, column in enumerate(columns, 1) if (options := options_of(column))}
    return Page(sheet.title, headings, rows, offers)


def years_of(rows: Iterable[Values], project: Project | None) -> Sequence[int]:
    """The years that have a column: those of the construction period, and others that have a target."""
    period = range(project.start_year, project.end_year + 1) if project else ()
    return sorted({*period, *(year for values in rows for year in values.get("targets", ()))})


def each_column(columns: Iterable[AnyColumn], years: Sequence[int]) -> Iterable[tuple[AnyColumn, int | None]]:
    """The columns in their order, that of yearly targets once for each year."""
    for column in columns:
        if isinstance(column, YearColumns):
            yield from ((column, year) for year in years)
        else:
            yield column, None


def header_of(column: AnyColumn, year: int | None) -> str:
    return f"{year}年目标" if isinstance(column, YearColumns) else column.header


def heading(sheet: Sheet, column: AnyColumn, year: int | None, beside: Sequence[Sheet]) -> Heading:
    shape = SHAPES.get(column.parse, Shape.CODE)
    if isinstance(column, YearColumns):
        return Heading(header_of(column, year), shape)
    link = sheet.links.get(column.name)
    offered = SUGGESTED.get((sheet.title, column.name), ())
    return Heading(
        column.header,
        shape,
        is_required=column.required,
        options=options_of(column) or offered,
        is_closed=not offered,
        list_of="部门" if link and link.sheet == "部门" and DEPARTMENTS in beside else "",
    )


def options_of(column: Column) -> tuple[str, ...]:
    if isinstance(column.parse, cells.Choice):
        return column.parse.options
    return YES_OR_NO if column.parse is cells.flag else ()


def cell(column: AnyColumn, values: Values, year: int | None = None) -> Any:
    """What stands in the cell for a value in row form."""
    value: Any = values.get(column.name)
    if year is not None:
        return (value or {}).get(year)
    if isinstance(value, Unknown):
        return value.value
    if isinstance(column.parse, cells.Choice):
        return column.parse.labels.get(value)
    if column.parse is days.years:
        return days.years_written(value)
    if isinstance(value, frozenset | tuple):
        return ("、" if column.parse in (cells.names, roles) else "；").join(sorted(map(key_written, value)))
    return value


def key_written(key: Sequence[object] | str) -> str:
    return key if isinstance(key, str) else "/".join(map(str, key))
