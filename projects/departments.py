"""A department that nobody needs goes; a mistyped one is merged into the right one with all that it has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.contrib.admin.models import DELETION
from django.db import IntegrityError, transaction

from projects.models import Department, Membership, User
from projects.notes import note
from projects.people import Refusal

CHANGED = "您打开页面之后，这个部门的内容有了变化，请看过再并入。"


def relations() -> Iterator[tuple[Any, str]]:
    """Every model with a reference to a department, and the name of the reference; assisting departments are
    among them, by their own table."""
    for field in Department._meta.get_fields(include_hidden=True):
        if field.one_to_many and field.auto_created:
            relation: Any = field
            yield relation.related_model, relation.field.name


def references(department: Department) -> list[tuple[str, int]]:
    """What refers to the department, in words, with how often."""
    found: dict[str, int] = {}
    for model, name in relations():
        if count := model._base_manager.filter(**{name: department}).count():
            label = label_of(model)
            found[label] = found.get(label, 0) + count
    return list(found.items())


def label_of(model: Any) -> str:
    """`任务点`, `任务点的协同部门`."""
    options = model._meta
    if not options.auto_created:
        return str(options.verbose_name)
    return f"{options.auto_created._meta.verbose_name}的协同部门"


def version_of(department: Department) -> str:
    """Changes whenever the department or what refers to it does, as far as the preview tells."""
    told = f"{department.pk} {department.name} {references(department)}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


@transaction.atomic
def delete(department: Department, *, by: User) -> None:
    """Refusal while anything refers to it."""
    Department.objects.select_for_update().get(pk=department.pk)
    if found := references(department):
        words = "、".join(f"{label} {count} 项" for label, count in found)
        raise Refusal(f"{department}还有{words}，不能删除；写错名称的部门可以并入正确的部门。")
    note(department, by, "删除部门", DELETION)
    department.delete()


@transaction.atomic
def merge(department: Department, into: Department, *, by: User, seen: str) -> int:
    """Everything of one department becomes the other's, and the first is gone; how many records moved.

    Refusal when it is not what was shown, or when both have a share of the same point or indicator.
    """
    list(Department.objects.select_for_update().filter(pk__in=(department.pk, into.pk)).order_by("pk"))
    if version_of(department) != seen:
        raise Refusal(CHANGED)
    if department.institution_id != into.institution_id:
        raise Refusal(f"{into}不是本校的部门。")
    told = "、".join(f"{label} {count} 项" for label, count in references(department)) or "没有内容"
    moved = sum(move(model, name, department, into) for model, name in relations())
    note(into, by, f"并入“{department}”：{told}")
    note(department, by, f"并入“{into}”：{told}", DELETION)
    department.delete()
    return moved


def move(model: Any, name: str, old: Department, new: Department) -> int:
    """Point the references of one kind at the new department; one that it has already is dropped."""
    records = list(model._base_manager.filter(**{name: old}))
    for record in records:
        setattr(record, name, new)
        try:
            with transaction.atomic():
                record.save(update_fields=[name])
        except IntegrityError:
            if not (model is Membership or model._meta.auto_created):
                raise Refusal(f"两个部门都有：{record}。请先在“分解下达”里合并，再并入。") from None
            record.delete()
    return len(records)
