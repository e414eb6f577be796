"""Which rows of the queue are shown: the filters of its address, and its tabs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest

from reports.inspection.kinds import KINDS
from reports.inspection.queue import Item
from reports.views.tabs import Tab, tab

ANY = ("", "全部")
TABS = ("", "returned", "done")
LABELS = {"": "待审", "returned": "我退回的", "done": "已处理"}


class QueueFilter(forms.Form):
    """By department, kind, level, and whether a check failed; a value that is none filters nothing."""

    department = forms.ChoiceField(label="部门", required=False)
    kind = forms.ChoiceField(label="类别", required=False)
    level = forms.ChoiceField(label="层级", required=False)
    faults = forms.ChoiceField(
        label="核对", required=False, choices=[ANY, ("1", "有问题"), ("0", "没有问题")]
    )

    def __init__(self, data: Any, items: Sequence[Item]) -> None:
        super().__init__(data)
        by_department = Counter((i.department.pk, i.department.name) for i in items if i.department)
        departments = sorted(by_department.items(), key=lambda pair: -pair[1])
        kinds = Counter(item.kind.slug for item in items)
        levels = sorted({(item.level.number, item.level.desk) for item in items})
        self.choices("department", [(str(pk), f"{name} {n}") for (pk, name), n in departments])
        self.choices("kind", [(k.slug, f"{k.label} {kinds[k.slug]}") for k in KINDS if kinds[k.slug]])
        self.choices("level", [(str(number), desk) for number, desk in levels])
        self.is_valid()

    def choices(self, name: str, found: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [ANY, *found]  # type: ignore[attr-defined]

    def fits(self, item: Item) -> bool:
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        own = {
            "department": str(item.department.pk) if item.department else "",
            "kind": item.kind.slug,
            "level": str(item.level.number),
            "faults": "1" if item.faults else "0",
        }
        return all(own[name] == value for name, value in asked.items())

    @property
    def is_set(self) -> bool:
        return any(self.cleaned_data.values())


def tabs_of(request: HttpRequest, waiting: Sequence[Item] | None) -> list[Tab]:
    here = request.GET.get("tab", "")
    here = here if here in TABS else ""
    made = []
    for name in TABS:
        count = len(waiting) if name == "" and waiting is not None else None
        made.append(tab(request, "tab", name, LABELS[name], count, is_active=name == here))
    return made
