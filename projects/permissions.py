"""Who may do what: one table from role to actions, and fetches that are the check.

Outsiders get 404, for another institution's data does not exist for them; members without the right get 403.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from projects.models import (
    Entry,
    Institution,
    Job,
    Membership,
    Project,
    Reviewed,
    Role,
    Share,
    State,
    Task,
    TaskPoint,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import AnonymousUser

    from projects.querysets import EntryQuerySet


AnyShare = TypeVar("AnyShare", bound=Share)


class Fillable(Protocol):
    """What is filled in: a point, an indicator, a share, a survey, a text, a row of the ledger."""

    @property
    def project(self) -> Project: ...
    @property
    def assignee_id(self) -> int | None: ...
    def owners(self) -> set[int | None]:
        """The departments that answer for it."""


class Action(Enum):
    VIEW = "查看"
    FILL = "填报"
    # 我的任务: what one fills, and the texts of what one leads.
    WRITE = "填写"
    REVIEW = "审核"
    ROUNDS = "管理填报批次"
    LEVELS = "设置审核层级"
    IMPORT = "导入工作簿"
    MONEY = "导入和导出经费"
    EXPORT = "导出工作簿"
    REPORT = "生成自评报告"
    ADJUST = "办理任务书调整"
    FINALISE = "报告定稿与锁定"


OFFICE_ACTIONS = frozenset(Action)
READ = frozenset({Action.VIEW, Action.REPORT})

ALLOWED: dict[str, frozenset[Action]] = {
    Role.FILLER: READ | {Action.FILL, Action.WRITE},
    Role.HEAD: READ | {Action.FILL, Action.WRITE},
    Role.LEADER: READ | {Action.WRITE},
    Role.GROUP_LEADER: READ | {Action.WRITE},
    Role.FINANCE: READ | {Action.MONEY},
    Role.PRINCIPAL: READ,
    Role.OFFICE: OFFICE_ACTIONS,
    Role.ADMIN: OFFICE_ACTIONS,
    Role.EXPERT: frozenset(),
    Role.AUTHORITY: frozenset(),
}
# These roles fill only what is assigned to their own department or to themselves.
DEPARTMENT_ROLES = (Role.FILLER, Role.HEAD)
OFFICE_ROLES = (Role.OFFICE, Role.ADMIN)
# These lead some tasks, or all of one project.
LEADING_ROLES = frozenset({Role.LEADER, Role.GROUP_LEADER})


def roles_of(user: User | AnonymousUser) -> list[Membership]:
    """Every role of the user, read once per request (the user object lives as long)."""
    if not user.is_authenticated:
        return []
    cached: list[Membership] | None = getattr(user, "_roles", None)
    if cached is None:
        cached = list(user.memberships.select_related("department", "institution"))
        user._roles = cached  # type: ignore[attr-defined]
    return cached


def memberships_of(user: User | AnonymousUser, project: Project) -> list[Membership]:
    """The user's roles that reach this project."""
    return [
        m
        for m in roles_of(user)
        if m.institution_id == project.institution_id and m.project_id in (None, project.pk)
    ]


def can(user: User, action: Action, project: Project) -> bool:
    """Whether some role of the user in the project's institution allows the action at all."""
    if user.is_superuser:
        return True
    return any(action in ALLOWED[m.role] for m in memberships_of(user, project))


def can_fill(user: User, target: Fillable) -> bool:
    """Office and administrators fill everything; fillers and heads what is their department's or own."""
    if fills_all(user, target.project):
        return True
    if not can(user, Action.FILL, target.project):
        return False
    return target.assignee_id == user.pk or bool(target.owners() & own_departments(user, target.project))


def fills_all(user: User, project: Project) -> bool:
    """Whether the user may fill everything in the project."""
    return user.is_superuser or any(
        Action.FILL in ALLOWED[m.role] and m.role not in DEPARTMENT_ROLES
        for m in memberships_of(user, project)
    )


def fills_for(user: User, project: Project) -> frozenset[str] | None:
    """The names of the departments in whose name the user fills; None: everything."""
    if fills_all(user, project):
        return None
    names = (m.department.name for m in memberships_of(user, project) if m.department)
    return frozenset(names if can(user, Action.FILL, project) else ())


