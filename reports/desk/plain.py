"""What is filled in without a review: shares of others' work, surveys, texts. What is saved stands."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from indicators.forms import EffectForm, SatisfactionForm, VisionForm
from indicators.models import SatisfactionResult, Vision
from projects import review, versions
from projects.leading import leads_all, tasks_of
from projects.models import Task
from projects.notes import note
from projects.permissions import Action, can
from projects.templatetags.components import BADGES
from reports.desk.desk import Desk, moment
from reports.desk.kind import Kind, number, unless_locked
from reports.desk.row import Column, Row


class PlainKind(Kind):
    """A record that is edited in place: version checked, old and new noted."""

    form_class: ClassVar[type[forms.Form]]
    saves_itself = False
    # Where a column is stored under another name.
    fields: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def targets(self, desk: Desk) -> QuerySet[Any]:
        """All of the project, whoever fills them."""

    def mine(self, desk: Desk) -> Q:
        """Which of them are the departments' or the person's own: those for which `can_write` holds."""
        if not can(desk.user, Action.FILL, desk.project):
            return Q(pk__in=())
        return Q(assignee=desk.user) | Q(department__in=desk.departments)

    @abstractmethod
    def about(self, desk: Desk, target: Any) -> dict[str, Any]:
        """What its row says besides the values."""

    def own(self, desk: Desk) -> Iterable[Any]:
        found = self.targets(desk)
        for target in found if desk.fills_all else found.filter(self.mine(desk)):
            target.project = desk.project
            yield target

    def find(self, desk: Desk, pk: int) -> Any | None:
        target = self.targets(desk).filter(pk=pk).first()
        if target is not None:
            target.project = desk.project
        return target

    def rows(self, desk: Desk) -> Iterator[Row]:
        return (self.made(desk, target) for target in self.own(desk))

    def row(self, desk: Desk, target: Any) -> Row:
        fresh = self.find(desk, target.pk)
        return self.made(desk, fresh or target)

    def made(self, desk: Desk, target: Any) -> Row:
        values, locked = self.spoken(desk, target, self.typed(target))
        is_filled = bool(values[self.columns[0].name])
        group = "done" if is_filled else unless_locked(self.group(desk, target), locked)
        key = "approved" if is_filled else "not_due" if group == "not_due" else "missing"
        label = "已填报" if is_filled else BADGES[key].label
        return Row(
            key=f"{self.name}:{target.pk}",
            kind=self.name,
            group=group,
            values=values,
            seen=self.version(target),
            state={"key": key, "label": label, "work": ""},
            locked=locked,
            **self.about(desk, target),
        )

    def group(self, desk: Desk, target: Any) -> str:
        """Of a row that says nothing yet."""
        return "missing"

    def standing(self, desk: Desk, target: Any) -> Mapping[str, str]:
        return self.spoken(desk, target, self.typed(target))[0]

    def form(self, desk: Desk, target: Any, typed: Mapping[str, str], submitting: bool) -> forms.Form:
        return self.form_class(dict(typed))

    def on(self, desk: Desk, target: Any, form: Any) -> date:
        return desk.today

    def version(self, record: Any) -> str:
        return versions.version_of(record, self.stored)

    def writer(self, record: Any) -> tuple[str, str]:
        return last_writer(record)

    @property
    def stored(self) -> tuple[str, ...]:
        return tuple(self.fields.get(column.name, column.name) for column in self.columns)

    def typed(self, record: Any) -> dict[str, str]:
        return {
            column.name: text_of(getattr(record, self.fields.get(column.name, column.name)))
            for column in self.columns
        }

    def write(self, desk: Desk, target: Any, form: Any, seen: str, submitting: bool, now: datetime) -> None:
        with transaction.atomic():
            current = type(target)._base_manager.select_for_update().get(pk=target.pk)
            if self.version(current) != seen:
                raise review.Overtaken(current)
            before = self.typed(current)
            for column in self.columns:
                setattr(current, self.fields.get(column.name, column.name), form.cleaned_data[column.name])
            current.save(update_fields=list(self.stored))
            if said := changed(self.columns, before, self.typed(current)):
                note(current, desk.user, said)


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else number(value)


def changed(columns: Iterable[Column], before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """`满意度（%）：— → 92.5；样本量：…`, empty when nothing changed."""
    return "；".join(
        f"{column.label}：{before[column.name] or '—'} → {after[column.name] or '—'}"
        for column in columns
        if before[column.name] != after[column.name]
    )


def last_writer(record: Model) -> tuple[str, str]:
    """Who changed a record last, and when."""
    kind = ContentType.objects.get_for_model(type(record))
    log = LogEntry.objects.filter(content_type=kind, object_id=str(record.pk)).select_related("user")
    last = log.order_by("-id").first()
    return (str(last.user), moment(last.action_time)) if last else ("工作簿导入", "")


class SatisfactionKind(PlainKind):
    name = "satisfaction"
    label = "满意度"
    columns = (
        Column("percent", "满意度（%）", "percent"),
        Column("sample", "样本量", "number"),
        Column("surveyor", "调查机构", "text"),
        Column("source", "数据来源", "text"),
    )
    form_class = SatisfactionForm

    def targets(self, desk: Desk) -> QuerySet[SatisfactionResult]:
        found = SatisfactionResult.objects.filter(project=desk.project)
        return found.select_related("department", "assignee")

    def group(self, desk: Desk, target: SatisfactionResult) -> str:
        return "missing" if target.year <= desk.today.year else "not_due"

    def on(self, desk: Desk, target: SatisfactionResult, form: Any) -> date:
        return date(target.year, 12, 31)

    def about(self, desk: Desk, target: SatisfactionResult) -> dict[str, Any]:
        return {
            "code": f"{target.who}-{target.year}",
            "text": f"{target.who}满意度（{target.year} 年）",
            "unit": "%",
            "planned": number(target.target),
            "task": "满意度",
            "department": str(target.department or ""),
            "person": str(target.assignee or ""),
            "due_on": date(target.year, 12, 31),
        }


class VisionKind(PlainKind):
    name = "vision"
    label = "愿景目标实现情况"
    columns = (Column("result", "实现情况", "text"), Column("degree", "实现程度", "text"))
    form_class = VisionForm

    def targets(self, desk: Desk) -> QuerySet[Vision]:
        return Vision.objects.filter(project=desk.project).select_related("task__lead")

    def mine(self, desk: Desk) -> Q:
        return Q() if leads_all(desk.user, desk.project) else Q(task__lead__in=desk.departments)

    def about(self, desk: Desk, target: Vision) -> dict[str, Any]:
        return {
            "code": target.code,
            "text": target.text,
            "task": str(target.task or "愿景目标"),
            "department": str(target.task.lead or "") if target.task else "",
        }


class EffectKind(PlainKind):
    name = "effect"
    label = "任务成效"
    columns = (Column("effect", "成效", "text"),)
    form_class = EffectForm

    def targets(self, desk: Desk) -> QuerySet[Task]:
        """Those of whole areas: that is where the report tells of effects."""
        return Task.objects.filter(project=desk.project, parent=None).select_related("lead")

    def mine(self, desk: Desk) -> Q:
        return Q(lead__in=desk.departments) | Q(pk__in=tasks_of(desk.user, desk.project))

    def about(self, desk: Desk, target: Task) -> dict[str, Any]:
        return {
            "code": target.code,
            "text": f"{target.name}：建设成效",
            "task": str(target),
            "department": str(target.lead or ""),
        }
