"""Who may do what: one table from role to actions, and fetches that are the check.

Outsiders get 404, for another institution's data does not exist for them; members without the right get 403.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from projects.models import Entry, Evidence, Membership, Project, Role, TaskPoint, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Action(Enum):
    VIEW = "查看"
    FILL = "填报"
    REVIEW = "审核"
    IMPORT = "导入工作簿"
    REPORT = "生成自评报告"


OFFICE_ACTIONS = frozenset(Action)
READ = frozenset({Action.VIEW, Action.REPORT})

ALLOWED: dict[str, frozenset[Action]] = {
    Role.FILLER: READ | {Action.FILL},
    Role.HEAD: READ | {Action.FILL},
    Role.LEADER: READ,
    Role.GROUP_LEADER: READ,
    Role.FINANCE: READ,
    Role.PRINCIPAL: READ,
    Role.OFFICE: OFFICE_ACTIONS,
    Role.ADMIN: OFFICE_ACTIONS,
    Role.EXPERT: frozenset(),
    Role.AUTHORITY: frozenset(),
}
# These roles fill only what is assigned to their own department or to themselves.
DEPARTMENT_ROLES = (Role.FILLER, Role.HEAD)


def memberships_of(user: User | AnonymousUser, project: Project) -> list[Membership]:
    """The user's roles that reach this project, read once per request and user object."""
    if not user.is_authenticated:
        return []
    cached: list[Membership] | None = getattr(user, "_memberships", None)
    if cached is None:
        cached = list(Membership.objects.filter(user=user).select_related("department", "institution"))
        user._memberships = cached  # type: ignore[attr-defined]
    return [
        m for m in cached if m.institution_id == project.institution_id and m.project_id in (None, project.pk)
    ]


def can(user: User, action: Action, project: Project) -> bool:
    """Whether some role of the user in the project's institution allows the action at all."""
    if user.is_superuser:
        return True
    return any(action in ALLOWED[m.role] for m in memberships_of(user, project))


def can_fill(user: User, point: TaskPoint) -> bool:
    """Office and administrators fill any point; fillers and heads those of their department or their own."""
    project = point.task.project
    if user.is_superuser:
        return True
    roles = [m for m in memberships_of(user, project) if Action.FILL in ALLOWED[m.role]]
    if any(m.role not in DEPARTMENT_ROLES for m in roles):
        return True
    if not roles:
        return False
    return point.assignee_id == user.pk or any(m.department_id in departments_of(point) for m in roles if m.department_id)


def departments_of(point: TaskPoint) -> set[int | None]:
    """The departments that answer for a point: the responsible one and those that assist."""
    return {point.department_id} | {department.pk for department in point.co_departments.all()}


def own_departments(user: User, project: Project) -> set[int]:
    """Departments in whose name the user fills."""
    return {
        m.department_id
        for m in memberships_of(user, project)
        if m.role in DEPARTMENT_ROLES and m.department_id
    }


def require(allowed: bool, sentence: str) -> None:
    """403 with a sentence that says what is missing and who can help."""
    if not allowed:
        raise PermissionDenied(sentence)


def project_or_404(user: User, pk: int, action: Action = Action.VIEW) -> Project:
    """The project, if the user may see it (else 404) and may do `action` (else 403)."""
    projects = Project.objects.visible_to(user).select_related("institution", "group")
    project: Project = get_object_or_404(projects, pk=pk)
    require(
        can(user, action, project),
        f"您没有“{action.value}”的权限，请联系本校项目办或管理员。",
    )
    return project


def point_or_404(user: User, pk: int) -> TaskPoint:
    points = TaskPoint.objects.visible_to(user).select_related("task__project__institution", "department")
    point: TaskPoint = get_object_or_404(points, pk=pk)
    return point


def point_to_fill_or_404(user: User, pk: int) -> TaskPoint:
    point = point_or_404(user, pk)
    owner = point.department or "项目办"
    require(can_fill(user, point), f"任务点 {point.code} 由{owner}填报，您不能填报。")
    return point


def entry_or_404(user: User, pk: int) -> Entry:
    """An entry whose point the user sees; a draft only its author and the office see."""
    entry = get_object_or_404(
        Entry.objects.select_related("point__task__project__institution", "point__department", "author"),
        pk=pk,
    )
    if not TaskPoint.objects.visible_to(user).filter(pk=entry.point_id).exists():
        raise Http404
    return entry


def evidence_or_404(user: User, pk: int) -> Evidence:
    visible = Evidence.objects.filter(project__in=Project.objects.visible_to(user))
    return get_object_or_404(visible.select_related("file", "project"), pk=pk)


def importing_institutions(user: User) -> Iterable[Membership]:
    """The user's roles that may import a workbook, also one of a project that is not here yet."""
    roles = [role for role, actions in ALLOWED.items() if Action.IMPORT in actions]
    return Membership.objects.filter(user=user, role__in=roles).select_related("institution")
