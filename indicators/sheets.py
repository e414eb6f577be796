"""The sheets of the exchange workbook for indicators, outcomes, satisfaction and scoring (WORKBOOK.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from indicators.landmarks import NO_LEVEL, NO_UNIT, normal_level
from indicators.models import (
    Accumulation,
    Comparison,
    Direction,
    GradeBand,
    Indicator,
    IndicatorTarget,
    IndicatorValue,
    Method,
    Nature,
    Outcome,
    OutcomeTarget,
    SatisfactionResult,
    ScoringItem,
    Veto,
    Vision,
)
from indicators.scoring import CONDITION, DEFAULT_SCALE, scope_parts
from projects.numbers import plain
from projects.sheets import DEPARTMENT, TASK, TASK_REFERENCE, coded, ratios_are_meant
from projects.workbook import amounts, cells, days
from projects.workbook.book import Book, Values, Writing
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Fault, Notice, Problem
from projects.workbook.headers import Column, YearColumns
from projects.workbook.log import LogSheet
from projects.workbook.sheet import BATCH, Changes, Derived, Link, Many, Reference, Sheet, TreeSheet


def level(cell: cells.RawCell) -> str:
    """级别 in normal words; empty and unknown mean 未标级别."""
    return normal_level(cells.text(cell))


LEVEL1 = ("产出指标", "效益指标", "满意度指标", "管理与执行指标")


@dataclass(frozen=True, kw_only=True)
class IndicatorSheet(Sheet):
    """绩效指标, with one target column per year kept as rows of their own."""

    def existing(self, book: Book) -> dict[tuple[Any, ...], Values]:
        existing = super().existing(book)
        for values in existing.values():
            values["targets"] = {}
        rows = IndicatorTarget.objects.filter(indicator__project=book.project)
        for code, year, value in rows.values_list("indicator__code", "year", "value"):
            existing[(code,)]["targets"][year] = value
        return existing

    def differs(self, row: Row, stands: Values, present: frozenset[str]) -> bool:
        if "targets" in present and any(
            stands["targets"].get(year) != value for year, value in row.values["targets"].items()
        ):
            return True
        return super().differs(row, stands, present - {"targets"})

    def write(self, table: Table, changes: Changes, writing: Writing) -> None:
        super().write(table, changes, writing)
        if "targets" in table.present:
            self.write_targets((*changes.new, *changes.changed), writing)

    def write_targets(self, rows: Iterable[Row], writing: Writing) -> None:
        """A year whose cell is empty loses its target; a year without a column keeps it."""
        ids = writing.ids(self.title)
        given = {ids[self.key_of(row.values)]: row.values["targets"] for row in rows}
        years = {year for targets in given.values() for year in targets}
        IndicatorTarget.objects.filter(indicator_id__in=list(given), year__in=years).delete()
        IndicatorTarget.objects.bulk_create(
            [
                IndicatorTarget(indicator_id=pk, year=year, value=value)
                for pk, targets in given.items()
                for year, value in targets.items()
                if value is not None
            ],
            batch_size=BATCH,
        )


INDICATORS = IndicatorSheet(
    title="绩效指标",
    columns=(
        Column("指标编号", "code", cells.code, required=True),
        Column("一级指标", "level1", cells.choice(*LEVEL1), required=True),
        Column("二级指标", "level2", cells.line, required=True),
        Column("任务编号", "task", cells.code),
        Column("指标名称", "name", cells.text, required=True),
        Column("单位", "unit", cells.line),
        Column("性质", "nature", coded(Nature), default=Nature.QUANTITATIVE),
        Column("方向", "direction", coded(Direction), default=Direction.HIGHER),
        Column("累计方式", "accumulation", coded(Accumulation), default=Accumulation.CUMULATIVE),
        Column("期满目标", "final_target", amounts.measure),
        Column("中期目标", "midterm_target", amounts.measure),
        YearColumns("targets", amounts.measure),
        Column("目标表述", "target_text", cells.text),
        Column("责任部门", "department", cells.line),
        Column("责任人", "person", cells.line),
        Column("口径说明", "definition", cells.text),
        Column("数据来源", "data_source", cells.text),
        Column("佐证要求", "evidence_required", cells.text),
        Column("纳入统计", "is_counted", cells.flag, default=True),
    ),
    key=("code",),
    model=Indicator,
    links={"task": TASK, "department": DEPARTMENT},
    references=(TASK_REFERENCE,),
)
VALUES = LogSheet(
    title="指标完成",
    columns=(
        Column("指标编号", "code", cells.code, required=True),
        Column("统计日期", "measured_on", days.day, required=True),
        Column("完成值", "value", amounts.measure),
        Column("完成比例", "ratio", amounts.ratio),
        Column("说明", "note", cells.text),
    ),
    key=("code", "measured_on"),
    model=IndicatorValue,
    scope="indicator__project",
    links={"code": Link("indicator__code", "", "绩效指标")},
    owner="indicator",
    owner_key=("code",),
    owner_sheet="绩效指标",
    references=(Reference(("code",), "绩效指标"),),
    advice=(ratios_are_meant,),
)
TARGETS = Sheet(
    title="成果目标",
    columns=(
        Column("成果编号", "code", cells.code, required=True),
        Column("任务编号", "task", cells.code),
        Column("成果名称", "name", cells.text, required=True),
        Column("级别", "level", level, default=NO_LEVEL),
        Column("目标数量", "target", amounts.quantity, required=True),
        Column("单位", "unit", cells.line, default=NO_UNIT, synonyms=("计数单位",)),
        Column("目标表述", "target_text", cells.text),
        Column("责任部门", "department", cells.line),
    ),
    key=("code",),
    model=OutcomeTarget,
    links={"task": TASK, "department": DEPARTMENT},
    references=(TASK_REFERENCE,),
)


LEDGER_KEY = ("target", "name", "level", "awarded_on", "document_no")


def ledger_code(values: Values) -> str:
    """The default 台账编号: the same row has the same number each time it is imported."""
    text = "\n".join(str(values[name] or "") for name in LEDGER_KEY)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


LEDGER = Sheet(
    title="成果台账",
    columns=(
        Column("台账编号", "code", cells.code),
        Column("名称", "name", cells.text, required=True),
        Column("级别", "level", level, default=NO_LEVEL),
        Column("成果类别", "kind", cells.line),
        Column("等次", "grade", cells.line),
        Column("获批日期", "awarded_on", days.day, required=True),
        Column("数量", "quantity", amounts.quantity, default=Decimal(1)),
        Column("颁发单位", "issuer", cells.text),
        Column("文号", "document_no", cells.text),
        Column("本校位次", "rank", cells.code),
        Column("完成部门", "department", cells.line),
        Column("任务编号", "task", cells.code),
        Column("成果编号", "target", cells.code),
        Column("关联任务点", "points", days.points),
        Column("关联指标", "indicators", cells.codes),
        Column("首计项目", "first_project_code", cells.code),
    ),
    key=("code",),
    model=Outcome,
    links={
        "task": TASK,
        "department": DEPARTMENT,
        "target": Link("target__code", "target_id", "成果目标"),
    },
    many={
        "points": Many("points", ("point__task__code", "point__year", "point__seq"), "任务点"),
        "indicators": Many("indicators", ("indicator__code",), "绩效指标"),
    },
    references=(
        TASK_REFERENCE,
        Reference(("target",), "成果目标"),
        Reference(("points",), "任务点"),
        Reference(("indicators",), "绩效指标"),
    ),
    derived={"code": Derived(LEDGER_KEY, ledger_code)},
)


def satisfied(cell: cells.RawCell) -> Decimal | None:
    """A share of the people asked, in percent."""
    value = amounts.percent(cell)
    if value is not None and value > 100:
        raise Problem("满意度超过 100%", "0 到 100 的百分数，例如 95.43")
    return value


SATISFACTION = Sheet(
    title="满意度",
    columns=(
        Column("对象", "who", cells.line, required=True),
        Column("年度", "year", days.year, required=True),
        Column("满意度（%）", "percent", satisfied),
        Column("目标值（%）", "target", amounts.percent),
        Column("样本量", "sample", amounts.whole),
        Column("调查机构", "surveyor", cells.line),
        Column("数据来源", "source", cells.text),
    ),
    key=("who", "year"),
    model=SatisfactionResult,
)


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
    if INDICATORS.title in book.tables:
        levels |= {row.values["level2"] for row in book.tables[INDICATORS.title].rows}
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
COMPARISONS = Sheet(
    title="发展对比",
    columns=(
        Column("编号", "code", cells.code, required=True),
        Column("维度", "dimension", cells.line),
        Column("观测指标", "name", cells.text, required=True),
        Column("单位", "unit", cells.line),
        Column("口径", "definition", cells.text),
        Column("数据时点", "moment", cells.text),
        Column("建设前值", "before", cells.text),
        Column("本校现值", "now", cells.text),
        Column("标杆院校", "benchmark_name", cells.line),
        Column("标杆值", "benchmark", cells.text),
        Column("数据来源", "source", cells.text),
    ),
    key=("code",),
    model=Comparison,
)
VISIONS = Sheet(
    title="愿景目标",
    columns=(
        Column("编号", "code", cells.code, required=True),
        Column("任务编号", "task", cells.code),
        Column("目标表述", "text", cells.text, required=True),
        Column("实现情况", "result", cells.text),
        Column("实现程度", "degree", cells.text),
    ),
    key=("code",),
    model=Vision,
    links={"task": TASK},
    references=(TASK_REFERENCE,),
)

SHEETS: Sequence[Sheet] = (
    INDICATORS,
    VALUES,
    TARGETS,
    LEDGER,
    SATISFACTION,
    BANDS,
    SCORING,
    VETOES,
    COMPARISONS,
    VISIONS,
)
