"""评分表, 等级 and 否决项 of the exchange workbook: the scoring scheme (WORKBOOK.md)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from indicators.models import GradeBand, Indicator, Method, ScoringItem, Veto
from indicators.scoring import CONDITION, DEFAULT_SCALE, scope_parts
from projects.numbers import plain
from projects.sheets import TASK, coded
from projects.workbook import amounts, cells
from projects.workbook.book import Book
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Fault, Notice
from projects.workbook.headers import Column
from projects.workbook.sheet import Link, Reference, Sheet, TreeSheet

INDICATORS = "绩效指标"


def hand_marks_have_reasons(table: Table, book: Book) -> Iterator[Fault]:
    """自评得分 on an automatic item overrides it and needs 扣分原因."""
    by_hand = (Method.MANUAL, Method.SUM)
    for row in table.telling("method", "self_mark", "deduction_reason"):
        values = row.values
        if values["self_mark"] is None or values["method"] in by_hand:
            continue
        if not values["deduction_reason"]:
            message = "自动计分项填了自评得分，却没有扣分原因"
            yield table.fault(row, "self_mark", message, "填写扣分原因，或不填自评得分")


def items_have_marks(table: Table, book: Book) -> Iterator[Fault]:
    """An item that is no sum needs 分值 or 权重, else its mark cannot be known."""
    parents = {row.values["parent"] for row in table.telling("parent")}
    for row in table.telling("code", "method", "full_mark", "weight"):
        values = row.values
        is_leaf = values["code"] not in parents and values["method"] != Method.SUM
        if is_leaf and values["full_mark"] is None and values["weight"] is None:
            yield table.fault(row, "name", "既没有分值也没有权重", "填写分值，或权重（与分制）")


def scope(cell: cells.RawCell) -> str:
    """A 二级指标 as it is written, and codes also where the cell holds a number."""
    return cells.line(cell) if isinstance(cell.value, str) else cells.code(cell)


def marks_are_in_range(table: Table, book: Book) -> Iterator[Notice]:
    """A mark by hand counts as given; one above the full mark is hardly meant."""
    for row in table.rows:
        values = row.values
        scale = DEFAULT_SCALE if values["scale"] is None else values["scale"]
        full = values["full_mark"] if values["weight"] is None else scale
        if None not in (full, values["self_mark"]) and values["self_mark"] > full:
            message = f"自评得分 {plain(values['self_mark'])} 高于满分 {plain(full)}，按所填计分"
            yield table.notice(row, "self_mark", message)


def parents_are_sums(table: Table, book: Book) -> Iterator[Notice]:
    parents = {row.values["parent"] for row in table.rows}
    for row in table.rows:
        if row.values["code"] in parents and row.values["self_mark"] is not None:
            yield table.notice(row, "self_mark", "有下级的评分项按下级得分合计，自评得分不计")


def weights_make_full_marks(table: Table, book: Book) -> Iterator[Notice]:
    """分值 = 权重 × 分制."""
    for row in table.rows:
        full, weight, scale = (row.values[name] for name in ("full_mark", "weight", "scale"))
        if None not in (full, weight) and full != weight * (DEFAULT_SCALE if scale is None else scale):
            yield table.notice(row, "full_mark", f"分值 {plain(full)} 不等于权重×分制，按权重×分制计分")


def scopes_are_known(table: Table, book: Book) -> Iterator[Notice]:
    """范围 may name a 二级指标 or a task; anything else leaves the item without a rate."""
    levels = set(Indicator.objects.filter(project=book.project).values_list("level2", flat=True))
    if INDICATORS in book.tables:
        levels |= {row.values["level2"] for row in book.tables[INDICATORS].telling("level2")}
    for row in table.rows:
        for part in scope_parts(row.values["scope"]):
            if part not in levels and (cells.code_text(part),) not in book.known(TASK.sheet):
                message = f"范围“{part}”既不是任务编号，也不是绩效指标中的二级指标，算不出完成率"
                yield table.notice(row, "scope", message)


SCORING = TreeSheet(
    title="评分表",
    columns=(
        Column("评分编号", "code", cells.code, required=True),
        Column("上级编号", "parent", cells.code),
        Column("评分项", "name", cells.text, required=True),
        Column("分值", "full_mark", amounts.quantity),
        Column("权重", "weight", amounts.quantity),
        Column("分制", "scale", amounts.quantity),
        Column("计分方式", "method", coded(Method), required=True),
        Column("范围", "scope", scope),
        Column("自评得分", "self_mark", amounts.quantity),
        Column("扣分原因", "deduction_reason", cells.text),
        Column("内涵说明", "meaning", cells.text),
    ),
    key=("code",),
    model=ScoringItem,
    links={"parent": Link("parent__code", "parent_id", "评分表")},
    references=(Reference(("parent",), "评分表"),),
    rules=(hand_marks_have_reasons, items_have_marks),
    advice=(marks_are_in_range, parents_are_sums, weights_make_full_marks, scopes_are_known),
)


def bounds_differ(table: Table, book: Book) -> Iterator[Fault]:
    seen: dict[Decimal, Row] = {}
    for row in table.telling("lower"):
        first = seen.setdefault(row.values["lower"], row)
        if first is not row:
            yield table.fault(row, "lower", f"下限与第 {first.number} 行相同", "各等级不同的下限")


BANDS = Sheet(
    title="等级",
    columns=(
        Column("等级", "name", cells.text, required=True),
        Column("下限", "lower", amounts.quantity, required=True),
    ),
    key=("name",),
    model=GradeBand,
    rules=(bounds_differ,),
    is_ordered=False,
)


def conditions_readable(table: Table, book: Book) -> Iterator[Fault]:
    for row in table.telling("condition"):
        condition = row.values["condition"]
        if condition and not CONDITION.match(condition):
            yield table.fault(row, "condition", "看不懂的条件", "指标键 < 数字，如 tasks.due_rate < 80")


VETOES = Sheet(
    title="否决项",
    columns=(
        Column("编号", "code", cells.code, required=True),
        Column("名称", "name", cells.text, required=True),
        Column("条件", "condition", cells.text),
        Column("触发", "is_triggered", cells.flag),
        Column("结果等级", "grade", cells.line, required=True),
    ),
    key=("code",),
    model=Veto,
    links={"grade": Link("grade__name", "grade_id", "等级")},
    references=(Reference(("grade",), "等级"),),
    rules=(conditions_readable,),
)
