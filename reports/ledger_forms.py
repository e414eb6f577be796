"""Forms of the outcome ledger: one row, a pasted list, and the links of a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from indicators.duplicates import Twin, keys_of, twins
from indicators.landmarks import below_target
from indicators.ledger import Fresh, Links
from indicators.models import Indicator, Outcome, OutcomeTarget
from indicators.pasted import LEVELS, Known
from projects.asking import key_in
from projects.door import TOO_LARGE
from projects.forms import LONGEST, DayField, EvidenceFilesField, ExactNumberField, WordsField
from projects.models import Department, Project, TaskPoint, User
from projects.numbers import plain
from projects.permissions import fills_all, own_departments, readable_projects
from projects.workbook.reading import EXTENSIONS

NONE = ("", "—")
LARGEST_LIST = 4 * 1024 * 1024
LONGEST_LIST = 2_000_000
PASTE_HERE = "在 Excel、WPS 或 Word 里选中表格（带表头），复制后粘贴到这里"
# What a choice for a near-duplicate means: entered all the same, or as a reference to a project.
KEEP, REFERENCE = "keep", "ref:"


class Places:
    """What a row of one project may name; each kind is read when it is asked for."""

    def __init__(self, project: Project, user: User) -> None:
        self.project = project
        self.user = user

    @cached_property
    def tasks(self) -> list[tuple[int, str, str]]:
        return list(self.project.tasks.values_list("pk", "code", "name"))

    @cached_property
    def targets(self) -> list[OutcomeTarget]:
        return list(OutcomeTarget.objects.filter(project=self.project, removed_on=None))

    @cached_property
    def college(self) -> list[Department]:
        return list(Department.objects.filter(institution=self.project.institution_id).order_by("name"))

    @cached_property
    def departments(self) -> list[Department]:
        """Those in whose name the user enters: all of the college, or the own ones."""
        if fills_all(self.user, self.project):
            return self.college
        own = own_departments(self.user, self.project)
        return [each for each in self.college if each.pk in own]

    @cached_property
    def points(self) -> dict[int, TaskPoint]:
        points = TaskPoint.objects.of(self.project).select_related("task", "department")
        return {point.pk: point for point in points}

    @cached_property
    def indicators(self) -> dict[int, Indicator]:
        found = Indicator.objects.filter(project=self.project).select_related("department")
        return {indicator.pk: indicator for indicator in found}

    @cached_property
    def others(self) -> list[Project]:
        """The college's other projects, in which something may count first."""
        own, college = self.project.pk, self.project.institution_id
        return [p for p in readable_projects(self.user) if p.pk != own and p.institution_id == college]

    def known(self) -> Known:
        """For reading a list."""
        return Known(
            tasks={code: pk for pk, code, _ in self.tasks},
            targets={target.code: target.pk for target in self.targets},
            points={(p.task.code, p.year, p.seq): pk for pk, p in self.points.items()},
            indicators={each.code: pk for pk, each in self.indicators.items()},
            departments={each.name: each.pk for each in self.departments},
            others={each.name for each in self.college if each not in self.departments},
        )

    def link_choices(self, links: Links) -> list[dict[str, Any]]:
        """The links as the form shows them; what is not of this project is left out."""
        found = []
        for kind, chosen, known in (
            ("point", links.points, self.points),
            ("indicator", links.indicators, self.indicators),
        ):
            for pk, counts in chosen.items():
                if target := known.get(pk):
                    found.append(link_choice(kind, target) | {"counts": counts})
        return found


def link_choice(kind: str, target: Any) -> dict[str, Any]:
    is_point = kind == "point"
    return {
        "kind": kind,
        "label": "任务点" if is_point else "指标",
        "id": target.pk,
        "code": str(target) if is_point else target.code,
        "text": target.text if is_point else target.name,
        "unit": target.unit,
        "task": target.task_id,
        "planned": plain(target.planned) if is_point and target.planned is not None else "",
        "department": str(target.department or ""),
    }


def links_from(texts: Iterable[str], places: Places) -> Links:
    """`point:12:1` → a link; what is none, or of another project, is left out."""
    known: Mapping[str, Mapping[int, Any]] = {"point": places.points, "indicator": places.indicators}
    found: dict[str, dict[int, bool]] = {"point": {}, "indicator": {}}
    for text in texts:
        kind, _, rest = text.partition(":")
        pk, _, counts = rest.partition(":")
        key = key_in(pk)
        if kind in known and key is not None and key in known[kind]:
            found[kind][key] = counts != "0"
    return Links(found["point"], found["indicator"])


