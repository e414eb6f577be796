"""Forms for what people enter about task points. What was typed stays on the page when it is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File

from projects import evidence
from projects.asking import FIRST, LAST
from projects.fields import LIMIT, PLACES
from projects.linked import difference, sum_as_of
from projects.models import Entry, TaskPoint
from projects.numbers import plain
from projects.progress import PointFact, completion_ratio
from projects.review import NO_WORDS
from projects.workbook.cells import UNKNOWN, clean
from projects.workbook.guard import megabytes

NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
DAY_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
MOST_PERCENT = Decimal(1000)
# Offered, not demanded: colleges have their own words.
REASON_KINDS = (
    *("主管部门未开展认定或评审", "政策调整", "合作单位原因", "经费未到位", "采购或审批流程未完成"),
    *("人员变动", "建设周期长，按计划推进", "其他"),
)
ASKED_WHEN_LATE = ("reason_kind", "reason", "expected_on", "next_step")
ASKED_OR_NONE = "本批次要求填写，没有请写“无”。"
ASKED_UNLESS_DONE = "没有完成的，本批次要求填写。"
AMOUNTS = {"quantity", "percent"}
LONGEST, LONGEST_COMMENT = 5000, 2000


class WordsField(forms.CharField):
    """What people write, cleaned as in a workbook: nothing invisible is kept, a line break is one character,
    and a mark for "unknown" (—, /) says nothing. So it comes back from an export as it was typed."""

    default_error_messages = {"max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个，请精简。"}

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value and clean(value))
        return "" if text in UNKNOWN else text


class ExactNumberField(forms.CharField):
    """A number as people type it (full-width digits, thousands commas), read as an exact decimal."""

    def __init__(self, *, places: int = PLACES, example: str = "2", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.places = places
        self.example = example
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        text = self.cleaned_text(super().to_python(value) or "")
        if not text:
            return None
        if not NUMBER.fullmatch(text):
            raise ValidationError(f"“{value[:60]}”不是数字，应为数字，例如 {self.example}。")
        return Decimal(text.replace(",", ""))

    def cleaned_text(self, text: str) -> str:
        return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if value < 0:
            raise ValidationError(f"“{value}”是负数，应为 0 或大于 0 的数。")
        if value > LIMIT:
            raise ValidationError(f"“{str(value)[:60]}”太大，请检查单位。")
        if value != round(value, self.places):
            raise ValidationError(f"“{value}”的小数超过 {self.places} 位，请保留 {self.places} 位以内。")

    def run_validators(self, value: Any) -> None:
        """Those of the base class are for text."""


class PercentField(ExactNumberField):
    """A percent (`80`, `80%`), at most 1000 %; its ratio keeps six decimals, so it has four."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(places=PLACES - 2, example="80 或 80%", **kwargs)

    def cleaned_text(self, text: str) -> str:
        return super().cleaned_text(text).removesuffix("%")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and value > MOST_PERCENT:
            raise ValidationError(f"“{value}%”超过 1000%，请检查：80 表示 80%。")


