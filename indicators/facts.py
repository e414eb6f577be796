"""From records to frozen facts: indicators, outcomes, satisfaction and the scoring scheme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, FilteredRelation, Q

from indicators.attainment import IndicatorFact, ValueFact
from indicators.development import ComparisonFact, VisionFact
from indicators.landmarks import OutcomeFact, TargetFact, normal_level
from indicators.models import (
    Comparison,
    GradeBand,
    Indicator,
    IndicatorTarget,
    Outcome,
    OutcomeTarget,
    SatisfactionResult,
    ScoringItem,
    Vision,
)
from indicators.satisfaction import SatisfactionFact
from indicators.scoring import Band, ItemFact, Scheme, VetoFact
from projects.adjustable import YEARLY
from projects.linked import LinkedQuantity
from projects.models import Project
from projects.original import Original
from projects.querysets import approved_by


@dataclass(frozen=True, slots=True)
class Ledger:
    """The outcome ledger with what it gives to points and indicators (dated quantities)."""

    outcomes: tuple[OutcomeFact, ...]
    by_point: dict[int, tuple[LinkedQuantity, ...]]
    by_indicator: dict[int, tuple[LinkedQuantity, ...]]


def ledger(
    project: Project,
    areas: Mapping[int, str],
    known_at: datetime | None = None,
    *,
    pending: bool = False,
) -> Ledger:
    """The approved ledger rows and the links by which they count (计入), in one query.

    References (首计项目) are not linked rows, nor are those that only support (仅引用).
    """
    rows = (
        Outcome.objects.filter(project=project)
        .in_ledger(known_at, pending=pending)
        .annotate(
            p=FilteredRelation("point_links", condition=Q(point_links__counts=True)),
            i=FilteredRelation("indicator_links", condition=Q(indicator_links__counts=True)),
        )
        .values_list(
            *("id", "code", "name", "level", "kind", "grade", "awarded_on", "quantity", "issuer"),
            *("document_no", "department__name", "task_id", "target_id", "first_project_code"),
            *("p__point_id", "i__indicator_id"),
        )
    )
    outcomes: dict[int, OutcomeFact] = {}
    points: dict[int, dict[int, OutcomeFact]] = defaultdict(dict)
    indicators: dict[int, dict[int, OutcomeFact]] = defaultdict(dict)
    for row in rows:
        fact = outcome_fact(project, row, areas)
        point_id, indicator_id = row[14:]
        outcomes[fact.id] = fact
        if point_id and not fact.is_reference:
            points[point_id][fact.id] = fact
        if indicator_id and not fact.is_reference:
            indicators[indicator_id][fact.id] = fact
    return Ledger(
        outcomes=tuple(outcomes.values()),
        by_point={pk: dated(some.values()) for pk, some in points.items()},
        by_indicator={pk: dated(some.values()) for pk, some in indicators.items()},
    )


def outcome_fact(project: Project, row: Sequence[Any], areas: Mapping[int, str]) -> OutcomeFact:
    pk, code, name, level, kind, grade, awarded_on, quantity, issuer, document_no = row[:10]
    department, task_id, target_id, first_project_code = row[10:14]
    return OutcomeFact(
        id=pk,
        code=code,
        name=name,
        level=normal_level(level),
        kind=kind,
        grade=grade,
        awarded_on=awarded_on,
        quantity=quantity,
        issuer=issuer,
        document_no=document_no,
        department=department or "",
        area=areas.get(task_id, ""),
        target=target_id,
        is_reference=bool(first_project_code) and first_project_code != project.code,
        task_id=task_id,
        first_project=first_project_code,
    )


def dated(outcomes: Iterable[OutcomeFact]) -> tuple[LinkedQuantity, ...]:
    return tuple(LinkedQuantity(o.awarded_on, o.quantity) for o in outcomes)


def indicator_facts(
    project: Project,
    areas: Mapping[int, str],
    linked: Mapping[int, tuple[LinkedQuantity, ...]],
    known_at: datetime | None = None,
    *,
    pending: bool = False,
    original: Original,
) -> list[IndicatorFact]:
    """The counted indicators with all approved values (any date) and targets, in two queries."""
    yearly: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for pk, year, target in IndicatorTarget.objects.filter(indicator__project=project).values_list(
        "indicator_id", "year", "value"
    ):
        yearly[pk][year] = target
    rows = (
        Indicator.objects.filter(project=project, is_counted=True)
        .annotate(v=FilteredRelation("values", condition=approved_by(known_at, "values__", pending=pending)))
        .values_list(
            *("id", "code", "level1", "level2", "task_id", "name", "unit", "direction", "accumulation"),
            *("final_target", "midterm_target", "target_text", "department__name", "person"),
            *("removed_on", "v__id", "v__measured_on", "v__value", "v__ratio", "v__note"),
        )
        .order_by("position", "id", "v__measured_on", F("v__decided_at").asc(nulls_last=True), "v__id")
    )
    own: dict[int, tuple[Any, ...]] = {}
    values: dict[int, list[ValueFact]] = defaultdict(list)
    for row in rows:
        if not original.stands("indicator", row[0], row[14]):
            continue
        own[row[0]] = row[:14]
        if row[15] is not None:
            values[row[0]].append(ValueFact(*row[16:]))
    return [
        indicator_fact(fields, original, areas, yearly[pk], tuple(values[pk]), linked.get(pk, ()))
        for pk, fields in own.items()
    ]


def indicator_fact(
    fields: Sequence[Any],
    original: Original,
    areas: Mapping[int, str],
    yearly: Mapping[int, Decimal],
    values: tuple[ValueFact, ...],
    linked: tuple[LinkedQuantity, ...],
) -> IndicatorFact:
    pk, code, level1, level2, task_id, name, unit, direction, accumulation = fields[:9]
    final, midterm, target_text, department, person = fields[9:]
    if old := original.typed("indicator", pk):
        name, department = old.get("name", name), old.get("department", department)
        final, midterm = old.get("final_target", final), old.get("midterm_target", midterm)
        yearly = before_changes(yearly, old)
    return IndicatorFact(
        id=pk,
        code=code,
        level1=level1,
        level2=level2,
        area=areas.get(task_id, ""),
        name=name,
        unit=unit,
        direction=direction,
        accumulation=accumulation,
        final_target=final,
        midterm_target=midterm,
        yearly=yearly,
        target_text=target_text,
        department=department or "",
        person=person,
        values=values,
        linked=linked,
    )


def before_changes(yearly: Mapping[int, Decimal], old: Mapping[str, Any]) -> dict[int, Decimal]:
    """The targets of the years with old ones laid over; a year that had none has none."""
    told = {int(name.removeprefix(YEARLY)): value for name, value in old.items() if name.startswith(YEARLY)}
    return {year: value for year, value in {**yearly, **told}.items() if value is not None}


def target_facts(project: Project, areas: Mapping[int, str], original: Original) -> list[TargetFact]:
    rows = OutcomeTarget.objects.filter(project=project).values_list(
        *("id", "code", "name", "level", "target", "unit", "task_id", "target_text", "department__name"),
        "removed_on",
    )
    return [
        TargetFact(
            pk,
            code,
            name,
            normal_level(level),
            original.typed("outcometarget", pk).get("target", target),
            unit,
            areas.get(task_id, ""),
            text,
            original.typed("outcometarget", pk).get("department", department) or "",
        )
        for pk, code, name, level, target, unit, task_id, text, department, removed_on in rows
        if original.stands("outcometarget", pk, removed_on)
    ]


def counting_for(outcomes: Sequence[OutcomeFact], targets: Iterable[TargetFact]) -> tuple[OutcomeFact, ...]:
    """The ledger rows; what was won for a target that has left the task book counts for none."""
    known = {target.id for target in targets}
    return tuple(
        outcome if outcome.target is None or outcome.target in known else replace(outcome, target=None)
        for outcome in outcomes
    )


def satisfaction_facts(project: Project) -> list[SatisfactionFact]:
    rows = SatisfactionResult.objects.filter(project=project).values_list(
        "who", "year", "percent", "target", "sample", "surveyor", "source"
    )
    return [SatisfactionFact(*row) for row in rows]


def comparison_facts(project: Project) -> list[ComparisonFact]:
    rows = Comparison.objects.filter(project=project).values_list(
        *("code", "dimension", "name", "unit", "moment", "before", "now", "benchmark_name", "benchmark"),
        "source",
    )
    return [ComparisonFact(*row) for row in rows]


def vision_facts(project: Project, areas: Mapping[int, str]) -> list[VisionFact]:
    rows = Vision.objects.filter(project=project).values_list("code", "task_id", "text", "result", "degree")
    return [
        VisionFact(code, areas.get(task_id, ""), text, result, degree)
        for code, task_id, text, result, degree in rows
    ]


ITEM_FIELDS = (
    *("id", "parent_id", "code", "name", "full_mark", "weight", "scale", "method", "scope"),
    *("self_mark", "deduction_reason", "meaning"),
)


def scheme(project: Project) -> Scheme:
    """The scoring scheme; bands and vetoes are read only where there are items to mark."""
    items = tuple(
        ItemFact(*row) for row in ScoringItem.objects.filter(project=project).values_list(*ITEM_FIELDS)
    )
    if not items:
        return Scheme((), (), ())
    bands: dict[str, Band] = {}
    vetoes: dict[tuple[int, int], VetoFact] = {}
    rows = GradeBand.objects.filter(project=project).values_list(
        *("name", "lower", "vetoes__position", "vetoes__id"),
        *("vetoes__name", "vetoes__condition", "vetoes__is_triggered"),
    )
    for grade, lower, position, pk, name, condition, is_triggered in rows:
        bands[grade] = Band(grade, lower)
        if pk is not None:
            vetoes[position, pk] = VetoFact(name, condition, is_triggered, grade)
    return Scheme(items, tuple(bands.values()), tuple(vetoes[at] for at in sorted(vetoes)))
