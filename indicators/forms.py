"""Forms for what people fill in about indicators, surveys and texts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from indicators.attainment import Attainment, linked_as_of, raw_attainment
from indicators.models import Indicator, Nature
from projects.forms import LONGEST, DayField, ExactNumberField, PercentField, WordsField
from projects.linked import difference
from projects.models import Project

MOST_SATISFIED = 100


def checked_day(day: date, today: date, project: Project, what: str) -> date:
    """A day between the beginning of the project and today."""
    if day > today:
        raise ValidationError(f"{what}不能晚于今天（{today}）。")
    if day.year < project.start_year:
        raise ValidationError(f"{what} {day} 早于建设起始年（{project.start_year} 年），请核对。")
    return day


class IndicatorValueForm(forms.Form):
    """指标完成: the value of an indicator on a day. A draft needs the day only."""

    value = ExactNumberField(label="完成值", required=False)
    percent = PercentField(label="完成比例（%）", required=False)
    measured_on = DayField(label="统计日期", error_messages={"required": "请填写统计日期。"})
    note = WordsField(label="说明", required=False, max_length=LONGEST)

    def __init__(
        self, *args: Any, indicator: Indicator, fact: Attainment, today: date, submitting: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        self.fact = fact
        self.today = today
        self.submitting = submitting

    def clean_measured_on(self) -> date:
        return checked_day(self.cleaned_data["measured_on"], self.today, self.indicator.project, "统计日期")

    def clean(self) -> None:
        if not self.submitting or {"value", "percent"} & self.errors.keys():
            return
        if self.cleaned_data["value"] is not None or self.cleaned_data["percent"] is not None:
            self.ask_about_ledger()
            return
        if self.indicator.nature == Nature.QUALITATIVE:
            self.add_error("percent", "定性指标请填完成比例；全部达到填 100。")
        elif not self.fact.indicator.linked:
            self.add_error("value", "完成值和完成比例至少填一项；没有进展请填 0。")

    def ask_about_ledger(self) -> None:
        """A value other than that of the linked ledger rows, on the day it speaks of, is explained."""
        indicator, target = self.fact.indicator, self.fact.target
        linked = linked_as_of(indicator, self.cleaned_data.get("measured_on") or self.today)
        asked = difference(
            linked,
            self.cleaned_data["value"],
            self.indicator.unit,
            percent=self.cleaned_data["percent"],
            planned=target,
            reached=None if linked is None else raw_attainment(indicator, target, linked, None),
        )
        if asked and not self.cleaned_data.get("note") and "note" not in self.errors:
            self.add_error("note", asked)

    def values(self) -> dict[str, Any]:
        """What goes into the record, by field name of `IndicatorValue`."""
        percent = self.cleaned_data["percent"]
        return {
            "value": self.cleaned_data["value"],
            "ratio": None if percent is None else percent.scaleb(-2),
            "measured_on": self.cleaned_data.get("measured_on"),
            "note": self.cleaned_data.get("note", ""),
        }


class SatisfactionForm(forms.Form):
    """满意度 of one group of people in one year."""

    percent = PercentField(label="满意度（%）", required=False)
    sample = forms.IntegerField(
        label="样本量",
        required=False,
        min_value=1,
        max_value=10_000_000,
        error_messages={
            "invalid": "样本量应为整数，例如 1200。",
            "min_value": "样本量应为大于 0 的整数。",
            "max_value": "样本量太大，请核对。",
        },
    )
    surveyor = WordsField(label="调查机构", required=False, max_length=300)
    source = WordsField(label="数据来源", required=False, max_length=500)

    def clean_percent(self) -> Any:
        percent = self.cleaned_data["percent"]
        if percent is not None and percent > MOST_SATISFIED:
            raise ValidationError(f"满意度“{percent}%”超过 100%，请核对。")
        return percent


class VisionForm(forms.Form):
    """How far a 愿景目标 came true."""

    result = WordsField(label="实现情况", required=False, max_length=LONGEST)
    degree = WordsField(label="实现程度", required=False, max_length=200)


class EffectForm(forms.Form):
    """成效 of a task, as the report tells it."""

    effect = WordsField(label="成效", required=False, max_length=LONGEST)
