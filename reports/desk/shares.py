"""Shares of others' points and indicators (分解下达): what one unit has reached of what it took over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse

from indicators.forms import checked_day
from indicators.models import IndicatorShare
from projects import sharing
from projects.forms import LONGEST, DayField, ExactNumberField, WordsField
from projects.models import PointShare, Share
from reports.desk.desk import Desk
from reports.desk.kind import day, number
from reports.desk.plain import PlainKind
from reports.desk.row import Column

COLUMNS = (
    Column("quantity", "完成数量", "number"),
    Column("reported_on", "完成日期", "date"),
    Column("description", "完成情况", "text"),
)


class ShareForm(forms.Form):
    """What a unit reports on its share, cumulative to the day."""

    quantity = ExactNumberField(label="完成数量", required=False)
    reported_on = DayField(label="完成日期", required=False)
    description = WordsField(label="完成情况", required=False, max_length=LONGEST)

    def __init__(self, *args: Any, share: Share, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.share = share
        self.today = today

    def clean_reported_on(self) -> date | None:
        day = self.cleaned_data["reported_on"]
        return day and checked_day(day, self.today, self.share.project, "完成日期")

    def clean(self) -> None:
        typed = self.cleaned_data
        if (typed.get("quantity") is not None or typed.get("description")) and not typed.get("reported_on"):
            raise ValidationError({"reported_on": "请填写完成日期：完成情况截至哪一天。"})


class ShareKind(PlainKind):
    columns = COLUMNS
    day = "reported_on"
    # It counts once the lead has taken it over.
    saves_itself = True

    def form(self, desk: Desk, target: Any, typed: Mapping[str, str], submitting: bool) -> forms.Form:
        data = dict(typed)
        if (data.get("quantity") or data.get("description")) and not data.get("reported_on"):
            data["reported_on"] = desk.today.isoformat()
        return ShareForm(data, share=target, today=desk.today)

    def typed(self, record: Any) -> dict[str, str]:
        return {
            "quantity": number(record.quantity),
            "reported_on": day(record.reported_on),
            "description": record.description,
        }

    def version(self, record: Any) -> str:
        return sharing.version_of(record)

    def on(self, desk: Desk, target: Any, form: Any) -> date:
        """The day it is to speak of; what it said of an earlier one stays in the log, and in no figure.

        What is cleared is the report of the day it spoke of.
        """
        typed: date | None = form and form.cleaned_data["reported_on"]
        return typed or target.reported_on or desk.today

    def goes_on(self, desk: Desk, target: Any) -> bool:
        return True

    def write(self, desk: Desk, target: Any, form: Any, seen: str, submitting: bool, now: datetime) -> None:
        sharing.report(target, form.cleaned_data, by=desk.user, seen=seen, now=now)

    def own(self, desk: Desk) -> Any:
        found = self.targets(desk)
        return found if desk.fills_all else found.filter(self.mine(desk))

    def find(self, desk: Desk, pk: int) -> Any:
        return self.targets(desk).filter(pk=pk).first()

    def common(self, share: Any, subject: Any) -> dict[str, Any]:
        return {
            "unit": subject.unit,
            "planned": number(share.target),
            "department": str(share.department),
            "person": str(share.assignee or ""),
            "last": {"quantity": number(share.quantity), "on": day(share.reported_on)}
            if share.reported_on
            else {},
        }


class PointShareKind(ShareKind):
    name = "pointshare"
    label = "任务点分解"

    def targets(self, desk: Desk) -> QuerySet[PointShare]:
        found = PointShare.objects.filter(point__task__project=desk.project)
        return found.select_related("point__task__project", "point__department", "department", "assignee")

    def about(self, desk: Desk, target: PointShare) -> dict[str, Any]:
        point = target.point
        lead = f"（{point.department}牵头）" if point.department else ""
        return {
            "code": point.code,
            "text": f"{point.text}{lead}",
            "task": desk.task_names[point.task_id],
            "due_on": point.due_on,
            "internal_due_on": point.internal_due_on,
            "href": reverse("projects:point", args=[point.pk]),
            **self.common(target, point),
        }


class IndicatorShareKind(ShareKind):
    name = "indicatorshare"
    label = "指标分解"

    def targets(self, desk: Desk) -> QuerySet[IndicatorShare]:
        found = IndicatorShare.objects.filter(indicator__project=desk.project)
        return found.select_related("indicator__project", "indicator__department", "department", "assignee")

    def about(self, desk: Desk, target: IndicatorShare) -> dict[str, Any]:
        indicator = target.indicator
        lead = f"（{indicator.department}牵头）" if indicator.department else ""
        return {
            "code": indicator.code,
            "text": f"{indicator.name}{lead}",
            "task": desk.task_names.get(indicator.task_id or 0, indicator.level2),
            "href": reverse("reports:shares", args=["indicator", indicator.pk]),
            **self.common(target, indicator),
        }
