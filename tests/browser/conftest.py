"""A live site, a browser that looks at it, and people who log in. No test here waits by the clock."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from projects import jobs, tasks
from projects.models import Institution
from tests.browser.chromium import DESKTOP, PHONE, Watch, launch

# What is awaited comes when it comes: a busy machine is no fault of a page. Milliseconds.
expect.set_options(timeout=120_000)

# Of everyone in tests/conftest.py.
PASSWORD = "口令-for-tests"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's loop runs in this thread, and Django then takes every query for one from a coroutine.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def watched(browser: Browser, site: str, **options: Any) -> Iterator[Watch]:
    """A page of a new visitor; at the end nothing may have gone wrong in it."""
    context = browser.new_context(base_url=site, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
    watch = Watch(context.new_page(), site)
    yield watch
    context.close()
    assert not watch.taken()


@pytest.fixture
def watch(browser: Browser, live_server: LiveServer) -> Iterator[Watch]:
    yield from watched(browser, live_server.url, **DESKTOP)


@pytest.fixture
def page(watch: Watch) -> Page:
    return watch.page


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Watch]:
    yield from watched(browser, live_server.url, **PHONE)


@pytest.fixture
def college(db: None) -> Institution:
    """The one that the example workbooks speak of."""
    return Institution.objects.create(name="茂名职业技术学院")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Jobs are done beside the site, as a worker does them; without it they are done within the request."""
    threads = []

    def start(pk: int) -> None:
        thread = threading.Thread(target=work, args=(pk,))
        threads.append(thread)
        thread.start()

    monkeypatch.setattr(tasks.run_job, "delay", start)
    yield
    for thread in threads:
        thread.join()


def work(pk: int) -> None:
    try:
        jobs.execute(pk)
    finally:
        connection.close()
