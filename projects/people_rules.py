"""Who has an account in a college and what each may do; and what a list of people may not do to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from projects.models import Institution, Membership, Project, Role, User
from projects.people import NEEDS_DEPARTMENT, NOT_OURS
from projects.permissions import administered
from projects.sheets import DEPARTMENTS
from projects.workbook.book import Book, Key, Values
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Fault

TITLE = "用户"
ROLES = {str(label): Role(value) for value, label in Role.choices}
ACCOUNT = ("name", "email", "is_off")
SCOPE = ("roles", "department", "project")
# Where an account, or the first row of a person, keeps the (role, department, project) of all its rows.
GRANTS = "grants"
NOBODY: Values = {GRANTS: set(), "is_off": False}


@dataclass(frozen=True, slots=True)
class Secret:
    """A password on its way in. Whoever prints it sees that it is there, and no more."""

    value: str

    def __str__(self) -> str:
        return "（已填写）"

    __repr__ = __str__


def people(table: Table) -> dict[str, Row]:
    """By user name, the first row of each person."""
    return {row.values["username"]: row for row in reversed(list(table.telling("username")))}


def grants_of(row: Row) -> set[Key]:
    """What a row alone allows."""
    where = row.values.get("department", ""), row.values.get("project", "")
    return {(role, *where) for role in row.values.get("roles", ())}


def accounts(institution: Institution | None) -> dict[str, Values]:
    """The accounts of a college in row form, by user name."""
    found: dict[str, Values] = {}
    members = Membership.objects.filter(institution=institution) if institution else Membership.objects.none()
    for m in members.select_related("user", "department", "project").order_by("pk"):
        account = {"username": m.user.username, "name": m.user.name, "email": m.user.email, "pk": m.user.pk}
        values = found.setdefault(m.user.username, account | {"is_off": not m.user.is_active, GRANTS: set()})
        where = m.department.name if m.department else "", m.project.code if m.project else ""
        values[GRANTS].add((str(m.get_role_display()), *where))
    return found


def differs_in(row: Row, stands: Values, table: Table, names: Collection[str]) -> bool:
    return any(n in table.present and row.values.get(n, stands[n]) != stands[n] for n in names)


def grants_differ(row: Row, stands: Values) -> bool:
    """Without any role a row leaves them as they are."""
    grants = row.values.get(GRANTS)
    return bool(grants) and grants != stands[GRANTS]


# Rules


def asked_by_an_administrator(table: Table, book: Book) -> Iterator[Fault]:
    if book.by and book.institution not in administered(book.by):
        yield Fault(table.title, "", "", "只有本校管理员可以导入用户", "请管理员导入，或去掉这张工作表")


def rows_agree(table: Table, book: Book) -> Iterator[Fault]:
    first = people(table)
    for row in table.telling("username", *ACCOUNT):
        head = first[row.values["username"]]
        for name in ACCOUNT:
            if row.values[name] != head.values.get(name, row.values[name]):
                message = f"同一用户与第 {head.number} 行填写的不一致"
                yield table.fault(row, name, message, "各行一致的内容")


def roles_are_whole(table: Table, book: Book) -> Iterator[Fault]:
    """A role that fills needs its department; a department or project says nothing without a role."""
    for row in table.telling("username", *SCOPE):
        told, department = row.values["roles"], row.values["department"]
        filling = [role for role in told if ROLES[role] in NEEDS_DEPARTMENT]
        if filling and not department:
            yield table.fault(row, "department", f"{filling[0]}要写明部门", "用户所在的部门")
        if "roles" in table.present and not told and (department or row.values["project"]):
            yield table.fault(row, "roles", "写了部门或项目，没有写角色", "、".join(ROLES))


def roles_are_of_a_college(table: Table, book: Book) -> Iterator[Fault]:
    """What the platform gives is not a college's to give."""
    for row in table.telling("roles"):
        for role in row.values["roles"]:
            if ROLES[role] in NOT_OURS and book.by and not book.by.is_superuser:
                yield table.fault(row, "roles", f"“{role}”由平台管理员设置", "本校的角色")


def new_people_have_roles(table: Table, book: Book) -> Iterator[Fault]:
    known = accounts(book.institution)
    for name, row in people(table).items():
        says_nothing = row.tells(SCOPE) and not any(row.values[each] for each in SCOPE)
        if name not in known and says_nothing and not row.values.get(GRANTS):
            yield table.fault(row, "roles", "新用户没有写角色", "、".join(ROLES))


