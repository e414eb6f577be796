"""The upload of a file of another shape, and the questions about its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import cached_property

from projects.filetypes import DOCX
from projects.models import Institution, Project
from projects.workbook.guard import megabytes
from reports.conversion.columns import NOT_READ
from reports.conversion.kinds import CONVERTERS
from reports.conversion.word import A_DOCX
from reports.forms import WorkbookForm
from reports.models import Conversion, FileKind

UNITS = [("元", "元"), ("万元", "万元")]
LABELS = {FileKind.TASKBOOK: "任务书（.docx）", FileKind.LEDGER: "财务明细账"}


class SourceForm(WorkbookForm):
    """An upload of a file that is no exchange workbook."""

    def __init__(
        self, *args: Any, kind: str, institutions: list[Institution], projects: list[Project], **kwargs: Any
    ) -> None:
        super().__init__(*args, institutions=institutions, projects=projects, **kwargs)
        del self.fields["approve"], self.fields["evidence"]
        file, project = self.fields["file"], self.fields["project"]
        file.label = LABELS[FileKind(kind)]
        file.error_messages["required"] = "请选择要读取的文件。"
        named = [(pk, f"{project.code} {project.name}") for pk, project in self.projects.items()]
        if kind == FileKind.TASKBOOK:
            file.help_text = (
                f"Word 或 WPS 保存的 .docx 文档，不超过 {megabytes(settings.WORKBOOK_MAX_BYTES)}。"
            )
            file.widget.attrs["accept"] = ".docx"
            self.kinds, self.expected = (DOCX,), A_DOCX
            project.choices = [("", "新项目"), *named]  # type: ignore[attr-defined]
            project.label = "建设项目"
            project.help_text = "选择已有的项目，任务和任务点就导入到这个项目；新项目的编号等在工作簿中补填。"
        else:
            choose = [("", "请选择")] if len(named) > 1 else []
            project.choices = [*choose, *named]  # type: ignore[attr-defined]
            project.label, project.required = "建设项目", True
            project.help_text = "支出记到这个项目。"


class MappingForm(forms.Form):
    """What the columns of each kind of table mean, and what the words in them are in the project."""

    def __init__(self, *args: Any, conversion: Conversion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conversion = conversion
        self.converter = CONVERTERS[conversion.kind]
        choices = [(NOT_READ, "不读入"), *grouped(self.converter.groups)]
        for number, table in enumerate(conversion.tables):
            is_left = table["is_said"] and not any(table["columns"])
            is_left |= not table["is_said"] and bool(self.converter.fault(table["columns"]))
            self.fields[f"left{number}"] = forms.BooleanField(
                label="这类表格不读入", required=False, initial=is_left
            )
            for at, (heading, name) in enumerate(zip(table["headings"], table["columns"], strict=True)):
                self.fields[f"column{number}-{at}"] = forms.ChoiceField(
                    label=heading or "（没有表头）", choices=choices, required=False, initial=name
                )
            if self.converter.has_units:
                self.fields[f"unit{number}"] = forms.ChoiceField(
                    label="金额单位", choices=UNITS, initial=table["unit"]
                )

        for number, value in enumerate(conversion.values):
            self.add_value(number, value)

    def add_value(self, number: int, value: Mapping[str, Any]) -> None:
        """What a word of the ledger is in the project."""
        shown = value["text"] or "没有写项目的行"
        self.fields[f"task{number}"] = forms.ChoiceField(
            label=f"{shown}：任务",
            choices=self.tasks,
            required=False,
            initial=value["task"],
            widget=forms.Select(attrs={"aria-label": f"{shown}：任务"}),
        )
        self.fields[f"source{number}"] = forms.CharField(
            label=f"{shown}：资金来源",
            required=False,
            max_length=200,
            initial=value["source"],
            widget=forms.TextInput(attrs={"list": "sources", "aria-label": f"{shown}：资金来源"}),
        )
        self.fields[f"elsewhere{number}"] = forms.BooleanField(
            label="不属于本项目", required=False, initial=value["left_out"]
        )

    @cached_property
    def tasks(self) -> list[tuple[str, str]]:
        project = self.conversion.project
        tasks = project.tasks.order_by("position").values_list("code", "name") if project else ()
        return [("", "不分任务"), *((code, f"{code} {name}"[:40]) for code, name in tasks)]

    @cached_property
    def sources(self) -> list[str]:
        project = self.conversion.project
        return list(project.funding_sources.values_list("name", flat=True)) if project else []

    def values(self) -> Iterator[dict[str, Any]]:
        """For the page: each word with its fields."""
        for number, value in enumerate(self.conversion.values):
            names = ("task", "source", "elsewhere")
            yield value | {f"{name}_field": self[f"{name}{number}"] for name in names}

    def value_answers(self) -> list[dict[str, Any]]:
        """The words with what was said of them."""
        data = self.cleaned_data
        return [
            {
                "text": value["text"],
                "task": data[f"task{number}"],
                "source": data[f"source{number}"],
                "left_out": data[f"elsewhere{number}"],
            }
            for number, value in enumerate(self.conversion.values)
        ]

    def tables(self) -> Iterator[dict[str, Any]]:
        """For the page: each kind of table with its fields beside headings and samples."""
        for number, table in enumerate(self.conversion.tables):
            fields = [self[f"column{number}-{at}"] for at in range(len(table["headings"]))]
            yield table | {
                "left": self[f"left{number}"],
                "rows": list(zip(table["headings"], table["samples"], fields, strict=True)),
                "unit_field": self[f"unit{number}"] if self.converter.has_units else None,
            }

    def clean(self) -> dict[str, Any]:
        for number, table in enumerate(self.conversion.tables):
            if not self.cleaned_data.get(f"left{number}"):
                self.check(number, self.columns(number, table))
        return self.cleaned_data

    def check(self, number: int, columns: Sequence[str]) -> None:
        targets = {target.name: target for _, group in self.converter.groups for target in group}
        for at, name in enumerate(columns):
            if name and not targets[name].is_yearly and columns.index(name) != at:
                self.add_error(
                    f"column{number}-{at}", f"“{targets[name].label}”已经指定给另一列，每种只能有一列。"
                )
        if sentence := self.converter.fault(columns):
            self.add_error(f"left{number}", f"{sentence}整个表格不需要时，请勾选“这类表格不读入”。")

    def columns(self, number: int, table: Mapping[str, Any]) -> list[str]:
        data = self.cleaned_data
        return [data.get(f"column{number}-{at}", NOT_READ) for at in range(len(table["headings"]))]

    def answers(self) -> list[dict[str, Any]]:
        """The tables with what was said of them."""
        data = self.cleaned_data
        return [
            table
            | {
                "columns": [NOT_READ] * len(table["headings"])
                if data[f"left{number}"]
                else self.columns(number, table),
                "unit": data.get(f"unit{number}", ""),
                "is_said": True,
            }
            for number, table in enumerate(self.conversion.tables)
        ]


def grouped(groups: Sequence[tuple[str, Sequence[Any]]]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(label, [(target.name, target.label) for target in group]) for label, group in groups]
