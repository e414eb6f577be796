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
    Indicator,
    IndicatorTarget,
    IndicatorValue,
    Nature,
    Outcome,
    OutcomeTarget,
    SatisfactionResult,
    Vision,
)
from indicators.scoring_sheets import BANDS, SCORING, VETOES
from projects.models import State
from projects.sheets import DEPARTMENT, TASK, TASK_REFERENCE, coded, ratios_are_meant
from projects.workbook import amounts, cells, days
from projects.workbook.book import Book, Values, Writing
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Fault, Problem
from projects.workbook.headers import Column, YearColumns
from projects.workbook.log import LogSheet
from projects.workbook.sheet import BATCH, Changes, Derived, Link, Many, Reference, Sheet


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
        Column("一级指标", "level1", cells.Choice(*LEVEL1), required=True),
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
        Column("单位", "unit", cells.line, default=NO_UNIT),
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


@dataclass(frozen=True, kw_only=True)
class LedgerSheet(Sheet):
    """成果台账: what counts. Rows that wait to be approved, and links that only support (仅引用), are the
    app's own: a workbook neither shows nor changes them."""

    def existing(self, book: Book) -> dict[tuple[Any, ...], Values]:
        waiting = self.waiting(book)
        return {key: values for key, values in super().existing(book).items() if key[0] not in waiting}

    def waiting(self, book: Book) -> set[str]:
        """The numbers of the rows that do not count."""
        return set(self.records(book).exclude(state=State.APPROVED).values_list("code", flat=True))

    def faults(self, table: Table, book: Book) -> Iterator[Fault]:
        yield from super().faults(table, book)
        waiting = self.waiting(book)
        for row in table.telling("code"):
            if row.values["code"] in waiting:
                message = "是系统中还没有审核通过的成果，不能由工作簿改写"
                yield table.fault(row, "code", message, "另一个编号，或先在系统中审核这一项")

    def instance(self, row: Row, present: frozenset[str], writing: Writing) -> Any:
        outcome: Any = super().instance(row, present, writing)
        outcome.set_keys()
        return outcome

    def extra_fields(self, present: frozenset[str]) -> list[str]:
        return ["name_key", "number_key"] if "document_no" in present else ["name_key"]

    def upsert(self, rows: Sequence[Row], present: frozenset[str], writing: Writing) -> None:
        """A target that the row now counts for is no longer one that it only supports."""
        if "target" in present:
            keys = [row.values["code"] for row in rows if row.values.get("target")]
            both = self.records(writing.book).filter(supported_target__isnull=False)
            for start in range(0, len(keys), BATCH):
                both.filter(code__in=keys[start : start + BATCH]).update(supported_target=None)
        super().upsert(rows, present, writing)

    def named_by(self, many: Many, book: Book) -> Iterable[tuple[Any, ...]]:
        rows: Any = super().named_by(many, book)
        found: Iterable[tuple[Any, ...]] = rows.filter(counts=True, outcome__state=State.APPROVED)
        return found

    def write_many(self, name: str, many: Many, rows: Sequence[Row], writing: Writing) -> None:
        """Support stays, unless the workbook says that it counts."""
        own = writing.ids(self.title)
        relation = self.relation(many)
        through, target = relation.remote_field.through, relation.m2m_reverse_name()
        pks = [own[self.key_of(row.values)] for row in rows]
        supporting = through._default_manager.filter(outcome__in=pks, counts=False)
        kept = list(supporting.values_list("outcome_id", target))
        super().write_many(name, many, rows, writing)
        counting = set(through._default_manager.filter(outcome__in=pks).values_list("outcome_id", target))
        through._default_manager.bulk_create(
            [
                through(outcome_id=pk, **{target: of}, counts=False)
                for pk, of in kept
                if (pk, of) not in counting
            ],
            batch_size=BATCH,
        )


LEDGER = LedgerSheet(
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
