"""Forms of 分解下达: the rows of a split, and what a unit reports on its share."""

from __future__ import annotations

from typing import Any

from django import forms

from projects.forms import LONGEST, DayField, ExactNumberField, WordsField
from projects.models import Department, Project, Share
from projects.numbers import plain
from projects.sharing import TWICE, Wanted

# Empty rows for those whose browser adds none.
SPARE = 3


class PartForm(forms.Form):
    """One department and what it takes over; a row without department is not there."""

    department = forms.ModelChoiceField(
        Department.objects.none(), label="承担部门", required=False, empty_label="（选择部门）"
    )
    target = ExactNumberField(label="承担目标", required=False)

    def clean(self) -> None:
        department = self.cleaned_data.get("department")
        if (
            department is None
            and "department" not in self.errors
            and self.cleaned_data.get("target") is not None
        ):
            self.add_error("department", "写了目标，没有选部门。")


class PartFormSet(forms.BaseFormSet):
    """The departments are read once for all rows."""

    def __init__(self, *args: Any, project: Project, unit: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.departments = list(Department.objects.filter(institution=project.institution_id))
        self.known = Department.objects.filter(institution=project.institution_id)
        self.unit = unit

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        department: Any = form.fields["department"]
        department.queryset = self.known
        department.widget.choices = [
            ("", department.empty_label),
            *((d.pk, d.name) for d in self.departments),
        ]
        row = "" if index is None else f"第 {index + 1} 行"
        department.widget.attrs["aria-label"] = f"承担部门{row}"
        form.fields["target"].widget.attrs["aria-label"] = f"承担目标{row}"

    def clean(self) -> None:
        seen = set()
        for form in self.forms:
            department = form.cleaned_data.get("department") if form.is_valid() else None
            if department and department in seen:
                form.add_error("department", TWICE.format(department))
            seen.add(department)

    def wanted(self) -> list[Wanted]:
        rows = (form.cleaned_data for form in self.forms)
        return [Wanted(row["department"], row.get("target")) for row in rows if row.get("department")]


Parts: Any = forms.formset_factory(PartForm, formset=PartFormSet, extra=SPARE, max_num=400, absolute_max=400)


class ConfirmForm(forms.Form):
    """What is unusual is done only by somebody who says so and why."""

    anyway = forms.BooleanField(label="合计与目标不一致，仍按此下达", required=False)
    reason = WordsField(
        label="说明", required=False, max_length=500, help_text="例如：留有余量；其余由牵头部门完成"
    )

    def clean(self) -> None:
        if self.cleaned_data.get("anyway") and not self.cleaned_data.get("reason") and not self.errors:
            self.add_error("reason", "仍按此下达时，请写明原因。")

    def confirmed(self) -> str:
        """The reason of who ticked the box, else nothing."""
        return str(self.cleaned_data["reason"]) if self.cleaned_data["anyway"] else ""


class ShareReportForm(forms.Form):
    """What a unit has reached on a day, cumulative to it; the desk checks the rest (reports/desk)."""

    quantity = ExactNumberField(label="完成数量", required=False)
    reported_on = DayField(label="完成日期", error_messages={"required": "请填写完成日期：进展截至哪一天。"})
    description = WordsField(
        label="完成情况",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "写明做了什么、结果如何"}),
    )

    def __init__(self, *args: Any, share: Share, unit: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if share.target is not None:
            words = f"承担 {plain(share.target)} {unit}".strip()
            self.fields["quantity"].help_text = f"{words}，填到完成日期为止的累计数"

    def clean(self) -> None:
        told = self.cleaned_data
        if not self.errors and told["quantity"] is None and not told["description"]:
            self.add_error("quantity", "完成数量和完成情况至少填一项；没有进展请填 0。")
