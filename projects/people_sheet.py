"""用户 of the exchange workbook: the accounts of a college and what each may do.

Several rows may speak of one person: together they say all that he or she may do. Passwords are only for new
accounts, and shown nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from projects.models import Membership, Project, User
from projects.notes import note
from projects.people_rules import (
    ACCOUNT,
    GRANTS,
    ROLES,
    RULES,
    SCOPE,
    TITLE,
    Secret,
    accounts,
    asked_by_an_administrator,
    differs_in,
    grants_differ,
    grants_of,
    people,
)
from projects.sheets import DEPARTMENT
from projects.workbook import cells
from projects.workbook.book import Book, Key, Values, Writing
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Fault, Notice, Problem
from projects.workbook.headers import Column
from projects.workbook.sheet import RECORD, Changes, Sheet


def username(cell: cells.RawCell) -> str:
    found = User.normalize_username(cells.code(cell, limit=150))
    try:
        if found:
            User.username_validator(found)
    except ValidationError:
        raise Problem("用户名只能有文字、数字和 @ . + - _", "例如工号，或姓名拼音 zhoumin") from None
    return found


def email(cell: cells.RawCell) -> str:
    found = cells.code(cell, limit=254)
    try:
        if found:
            validate_email(found)
    except ValidationError:
        raise Problem("不是邮箱地址", "例如 zhoumin@example.edu.cn，或留空") from None
    return found


def roles(cell: cells.RawCell) -> tuple[str, ...]:
    found = cells.names(cell)
    if unknown := [name for name in found if name not in ROLES]:
        raise Problem(f"没有“{unknown[0]}”这个角色", f"{'、'.join(ROLES)}，几个用“、”分开")
    return found


def secret(cell: cells.RawCell) -> Secret | None:
    """A fault would show what stands there: only a formula without its result is one here."""
    return Secret(cells.written(cell)) if cells.known(cell) is not None else None


def shown(grants: set[Key]) -> Values:
    """Grants as the cells of one row would show them."""
    told = {name: [grant[place] for grant in sorted(grants)] for place, name in enumerate(SCOPE)}
    return {name: "、".join(dict.fromkeys(filter(None, some))) for name, some in told.items()}


@dataclass(frozen=True, kw_only=True)
class PeopleSheet(Sheet):
    """A person is one record; the first of the rows tells it."""

    def ids(self, book: Book) -> dict[Key, int]:
        return {(name,): account["pk"] for name, account in accounts(book.institution).items()}

    def prepare(self, table: Table) -> None:
        first = people(table)
        for row in first.values():
            row.values[GRANTS] = set()
        for row in table.telling("username"):
            first[row.values["username"]].values[GRANTS] |= grants_of(row)

    def faults(self, table: Table, book: Book) -> Iterator[Fault]:
        yield from self.too_long(table)
        for rule in self.rules:
            yield from rule(table, book)

    def notices(self, table: Table, changes: Changes, book: Book) -> Iterator[Notice]:
        for row in changes.new:
            if not (row.values.get("password") or row.values["username"] in book.passwords):
                message = f"新用户“{row.values['name']}”没有初始密码，设置后才能登录"
                yield table.notice(row, "username", message)
        for row in (*changes.changed, *changes.unchanged):
            if row.values.get("password"):
                message = f"“{row.values['name']}”已有账号，初始密码没有使用"
                yield table.notice(row, "username", message)

    def compare(self, table: Table, book: Book) -> Changes:
        if any(asked_by_an_administrator(table, book)):
            return Changes()  # who has an account is not for everyone to see
        known = accounts(book.institution)
        new, changed, unchanged = [], [], []
        for name, row in sorted(people(table).items(), key=lambda item: item[1].number):
            stands, grants = known.pop(name, None), row.values.get(GRANTS) or set()
            if stands is None:
                row.values.update(shown(grants))
                new.append(row)
            elif differs_in(row, stands, table, ACCOUNT) or grants_differ(row, stands):
                row.values.update(shown(grants or stands[GRANTS]))
                row.values[RECORD] = stands | shown(stands[GRANTS]) | {"password": row.values.get("password")}
                changed.append(row)
            else:
                unchanged.append(row)
        return Changes(tuple(new), tuple(changed), tuple(unchanged), missing=tuple((name,) for name in known))

    def exported(self, book: Book) -> list[Values]:
        """A row for each department and project that a person has roles in."""
        rows = []
        for _, account in sorted(accounts(book.institution).items()):
            for where in sorted({grant[1:] for grant in account[GRANTS]}):
                own = tuple(sorted(grant[0] for grant in account[GRANTS] if grant[1:] == where))
                rows.append(account | dict(zip(SCOPE, (own, *where), strict=True)))
        return rows

    def write(self, table: Table, changes: Changes, writing: Writing) -> None:
        for row in changes.new:
            user = User(username=row.values["username"], must_change_password=True)
            password: Secret | None = row.values.get("password")
            kept = writing.book.passwords.get(user.username)
            user.password = make_password(password.value) if password else kept or make_password(None)
            self.save(user, row, table, writing)
        names = [row.values["username"] for row in changes.changed]
        users = User.objects.in_bulk(names, field_name="username")
        for row in changes.changed:
            self.save(users[row.values["username"]], row, table, writing)

    def save(self, user: User, row: Row, table: Table, writing: Writing) -> None:
        for name in {"name", "email"} & table.present:
            setattr(user, name, row.values[name])
        if "is_off" in table.present:
            user.is_active = not row.values["is_off"]
        is_new = user.pk is None
        user.save()
        if writing.by:
            note(user, writing.by, "清单导入：建立账号" if is_new else "清单导入：修改账号")
        if row.values[GRANTS]:
            self.grant(user, row.values[GRANTS], writing)

    def grant(self, user: User, grants: set[Key], writing: Writing) -> None:
        """Exactly these roles in the college; those that stay keep the tasks that they are limited to."""
        institution = writing.book.institution
        assert institution
        projects = dict(Project.objects.filter(institution=institution).values_list("code", "pk"))
        departments = writing.ids(DEPARTMENT.sheet)
        wanted = {
            (ROLES[role], departments.get((department,)), projects.get(project))
            for role, department, project in grants
        }
        own = Membership.objects.filter(user=user, institution=institution)
        standing = {
            pk: tuple(rest) for pk, *rest in own.values_list("pk", "role", "department_id", "project_id")
        }
        own.filter(pk__in=[pk for pk, grant in standing.items() if grant not in wanted]).delete()
        for role, department, project in sorted(wanted - set(standing.values()), key=str):
            Membership.objects.create(
                user=user, institution=institution, role=role, department_id=department, project_id=project
            )


PEOPLE = PeopleSheet(
    title=TITLE,
    columns=(
        Column("用户名", "username", username, required=True),
        Column("姓名", "name", cells.line, required=True),
        Column("部门", "department", cells.line),
        Column("角色", "roles", roles),
        Column("项目", "project", cells.code),
        Column("邮箱", "email", email),
        Column("初始密码", "password", secret),
        Column("停用", "is_off", cells.flag, default=False),
    ),
    key=("username",),
    model=User,
    scope="institution",
    links={"department": DEPARTMENT},
    rules=RULES,
    is_ordered=False,
)
