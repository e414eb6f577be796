"""Forms of 分工 and 交接."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django import forms

from projects.forms import WordsField
from projects.models import Department, User
from reports.duties import NOBODY, Duty
from reports.duty_kinds import BY_NAME
from reports.forms import ANY

FREE = "free"


class DutyFilter(forms.Form):
    """Which rows of the department are shown."""

    kind = forms.ChoiceField(
        label="类别", required=False, choices=[ANY, *((name, kind.label) for name, kind in BY_NAME.items())]
    )
    area = forms.ChoiceField(label="建设任务", required=False)
    year = forms.ChoiceField(label="年度", required=False)
    person = forms.ChoiceField(label="填报账号", required=False)
    text = forms.CharField(label="编号、内容", required=False, max_length=100)
    department = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, duties: Sequence[Duty], areas: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        fields: Any = self.fields
        years = sorted({each.year for each in duties if each.year})
        holders = {str(each.assignee_id): each.assignee for each in duties if each.assignee_id}
        fields["area"].choices = [ANY, *areas]
        fields["year"].choices = [ANY, *((str(year), f"{year} 年") for year in years)]
        fields["person"].choices = [ANY, (FREE, NOBODY), *sorted(holders.items(), key=lambda pair: pair[1])]

    def matching(self, duties: Iterable[Duty], area_of: dict[int, str]) -> list[Duty]:
        self.is_valid()
        asked = {name: self.cleaned_data.get(name, "") for name in ("kind", "area", "year", "person", "text")}
        return [each for each in duties if matches(each, asked, area_of)]

    def is_asked(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("kind", "area", "year", "person", "text"))


def matches(each: Duty, asked: dict[str, str], area_of: dict[int, str]) -> bool:
    holder = str(each.assignee_id) if each.assignee_id else FREE
    return (
        asked["kind"] in ("", each.kind.name)
        and asked["area"] in ("", area_of.get(each.task_id or 0, ""))
        and asked["year"] in ("", str(each.year))
        and asked["person"] in ("", holder)
        and asked["text"].strip().lower() in f"{each.code} {each.text}".lower()
    )


def named(user: User) -> str:
    """Two people of one name are told apart by their accounts."""
    return f"{user}（{user.username}）"


class GiveForm(forms.Form):
    """To whom the ticked rows go; `nobody`: they are free again."""

    to = forms.ChoiceField(label="分配给", error_messages={"required": "请选择分配给谁。"})

    def __init__(self, *args: Any, people: Collection[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in people}
        to: Any = self.fields["to"]
        to.choices = [
            ("", "（选择填报人）"),
            *((key, named(user)) for key, user in self.people.items()),
            (FREE, "不指定，本部门的人都可以填"),
        ]

    def clean_to(self) -> User | None:
        return self.people.get(self.cleaned_data["to"])


class MoveForm(forms.Form):
    """The department that is to answer for the ticked rows."""

    into = forms.ModelChoiceField(Department.objects.none(), label="改由部门负责", empty_label="（选择部门）")
    reason = WordsField(label="原因", required=False, max_length=500)

    def __init__(self, *args: Any, institution_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into: Any = self.fields["into"]
        into.queryset = Department.objects.filter(institution=institution_id)


class HandOverForm(forms.Form):
    """交接: who takes over, and why."""

    to = forms.ModelChoiceField(User.objects.none(), label="移交给", empty_label="（选择接手人）")
    reason = WordsField(label="原因", max_length=500, help_text="例如：调离、退休、岗位调整")

    def __init__(self, *args: Any, people: Collection[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.queryset = User.objects.filter(pk__in=[user.pk for user in people])
        to.widget.choices = [("", to.empty_label), *((user.pk, named(user)) for user in people)]
