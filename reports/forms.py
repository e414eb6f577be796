"""Forms of the pages about figures: filters, and the upload of a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from projects import materials
from projects.door import TOO_LARGE
from projects.filetypes import WORKBOOKS, ZIP, Kind, is_container, kind_of
from projects.forms import DayField, WordsField
from projects.models import Evidence, EvidenceUse, Institution, Project
from projects.workbook import xls
from projects.workbook.guard import megabytes
from projects.workbook.reading import A_WORKBOOK, EXTENSIONS
from reports.exchange import Destination
from reports.facts import Facts
from reports.standing import STATES

ANY = ("", "全部")


class IndicatorFilter(forms.Form):
    level2 = forms.ChoiceField(label="二级指标", required=False)
    area = forms.ChoiceField(label="建设任务", required=False)
    text = forms.CharField(label="编号、名称、部门", required=False, max_length=100)
    state = forms.ChoiceField(
        required=False, choices=[ANY, *STATES.items()], widget=forms.HiddenInput, label="状态"
    )

    def __init__(self, data: Any, facts: Facts) -> None:
        super().__init__(data)
        levels = dict.fromkeys(a.indicator.level2 for a in facts.attainments)
        self.fields["level2"].choices = [ANY, *((level, level) for level in levels)]  # type: ignore[attr-defined]
        self.fields["area"].choices = area_choices(facts)  # type: ignore[attr-defined]


class LedgerFilter(forms.Form):
    level = forms.ChoiceField(label="级别", required=False)
    area = forms.ChoiceField(label="建设任务", required=False)
    text = forms.CharField(label="名称、文号、部门", required=False, max_length=100)
    view = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, facts: Facts) -> None:
        super().__init__(data)
        levels = dict.fromkeys(outcome.level for outcome in facts.outcomes)
        self.fields["level"].choices = [ANY, *((level, level) for level in levels)]  # type: ignore[attr-defined]
        self.fields["area"].choices = area_choices(facts)  # type: ignore[attr-defined]


class LibraryFilter(forms.Form):
    area = forms.ChoiceField(label="建设任务", required=False)
    text = forms.CharField(label="编号、名称、文号、用处", required=False, max_length=100)
    state = forms.ChoiceField(
        required=False, choices=[ANY, ("bare", ""), ("loose", "")], widget=forms.HiddenInput
    )

    def __init__(self, data: Any, facts: Facts) -> None:
        super().__init__(data)
        self.fields["area"].choices = area_choices(facts)  # type: ignore[attr-defined]


class MaterialForm(forms.Form):
    """What is said about a material. `seen` is the version that was shown with it."""

    title = WordsField(label="材料名称", max_length=500, error_messages={"required": "请填写材料名称。"})
    issuer = WordsField(label="发文单位", required=False, max_length=200)
    document_no = WordsField(label="文号", required=False, max_length=200)
    issued_on = DayField(label="成文日期", required=False)

    def __init__(self, data: Any = None, *, material: Evidence) -> None:
        super().__init__(data, initial={name: getattr(material, name) for name in materials.DESCRIBED})
        self.seen = self.data.get("seen", "") or materials.version_of(material)

    def standing(self, material: Any) -> None:
        """After a conflict: what stands now has been seen."""
        self.seen = materials.version_of(material)


class UseForm(forms.Form):
    """The pages that prove something, and a sentence why."""

    use_required_attribute = False
    pages = WordsField(label="页码", required=False, max_length=50)
    note = WordsField(
        label="支撑说明", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, use: EvidenceUse) -> None:
        initial = {name: getattr(use, name) for name in materials.OF_USE}
        super().__init__(data, initial=initial, auto_id=f"use-{use.TARGET}-{use.pk}-%s")
        self.fields["pages"].widget.attrs["placeholder"] = "如 3—5"
        self.use = use
        self.seen = self.data.get("seen", "") or materials.version_of_use(use)

    def standing(self, use: Any) -> None:
        """As of a material."""
        self.seen = materials.version_of_use(use)


class TargetForm(forms.Form):
    """What else a material proves, by its kind and its code."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label="用于", choices=[("point", "任务点"), ("indicator", "绩效指标"), ("outcome", "成果")]
    )
    code = WordsField(label="编号", max_length=120, error_messages={"required": "请填写编号。"})


def beside(form: forms.Form, record: Any) -> list[tuple[str, str, str]]:
    """Label, what stands and what was typed, of the fields that differ."""
    rows = [
        (field.label, getattr(record, name), form.cleaned_data[name]) for name, field in form.fields.items()
    ]
    return [(str(label), str(old or ""), str(new or "")) for label, old, new in rows if old != new]


def area_choices(facts: Facts) -> list[tuple[str, str]]:
    return [ANY, *((area.code, f"{area.code} {area.name}"[:24]) for area in facts.areas)]


CODE_MARKS = re.compile(r"[\s/-]")


