"""Every page of the demo loads, fits the screen, and can be used by everyone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.urls import resolve
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from projects.models import Project, Role, User
from reports.demo.accounts import PASSWORD
from tests.browser.chromium import DESKTOP, PHONE, Watch, log_in, menu, overhang
from tests.browser.conftest import watched
from tests.browser.pages import NO_PAGES, pages, school_and_group, url_names

# Experts and authorities will see finished reports only.
ROLES = [role for role in Role if role not in (Role.EXPERT, Role.AUTHORITY)]


@pytest.fixture
def project(transactional_db: None) -> Project:
    """The school's project of the demo."""
    call_command("demo")
    return school_and_group()[0]


def member(project: Project, role: Role) -> User:
    found = User.objects.filter(memberships__institution=project.institution, memberships__role=role)
    return found.order_by("id")[0]


def faults_of(watch: Watch, address: str, *, axe: bool) -> Iterator[str]:
    page = watch.page
    page.goto(address)
    if wide := overhang(page):
        yield f"{wide} px wider than the screen"
    if axe:
        yield from inaccessible(page)
    yield from watch.taken()


def inaccessible(page: Page) -> Iterator[str]:
    for violation in Axe().run(page).response["violations"]:
        places = [node["target"][0] for node in violation["nodes"]]
        yield f"{violation['impact']} {violation['id']} at {len(places)} places: {places[:3]}"


# The marks and words that axe judges are the same on the telephone, and it is what takes long.
@pytest.mark.parametrize(("options", "axe"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone"])
def test_every_page_loads_fits_and_is_accessible(
    browser: Browser, live_server: LiveServer, project: Project, options: dict[str, Any], axe: bool
) -> None:
    admin = member(project, Role.ADMIN)
    addresses = pages(project, admin)
    assert_complete(addresses.values())
    for watch in watched(browser, live_server.url, **options):
        log_in(watch.page, admin, PASSWORD)
        faults = [
            f"{name}: {each}" for name in addresses for each in faults_of(watch, addresses[name], axe=axe)
        ]
    assert not faults, "\n".join(faults)


def assert_complete(addresses: Iterable[str]) -> None:
    """No page is forgotten."""
    shown = {resolve(urlsplit(address).path).view_name for address in addresses}
    assert not shown & NO_PAGES
    assert shown | NO_PAGES | {"login"} == url_names()


def test_log_in_leads_each_role_to_pages_that_open(
    browser: Browser, live_server: LiveServer, project: Project
) -> None:
    faults: list[str] = []
    for role in ROLES:
        for watch in watched(browser, live_server.url, **DESKTOP):
            log_in(watch.page, member(project, role), PASSWORD)
            links = menu(watch.page)
            for address in links.values():
                assert watch.page.request.get(address).ok, address
            faults += [f"{role}: {fault}" for fault in watch.taken() or ([] if links else ["no menu"])]
    assert not faults, "\n".join(faults)
