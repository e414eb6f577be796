"""The kinds of records that are reviewed, and how each is read by who reviews it. A new kind is one entry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse

from indicators.attainment import window_target
from indicators.ledger_words import too_low
from indicators.models import (
    Accumulation,
    Direction,
    IndicatorEvidence,
    IndicatorValue,
    Outcome,
    OutcomeEvidence,
    OutcomeIndicator,
    OutcomePoint,
)
from projects.changes import shown as shown_entry
from projects.models import Department, Entry, ExtraAchievement, PointEvidence, Reviewed, Task
from projects.numbers import Exact
from projects.templatetags.numbers import count, day, percent
from reports.facts import Facts
from reports.inspection.checks import Submission

Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Links:
    """What leads from ledger rows to the subject of a kind: the model of the link and its field."""

    model: type[Model]
    field: str


class Kind(ABC):
    """One kind of record. `slug` names it in addresses, `label` on pages."""

    slug: str
    label: str
    model: type[Reviewed]
    related: tuple[str, ...] = ()
    # The link from evidence to the subject, and that from the ledger, if there are any.
    evidence: Links | None = None
    ledger: Links | None = None
    # The field whose last approved value a new one is compared with.
    amount: str = ""

    @abstractmethod
    def code(self, record: Any) -> str: ...

    @abstractmethod
    def title(self, record: Any) -> str: ...

    @abstractmethod
    def href(self, record: Any) -> str: ...

    @abstractmethod
    def department(self, record: Any) -> Department | None: ...

    @abstractmethod
    def task(self, record: Any) -> Task | None: ...

    def unit(self, record: Any) -> str:
        return ""

    def promised(self, record: Any, facts: Facts) -> list[Line]:
        """What the task book says of it."""
        return []

    @abstractmethod
    def lines(self, record: Any) -> list[Line]:
        """What was filled in, line by line; empty lines say nothing."""

    @abstractmethod
    def submission(self, record: Any, facts: Facts) -> Submission:
        """What its checks ask for; evidence, ledger and last value are put in where they are read."""


class Placed:
    """A record of a kind as pages name it."""

    __slots__ = ()
    kind: Kind
    record: Any

    @property
    def key(self) -> str:
        return key_of(self.kind, self.record)

    @property
    def code(self) -> str:
        return self.kind.code(self.record)

    @property
    def title(self) -> str:
        return self.kind.title(self.record)

    @property
    def href(self) -> str:
        return self.kind.href(self.record)

    @property
    def department(self) -> Department | None:
        return self.kind.department(self.record)


def key_of(kind: Kind, record: Reviewed) -> str:
    """`point-12`: how addresses and forms name a record."""
    return f"{kind.slug}-{record.pk}"


class Points(Kind):
    slug, label, model = "point", "任务点", Entry
    related = ("author", "point__task__project__institution", "point__department")
    evidence = Links(PointEvidence, "point")
    ledger = Links(OutcomePoint, "point")
    amount = "quantity"

    def code(self, record: Entry) -> str:
        return record.point.code

    def title(self, record: Entry) -> str:
        return record.point.text

    def href(self, record: Entry) -> str:
        return reverse("projects:point", args=[record.point_id])

    def department(self, record: Entry) -> Department | None:
        return record.point.department

    def task(self, record: Entry) -> Task:
        return record.point.task

    def unit(self, record: Entry) -> str:
        return record.point.unit

    def promised(self, record: Entry, facts: Facts) -> list[Line]:
        point = record.point
        return [
            ("计划数量", f"{count(point.planned)} {point.unit}" if point.planned is not None else "—"),
            ("截止日期", day(point.due_on)),
            ("佐证要求", point.evidence_required),
        ]

    def lines(self, record: Entry) -> list[Line]:
        return list(shown_entry(record.point, record))

    def submission(self, record: Entry, facts: Facts) -> Submission:
        return Submission(
            on=record.effective_on,
            quantity=record.quantity,
            ratio=record.ratio,
            planned=record.point.planned,
            needs_evidence=bool(record.point.evidence_required),
            due_on=record.point.due_on,
            reason=record.reason,
        )


class Indicators(Kind):
    slug, label, model = "indicator", "绩效指标", IndicatorValue
    related = ("author", "indicator__project__institution", "indicator__department", "indicator__task")
    evidence = Links(IndicatorEvidence, "indicator")
    ledger = Links(OutcomeIndicator, "indicator")
    amount = "value"

    def code(self, record: IndicatorValue) -> str:
        return record.indicator.code

    def title(self, record: IndicatorValue) -> str:
        return record.indicator.name

    def href(self, record: IndicatorValue) -> str:
        return reverse("reports:indicators", args=[record.indicator.project_id])

    def department(self, record: IndicatorValue) -> Department | None:
        return record.indicator.department

    def task(self, record: IndicatorValue) -> Task | None:
        return record.indicator.task

    def unit(self, record: IndicatorValue) -> str:
        return record.indicator.unit

    def promised(self, record: IndicatorValue, facts: Facts) -> list[Line]:
        indicator = record.indicator
        target = self.target(record, facts)
        return [
            (f"{facts.window.label}目标", f"{count(target)} {indicator.unit}".strip()),
            ("目标表述", indicator.target_text),
            ("口径说明", indicator.definition),
            ("佐证要求", indicator.evidence_required),
        ]

    def target(self, record: IndicatorValue, facts: Facts) -> Exact | None:
        known = next((a.indicator for a in facts.attainments if a.indicator.id == record.indicator_id), None)
        return window_target(known, facts.window.kind, record.measured_on.year) if known else None

    def lines(self, record: IndicatorValue) -> list[Line]:
        unit = record.indicator.unit
        return [
            ("完成值", f"{count(record.value)} {unit}".strip() if record.value is not None else ""),
            ("完成比例", percent(record.ratio) if record.ratio is not None else ""),
            ("统计日期", day(record.measured_on)),
            ("说明", record.note),
        ]

    def submission(self, record: IndicatorValue, facts: Facts) -> Submission:
        indicator = record.indicator
        return Submission(
            on=record.measured_on,
            quantity=record.value,
            ratio=record.ratio,
            planned=self.target(record, facts),
            lower_is_better=indicator.direction == Direction.LOWER,
            is_cumulative=indicator.accumulation == Accumulation.CUMULATIVE,
            needs_evidence=bool(indicator.evidence_required),
        )


class Outcomes(Kind):
    slug, label, model = "outcome", "成果台账", Outcome
    related = ("author", "project__institution", "department", "task", "target")
    evidence = Links(OutcomeEvidence, "outcome")

    def code(self, record: Outcome) -> str:
        return record.code

    def title(self, record: Outcome) -> str:
        return record.name

    def href(self, record: Outcome) -> str:
        return reverse("reports:outcome", args=[record.project_id, record.pk])

    def department(self, record: Outcome) -> Department | None:
        return record.department

    def task(self, record: Outcome) -> Task | None:
        return record.task

    def promised(self, record: Outcome, facts: Facts) -> list[Line]:
        target = record.target
        if target is None:
            return []
        return [("计入的成果目标", str(target)), ("目标数量", f"{count(target.target)} {target.unit}")]

    def lines(self, record: Outcome) -> list[Line]:
        return [
            ("成果类别", record.kind),
            ("级别", record.level),
            ("等次", record.grade),
            ("获批日期", day(record.awarded_on)),
            ("数量", count(record.quantity)),
            ("颁发单位", record.issuer),
            ("文号", record.document_no),
            ("本校位次", record.rank),
            ("首计项目", record.first_project_code),
            ("重复登记理由", record.duplicate_reason),
            *linked(record),
        ]

    def submission(self, record: Outcome, facts: Facts) -> Submission:
        return Submission(
            on=record.awarded_on,
            quantity=record.quantity,
            is_cumulative=False,
            too_low=too_low(record),
        )


def linked(record: Outcome) -> Iterator[Line]:
    """What a ledger row counts for (计入) or only supports (仅引用)."""
    points = record.point_links.select_related("point__task")
    indicators = record.indicator_links.select_related("indicator")
    for counts, word in ((True, "计入"), (False, "仅引用")):
        yield f"{word}的任务点", "、".join(each.point.code for each in points if each.counts == counts)
        yield f"{word}的指标", "、".join(str(each.indicator) for each in indicators if each.counts == counts)


class Extras(Kind):
    slug, label, model = "extra", "任务书外新增成果", ExtraAchievement
    related = ("author", "task__project__institution", "task__lead")

    def code(self, record: ExtraAchievement) -> str:
        return f"{record.task.code}-{record.year}-{record.seq}"

    def title(self, record: ExtraAchievement) -> str:
        return record.content

    def href(self, record: ExtraAchievement) -> str:
        return reverse("reports:task", args=[record.task.project_id, record.task_id])

    def department(self, record: ExtraAchievement) -> Department | None:
        return record.task.lead

    def task(self, record: ExtraAchievement) -> Task:
        return record.task

    def lines(self, record: ExtraAchievement) -> list[Line]:
        return [
            ("年度", str(record.year)),
            ("完成日期", day(record.achieved_on)),
            ("内容", record.content),
            ("提前完成", "" if record.is_early is None else "是" if record.is_early else "否"),
        ]

    def submission(self, record: ExtraAchievement, facts: Facts) -> Submission:
        return Submission(on=record.achieved_on)


KINDS: tuple[Kind, ...] = (Points(), Indicators(), Outcomes(), Extras())
BY_SLUG = {kind.slug: kind for kind in KINDS}
BY_MODEL = {kind.model: kind for kind in KINDS}
