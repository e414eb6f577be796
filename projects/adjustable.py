"""What of the task book can be adjusted, and how each value is written as text, old beside new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db.models import Model

from projects.models import Department, Project, TaskPoint
from projects.models.change import DELETION
from projects.numbers import plain

YEARLY = "targets."


class Sort(Enum):
    """What kind of value a field holds. `PLACE` is where a point stands: `2023-3`, year and number."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    DEPARTMENT = "department"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record of the task book that can be adjusted."""

    name: str
    label: str
    sort: Sort
    is_needed: bool = True

    def typed(self, text: str) -> Any:
        """What a text of this field means; None for an empty number. Departments stay names."""
        if self.sort is Sort.NUMBER:
            return Decimal(text) if text else None
        if self.sort is Sort.DAY:
            return date.fromisoformat(text)
        if self.sort is Sort.PLACE:
            year, _, seq = text.partition("-")
            return int(year), seq
        return text


POINT = (
    Field("text", "任务点内容", Sort.TEXT),
    Field("planned", "计划数量", Sort.NUMBER, is_needed=False),
    Field("unit", "单位", Sort.TEXT, is_needed=False),
    Field("due_on", "截止日期", Sort.DAY),
    Field("year", "年度", Sort.PLACE),
    Field("department", "责任部门", Sort.DEPARTMENT, is_needed=False),
)
INDICATOR = (
    Field("name", "指标名称", Sort.TEXT),
    Field("midterm_target", "中期目标", Sort.NUMBER, is_needed=False),
    Field("final_target", "期满目标", Sort.NUMBER, is_needed=False),
    Field("department", "责任部门", Sort.DEPARTMENT, is_needed=False),
)
OUTCOME_TARGET = (
    Field("target", "目标数量", Sort.NUMBER),
    Field("department", "责任部门", Sort.DEPARTMENT, is_needed=False),
)
TASK = (
    Field("name", "任务名称", Sort.TEXT),
    Field("lead", "牵头部门", Sort.DEPARTMENT, is_needed=False),
)
# By the name of the model, as content types have it.
FIELDS: Mapping[str, tuple[Field, ...]] = {
    "taskpoint": POINT,
    "indicator": INDICATOR,
    "outcometarget": OUTCOME_TARGET,
    "task": TASK,
}
# A task is a heading: it goes when nothing stands under it any more.
DELETABLE = frozenset(("taskpoint", "indicator", "outcometarget"))
REMOVAL = Field(DELETION, "调出任务书", Sort.TEXT)


class Unwritable(Exception):
    """The record cannot take the value; the message is a sentence for the user."""


def field_of(kind: str, name: str) -> Field:
    """Raises KeyError for what cannot be adjusted."""
    if name == DELETION and kind in DELETABLE:
        return REMOVAL
    if kind == "indicator" and name.startswith(YEARLY):
        return yearly(int(name.removeprefix(YEARLY)))
    return {each.name: each for each in FIELDS[kind]}[name]


def yearly(year: int) -> Field:
    return Field(f"{YEARLY}{year}", f"{year} 年目标", Sort.NUMBER, is_needed=False)


def kind_of(record: Model) -> str:
    return str(record._meta.model_name)


def fields_of(record: Any) -> tuple[Field, ...]:
    """What can be adjusted in a record; of an indicator also the target of every year of the project."""
    fields = FIELDS[kind_of(record)]
    if kind_of(record) != "indicator":
        return fields
    project: Project = record.project
    told = record.targets.values_list("year", flat=True)
    years = sorted({*range(project.start_year, project.end_year + 1), *told})
    return (fields[0], *map(yearly, years), *fields[1:])


def values_of(record: Any) -> dict[str, str]:
    """Every adjustable value of a record as text, by field."""
    values = {}
    targets = {}
    if kind_of(record) == "indicator":
        targets = dict(record.targets.values_list("year", "value"))
    for field in fields_of(record):
        if field.name.startswith(YEARLY):
            values[field.name] = written(targets.get(int(field.name.removeprefix(YEARLY))))
        else:
            values[field.name] = value_of(record, field)
    return values


def value_of(record: Any, field: Field) -> str:
    if field.sort is Sort.PLACE:
        return f"{record.year}-{record.seq}"
    if field.name.startswith(YEARLY):
        found = record.targets.filter(year=int(field.name.removeprefix(YEARLY))).first()
        return written(found and found.value)
    return written(getattr(record, field.name))


def written(value: Any) -> str:
    """A value as a request keeps it."""
    if value is None:
        return ""
    return plain(value) if isinstance(value, Decimal) else str(value)


def write(record: Any, field: Field, text: str) -> None:
    """Give the record the value; Unwritable with a sentence where it cannot have it."""
    if field.name.startswith(YEARLY):
        write_target(record, int(field.name.removeprefix(YEARLY)), field.typed(text))
    elif field.sort is Sort.PLACE:
        move(record, *field.typed(text))
    elif field.sort is Sort.DEPARTMENT:
        setattr(record, field.name, department(record.project, text) if text else None)
        record.save(update_fields=[field.name])
    else:
        setattr(record, field.name, field.typed(text))
        record.save(update_fields=[field.name])


def write_target(indicator: Any, year: int, value: Decimal | None) -> None:
    if value is None:
        indicator.targets.filter(year=year).delete()
    else:
        indicator.targets.update_or_create(year=year, defaults={"value": value})


def move(point: TaskPoint, year: int, seq: str) -> None:
    """To another year, or another number of the same task."""
    others = TaskPoint.objects.filter(task=point.task_id, year=year, seq=seq).exclude(pk=point.pk)
    if others.exists():
        raise Unwritable(f"{year} 年度已有序号为 {seq} 的任务点，请撤回后以另一个序号重新申请。")
    point.year, point.seq = year, seq
    point.save(update_fields=["year", "seq"])


def department(project: Project, name: str) -> Department:
    found = Department.objects.filter(institution=project.institution_id, name=name).first()
    if found is None:
        raise Unwritable(f"本校没有名称为“{name}”的部门，可能已改名。请先核对部门名称。")
    return found


def free_place(point: TaskPoint, year: int) -> str:
    """Where a point would stand in another year: under its own number, else under the next free one."""
    taken = set(
        TaskPoint.objects.filter(task=point.task_id, year=year)
        .exclude(pk=point.pk)
        .values_list("seq", flat=True)
    )
    if point.seq not in taken:
        return f"{year}-{point.seq}"
    highest = max((int(seq) for seq in taken if seq.isdecimal()), default=0)
    return f"{year}-{highest + 1}"


def shown(field: Field, text: str) -> str:
    """A value as a person reads it: `2023 年第 3 项`; — for none."""
    if field.sort is Sort.PLACE and text:
        year, _, seq = text.partition("-")
        return f"{year} 年度第 {seq} 项"
    return text or "—"
