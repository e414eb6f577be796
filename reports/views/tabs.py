"""Tabs that filter a page by one parameter of its address, and what lists have in common."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Tab:
    """What templates/components/tabs.html shows."""

    label: str
    href: str
    is_active: bool
    count: int | None = None
    icon: str = ""


def tab(
    request: HttpRequest, name: str, value: str, label: str, count: int | None = None, *, is_active: bool
) -> Tab:
    """A link to the same page with `name` set to `value` ("" takes it out), back on the first page."""
    query = request.GET.copy()
    query.pop("page", None)
    query.pop(name, None)
    if value:
        query[name] = value
    return Tab(label, f"?{query.urlencode()}", is_active, count)


def cleared(request: HttpRequest) -> str:
    """The same page without filters, but asked as of the same date."""
    query = request.GET.copy()
    for name in set(query) - {"as_of", "pending", "basis"}:
        del query[name]
    return f"?{query.urlencode()}"