def filling_people(project: Project) -> QuerySet[User]:
    """Those who fill something in the project, by name."""
    filling = [role for role, actions in ALLOWED.items() if Action.FILL in actions]
    roles = Membership.objects.filter(institution=project.institution_id, role__in=filling).filter(
        Q(project=None) | Q(project=project)
    )
    return User.objects.filter(pk__in=roles.values("user"), is_active=True).order_by("name", "pk")


def points_to_fill(user: User, project: Project) -> QuerySet[TaskPoint]:
    """The points of the project for which `can_fill` holds."""
    points: QuerySet[TaskPoint] = TaskPoint.objects.of(project)
    if fills_all(user, project):
        return points
    if not can(user, Action.FILL, project):
        return points.none()
    departments = own_departments(user, project)
    assisting = TaskPoint.objects.filter(co_departments__in=departments, shares=None)
    own = Q(assignee=user) | Q(department__in=departments) | Q(pk__in=assisting.values("pk"))
    return points.filter(own)


def visible_entries(user: User, project: Project) -> EntryQuerySet:
    """The entries of the project; of the drafts only the user's own and those of points they fill."""
    entries: EntryQuerySet = Entry.objects.of(project)
    if fills_all(user, project):
        return entries
    own = Q(author=user) | Q(point__in=points_to_fill(user, project))
    return entries.filter(~Q(state=State.DRAFT) | own)


def undecided(user: User, project: Project) -> dict[int, str]:
    """By point the state of its latest entry, where that is a draft, waits for review or was returned."""
    latest = visible_entries(user, project).latest_per_point()
    return dict(latest.exclude(state=State.APPROVED).values_list("point_id", "state"))


def own_departments(user: User, project: Project) -> set[int]:
    """Departments in whose name the user fills."""
    return {
        m.department_id
        for m in memberships_of(user, project)
        if m.role in DEPARTMENT_ROLES and m.department_id
    }


def headed_departments(user: User, project: Project) -> set[int]:
    """Departments whose work the user hands out."""
    return {m.department_id for m in memberships_of(user, project) if m.role == Role.HEAD and m.department_id}


def departments_to_assign(user: User, project: Project) -> set[int] | None:
    """Departments whose rows the user gives to people; None: all of them, and the department of a row."""
    return None if fills_all(user, project) else headed_departments(user, project)


def departments_to_hand_over(user: User, institution: Institution) -> set[int] | None:
    """The same over all projects of the college, for whoever leaves; empty: the user hands over nothing."""
    own = [m for m in roles_of(user) if m.institution_id == institution.pk]
    if user.is_superuser or any(m.role in OFFICE_ROLES and m.project_id is None for m in own):
        return None
    return {m.department_id for m in own if m.role == Role.HEAD and m.department_id and m.project_id is None}


def shares_to_report(user: User, project: Project, shares: QuerySet[AnyShare]) -> QuerySet[AnyShare]:
    """Those of some shares of the project for which `can_fill` holds."""
    if fills_all(user, project):
        return shares
    if not can(user, Action.FILL, project):
        return shares.none()
    return shares.filter(Q(assignee=user) | Q(department__in=own_departments(user, project)))


def require(allowed: bool, sentence: str) -> None:
    """403 with a sentence that says what is missing and who can help."""
    if not allowed:
        raise PermissionDenied(sentence)


def visible_projects(user: User) -> list[Project]:
    """The projects the user may see, with their windows, read once per request."""
    cached: list[Project] | None = getattr(user, "_projects", None)
    if cached is None:
        cached = list(Project.objects.visible_to(user).with_window())
        user._projects = cached  # type: ignore[attr-defined]
    return cached


def readable_projects(user: User) -> list[Project]:
    """Those of them whose pages open to the user: some roles are limited to one project of the college."""
    return [project for project in visible_projects(user) if can(user, Action.VIEW, project)]


def first_of(projects: Sequence[Project]) -> Project | None:
    """The project of the whole college before those of its groups; None without any."""
    return min(projects, key=lambda project: not project.is_school, default=None)


def importable_projects(user: User) -> list[Project]:
    """Those into which the user may import a workbook, or at least 经费."""
    return [project for project in visible_projects(user) if can(user, Action.MONEY, project)]


def visible_project_or_404(user: User, pk: int) -> Project:
    project = next((project for project in visible_projects(user) if project.pk == pk), None)
    if project is None:
        raise Http404
    return project


