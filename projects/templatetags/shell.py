"""The frame of a page: menu, and the question (截至, 含待审) that its links carry along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

from projects.menu import Item, menu_for
from projects.models import Project, Role, User
from projects.permissions import memberships_of, roles_of

register = template.Library()


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    icon: str
    href: str
    is_active: bool


@register.simple_tag(takes_context=True)
def menu(context: Context) -> list[tuple[str, list[Link]]]:
    """Titles and links of the menu groups for the user, on the project of the page if there is one."""
    user: User = context["user"]
    project: Project | None = context.get("project")
    roles = {member.role for member in (memberships_of(user, project) if project else roles_of(user))}
    if user.is_superuser:
        roles.add(Role.ADMIN)
    groups = menu_for(roles, is_superuser=user.is_superuser)
    made = [(group.title, list(links(group.items, context, project))) for group in groups]
    return [(title, entries) for title, entries in made if entries]


def links(items: Iterable[Item], context: Context, project: Project | None) -> Iterable[Link]:
    query = carried(context)
    active = section(context)
    for item in items:
        if item.in_project and project is None:
            continue
        href = reverse(item.url_name, args=[project.pk] if item.in_project and project else None)
        yield Link(item.label, item.icon, href + query * item.in_project, item.url_name == active)


def section(context: Context) -> str:
    """The menu entry a page belongs to: `section` of its context, else its own url name."""
    match = context["request"].resolver_match
    return str(context.get("section") or (match.view_name if match else ""))


@register.simple_tag(takes_context=True)
def carried(context: Context) -> str:
    """`?as_of=2023-12-31&pending=1` as far as the page was asked for other than by default, else empty."""
    query = {}
    if context.get("as_of") and context["as_of"] != context.get("default_as_of"):
        query["as_of"] = context["as_of"].isoformat()
    if context.get("pending"):
        query["pending"] = "1"
    return f"?{urlencode(query)}" if query else ""