def links_typed(links: Links) -> list[str]:
    return [
        *(f"point:{pk}:{int(counts)}" for pk, counts in links.points.items()),
        *(f"indicator:{pk}:{int(counts)}" for pk, counts in links.indicators.items()),
    ]


class PlacedForm(forms.Form):
    """What a row and the defaults of a list have in common: where it belongs."""

    level = forms.ChoiceField(
        label="级别",
        choices=[(each, each) for each in LEVELS],
        required=False,
        error_messages={"invalid_choice": f"没有“%(value)s”这个级别，应为{'、'.join(LEVELS)}之一。"},
    )
    kind = WordsField(
        label="成果类别",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "outcome-kinds", "autocomplete": "off"}),
    )
    department = forms.ChoiceField(label="完成部门", required=False)
    task = forms.ChoiceField(label="建设任务", required=False)
    target = forms.ChoiceField(label="成果目标", required=False)
    target_counts = forms.ChoiceField(
        label="与成果目标的关系", choices=[("1", "计入目标数量"), ("0", "仅引用，不计数量")], required=False
    )
    first_project_code = forms.ChoiceField(
        label="首计项目",
        required=False,
        help_text="同一成果只在一个项目计数。选其他项目时，这里只作引用，不再计数。",
    )

    def __init__(self, *args: Any, places: Places, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places
        departments = [(str(each.pk), each.name) for each in places.departments]
        free = fills_all(places.user, places.project)
        self.choose("department", [NONE, *departments] if free or not departments else departments)
        self.choose("task", [NONE, *((str(pk), f"{code} {name}"[:60]) for pk, code, name in places.tasks)])
        targets = [(str(t.pk), f"{t.code} {t.name}（{t.level}）"[:60]) for t in places.targets]
        self.choose("target", [("", "其他标志性成果（不计入目标）"), *targets])
        others = [(p.code, f"{p.code} {p.name}"[:50]) for p in places.others]
        self.choose("first_project_code", [("", "本项目首计"), *others])

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields[name].error_messages["invalid_choice"] = "没有这个选项，或不能由您选择，请重新选择。"

    @property
    def links(self) -> Links:
        """As chosen on the page; before that the ones that the row has."""
        texts = (
            self.data.getlist("link") if isinstance(self.data, QueryDict) else self.initial.get("link", [])
        )
        return links_from(texts, self.places)

    @property
    def below(self) -> dict[str, dict[str, str]]:
        """By target and level what is to be said where the one is less than the other asks for."""
        return {
            str(target.pk): {
                level: sentence for level in LEVELS if (sentence := below_target(level, target.level))
            }
            for target in self.places.targets
        }

    @property
    def warning(self) -> str:
        """That of the level and the target as they stand in the form."""
        counts = self["target_counts"].value() != "0" and not self["first_project_code"].value()
        below = self.below.get(str(self["target"].value()), {}) if counts else {}
        return below.get(self["level"].value() or "", "")

    def placed(self) -> dict[str, Any]:
        """Values by field of `Outcome`."""
        cleaned = self.cleaned_data
        target = number(cleaned.get("target"))
        counts = cleaned.get("target_counts") != "0"
        return {
            "level": cleaned.get("level") or LEVELS[-1],
            "kind": cleaned.get("kind", ""),
            "department_id": number(cleaned.get("department")),
            "task_id": number(cleaned.get("task")),
            "target_id": target if counts else None,
            "supported_target_id": None if counts else target,
            "first_project_code": cleaned.get("first_project_code", ""),
        }


def number(text: Any) -> int | None:
    return int(text) if text else None


class OutcomeForm(PlacedForm):
    """登记成果: one row of the ledger. What was typed stays when it is refused."""

    use_required_attribute = False
    name = WordsField(
        label="成果名称",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "与证书或文件上的名称一致"}),
        error_messages={"required": "请填写成果名称，与证书或文件上的名称一致。"},
    )
    grade = WordsField(label="等次", required=False, max_length=100)
    awarded_on = DayField(
        label="获批日期", error_messages={"required": "请填写获批日期：证书或文件落款的日期。"}
    )
    quantity = ExactNumberField(label="数量", required=False, help_text="一项填 1；一行汇总多项时填总数。")
    issuer = WordsField(label="颁发单位", required=False, max_length=300)
    document_no = WordsField(label="文号或证书号", required=False, max_length=300)
    rank = WordsField(label="本校位次", required=False, max_length=50)
    duplicate_reason = WordsField(
        label="仍要登记的理由", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2})
    )
    reason = WordsField(
        label="更正原因", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2})
    )
    materials = EvidenceFilesField(label="佐证材料")

    def __init__(self, *args: Any, today: date, is_correction: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["awarded_on"].widget.attrs["max"] = today
        if is_correction:
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = "更正已通过的成果，请写明原因。"
        else:
            del self.fields["reason"]

    def clean_awarded_on(self) -> date:
        day: date = self.cleaned_data["awarded_on"]
        if day > self.today:
            raise ValidationError(f"获批日期不能晚于今天（{self.today}）。")
        return day

    def clean_quantity(self) -> Decimal:
        quantity = self.cleaned_data["quantity"]
        return Decimal(1) if quantity is None else quantity

    def clean(self) -> None:
        choice = self.data.get("twin", "")
        if choice.startswith(REFERENCE):
            code = choice.removeprefix(REFERENCE)
            if code in {project.code for project in self.places.others}:
                self.cleaned_data["first_project_code"] = code

    def fresh(self) -> Fresh:
        cleaned = self.cleaned_data
        texts = ("name", "grade", "issuer", "document_no", "rank", "duplicate_reason")
        values = {name: cleaned.get(name, "") for name in texts}
        values |= {"awarded_on": cleaned["awarded_on"], "quantity": cleaned["quantity"]}
        return Fresh(values | self.placed(), self.links)


def asked_about(form: OutcomeForm, user: User, project: Project, but: int | None = None) -> Sequence[Twin]:
    """The rows that this one may repeat, as long as nobody has said why it is entered all the same."""
    cleaned = form.cleaned_data
    if cleaned["duplicate_reason"] or cleaned["first_project_code"]:
        return ()
    keys = keys_of(cleaned["name"], cleaned["document_no"])
    return twins([keys], project, user, but=but).get(0, ())


def typed_of(outcome: Outcome, links: Links) -> dict[str, Any]:
    """The row as it would be typed."""
    names = ("name", "level", "kind", "grade", "issuer", "document_no", "rank", "duplicate_reason")
    return {name: getattr(outcome, name) for name in names} | {
        "awarded_on": outcome.awarded_on,
        "quantity": plain(outcome.quantity),
        "department": str(outcome.department_id or ""),
        "task": str(outcome.task_id or ""),
        "target": str(outcome.target_id or outcome.supported_target_id or ""),
        "target_counts": "0" if outcome.supported_target_id else "1",
        "first_project_code": outcome.first_project_code,
        "link": links_typed(links),
    }


class ListForm(PlacedForm):
    """粘贴清单: the table, and what holds for all its rows where a cell says nothing."""

    text = forms.CharField(
        label="表格内容",
        required=False,
        max_length=LONGEST_LIST,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 12,
                "spellcheck": "false",
                "placeholder": PASTE_HERE,
            }
        ),
        error_messages={"max_length": "内容太多，请分几次粘贴。"},
    )
    file = forms.FileField(
        label="或选择只有一张表的工作簿",
        required=False,
        widget=forms.ClearableFileInput(
            attrs={"accept": ",".join(EXTENSIONS), "data-max-bytes": LARGEST_LIST}
        ),
        error_messages={"empty": "文件是空的，没有任何内容。"},
    )
    duplicate_reason = WordsField(
        label="重复的仍要登记时，共同的理由",
        required=False,
        max_length=LONGEST,
        help_text="逐行没有写理由的，用这一条。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("level", [("", "按每行填写"), *((each, each) for each in LEVELS)])

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > LARGEST_LIST:
            raise ValidationError(f"文件“{file.name}”太大，清单不超过 4 MB，请删去图片后再试。", TOO_LARGE)
        return file

    def defaults(self) -> dict[str, Any]:
        """For `pasted.read`: what stands where a cell is empty, by column."""
        placed = self.placed()
        return {
            "level": self.cleaned_data.get("level") or None,
            "kind": placed["kind"],
            "department": placed["department_id"],
            "task": placed["task_id"],
            "target": number(self.cleaned_data.get("target")),
            "first_project_code": placed["first_project_code"],
        }
