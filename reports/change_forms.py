"""Forms of a change of the task book: what shall be another, and each step on its way."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File

from projects.adjustable import DELETABLE, Field, Sort, fields_of, free_place, kind_of, values_of, written
from projects.changing import version_of
from projects.forms import LONGEST, DayField, EvidenceFilesField, ExactNumberField, WordsField
from projects.models.change import DELETION

# Reasons are sentences; a number of a document is a line.
LONGEST_REASON, LONGEST_NUMBER = 2000, 200


class OneFileField(EvidenceFilesField):
    """At most one file; several go into an archive."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        attrs = {name: value for name, value in self.widget.attrs.items() if name != "multiple"}
        self.widget = forms.FileInput(attrs=attrs)
        self.help_text = f"一份文件；有多份的，请合并为 PDF 或打包为 ZIP。{self.help_text}"

    def clean(self, data: Any, initial: Any = None) -> Any:
        uploads: list[File[bytes]] = super().clean([data], initial)
        return uploads[0] if uploads else None


class ChangeForm(forms.Form):
    """Every adjustable value of a record with what stands now; what is typed anew is asked for.

    `fields` of the task book have a point in their names, which a form has no trouble with.
    """

    use_required_attribute = False

    def __init__(self, *args: Any, record: Any, **kwargs: Any) -> None:
        self.record = record
        self.adjustable: tuple[Field, ...] = fields_of(record)
        self.standing = values_of(record)
        kwargs["initial"] = {each.name: self.initial_of(each) for each in self.adjustable}
        super().__init__(*args, **kwargs)
        for each in self.adjustable:
            self.fields[each.name] = self.made(each)
        if kind_of(record) in DELETABLE:
            self.fields[DELETION] = forms.BooleanField(
                label="整条调出任务书（生效后不再统计，已有的填报和佐证保留）", required=False
            )
        self.fields["reason"] = WordsField(
            label="调整理由",
            max_length=LONGEST_REASON,
            widget=forms.Textarea(attrs={"rows": 4, "placeholder": "写明为什么调整、依据是什么"}),
            error_messages={"required": "请写明调整理由。"},
        )
        self.fields["file"] = OneFileField(label="申请材料")

    @property
    def seen(self) -> str:
        return version_of(self.standing)

    def initial_of(self, field: Field) -> str:
        text = self.standing[field.name]
        return text.partition("-")[0] if field.sort is Sort.PLACE else text

    def made(self, field: Field) -> forms.Field:
        common: dict[str, Any] = {"label": field.label, "required": field.is_needed}
        if field.is_needed:
            common["error_messages"] = {"required": f"{field.label}不能为空。"}
        if field.sort is Sort.NUMBER:
            return ExactNumberField(**common)
        if field.sort is Sort.DAY:
            return DayField(**common)
        if field.sort is Sort.DEPARTMENT:
            names = self.record.project.institution.departments.order_by("name").values_list(
                "name", flat=True
            )
            return forms.ChoiceField(choices=[("", "—"), *((name, name) for name in names)], **common)
        if field.sort is Sort.PLACE:
            project = self.record.project
            years = sorted({*range(project.start_year, project.end_year + 1), self.record.year})
            return forms.ChoiceField(choices=[(str(year), f"{year} 年度") for year in years], **common)
        lines = 3 if len(self.standing[field.name]) > 40 or field.name == "text" else 0
        widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
        return WordsField(max_length=LONGEST if lines else 1000, widget=widget, **common)

    def rows(self) -> list[tuple[Field, Any, str]]:
        """Each value: its field, the input, and what stands now."""
        return [(each, self[each.name], self.standing[each.name]) for each in self.adjustable]

    def wanted(self) -> dict[str, str]:
        """What shall be another than what stands now, as text."""
        if self.cleaned_data.get(DELETION):
            return {DELETION: ""}
        return {
            each.name: text
            for each in self.adjustable
            if (text := self.text_of(each)) != self.standing[each.name]
        }

    def text_of(self, field: Field) -> str:
        value = self.cleaned_data[field.name]
        if field.sort is Sort.PLACE:
            year = int(value)
            return self.standing[field.name] if year == self.record.year else free_place(self.record, year)
        return written(value)


class StepForm(forms.Form):
    """A step that the college takes on a day."""

    use_required_attribute = False
    on = DayField(label="日期", error_messages={"required": "请填写日期。"})
    comment = WordsField(
        label="说明", required=False, max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": today}
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise ValidationError(f"日期 {day} 还没有到，请核对。")
        return day

    def arguments(self) -> dict[str, Any]:
        return self.cleaned_data


class ApprovalForm(StepForm):
    """批复/备案: by which document, of which day, in force from when on."""

    number = WordsField(
        label="批复/备案文号",
        max_length=LONGEST_NUMBER,
        help_text="例如：粤教职函〔2024〕5号",
        error_messages={"required": "请填写批复/备案文号。"},
    )
    in_force_on = DayField(
        label="生效日期", required=False, help_text="不填即为批复/备案日期；此前的数字仍按原任务书。"
    )
    file = OneFileField(label="批复/备案文件")
    field_order = ("number", "on", "in_force_on", "file", "comment")

    def arguments(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if name != "file"}
        return {**given, "in_force_on": given["in_force_on"] or given["on"]}


class ReasonForm(forms.Form):
    """Why not."""

    use_required_attribute = False
    reason = WordsField(
        label="理由",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明理由。"},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def arguments(self) -> dict[str, Any]:
        return self.cleaned_data
