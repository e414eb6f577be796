"""What approving a record does to the rates, whatever its kind. Pure over the facts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from indicators.attainment import AttainmentCount, ValueFact, counts_by_key, window_attainment
from indicators.landmarks import TargetProgress
from indicators.models import IndicatorValue, Outcome
from projects.effect import Effect
from projects.effect import effects as of_entry
from projects.models import Entry, Reviewed
from reports.facts import Facts


def effects(record: Reviewed, facts: Facts) -> list[Effect]:
    """The rates it touches, before and after; none for what no rate counts."""
    if isinstance(record, Entry):
        names = {"": f"{facts.window.label}任务完成率"} | {t.code: t.name for t in facts.tasks}
        return of_entry(facts.points, record, facts.window.start, facts.as_of, names)
    if isinstance(record, IndicatorValue):
        return of_value(record, facts)
    return of_outcome(record, facts) if isinstance(record, Outcome) else []


def of_value(record: IndicatorValue, facts: Facts) -> list[Effect]:
    """The attainment of the indicator, and the rates that count it."""
    own = next((a for a in facts.attainments if a.indicator.id == record.indicator_id), None)
    if own is None:
        return []
    counting = ValueFact(record.measured_on, record.value, record.ratio, record.note)
    values = sorted((*own.indicator.values, counting), key=lambda value: value.measured_on)
    indicator = replace(own.indicator, values=tuple(values))
    new = window_attainment(indicator, facts.window.kind, facts.window.start, facts.as_of)
    after = counts_by_key([new if a is own else a for a in facts.attainments])
    found = (
        [Effect("本指标完成程度", Fraction(own.capped), Fraction(new.capped))] if new.raw is not None else []
    )
    for key, label in (("*", f"{facts.window.label}指标完成率"), (indicator.level2, indicator.level2)):
        found.append(Effect(label, rate(facts.indicators, key), rate(after, key)))
    return found


def rate(counts: dict[str, AttainmentCount], key: str) -> Fraction | None:
    return counts[key].rate if key in counts else None


def of_outcome(record: Outcome, facts: Facts) -> list[Effect]:
    """The rate of the target for which it counts, and that of all targets."""
    is_reference = record.first_project_code not in ("", facts.project.code)
    if record.target_id is None or is_reference or record.awarded_on > facts.as_of:
        return []
    figures = facts.outcome_figures
    progress = tuple(
        TargetProgress(each.target, each.done + record.quantity * (each.target.id == record.target_id))
        for each in figures.progress
    )
    pairs = zip(figures.progress, progress, strict=True)
    own = next(((old, new) for old, new in pairs if old.target.id == record.target_id), None)
    if own is None:
        return []
    after = replace(figures, progress=progress)
    return [
        Effect(own[0].target.name, own[0].rate, own[1].rate),
        Effect("成果目标完成率", figures.rate(), after.rate()),
    ]
