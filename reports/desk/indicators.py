"""Indicators on a person's desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet
from django.urls import reverse

from indicators.attainment import Attainment, linked_as_of
from indicators.forms import IndicatorValueForm
from indicators.models import Indicator, IndicatorEvidence, IndicatorValue
from projects import review
from projects.permissions import Action, can
from projects.templatetags.components import BADGES
from projects.templatetags.numbers import percent
from reports.desk.desk import Desk, Materials, open_record
from reports.desk.kind import ReportedKind, day, evidence_of, group_of, number
from reports.desk.row import Column, Returned, Row

COLUMNS = (
    Column("value", "完成值", "number"),
    Column("percent", "完成比例（%）", "percent"),
    Column("measured_on", "统计日期", "date"),
    Column("note", "说明", "text"),
)


class IndicatorKind(ReportedKind):
    name = "indicator"
    label = "绩效指标"
    columns = COLUMNS
    day = "measured_on"

    def own(self, desk: Desk) -> Iterable[Indicator]:
        for indicator in indicators_to_fill(desk):
            if indicator.pk in desk.indicator_facts:
                indicator.project = desk.project
                yield indicator

    def find(self, desk: Desk, pk: int) -> Indicator | None:
        found = Indicator.objects.filter(project=desk.project, is_counted=True, pk=pk)
        indicator = found.select_related("department", "assignee").first()
        if indicator is not None:
            indicator.project = desk.project
        return indicator

    def records(self, desk: Desk) -> QuerySet[IndicatorValue]:
        return IndicatorValue.objects.filter(indicator__project=desk.project)

    def uses(self, desk: Desk) -> QuerySet[IndicatorEvidence]:
        return IndicatorEvidence.objects.filter(indicator__project=desk.project)

    def made(
        self,
        desk: Desk,
        indicator: Indicator,
        latest: IndicatorValue | None,
        returned: Returned | None,
        materials: Materials,
    ) -> Row:
        fact = desk.indicator_facts[indicator.pk]
        record = open_record(latest)
        if record:
            record.indicator = indicator
        is_met = fact.raw is not None and fact.raw >= 1
        is_done = is_met or indicator.pk in desk.answered_indicators
        values, locked = self.opened(desk, indicator, record)
        work = str(record.state) if record else ""
        return Row(
            key=f"indicator:{indicator.pk}",
            kind=self.name,
            group=group_of(record, locked, is_done=is_done, is_missing=is_missing(desk, indicator, fact)),
            code=indicator.code,
            text=indicator.name,
            values=values,
            seen=review.version_of(latest),
            unit=indicator.unit,
            planned=number(fact.target),
            task=desk.task_names.get(indicator.task_id or 0, indicator.level2),
            department=str(indicator.department or ""),
            person=str(indicator.assignee or indicator.person or ""),
            due_on=desk.round.closes_on if desk.round else desk.facts.window.cutoff,
            days_late=0 if is_done else desk.days_late(None, is_missing(desk, indicator, fact)),
            href=f"{reverse('reports:indicators', args=[desk.project.pk])}?q={indicator.code}",
            last=last_of(fact),
            state=state_of(fact, work) | desk.waiting(record),
            evidence=evidence_of(materials, indicator.evidence_required),
            returned=returned,
            locked=locked,
            is_zero_reported=record is None and ("indicator", indicator.pk) in desk.zero_reports,
            linked=number(linked_as_of(fact.indicator, desk.today)),
        )

    def form(
        self, desk: Desk, target: Indicator, typed: Mapping[str, str], submitting: bool
    ) -> IndicatorValueForm:
        data = {**typed, "measured_on": typed.get("measured_on") or desk.today.isoformat()}
        fact = desk.indicator_facts[target.pk]
        return IndicatorValueForm(data, indicator=target, fact=fact, today=desk.today, submitting=submitting)

    def goes_on(self, desk: Desk, target: Indicator) -> bool:
        return desk.is_running and in_scope(desk, target)

    def typed(self, record: IndicatorValue) -> dict[str, str]:
        return {
            "value": number(record.value),
            "percent": number(None if record.ratio is None else record.ratio * 100),
            "measured_on": day(record.measured_on),
            "note": record.note,
        }


def indicators_to_fill(desk: Desk) -> Iterable[Indicator]:
    """The counted indicators for which `can_fill` holds."""
    if not can(desk.user, Action.FILL, desk.project):
        return []
    found = Indicator.objects.filter(project=desk.project, is_counted=True)
    if not desk.fills_all:
        assisting = Indicator.objects.filter(co_departments__in=desk.departments, shares=None)
        own = Q(assignee=desk.user) | Q(department__in=desk.departments) | Q(pk__in=assisting.values("pk"))
        found = found.filter(own)
    return found.select_related("department", "assignee").prefetch_related("co_departments", "shares")


def is_missing(desk: Desk, indicator: Indicator, fact: Attainment) -> bool:
    """Asked for by the round and not answered; without a round: a target, and nothing reported."""
    if desk.round is None:
        return fact.is_missing
    return in_scope(desk, indicator) and indicator.pk not in desk.answered_indicators


def in_scope(desk: Desk, indicator: Indicator) -> bool:
    """Whether the round is about it."""
    return indicator.task_id is None or indicator.task_id in desk.asked_tasks


def last_of(fact: Attainment) -> dict[str, str]:
    if fact.value is None and fact.ratio is None:
        return {}
    latest = next((v for v in reversed(fact.indicator.values)), None)
    rate = percent(fact.raw) if fact.raw is not None else ""
    return {
        "quantity": number(fact.value),
        "percent": rate,
        "on": latest.measured_on.isoformat() if latest else "",
    }


def state_of(fact: Attainment, work: str) -> dict[str, str]:
    """Its badge, in the words of points: how far it is, or what happens to its open record."""
    if fact.value is None and fact.ratio is None:
        key = "missing"
    elif fact.raw is None:
        key = "unrated"
    else:
        key = "zero" if fact.raw == 0 else "partial" if fact.raw < 1 else "approved"
    return {"key": key, "label": BADGES[work or key].label, "work": work}