def project_or_404(user: User, pk: int, action: Action = Action.VIEW) -> Project:
    """The project, if the user may see it (else 404) and may do `action` (else 403)."""
    project = visible_project_or_404(user, pk)
    require(
        can(user, action, project),
        f"您没有{action.value}“{project}”的权限，请联系本校项目办或管理员。",
    )
    return project


def task_or_404(project: Project, pk: int) -> Task:
    """A task of a project that was fetched with permission."""
    return get_object_or_404(project.tasks.select_related("lead"), pk=pk)


def point_or_404(user: User, pk: int) -> TaskPoint:
    points = TaskPoint.objects.select_related("task", "department", "assignee").prefetch_related(
        "co_departments"
    )
    point: TaskPoint = get_object_or_404(points, pk=pk)
    point.task.project = visible_project_or_404(user, point.task.project_id)
    require_view(user, point.task.project)
    return point


def require_view(user: User, project: Project) -> None:
    """403 for members whose roles are limited to other projects of the college."""
    require(can(user, Action.VIEW, project), f"您没有查看“{project}”的权限，请联系本校项目办。")


def point_to_fill_or_404(user: User, pk: int) -> TaskPoint:
    point = point_or_404(user, pk)
    require_fill(user, point)
    return point


def require_fill(user: User, point: TaskPoint) -> None:
    owner = point.department or "项目办"
    require(can_fill(user, point), f"任务点 {point.code} 由{owner}填报，您不能填报。")


def entry_or_404(user: User, pk: int) -> Entry:
    """An entry whose point the user sees; a draft only its author and those who fill the point see."""
    entry = get_object_or_404(Entry.objects.select_related("author"), pk=pk)
    entry.point = point_or_404(user, entry.point_id)
    if entry.state == State.DRAFT and entry.author_id != user.pk and not can_fill(user, entry.point):
        raise Http404
    return entry


def entry_to_submit_or_404(user: User, pk: int) -> Entry:
    """An entry of a point the user fills."""
    entry = entry_or_404(user, pk)
    require_fill(user, entry.point)
    return entry


def may_withdraw(user: User, entry: Reviewed) -> bool:
    """Its author, and whom the row was given to; when nobody is there who could, whoever fills it: it came
    with a workbook, or the author's account is closed."""
    is_free = entry.author is None or not entry.author.is_active or entry.subject.assignee_id == user.pk
    return entry.author_id == user.pk or (is_free and can_fill(user, entry.subject))


def require_withdraw(user: User, record: Reviewed) -> None:
    require(may_withdraw(user, record), f"只有{record.author or ''}本人或现在承担的人可以撤回这次填报。")


def job_or_404(user: User, pk: int) -> Job:
    jobs = Job.objects.visible_to(user).with_ahead()
    return get_object_or_404(jobs.select_related("project__institution"), pk=pk)


def importing_institutions(user: User) -> list[Institution]:
    """The colleges into which the user may import a workbook, also that of a new project; or 经费 alone."""
    found = {m.institution_id: m.institution for m in roles_of(user) if Action.MONEY in ALLOWED[m.role]}
    return list(found.values())


def imports_all(user: User) -> bool:
    """Whether the user may import more than 经费 somewhere."""
    return user.is_superuser or any(Action.IMPORT in ALLOWED[m.role] for m in roles_of(user))


def may_import(user: User, action: Action, college: Institution | None, project: Project | None) -> bool:
    """Whether the user may import (IMPORT: everything, MONEY: 经费) into the project; without one into the
    college, as a new project asks for: a role limited to one project does not reach so far."""
    if project:
        return can(user, action, project)
    return user.is_superuser or college in importing_wholly(user, action)


def importing_wholly(user: User, action: Action) -> list[Institution]:
    """The colleges of which the user may import whatever project, also a new one."""
    return [m.institution for m in roles_of(user) if action in ALLOWED[m.role] and m.project_id is None]


def administered(user: User) -> list[Institution]:
    """The colleges whose accounts and departments the user keeps."""
    if user.is_superuser:
        return list(Institution.objects.all())
    whole = [m for m in roles_of(user) if m.role == Role.ADMIN and m.project_id is None]
    return list({m.institution_id: m.institution for m in whole}.values())
