"""Accounts and roles of a college, as its administrator keeps them. Nobody is deleted: history names them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence

from django.apps import apps
from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.db.models import Prefetch, QuerySet

from projects import logins, versions
from projects.collation import by_sound
from projects.models import Department, Institution, Membership, Project, Role, Task, User
from projects.notes import note

# Without those that look alike.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
NEEDS_DEPARTMENT = (Role.FILLER, Role.HEAD)
# Given by those who run the platform, not by a college.
NOT_OURS = (Role.AUTHORITY,)


class Refusal(Exception):
    """What was asked cannot be done; the message is a sentence for the user."""


def people_of(colleges: Collection[Institution]) -> QuerySet[User]:
    """Everyone with a role in one of the colleges, with these roles as `roles`."""
    roles = Membership.objects.filter(institution__in=colleges).select_related("department", "project")
    tasks = Prefetch("tasks", Task.objects.order_by("project", "position", "id"), to_attr="scope")
    return (
        User.objects.filter(memberships__institution__in=colleges)
        .distinct()
        .prefetch_related(
            Prefetch("memberships", roles.order_by("id").prefetch_related(tasks), to_attr="roles")
        )
        .order_by("username")
    )


def sorted_people(people: Iterable[User]) -> list[User]:
    """Those who still work here first, by the sound of their names."""
    return sorted(people, key=lambda user: (not user.is_active, by_sound(str(user)), user.username))


def rows_of(person: User) -> int:
    """How many things somebody is to fill in or to do, of every kind that has an `assignee`; what is done is
    not among them."""
    count = 0
    for model in apps.get_models():
        names = {field.name for field in model._meta.fields}
        if "assignee" in names:
            undone = {"done_on": None} if "done_on" in names else {}
            count += model._base_manager.filter(assignee=person, **undone).count()
    return count


def new_password() -> str:
    """Three groups of four characters, to be read out or copied."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


@transaction.atomic
def create(
    username: str,
    name: str,
    college: Institution,
    role: str,
    department: Department | None,
    project: Project | None,
    tasks: Sequence[Task] = (),
    *,
    by: User,
) -> tuple[User, str]:
    """A new account with its first role, and the password to hand over; it must be changed at first."""
    password = new_password()
    person = User.objects.create_user(username, password=password, name=name, must_change_password=True)
    note(person, by, "建立账号", ADDITION)
    join(person, college, role, department, project, tasks, by=by)
    return person, password


@transaction.atomic
def join(
    person: User,
    college: Institution,
    role: str,
    department: Department | None,
    project: Project | None,
    tasks: Sequence[Task] = (),
    *,
    by: User,
) -> Membership:
    """One more role. Refusal when the person has it already."""
    made, is_new = Membership.objects.get_or_create(
        user=person, institution=college, role=role, department=department, project=project
    )
    if not is_new:
        raise Refusal(f"{person}已有这个角色：{described(made)}。")
    made.tasks.set(tasks)
    note(person, by, f"增加角色：{described(made)}")
    return made


@transaction.atomic
def leave(membership: Membership, *, by: User) -> None:
    """One role less. What was done in it stays. Refusal for the last administrator."""
    person = membership.user
    if membership.role == Role.ADMIN:
        refuse_last_administrator(membership.institution, but=membership, verb="取消")
    note(person, by, f"取消角色：{described(membership)}")
    membership.delete()


def version_of(membership: Membership) -> str:
    """Changes whenever the role's department, project or tasks do."""
    tasks = "-".join(map(str, sorted(membership.tasks.values_list("pk", flat=True))))
    return f"{versions.version_of(membership, ('role', 'department_id', 'project_id'))}-{tasks}"


