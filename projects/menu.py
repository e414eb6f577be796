"""The main menu: which entries whom. A new page is one line here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from projects.models import Role
from projects.permissions import LEADING_ROLES
from projects.querysets import READING_ROLES


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    icon: str
    url_name: str
    in_project: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    items: tuple[Item, ...]


OVERVIEW = Item("项目总览", "layout-dashboard", "reports:overview")
MINE = Item("我的任务", "checklist", "reports:mine")
REVIEW = Item("审核", "checkbox", "reports:review")
ROUNDS = Item("填报批次", "calendar-event", "projects:rounds")
DUTIES = Item("分工", "user-check", "reports:duties")
TASKS = Item("建设任务", "list-tree", "reports:tasks")
INDICATORS = Item("绩效指标", "target-arrow", "reports:indicators")
OUTCOMES = Item("成果台账", "trophy", "reports:outcomes")
FUNDING = Item("经费", "coin", "reports:funding")
SATISFACTION = Item("满意度", "mood-smile", "reports:satisfaction")
LIBRARY = Item("佐证材料", "folder", "reports:library")
SCORE = Item("评分", "award", "reports:score")
REPORT = Item("自评报告", "report-analytics", "reports:report")
CHANGES = Item("任务书调整", "refresh", "reports:changes")
LEVELS = Item("审核层级", "user-check", "projects:levels")
IMPORT = Item("导入", "table-import", "reports:import", in_project=False)
PEOPLE = Item("用户与部门", "users", "projects:people", in_project=False)
BACK_OFFICE = Item("后台管理", "settings", "admin:index", in_project=False)

OFFICE_ROLES = (Role.ADMIN, Role.OFFICE)
# What must be done comes first: the first role of this list that a person has decides. 审核 is left out
# for who has nothing to review in the project (projects/templatetags/shell.py).
FIRST: tuple[tuple[Role, tuple[Item, ...]], ...] = (
    (Role.ADMIN, (OVERVIEW, MINE, REVIEW, ROUNDS, DUTIES)),
    (Role.OFFICE, (OVERVIEW, MINE, REVIEW, ROUNDS, DUTIES)),
    (Role.PRINCIPAL, (OVERVIEW, REVIEW)),
    (Role.HEAD, (MINE, REVIEW, OVERVIEW, DUTIES)),
    (Role.FILLER, (MINE, OVERVIEW, REVIEW)),
    (Role.FINANCE, (FUNDING, OVERVIEW, REVIEW)),
    (Role.LEADER, (OVERVIEW, REVIEW)),
    (Role.GROUP_LEADER, (OVERVIEW, REVIEW)),
)
CONTENT = Group("建设内容", (TASKS, INDICATORS, OUTCOMES, FUNDING, SATISFACTION, LIBRARY))
RESULTS = Group("评价与报告", (SCORE, REPORT))


def first_page(roles: Collection[str]) -> Item:
    """Where a person with these roles lands after logging in."""
    return next((items[0] for role, items in FIRST if role in roles), OVERVIEW)


def menu_for(roles: Collection[str], *, is_superuser: bool) -> list[Group]:
    """The groups a person with these roles sees; empty ones are left out."""
    groups = []
    if any(role in READING_ROLES for role in roles):
        first = next(items for role, items in FIRST if role in roles)
        # Whoever leads some tasks writes their chapter, whatever else they are.
        first += (MINE,) * (MINE not in first and not LEADING_ROLES.isdisjoint(roles))
        content = tuple(item for item in CONTENT.items if item not in first)
        groups = [Group("", first), Group(CONTENT.title, content), RESULTS]
    upkeep = (IMPORT, CHANGES, LEVELS) * any(role in OFFICE_ROLES for role in roles)
    upkeep = upkeep or (IMPORT,) * (Role.FINANCE in roles)
    upkeep += (PEOPLE,) * (Role.ADMIN in roles) + (BACK_OFFICE,) * is_superuser
    return [*groups, Group("数据", upkeep)] if upkeep else groups
