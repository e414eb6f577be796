"""The form of a round: when the office asks, about what, and until when the answers are reviewed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from projects.forms import DayField, WordsField
from projects.models import Project, Round, RoundDeadline
from projects.rounds import ASKS

# So long there is one level of review.
ONLY_LEVEL = 1


class RoundForm(forms.ModelForm):
    name = WordsField(label="名称", max_length=200, help_text="例如：2026年第四季度进展")
    opens_on = DayField(label="开始日期")
    closes_on = DayField(label="填报截止日期", help_text="填报人最迟提交的日期")
    review_closes_on = DayField(label="审核截止日期", required=False)

    class Meta:
        model = Round
        fields = ("name", "opens_on", "closes_on", "first_year", "last_year", "tasks", *ASKS)
        widgets = {"tasks": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.project = project
        areas: Any = self.fields["tasks"]
        areas.queryset = project.tasks.filter(parent=None).order_by("position")
        if self.instance.pk and "review_closes_on" not in self.initial:
            deadline = self.instance.deadlines.filter(level=ONLY_LEVEL).first()
            self.initial["review_closes_on"] = deadline and deadline.closes_on

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Round.objects.filter(project=self.instance.project, name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise ValidationError(f"已有名称为“{name}”的批次，请换一个名称。")
        return name

    def clean_review_closes_on(self) -> Any:
        day, closes = self.cleaned_data["review_closes_on"], self.cleaned_data.get("closes_on")
        if day and closes and day < closes:
            raise ValidationError(f"审核截止日期不能早于填报截止日期（{closes}）。")
        return day

    def save(self, commit: bool = True) -> Round:
        saved: Round = super().save(commit)
        day = self.cleaned_data["review_closes_on"]
        if day:
            RoundDeadline.objects.update_or_create(round=saved, level=ONLY_LEVEL, defaults={"closes_on": day})
        else:
            saved.deadlines.filter(level=ONLY_LEVEL).delete()
        return saved
