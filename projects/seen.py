"""Forms of records that another person may edit at the same time: the second one is told, nothing is lost."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest

from projects.review import Overtaken

OVERTAKEN = "您打开页面之后，他人修改了这里的内容。您填写的都还在；确认以您的为准，请再保存一次。"


def seen_of(request: HttpRequest) -> str:
    """The version that stood in the form; Unseen without one, which no page of ours sends."""
    if seen := request.POST.get("seen", ""):
        return seen
    raise Unseen


class Unseen(Overtaken):
    """A request does not say what its user had before their eyes."""

    def __init__(self) -> None:
        super().__init__(None, "页面没有带上您看到的版本，没有保存。请重新打开这一页。")


class SeenForm(forms.ModelForm):
    """Carries the version that its user had before their eyes; another version is told beside what was typed.

    The caller holds the record locked from reading it until it is saved.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_overtaken = False

    @cached_property
    def standing(self) -> dict[str, str]:
        """What the record says now, by field."""
        return {name: self.stated(name) for name in self.fields if name != "seen" and self.instance.pk}

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        return self.version if field_name == "seen" else super().get_initial_for_field(field, field_name)

    @property
    def version(self) -> str:
        told = "\x1f".join(f"{name}={value}" for name, value in self.standing.items())
        return hashlib.sha256(told.encode()).hexdigest()[:16] if self.instance.pk else ""

    def stated(self, name: str) -> str:
        """What a field of the record says, as its reader would read it."""
        value = self.initial.get(name)
        if isinstance(value, (list, tuple)):
            return "、".join(sorted(str(each) for each in value))
        if isinstance(value, bool):
            return "是" if value else "否"
        return "" if value is None else str(value)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk and cleaned.get("seen") != self.version:
            self.is_overtaken = True
            # Saved once more, it is this version that is overwritten.
            data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
            data[self.add_prefix("seen")] = self.version
            self.data = data
            told = [
                f"{self.fields[name].label}：现在是“{value or '—'}”，您填的是“{mine or '—'}”"
                for name, value in self.standing.items()
                if (mine := self.typed(cleaned.get(name))) != value
            ]
            raise ValidationError([OVERTAKEN, *told])
        return cleaned

    def typed(self, value: Any) -> str:
        if isinstance(value, Model):
            return str(value.pk)
        if hasattr(value, "all"):
            return "、".join(sorted(str(each) for each in value))
        if isinstance(value, bool):
            return "是" if value else "否"
        return "" if value is None else str(value)
