"""Task points on a person's desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from projects import review
from projects.forms import EntryForm, typed_from
from projects.models import Entry, PointEvidence, TaskPoint
from projects.permissions import points_to_fill
from projects.pointstate import PointState, point_state
from projects.progress import PointFact
from projects.templatetags.components import BADGES
from projects.templatetags.numbers import percent
from reports.desk.desk import Desk, Materials, open_record
from reports.desk.kind import ReportedKind, day, evidence_of, group_of, number
from reports.desk.row import Column, Returned, Row

COLUMNS = (
    Column("quantity", "完成数量", "number"),
    Column("percent", "完成比例（%）", "percent"),
    Column("effective_on", "完成日期", "date"),
    Column("description", "实际完成情况", "text"),
    Column("reason_kind", "原因类别", "text"),
    Column("reason", "未完成原因", "text"),
    Column("expected_on", "预计完成日期", "date"),
    Column("next_step", "下一步措施", "text"),
    Column("problems", "存在问题", "text"),
    Column("help_needed", "需要的支持", "text"),
)
DAYS = ("effective_on", "expected_on")


class PointKind(ReportedKind):
    name = "point"
    label = "任务点"
    columns = COLUMNS
    day = "effective_on"

    def own(self, desk: Desk) -> Iterable[TaskPoint]:
        points = points_to_fill(desk.user, desk.project).select_related("task", "assignee")
        for point in points.prefetch_related("co_departments", "shares"):
            # What a change took out of the task book is not in the facts, and not to be filled.
            if point.pk in desk.point_facts:
                point.task.project = desk.project
                yield point

    def find(self, desk: Desk, pk: int) -> TaskPoint | None:
        points = TaskPoint.objects.of(desk.project).select_related("task", "department", "assignee")
        point: TaskPoint | None = points.filter(pk=pk).first()
        if point is not None:
            point.task.project = desk.project
        return point

    def records(self, desk: Desk) -> QuerySet[Entry]:
        return Entry.objects.of(desk.project)

    def uses(self, desk: Desk) -> QuerySet[PointEvidence]:
        return PointEvidence.objects.filter(point__task__project=desk.project)

    def made(
        self,
        desk: Desk,
        point: TaskPoint,
        latest: Entry | None,
        returned: Returned | None,
        materials: Materials,
    ) -> Row:
        entry = open_record(latest)
        if entry:
            entry.point = point
        fact = desk.point_facts[point.pk]
        state = point_state(fact, desk.today, entry.state if entry else "")
        # What is due inside the college is asked for earlier than the official date.
        due = min(point.internal_due_on or point.due_on, point.due_on)
        is_done = state.is_done or point.pk in desk.answered
        is_late = due <= desk.today and (desk.round is None or fact.entry is None)
        values, locked = self.opened(desk, point, entry)
        return Row(
            key=f"point:{point.pk}",
            kind=self.name,
            group=group_of(entry, locked, is_done=is_done, is_missing=point.pk in desk.asked or is_late),
            code=fact.code,
            text=fact.text,
            values=values,
            seen=review.version_of(latest),
            unit=fact.unit,
            planned=number(fact.planned),
            task=desk.task_names[fact.task_id],
            department=fact.department,
            person=str(point.assignee or fact.person or ""),
            due_on=point.due_on,
            internal_due_on=point.internal_due_on,
            days_late=0 if state.is_done else desk.days_late(due, point.pk in desk.asked),
            href=reverse("projects:point", args=[point.pk]),
            last=last_of(fact),
            state=state_of(state) | desk.waiting(entry),
            evidence=evidence_of(materials, point.evidence_required),
            returned=returned,
            locked=locked,
            is_zero_reported=entry is None and ("taskpoint", point.pk) in desk.zero_reports,
            linked=number(fact.linked),
            is_asked=desk.is_asked(point.pk),
        )

    def form(self, desk: Desk, target: TaskPoint, typed: Mapping[str, str], submitting: bool) -> EntryForm:
        data = {**typed, "effective_on": typed.get("effective_on") or desk.today.isoformat()}
        fact = desk.point_facts[target.pk]
        asked = desk.fields_asked if desk.is_asked(target.pk) else ()
        return EntryForm(data, point=target, fact=fact, today=desk.today, submitting=submitting, asked=asked)

    def goes_on(self, desk: Desk, target: TaskPoint) -> bool:
        return desk.is_asked(target.pk)

    def typed(self, record: Entry) -> dict[str, str]:
        values = typed_from(record)
        return {
            name: day(values[name]) if name in DAYS else str(values[name] or "")
            for name in (column.name for column in COLUMNS)
        }


def last_of(fact: PointFact) -> dict[str, str]:
    """The value that counts as of today, and the day it speaks of."""
    if fact.quantity is None and fact.r is None:
        return {}
    on = fact.entry.effective_on.isoformat() if fact.entry else ""
    rate = percent(fact.r) if fact.r is not None else ""
    return {"quantity": number(fact.quantity), "percent": rate, "on": on}


def state_of(state: PointState) -> dict[str, Any]:
    badge = BADGES[state.work or state.key]
    return {"key": state.key, "label": badge.label, "work": state.work}
