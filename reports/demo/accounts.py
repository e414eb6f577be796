"""The people of the demo: accounts with a password that everybody knows, and their roles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from django.conf import settings
from django.contrib.auth.hashers import make_password

from indicators.models import Indicator
from projects.models import Department, Institution, Membership, Project, Role, Task, TaskPoint, User
from projects.permissions import DEPARTMENT_ROLES

Row = dict[str, str]

PASSWORD = "Binhai-demo-2024"
ROLES = {label: value for value, label in Role.choices}
# "testserver" is what Django's own test client calls itself.
LOCAL_HOSTS = {*settings.LOCAL_HOSTS, "testserver"}
# Not a role in a college: an account that sees all of them, for those who run the server.
PLATFORM = "平台管理员"


def missing(people: Iterable[Row]) -> list[Row]:
    """Those without an account."""
    people = list(people)
    known = User.objects.filter(username__in=[row["用户名"] for row in people])
    names = set(known.values_list("username", flat=True))
    return [row for row in people if row["用户名"] not in names]


def is_reachable() -> bool:
    """Whether others than this machine may be served, so that a known password is an open door."""
    return not settings.DEBUG and not set(settings.ALLOWED_HOSTS) <= LOCAL_HOSTS


def create(people: Iterable[Row]) -> dict[str, User]:
    """An account for each, by name; who runs the platform gets the back office."""
    password = make_password(PASSWORD)
    made = {}
    for row in people:
        runs_it = row["角色"] == PLATFORM
        made[row["姓名"]] = User.objects.create(
            username=row["用户名"],
            name=row["姓名"],
            password=password,
            is_staff=runs_it,
            is_superuser=runs_it,
        )
    return made


def join(user: User, row: Row) -> None:
    """The role of a person in their college, and the points and indicators that name them."""
    if row["角色"] == PLATFORM:
        return
    institution = Institution.objects.get(name=row["学校"])
    membership = Membership.objects.create(
        user=user,
        institution=institution,
        role=ROLES[row["角色"]],
        department=Department.objects.filter(institution=institution, name=row["部门"]).first(),
        project=Project.objects.filter(code=row["项目"]).first(),
    )
    membership.tasks.set(Task.objects.filter(project__code=row["项目"], code=row["任务"]))
    if membership.role in DEPARTMENT_ROLES:
        assign(user, institution)


def assign(user: User, institution: Institution) -> None:
    TaskPoint.objects.filter(task__project__institution=institution, person=user.name).update(assignee=user)
    Indicator.objects.filter(project__institution=institution, person=user.name).update(assignee=user)


def table(people: Sequence[Row]) -> str:
    """The log-ins as a table for the terminal."""
    head = ("用户名", "口令", "姓名", "角色", "部门或学校")
    cells = [
        head,
        *(
            (r["用户名"], PASSWORD, r["姓名"], r["角色"], r["部门"] or r["学校"] or "全部院校")
            for r in people
        ),
    ]
    widths = [max(width(row[column]) for row in cells) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def width(words: str) -> int:
    """Columns on a terminal, where Chinese characters take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in words)
