"""The sheets of the exchange workbook that the task book and its completion need (WORKBOOK.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models

from projects.models import (
    Department,
    Entry,
    ExtraAchievement,
    Institution,
    Level,
    ProfessionalGroup,
    Project,
    ReportingWindow,
    State,
    Task,
    TaskPoint,
    WindowKind,
)
from projects.numbers import plain
from projects.workbook import amounts, cells, days
from projects.workbook.book import Book, Values, Writing
from projects.workbook.columns import Row, Table, parse_fields
from projects.workbook.faults import Fault, Notice, Problem
from projects.workbook.headers import Column
from projects.workbook.log import LogSheet
from projects.workbook.raw import RawSheet
from projects.workbook.sheet import Changes, Derived, Link, Many, Reference, Sheet, TreeSheet

DEPARTMENT = Link("department__name", "department_id", "部门")
TASK = Link("task__code", "task_id", "建设任务")
TASK_REFERENCE = Reference(("task",), "建设任务")
POINT_REFERENCE = Reference(("task", "year", "seq"), "任务点")
MOST_PLACES = 4
UNLIKELY_RATIO = 10


def coded(choices: type[models.Choices]) -> cells.Choice:
    """One of the Chinese labels of `choices`; the value is the code kept in the database."""
    codes = {str(label): value for value, label in choices.choices}
    return cells.Choice(*codes, values=codes)


def decimal_places(cell: cells.RawCell) -> int | None:
    """How many decimals a percentage is printed with."""
    places = amounts.whole(cell)
    if places is not None and places > MOST_PLACES:
        raise Problem("小数位太多", f"0 到 {MOST_PLACES} 的整数")
    return places


def dates_in_order(table: Table, book: Book) -> Iterator[Fault]:
    """统计开始日期 must not lie after 统计截止日期."""
    for row in table.telling("start", "cutoff"):
        start, cutoff = row.values["start"], row.values["cutoff"]
        if start > cutoff:
            yield table.fault(row, "cutoff", f"截止日期早于开始日期 {start}", "不早于开始日期的日期")


def years_in_order(table: Table, book: Book) -> Iterator[Fault]:
    for row in table.telling("start_year", "end_year"):
        first, last = row.values["start_year"], row.values["end_year"]
        if first > last:
            yield table.fault(row, "end_year", f"建设结束年早于建设起始年 {first}", f"{first} 或以后的年份")


def not_the_main_window(table: Table, book: Book) -> Iterator[Fault]:
    """The main window stands in sheet 项目; the office may have named it."""
    main = ReportingWindow.objects.filter(project=book.project, is_main=True, name__gt="")
    names = set(main.values_list("name", flat=True))
    for row in table.telling("name"):
        if row.values["name"] in names:
            yield table.fault(
                row, "name", "是当前统计时段的名称", "其他名称；当前统计时段在工作表“项目”中填写"
            )


def group_named(table: Table, book: Book) -> Iterator[Fault]:
    """A project of level 专业群 says which group it is about."""
    for row in table.telling("level", "group"):
        if row.values["level"] == Level.GROUP and not row.values["group"]:
            yield table.fault(
                row, "level", "建设层面为专业群时缺少“专业群名称”", "在字段“专业群名称”填写名称"
            )


def ratios_are_meant(table: Table, book: Book) -> Iterator[Notice]:
    """A plain number is a ratio: 95 is 9500 %, which is hardly meant."""
    for row in table.rows:
        ratio = row.values["ratio"]
        if ratio is not None and ratio >= UNLIKELY_RATIO:
            told = plain(ratio)
            message = f"完成比例 {told} 就是 {plain(ratio.scaleb(2))}%；如果是百分之{told}，请写成 {told}%"
            yield table.notice(row, "ratio", message)


PROJECT_COLUMNS = (
    Column("项目编号", "code", cells.code, required=True),
    Column("项目名称", "name", cells.line, required=True),
    Column("学校名称", "institution", cells.line, required=True),
    Column("计划类别", "programme", cells.line),
    Column("建设层面", "level", coded(Level), required=True),
    Column("专业群名称", "group", cells.line),
    Column("上级项目编号", "parent_code", cells.code),
    Column("建设起始年", "start_year", days.year, required=True),
    Column("建设结束年", "end_year", days.year, required=True),
    Column("统计时段类型", "window_kind", coded(WindowKind), default=WindowKind.MIDTERM),
    Column("统计开始日期", "start", days.day, required=True),
    Column("统计截止日期", "cutoff", days.day, required=True),
    Column("综合权重", "composite_weight", amounts.percent),
    Column("立项文号", "document_no", cells.line),
    Column("依据文件", "basis_documents", cells.text),
    Column("报告标题", "report_title", cells.line),
    Column("编制日期", "compiled_on", days.day),
    Column("一级任务统称", "area_term", cells.line),
    Column("项目负责人", "leader", cells.line),
    Column("百分比小数位", "percent_places", decimal_places, default=2),
)
OF_WINDOW = {"window_kind": "kind", "start": "start", "cutoff": "cutoff"}
OF_OTHERS = ("institution", "group")


@dataclass(frozen=True, kw_only=True)
class ProjectSheet(Sheet):
    """字段 | 值: the project itself with its main window; one row."""

    def parse(self, raw: RawSheet) -> Table:
        return parse_fields(raw, self.columns)

    def existing(self, book: Book) -> dict[tuple[Any, ...], Values]:
        if book.project is None:
            return {}
        rows = Project.objects.filter(pk=book.project.pk).values(
            *(n for n in self.plain_names() if n not in OF_WINDOW and n not in OF_OTHERS),
            *("institution__name", "group__name"),
        )
        values = rows[0]
        values["institution"] = values.pop("institution__name")
        values["group"] = values.pop("group__name") or ""
        main = ReportingWindow.objects.filter(project=book.project, is_main=True).first()
        values |= {name: getattr(main, field, None) for name, field in OF_WINDOW.items()}
        return {self.key_of(values): values}

    def write(self, table: Table, changes: Changes, writing: Writing) -> None:
        for row in (*changes.new, *changes.changed):
            self.write_project(row, table.present, writing.book)

    def write_project(self, row: Row, present: frozenset[str], book: Book) -> None:
        values = row.values
        institution, _ = Institution.objects.get_or_create(name=values["institution"])
        fields = {n: values[n] for n in present if n not in OF_WINDOW and n not in OF_OTHERS}
        if "group" in present:
            fields["group"] = group_of(institution, values["group"])
        book.institution = institution
        book.project, _ = Project.objects.update_or_create(
            institution=institution, code=values["code"], defaults=fields
        )
        window = {field: values[name] for name, field in OF_WINDOW.items() if values.get(name)}
        ReportingWindow.objects.update_or_create(project=book.project, is_main=True, defaults=window)


def group_of(institution: Institution, name: str) -> ProfessionalGroup | None:
    groups = ProfessionalGroup.objects
    return groups.get_or_create(institution=institution, name=name)[0] if name else None


@dataclass(frozen=True, kw_only=True)
class WindowSheet(Sheet):
    """The further windows: the main one stands in sheet 项目."""

    def records(self, book: Book) -> models.QuerySet[Any]:
        return super().records(book).filter(is_main=False)


@dataclass(frozen=True, kw_only=True)
class ExtraSheet(Sheet):
    """额外成果: reviewed like entries, but with a key, so a change is made in place and reviewed again."""

    def exported(self, book: Book) -> list[Values]:
        """The approved ones; what waits for review is not part of the project yet."""
        approved = self.records(book).filter(state=State.APPROVED).values_list(*map(self.lookup, self.key))
        keys = set(approved)
        return [values for values in super().exported(book) if self.key_of(values) in keys]

    def extra_fields(self, present: frozenset[str]) -> list[str]:
        return ["state", "submitted_at", "decided_at"]

    def instance(self, row: Row, present: frozenset[str], writing: Writing) -> Any:
        record: Any = super().instance(row, present, writing)
        record.author = writing.by
        record.state = State.APPROVED if writing.approve else State.SUBMITTED
        record.submitted_at = writing.now
        record.decided_at = writing.now if writing.approve else None
        return record

    def write(self, table: Table, changes: Changes, writing: Writing) -> None:
        super().write(table, changes, writing)
        if writing.approve:
            ids = writing.ids(self.title)
            pks = [ids[self.key_of(row.values)] for row in changes.unchanged]
            waiting = ExtraAchievement.objects.filter(pk__in=pks, state=State.SUBMITTED)
            waiting.update(state=State.APPROVED, decided_at=writing.now)


PROJECT = ProjectSheet(
    title="项目",
    columns=PROJECT_COLUMNS,
    key=("code",),
    model=Project,
    rules=(dates_in_order, years_in_order, group_named),
    is_ordered=False,
)
WINDOWS = WindowSheet(
    title="统计时段",
    columns=(
        Column("名称", "name", cells.line, required=True),
        Column("类型", "kind", coded(WindowKind), required=True),
        Column("开始日期", "start", days.day, required=True),
        Column("截止日期", "cutoff", days.day, required=True),
    ),
    key=("name",),
    model=ReportingWindow,
    rules=(dates_in_order, not_the_main_window),
    is_ordered=False,
)
DEPARTMENTS = Sheet(
    title="部门",
    columns=(
        Column("部门名称", "name", cells.line, required=True),
        Column("类型", "kind", cells.line),
        Column("负责人", "head", cells.line),
    ),
    key=("name",),
    model=Department,
    scope="institution",
    is_ordered=False,
)
TASKS = TreeSheet(
    title="建设任务",
    columns=(
        Column("任务编号", "code", cells.code, required=True),
        Column("上级编号", "parent", cells.code),
        Column("任务名称", "name", cells.line, required=True),
        Column("牵头部门", "lead", cells.line),
        Column("分管校领导", "school_leader", cells.line),
        Column("建设组长", "team_leader", cells.line),
        Column("成效", "effect", cells.text),
    ),
    key=("code",),
    model=Task,
    links={
        "parent": Link("parent__code", "parent_id", "建设任务"),
        "lead": Link("lead__name", "lead_id", "部门"),
    },
    references=(Reference(("parent",), "建设任务"),),
)
POINTS = Sheet(
    title="任务点",
    columns=(
        Column("任务编号", "task", cells.code, required=True),
        Column("年度", "year", days.year, required=True),
        Column("序号", "seq", cells.code, required=True),
        Column("任务点", "text", cells.text, required=True),
        Column("计划数量", "planned", amounts.quantity),
        Column("单位", "unit", cells.line),
        Column("责任部门", "department", cells.line),
        Column("协同部门", "co_departments", cells.names),
        Column("责任人", "person", cells.line),
        Column("截止日期", "due_on", days.day),
        Column("内控完成日期", "internal_due_on", days.day),
        Column("佐证要求", "evidence_required", cells.text),
    ),
    key=("task", "year", "seq"),
    model=TaskPoint,
    scope="task__project",
    links={"task": TASK, "department": DEPARTMENT},
    many={"co_departments": Many("co_departments", ("department__name",), "部门")},
    references=(TASK_REFERENCE,),
    derived={"due_on": Derived(("year",), lambda values: date(values["year"], 12, 31))},
)
ENTRIES = LogSheet(
    title="完成情况",
    columns=(
        Column("任务编号", "task", cells.code, required=True),
        Column("年度", "year", days.year, required=True),
        Column("序号", "seq", cells.code, required=True),
        Column("完成日期", "effective_on", days.day, required=True),
        Column("完成数量", "quantity", amounts.quantity),
        Column("完成比例", "ratio", amounts.ratio),
        Column("实际完成情况", "description", cells.text),
        Column("未完成原因", "reason", cells.text),
        Column("原因类别", "reason_kind", cells.line),
        Column("预计完成日期", "expected_on", days.day),
        Column("下一步措施", "next_step", cells.text),
    ),
    key=("task", "year", "seq", "effective_on"),
    model=Entry,
    scope="point__task__project",
    links={
        "task": Link("point__task__code", "", "建设任务"),
        "year": Link("point__year", "", "任务点"),
        "seq": Link("point__seq", "", "任务点"),
    },
    owner="point",
    owner_key=("task", "year", "seq"),
    owner_sheet="任务点",
    references=(POINT_REFERENCE,),
    advice=(ratios_are_meant,),
)
EXTRAS = ExtraSheet(
    title="额外成果",
    columns=(
        Column("任务编号", "task", cells.code, required=True),
        Column("年度", "year", days.year, required=True),
        Column("序号", "seq", cells.code, required=True),
        Column("完成日期", "achieved_on", days.day, required=True),
        Column("内容", "content", cells.text, required=True),
        Column("提前完成", "is_early", cells.flag),
    ),
    key=("task", "year", "seq"),
    model=ExtraAchievement,
    scope="task__project",
    links={"task": TASK},
    references=(TASK_REFERENCE,),
    is_ordered=False,
)

SHEETS: Sequence[Sheet] = (PROJECT, WINDOWS, DEPARTMENTS, TASKS, POINTS, ENTRIES, EXTRAS)