@transaction.atomic
def change(
    membership: Membership,
    department: Department | None,
    project: Project | None,
    tasks: Sequence[Task],
    *,
    by: User,
    seen: str,
) -> Membership:
    """Move a role to another department, or limit it to a project or tasks: the old role ends, this begins.

    `seen` is the version that the administrator had before their eyes.
    """
    current = Membership.objects.select_for_update().get(pk=membership.pk)
    if version_of(current) != seen:
        raise Refusal("您打开页面之后，这个角色有了变化，请看过再修改。")
    before = described(current)
    others = Membership.objects.filter(
        user=current.user,
        institution=current.institution,
        role=current.role,
        department=department,
        project=project,
    )
    if others.exclude(pk=current.pk).exists():
        current.department, current.project = department, project
        raise Refusal(f"{current.user}已有这个角色：{described(current)}。")
    if current.role == Role.ADMIN and project is not None:
        refuse_last_administrator(current.institution, but=current, verb="限于项目")
    current.department, current.project = department, project
    current.save(update_fields=["department", "project"])
    current.tasks.set(tasks)
    after = described(current)
    if after != before:
        note(current.user, by, f"角色由“{before}”改为“{after}”")
    return current


@transaction.atomic
def deactivate(person: User, colleges: Collection[Institution], *, by: User, anyway: bool = False) -> None:
    """The account can no longer be used; its sessions end with the next click. Refusal while rows are still
    given to the person, unless `anyway`."""
    refuse_others(person, colleges)
    if (left := rows_of(person)) and not anyway:
        raise Refusal(f"还有 {left} 项由{person}填报，请先办理交接；不交接也要停用时，请勾选后再停用。")
    if person.pk == by.pk:
        raise Refusal("不能停用自己的账号，请由另一位管理员停用。")
    for membership in person.memberships.filter(role=Role.ADMIN):
        refuse_last_administrator(membership.institution, but=membership, verb="停用")
    person.is_active = False
    person.save(update_fields=["is_active"])
    note(person, by, "停用账号")


@transaction.atomic
def activate(person: User, colleges: Collection[Institution], *, by: User) -> None:
    refuse_others(person, colleges)
    person.is_active = True
    person.save(update_fields=["is_active"])
    note(person, by, "恢复账号")


@transaction.atomic
def reset_password(person: User, colleges: Collection[Institution], *, by: User) -> str:
    """A new password to hand over; whoever is logged in with the old one is logged out."""
    refuse_others(person, colleges)
    if person.pk == by.pk:
        raise Refusal("自己的密码请在“修改密码”里修改。")
    password = new_password()
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    note(person, by, "重设密码")
    return password


@transaction.atomic
def unlock(person: User, colleges: Collection[Institution], *, by: User) -> None:
    """Whoever guessed wrong too often may try again at once."""
    refuse_others(person, colleges)
    logins.unlock(person)
    note(person, by, "解除登录暂停")


def refuse_others(person: User, colleges: Collection[Institution]) -> None:
    """An account that also serves elsewhere is not one college's to lock, to open or to readdress."""
    elsewhere = person.memberships.exclude(institution__in=colleges).exists()
    if person.is_superuser or elsewhere:
        raise Refusal(f"{person}的账号还在别处使用，请联系平台管理员处理。")


def refuse_last_administrator(college: Institution, *, but: Membership, verb: str) -> None:
    others = Membership.objects.filter(
        institution=college, role=Role.ADMIN, project=None, user__is_active=True
    )
    if not others.exclude(pk=but.pk).exclude(user=but.user).exists():
        raise Refusal(f"{but.user}是{college}唯一的管理员，不能{verb}。请先指定另一位管理员。")


def described(membership: Membership) -> str:
    """`部门负责人（教务处）`, `建设组长（双高建设、任务 2、任务 3-1）`."""
    places = [str(each) for each in (membership.department, membership.project) if each]
    tasks = membership.tasks.order_by("project", "position", "id") if membership.pk else ()
    within = "、".join(places + [f"任务 {task.code}" for task in tasks])
    return membership.get_role_display() + (f"（{within}）" if within else "")