class PreviewFilter(forms.Form):
    """Narrows the rows of a preview."""

    sheet = forms.ChoiceField(label="工作表", required=False)
    text = forms.CharField(label="编号或内容", required=False, max_length=100)
    kind = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, sheets: Iterable[str]) -> None:
        super().__init__(data)
        self.fields["sheet"].choices = [ANY, *((title, title) for title in sheets)]  # type: ignore[attr-defined]

    def fits(self, item: Mapping[str, Any]) -> bool:
        """Whether a row is of the sheet and holds the text asked for; its kind is a matter of the tabs."""
        asked = self.cleaned_data if self.is_valid() else {}
        sheet, text = asked.get("sheet", ""), asked.get("text", "")
        found = (item["key"], *(value for cell in item["cells"] for value in cell))
        # Keys of several parts are shown with spaces and slashes between them, elsewhere with hyphens.
        code = CODE_MARKS.sub("", text)
        is_key = bool(code) and code in CODE_MARKS.sub("", item["key"])
        return sheet in ("", item["sheet"]) and (is_key or any(text in value for value in found))


class WorkbookForm(forms.Form):
    """An upload of a workbook of the user's own college."""

    kinds: tuple[Kind, ...] = WORKBOOKS
    expected = A_WORKBOOK

    file = forms.FileField(
        label="工作簿",
        help_text=f"可以选择 {A_WORKBOOK}，不超过 {megabytes(settings.WORKBOOK_MAX_BYTES)}"
        f"（.xls、.et 不超过 {megabytes(xls.LARGEST)}）。",
        widget=forms.ClearableFileInput(
            attrs={"accept": ",".join(EXTENSIONS), "data-max-bytes": settings.WORKBOOK_MAX_BYTES}
        ),
        error_messages={
            "required": "请选择要导入的工作簿文件。",
            "empty": "文件是空的，没有任何内容。",
            "missing": "没有收到文件，请重新选择。",
        },
    )
    evidence = forms.FileField(
        label="佐证文件（.zip，可以不传）",
        required=False,
        widget=forms.ClearableFileInput(
            attrs={"accept": ".zip", "data-max-bytes": settings.ARCHIVE_MAX_BYTES}
        ),
        help_text="工作簿里有“佐证材料”表时，把各个文件压缩成一个 zip 一起上传：先按文件名对应，"
        "再按文件名里的编号和材料名称对应。",
        error_messages={"empty": "压缩包是空的，没有任何内容。"},
    )
    institution = forms.ChoiceField(label="学校")
    project = forms.ChoiceField(
        label="导入到",
        required=False,
        help_text="文件里没有“项目”表时选择项目，例如只导入绩效指标、经费、成果台账或满意度；只有“部门”或“用户”时不用选。",
        error_messages={"invalid_choice": "这个项目不存在，或您不能导入。请重新选择。"},
    )
    approve = forms.BooleanField(
        label="完成情况直接计为已通过",
        required=False,
        help_text="不勾选时，导入的完成情况、额外成果和指标完成为“已提交”，审核通过后才计入正式数字。",
    )

    def __init__(
        self,
        *args: Any,
        institutions: list[Institution],
        projects: list[Project],
        is_money: bool = False,
        **kwargs: Any,
    ) -> None:
        """`is_money`: of somebody who brings 经费 and nothing else."""
        super().__init__(*args, **kwargs)
        if is_money:
            del self.fields["evidence"], self.fields["approve"]
        self.projects = {str(project.pk): project for project in projects}
        named = [(pk, f"{project.code} {project.name}") for pk, project in self.projects.items()]
        self.fields["project"].choices = [("", "按文件中的“项目”表"), *named]  # type: ignore[attr-defined]
        self.institutions = {str(institution.pk): institution for institution in institutions}
        field = self.fields["institution"]
        field.choices = [(pk, institution.name) for pk, institution in self.institutions.items()]  # type: ignore[attr-defined]
        if len(self.institutions) <= 1:
            del self.fields["institution"]
        if is_money:
            field = self.fields["project"]
            field.choices, field.required = named if len(named) == 1 else [("", "请选择"), *named], True  # type: ignore[attr-defined]
            field.help_text = "工作簿里只有一张“经费”表，导入到这个项目。"

    @property
    def destination(self) -> Destination:
        """The college is None (any) only for whoever is above the colleges."""
        only = next(iter(self.institutions.values()), None)
        college = self.institutions.get(self.cleaned_data.get("institution", ""), only)
        return Destination(college, self.projects.get(self.cleaned_data["project"]))

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        refuse_too_large(file, settings.WORKBOOK_MAX_BYTES, "请删去图片，或拆成几个工作簿。")
        refuse_others(file, self.kinds, self.expected)
        return file

    def clean_evidence(self) -> UploadedFile | None:
        files: UploadedFile | None = self.cleaned_data["evidence"]
        if files:
            refuse_too_large(files, settings.ARCHIVE_MAX_BYTES, "请分成几个压缩包，分几次导入。")
            refuse_others(files, (ZIP,), "ZIP 压缩包")
        return files


def refuse_too_large(file: UploadedFile, limit: int, advice: str) -> None:
    if (size := file.size or 0) > limit:
        told = f"文件“{file.name}”有 {filesizeformat(size)}，超过上限 {filesizeformat(limit)}，没有导入。"
        raise forms.ValidationError(told + advice, TOO_LARGE)


def refuse_others(file: UploadedFile, kinds: tuple[Kind, ...], expected: str) -> None:
    """What is plainly another kind of file is not even kept; what is damaged or locked, its reader tells."""
    bare: Any = file
    kind = kind_of(bare)
    if kind in (*kinds, ZIP) or (kind is None and is_container(bare)):
        return
    found = f"是 {kind.name}" if kind else "不是可以读取的类型"
    raise forms.ValidationError(f"“{file.name}”的内容{found}，没有接收。请选择：{expected}。")