def projects_exist(table: Table, book: Book) -> Iterator[Fault]:
    known = set(Project.objects.filter(institution=book.institution).values_list("code", flat=True))
    if own := book.tables.get("项目"):
        known |= {row.values["code"] for row in own.telling("code")}
    for row in table.telling("project"):
        if (code := row.values["project"]) and code not in known:
            yield table.fault(row, "project", f"项目“{code}”不存在", "本校已有的项目编号，或留空（全校）")


def accounts_are_of_the_college(table: Table, book: Book) -> Iterator[Fault]:
    """No account of another college, or of the platform, is touched by a list; whose it is stays unsaid."""
    known, first = accounts(book.institution), people(table)
    for user in User.objects.filter(username__in=first).prefetch_related("memberships"):
        row = first[user.username]
        elsewhere = {m.institution_id for m in user.memberships.all()} - {getattr(book.institution, "pk", 0)}
        if user.username not in known or user.is_superuser:
            yield table.fault(row, "username", "用户名已被使用", "本校已有的用户名，或没有人用过的用户名")
        elif elsewhere and differs_in(row, known[user.username], table, ACCOUNT):
            message = "这个账号不只属于本校，姓名、邮箱和停用不能用清单修改"
            yield table.fault(row, "username", message, "与系统中相同的内容")


def passwords_are_strong(table: Table, book: Book) -> Iterator[Fault]:
    known = accounts(book.institution)
    for name, row in people(table).items():
        password = row.values.get("password")
        if name in known or not password:
            continue
        try:
            validate_password(password.value, User(username=name, name=row.values.get("name", "")))
        except ValidationError as error:
            message = f"初始密码不合格：{''.join(error.messages).rstrip('。')}"
            yield Fault(table.title, row.at("password"), "", message, "至少 10 个字符、不易猜到的密码")


def passwords_come_alone(table: Table, book: Book) -> Iterator[Fault]:
    """A file with passwords is not kept as it came, so nothing else may be in it."""
    others = [title for title in book.tables if title not in (TITLE, DEPARTMENTS.title)]
    if others and any(row.values.get("password") for row in table.rows):
        right = f"只有“{TITLE}”和“{DEPARTMENTS.title}”的工作簿"
        yield Fault(table.title, "", "", "写有初始密码的用户表要单独成一个文件", right)


def nobody_changes_own_rights(table: Table, book: Book) -> Iterator[Fault]:
    if book.by is None:
        return
    row, stands = people(table).get(book.by.username), accounts(book.institution).get(book.by.username)
    if row and stands and (differs_in(row, stands, table, ["is_off"]) or grants_differ(row, stands)):
        yield table.fault(row, "username", "不能用清单修改自己的角色，也不能停用自己", "由另一位管理员修改")


def an_administrator_remains(table: Table, book: Book) -> Iterator[Fault]:
    known, first = accounts(book.institution), people(table)
    before = {name for name, account in known.items() if is_administrator(account)}
    told = {name: NOBODY | known.get(name, {}) | changes_to(first.get(name)) for name in {*known, *first}}
    if before and not any(map(is_administrator, told.values())):
        row = first[min(before & first.keys())]
        yield table.fault(row, "username", "导入后本校没有可用的管理员账号", "至少保留一位没有停用的管理员")


def is_administrator(account: Values) -> bool:
    administers = any(role == Role.ADMIN.label and not project for role, _, project in account[GRANTS])
    return administers and not account["is_off"]


def changes_to(row: Row | None) -> Values:
    """What a row makes of an account, as far as it decides who administers."""
    if row is None:
        return {}
    told = {"is_off": row.values["is_off"]} if row.tells(["is_off"]) and "is_off" in row.places else {}
    return told | ({GRANTS: row.values[GRANTS]} if row.values.get(GRANTS) else {})


RULES = (
    asked_by_an_administrator,
    rows_agree,
    roles_are_whole,
    roles_are_of_a_college,
    new_people_have_roles,
    projects_exist,
    accounts_are_of_the_college,
    passwords_are_strong,
    passwords_come_alone,
    nobody_changes_own_rights,
    an_administrator_remains,
)
