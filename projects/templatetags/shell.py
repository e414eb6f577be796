"""The frame of a page: menu, and the question (截至, 含待审) that its links carry along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

from projects.menu import CHANGES, MINE, OVERVIEW, REVIEW, Group, Item, menu_for
from projects.models import ChangeRequest, Project, Role, User
from projects.original import ORIGINAL
from projects.permissions import memberships_of, roles_of
from projects.reviewing import panel_of
from projects.todo import todo_of, unread

register = template.Library()


# Parameters of a page that mean the same in every project.
LASTING = ("view", "state", "tab", "years")


@dataclass(frozen=True, slots=True)
class Link:
    """`waiting`: so many things wait for the user there, `waits` in words; `rows`: of 我的任务, by group."""

    label: str
    icon: str
    href: str
    is_active: bool
    waiting: int = 0
    waits: str = ""
    rows: str = ""


@register.simple_tag(takes_context=True)
def menu(context: Context) -> list[tuple[str, list[Link]]]:
    """Titles and links of the menu groups for the user, on the project of the page if there is one."""
    project: Project | None = context.get("project") or None
    groups = offered(context["user"], project)
    made = [(group.title, list(links(group.items, context, project))) for group in groups]
    return [(title, entries) for title, entries in made if entries]


def offered(user: User, project: Project | None) -> list[Group]:
    roles = {member.role for member in (memberships_of(user, project) if project else roles_of(user))}
    if user.is_superuser:
        roles.add(Role.ADMIN)
    return menu_for(roles, is_superuser=user.is_superuser)


def links(items: Iterable[Item], context: Context, project: Project | None) -> Iterable[Link]:
    active = section(context)
    for item in items:
        is_active = item.url_name == active
        if not item.in_project:
            yield Link(item.label, item.icon, reverse(item.url_name), is_active)
        elif project and (item != REVIEW or panel_of(context["user"], project).seats_of(context["user"])):
            href = reverse(item.url_name, args=[project.pk]) + carried(context)
            yield Link(item.label, item.icon, href, is_active, *waiting(item, context["user"], project))


def waiting(item: Item, user: User, project: Project) -> tuple[int, str, str]:
    """How many entries wait for a decision of the user, or were returned to whoever fills them."""
    if item == REVIEW:
        return todo_of(user, project).reviews, "项待审核", ""
    if item == MINE:
        return todo_of(user, project).returned, "项被退回", "returned"
    if item == CHANGES:
        waiting = ChangeRequest.objects.filter(project=project, state__in=ChangeRequest.OPEN)
        return waiting.count(), "项待办理", ""
    return 0, "", ""


@dataclass(frozen=True, slots=True)
class Bell:
    """待办 in the top bar: its number, and what it is made of, each with words, address and group of rows."""

    total: int
    parts: list[tuple[int, str, str, str]]
    unread: int


@register.simple_tag(takes_context=True)
def bell(context: Context) -> Bell:
    """What waits for the user in the project of the page, and the messages not read yet."""
    user, project = context["user"], context.get("project") or None
    if project is None:
        return Bell(0, [], unread(user))
    made = todo_of(user, project)
    parts = [
        (made.returned, "项被退回，要修改", MINE, "returned"),
        (made.unfilled, "项未填报", MINE, "missing"),
        (made.drafts, "项草稿没有提交", MINE, "draft"),
        (made.reviews, "项待审核", REVIEW, ""),
    ]
    # Rows go from one group to another while one fills them: none is there for the sheet to count in.
    shown = [
        (n, words, reverse(item.url_name, args=[project.pk]), rows)
        for n, words, item, rows in parts
        if n or (rows and made.to_fill)
    ]
    return Bell(made.total, shown, unread(user))


@register.simple_tag(takes_context=True)
def switched(context: Context, other: Project) -> str:
    """The page of another project that is open now of this one; its overview where it does not offer it."""
    here = section(context)
    names = [
        item.url_name for group in offered(context["user"], other) for item in group.items if item.in_project
    ]
    user = context["user"]
    if here == REVIEW.url_name and not panel_of(user, other).seats_of(user):
        names = []
    address = reverse(here if here in names else OVERVIEW.url_name, args=[other.pk])
    is_same = view_name(context) in names
    asked = context["request"].GET
    lasting = urlencode({name: asked[name] for name in LASTING if is_same and name in asked})
    question = carried(context)
    joint = "&" if question and lasting else "?" if lasting else ""
    return f"{address}{question}{joint}{lasting}"


def section(context: Context) -> str:
    """The menu entry a page belongs to: `section` of its context, else its own url name."""
    return str(context.get("section") or view_name(context))


def view_name(context: Context) -> str:
    match = context["request"].resolver_match
    return match.view_name if match else ""


@register.simple_tag(takes_context=True)
def carried(context: Context) -> str:
    """`?as_of=2023-12-31&pending=1` as far as the page was asked for other than by default, else empty."""
    query = {}
    if context.get("as_of") and context["as_of"] != context.get("default_as_of"):
        query["as_of"] = context["as_of"].isoformat()
    if context.get("pending"):
        query["pending"] = "1"
    if context.get("is_original"):
        query["basis"] = ORIGINAL
    return f"?{urlencode(query)}" if query else ""