class DayField(forms.DateField):
    """A day between 1990 and 2100, in the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": FIRST, "max": LAST})
        super().__init__(input_formats=DAY_FORMATS, widget=widget, **kwargs)

    def to_python(self, value: Any) -> date | None:
        text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value
        try:
            day: date | None = super().to_python(text)
        except ValidationError:
            raise ValidationError(f"“{value}”不是日期，应写成 2026-05-20。") from None
        if day and not FIRST <= day <= LAST:
            raise ValidationError(f"“{value}”不在 1990 年至 2100 年之间。")
        return day


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class EvidenceFilesField(forms.FileField):
    """Any number of evidence files, each checked by content; every faulty one is named."""

    def __init__(self, **kwargs: Any) -> None:
        widget = ManyFilesInput(
            attrs={"accept": ",".join(evidence.EXTENSIONS), "data-max-bytes": settings.EVIDENCE_MAX_BYTES}
        )
        hint = f"可以上传 {evidence.ACCEPTED}，每个不超过 {megabytes(settings.EVIDENCE_MAX_BYTES)}。"
        super().__init__(required=False, widget=widget, help_text=hint, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        uploads: list[File[bytes]] = [upload for upload in data or [] if upload]
        faults: list[ValidationError] = []
        for upload in uploads:
            try:
                evidence.check(upload)
            except ValidationError as fault:
                faults.append(fault)
        if faults:
            raise ValidationError(faults)
        return uploads


class EvidenceForm(forms.Form):
    """Files for what is proved; `upload` is the address to which a script sends them one by one."""

    materials = EvidenceFilesField(label="添加佐证材料")

    def __init__(self, *args: Any, upload: str = "", is_single: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.upload = upload
        field = self.fields["materials"]
        if upload:
            field.widget.attrs["data-upload"] = upload
        if is_single:
            field.label = "补传文件"
            field.widget.allow_multiple_selected = False
            field.widget.attrs.pop("multiple", None)

    def clean_materials(self) -> list[File[bytes]]:
        uploads: list[File[bytes]] = self.cleaned_data["materials"]
        if not uploads:
            raise ValidationError("请先选择文件。")
        return uploads


class DecisionForm(forms.Form):
    """审核意见: what a reviewer says with a decision.

    Whoever returns an entry must say what to mend, whoever approves one with failed checks why.
    """

    use_required_attribute = False
    comment = WordsField(
        label="审核意见（退回必填）",
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "写明需要补充或修改什么"}),
        error_messages={"required": NO_WORDS},
    )

    def __init__(self, *args: Any, must_say: bool = False, faults: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].required = must_say or bool(faults)
        if faults:
            words = f"核对有 {faults} 处问题。仍要通过，请在审核意见中写明理由。"
            self.fields["comment"].error_messages["required"] = words


class EntryForm(forms.Form):
    """完成情况填报 of one point: the state on a day, cumulative to it.

    A draft needs the day only. What is submitted must say how far the point is and what was done, and, when
    the point is due and not done by it, why, until when and how on; `asked` are the fields that the running
    round asks for, and what was done need not be said where it asks for others alone.
    """

    quantity = ExactNumberField(label="完成数量", required=False)
    percent = PercentField(label="完成比例（%）", required=False)
    effective_on = DayField(
        label="完成日期", error_messages={"required": "请填写完成日期：完成情况截至哪一天。"}
    )
    description = WordsField(
        label="实际完成情况",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "写明做了什么、结果如何"}),
    )
    reason_kind = WordsField(
        label="原因类别",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "reason-kinds", "autocomplete": "off"}),
    )
    reason = WordsField(
        label="未完成原因", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )
    expected_on = DayField(label="预计完成日期", required=False)
    next_step = WordsField(
        label="下一步措施", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )
    problems = WordsField(
        label="存在问题", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2})
    )
    help_needed = WordsField(
        label="需要的支持", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2})
    )
    materials = EvidenceFilesField(label="佐证材料")

    def __init__(
        self,
        *args: Any,
        point: TaskPoint,
        fact: PointFact,
        today: date,
        submitting: bool,
        asked: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.point = point
        self.needs_description = not asked or "description" in asked
        self.asked = [name for name in asked if name != "description"]
        self.fact = fact
        self.today = today
        self.submitting = submitting
        self.fields["effective_on"].widget.attrs["max"] = today
        self.fields["quantity"].help_text = planned_text(point)
        self.fields["percent"].help_text = percent_text(point)
        for name in self.asked:
            self.fields[name].help_text = ASKED_UNLESS_DONE if name == "expected_on" else ASKED_OR_NONE

    def clean_effective_on(self) -> date:
        day: date = self.cleaned_data["effective_on"]
        if day > self.today:
            raise ValidationError(f"完成日期不能晚于今天（{self.today}）。")
        first = self.point.task.project.start_year
        if day.year < first:
            raise ValidationError(f"完成日期 {day} 早于建设起始年（{first} 年），请核对。")
        return day

    def clean(self) -> None:
        if not self.submitting:
            return
        if self.needs_description:
            self._require(("description",), "提交前请写明做了什么、结果如何。")
        if not AMOUNTS & self.errors.keys():
            self._require_amount()
            self._refuse_contradiction()
            self._ask_about_ledger()
        if not AMOUNTS & self.errors.keys() and self.is_late():
            self._require(ASKED_WHEN_LATE, "任务点已到期而没有完成，提交前请填写这一项。")
        self._require_asked()
        day, expected = self.cleaned_data.get("effective_on"), self.cleaned_data.get("expected_on")
        if day and expected and expected < day:
            self.add_error("expected_on", f"预计完成日期不能早于完成日期（{day}）。")

    def _require(self, names: Iterable[str], sentence: str) -> None:
        for name in names:
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, sentence)

    def _require_asked(self) -> None:
        """What the running round asks for; a day of completion only while there is none."""
        for name in self.asked:
            if name != "expected_on":
                self._require((name,), f"本批次要求填写“{self.fields[name].label}”，没有请写“无”。")
            elif not AMOUNTS & self.errors.keys() and not self.is_done():
                self._require((name,), f"没有完成的，本批次要求填写“{self.fields[name].label}”。")

    def _require_amount(self) -> None:
        """Quantity or ratio, unless ledger rows count; without a plan it must be the ratio."""
        quantity, percent = self.cleaned_data["quantity"], self.cleaned_data["percent"]
        if quantity is None and percent is None and not self.by_ledger():
            self.add_error("quantity", "完成数量和完成比例至少填一项；没有进展请填 0。")
        elif percent is None and quantity is not None and not self.point.planned:
            self.add_error("percent", "任务书没有计划数量，算不出完成度，请填完成比例。")

    def _refuse_contradiction(self) -> None:
        """The ratio counts, so one that the quantity speaks against is explained or mended."""
        planned, cleaned = self.point.planned, self.cleaned_data
        quantity, percent = cleaned.get("quantity"), cleaned.get("percent")
        if quantity is None or percent is None or not planned:
            return
        numbers = f"计划 {plain(planned)}，比例却是 {plain(percent)}%，请核对"
        if quantity < planned and percent >= 100:
            self.add_error("percent", f"数量 {plain(quantity)} 少于{numbers}。")
        elif quantity >= planned and percent < 100 and not self.cleaned_data.get("reason"):
            self.add_error(
                "percent", f"数量 {plain(quantity)} 已达到{numbers}；确实如此时，请写明未完成原因。"
            )

    def _ask_about_ledger(self) -> None:
        """A number other than that of the linked ledger rows is explained."""
        linked, planned = self.by_ledger(), self.point.planned
        asked = difference(
            linked,
            self.cleaned_data.get("quantity"),
            self.point.unit,
            percent=self.cleaned_data.get("percent"),
            planned=planned,
            reached=completion_ratio(planned, linked, None),
        )
        if asked and not self.cleaned_data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", asked)

    def by_ledger(self) -> Decimal | None:
        """What the linked ledger rows add up to on the day of the entry; None where none are linked."""
        return sum_as_of(self.fact.ledger, self.cleaned_data.get("effective_on") or self.today)

    def is_late(self) -> bool:
        """Whether the point is due by today and not done by this entry."""
        return self.point.due_on <= self.today and not self.is_done()

    def is_done(self) -> bool:
        """Whether the point is done by this entry."""
        values = self.values()
        quantity = values["quantity"]
        if quantity is None and values["ratio"] is None:
            quantity = self.by_ledger()
        done = completion_ratio(self.point.planned, quantity, values["ratio"])
        return done is not None and done >= 1

    def values(self) -> dict[str, Any]:
        """What goes into the record, by field name of `Entry`."""
        cleaned = self.cleaned_data
        percent = cleaned["percent"]
        texts = {
            name: cleaned.get(name, "")
            for name in ("description", "reason", "reason_kind", "next_step", "problems", "help_needed")
        }
        return texts | {
            "effective_on": cleaned.get("effective_on"),
            "quantity": cleaned["quantity"],
            "ratio": None if percent is None else percent.scaleb(-2),
            "expected_on": cleaned.get("expected_on"),
        }


def planned_text(point: TaskPoint) -> str:
    """What the task book promises, beside the field."""
    if point.planned is None:
        return "任务书没有计划数量" + (f"，单位：{point.unit}" if point.unit else "")
    return f"计划 {plain(point.planned)} {point.unit}，填到完成日期为止的累计数".replace(" ，", "，")


def percent_text(point: TaskPoint) -> str:
    return "80 表示 80%。" + (
        "不填时按“完成数量 ÷ 计划数量”计算。" if point.planned else "必填，用它计算完成度。"
    )


def typed_from(entry: Entry | None) -> dict[str, Any]:
    """The entry as it would be typed, to go on from or to correct."""
    if entry is None:
        return {}
    values: Mapping[str, Any] = {
        name: getattr(entry, name) for name in EntryForm.base_fields if hasattr(entry, name)
    }
    return {
        **values,
        "quantity": "" if entry.quantity is None else plain(entry.quantity),
        "percent": "" if entry.ratio is None else plain(entry.ratio * 100),
    }
