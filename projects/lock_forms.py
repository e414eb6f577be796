"""Forms of locked windows: unlocking, and an exception for a person."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from projects.forms import DayField, WordsField
from projects.models import Project, ReportingWindow, TaskPoint, User
from projects.permissions import can_fill, filling_people

LONGEST_REASON = 2000
BETWEEN = re.compile(r"[\s,，、;；]+")


def reason_field(label: str, hint: str) -> WordsField:
    return WordsField(
        label=label,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": hint}),
        error_messages={"required": f"请写明{label}。"},
    )


class UnlockForm(forms.Form):
    use_required_attribute = False
    reason = reason_field("解除锁定的理由", "例如：主管部门退回报告，要求补充数据")


class ExceptionForm(forms.Form):
    """Who may write on, in which locked window, about which points, until when, and why."""

    use_required_attribute = False
    window = forms.ModelChoiceField(
        ReportingWindow.objects.none(),
        label="统计时段",
        empty_label=None,
        error_messages={"required": "请选择统计时段。"},
    )
    user = forms.ModelChoiceField(
        User.objects.none(),
        label="允许填报的人",
        empty_label="（选择填报人）",
        error_messages={"required": "请选择允许谁填报。"},
    )
    points = WordsField(
        label="任务点编号",
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"placeholder": "8-2-2026-03，多个用逗号隔开"}),
        help_text="不填，即为此人负责填报的全部内容。",
    )
    until = DayField(
        label="有效期至", help_text="含当天，过期自动失效", error_messages={"required": "请填写有效期。"}
    )
    reason = reason_field("例外理由", "写明为什么要在锁定后补填或更正")

    def __init__(self, *args: Any, project: Project, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project, self.today = project, today
        windows: Any = self.fields["window"]
        windows.queryset = project.windows.filter(locked_at__isnull=False)
        people: Any = self.fields["user"]
        people.queryset = filling_people(project)

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        if day < self.today:
            raise ValidationError(f"有效期 {day} 已经过去，请选择今天或以后的日期。")
        return day

    def clean_points(self) -> list[TaskPoint]:
        codes = [code for code in BETWEEN.split(self.cleaned_data["points"]) if code]
        if not codes:
            return []
        own = TaskPoint.objects.of(self.project).select_related("task").prefetch_related("co_departments")
        by_code = {point.code: point for point in own}
        if unknown := [code for code in codes if code not in by_code]:
            raise ValidationError(f"没有编号为“{'、'.join(unknown[:5])}”的任务点，应写成 8-2-2026-03。")
        return [by_code[code] for code in dict.fromkeys(codes)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        user, points = cleaned.get("user"), cleaned.get("points") or []
        for point in points if user else ():
            point.task.project = self.project
        if user and (others := [point.code for point in points if not can_fill(user, point)]):
            self.add_error("points", f"{user} 不负责填报“{'、'.join(others[:5])}”，例外对其不起作用。")
        return cleaned
