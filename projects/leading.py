"""What who leads some tasks, or all of a project, may: hand out shares, write their chapter of the report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from projects.models import Membership, Project, Task, User
from projects.permissions import (
    LEADING_ROLES,
    Fillable,
    can_fill,
    fills_all,
    headed_departments,
    memberships_of,
)


def may_split(user: User, owned: Any) -> bool:
    """Whether the user hands out shares of a point or an indicator: the office, the head of the responsible
    department, and who leads its task."""
    if fills_all(user, owned.project):
        return True
    is_head = owned.department_id in headed_departments(user, owned.project)
    return is_head or (owned.task_id is not None and owned.task_id in tasks_of(user, owned.project))


def can_write(user: User, target: Fillable) -> bool:
    """Who fills it; of the texts of the report also who leads what they tell of: of a task its effect, of all
    the project its visions. Points and indicators stay with their departments."""
    if can_fill(user, target):
        return True
    if isinstance(target, Task):
        return target.pk in tasks_of(user, target.project)
    return getattr(target, "IS_CHAPTER", False) and leads_all(user, target.project)


def tasks_of(user: User, project: Project) -> set[int]:
    """The tasks a 建设组长 or 专业群负责人 leads: those named in the role and all below them; of a role that
    names a project and no task, all of the project."""
    cached: dict[int, set[int]] = user.__dict__.setdefault("_led", {})
    if project.pk not in cached:
        cached[project.pk] = led_tasks(memberships_of(user, project), project)
    return cached[project.pk]


def leads_all(user: User, project: Project) -> bool:
    """Whether a role of the user that leads names the project and no task."""
    leading = [m.pk for m in memberships_of(user, project) if m.role in LEADING_ROLES and m.project_id]
    return bool(leading) and Membership.objects.filter(pk__in=leading, tasks=None).exists()


def led_tasks(memberships: Iterable[Membership], project: Project) -> set[int]:
    leading = [m for m in memberships if m.role in LEADING_ROLES]
    if not leading:
        return set()
    links = Membership.tasks.through.objects.filter(membership__in=[m.pk for m in leading])
    named: dict[int, set[int]] = {}
    for membership, task in links.values_list("membership_id", "task_id"):
        named.setdefault(membership, set()).add(task)
    parents = dict(Task.objects.filter(project=project).values_list("pk", "parent_id"))
    led: set[int] = set()
    for m in leading:
        if m.pk in named:
            led |= at_or_below(named[m.pk], parents)
        elif m.project_id == project.pk:
            led |= parents.keys()
    return led


def at_or_below(roots: Collection[int], parents: Mapping[int, int | None]) -> set[int]:
    """The tasks of the tree (child → parent) whose line upwards meets one of `roots`."""

    def is_below(task: int | None) -> bool:
        while task is not None and task not in roots:
            task = parents[task]
        return task is not None

    return {task for task in parents if is_below(task)}
