"""The form of a round: when the office asks, about what, and until when the answers are reviewed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from projects.forms import DayField, WordsField
from projects.models import Project, Round, RoundDeadline
from projects.reviewing import chain
from projects.rounds import ASKS
from projects.seen import SeenForm


class RoundForm(SeenForm):
    name = WordsField(label="名称", max_length=200, help_text="例如：2026年第四季度进展")
    opens_on = DayField(label="开始日期")
    closes_on = DayField(label="填报截止日期", help_text="填报人最迟提交的日期")

    class Meta:
        model = Round
        fields = (
            "name",
            "opens_on",
            "closes_on",
            "first_year",
            "last_year",
            "tasks",
            *ASKS,
            "allows_zero_report",
        )
        widgets = {"tasks": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        self.levels = {f"review_{level.number}": level for level in chain(project)}
        super().__init__(*args, **kwargs)
        self.instance.project = project
        areas: Any = self.fields["tasks"]
        areas.queryset = project.tasks.filter(parent=None).order_by("position")
        for name, level in self.levels.items():
            self.fields[name] = DayField(label=f"{level.desk}审核截止日期", required=False)

    def stated(self, name: str) -> str:
        """The days of review are records of their own."""
        if name.startswith("review_"):
            days = {f"review_{each.level}": each.closes_on for each in self.instance.deadlines.all()}
            self.initial.setdefault(name, days.get(name))
        return super().stated(name)

    def reviews(self) -> list[Any]:
        """The fields of the levels of review, for the page."""
        return [self[name] for name in self.levels]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Round.objects.filter(project=self.instance.project, name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise ValidationError(f"已有名称为“{name}”的批次，请换一个名称。")
        return name

    def clean(self) -> dict[str, Any]:
        """Nobody is done with reviewing before those who come before."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._refuse_overlap(cleaned.get("opens_on"), cleaned.get("closes_on"))
        before: tuple[str, date | None] = ("填报", cleaned.get("closes_on"))
        for name, level in self.levels.items():
            day = cleaned.get(name)
            if day and before[1] and day < before[1]:
                self.add_error(name, f"{level.desk}审核截止日期不能早于{before[0]}截止日期（{before[1]}）。")
            if day:
                before = (f"{level.desk}审核", day)
        return cleaned

    def _refuse_overlap(self, opens: date | None, closes: date | None) -> None:
        """People are asked in one round at a time."""
        if not (opens and closes and opens <= closes):
            return
        others = Round.objects.filter(project=self.instance.project).exclude(pk=self.instance.pk)
        if other := others.filter(opens_on__lte=closes, closes_on__gte=opens).first():
            self.add_error(
                "opens_on",
                f"与批次“{other}”（{other.opens_on} 至 {other.closes_on}）的时间重叠，"
                "填报人同一时间只能看到一个批次。",
            )

    def save(self, commit: bool = True) -> Round:
        saved: Round = super().save(commit)
        saved.deadlines.all().delete()
        RoundDeadline.objects.bulk_create(
            RoundDeadline(round=saved, level=level.number, closes_on=day)
            for name, level in self.levels.items()
            if (day := self.cleaned_data[name])
        )
        return saved
