"""The system's Chromium, a visitor in it, and a watch over what goes wrong. Also used by script/look."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, Response

from projects.models import User

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    # Its own words, as in date fields, in the language of the site.
    "--lang=zh-CN",
)
# Options of a browser context
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}

# Chromium says most violations on the console itself, but not those of policies that only report.
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"""
# The request of a page that was left, or one that became a download.
LEFT_BEHIND = "net::ERR_ABORTED"
# What Chromium says on the console about every answer from 400 on; we have the answer itself.
BAD_ANSWER = "Failed to load resource"


def launch(playwright: Playwright) -> Browser:
    """CHROMIUM, or the `chromium` on the path. Playwright's own browsers are not wanted."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        raise RuntimeError("no chromium found: install it, or set CHROMIUM to its path")
    return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))


class Watch:
    """Everything that must not happen in a page: errors on the console, violations of the content policy,
    requests that fail or leave the site, answers from 400 on."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = urlsplit(site).netloc
        self.faults: list[str] = []
        self.answers: list[tuple[int, str]] = []
        page.add_init_script(TELL_VIOLATIONS)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error in a script: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(BAD_ANSWER):
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self.site:
            self.faults.append(f"request to another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT_BEHIND:
            self.faults.append(f"request failed: {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.answers.append((response.status, response.url))

    @contextmanager
    def answered(self, status: int) -> Iterator[None]:
        """Within the block one answer has to have this status; that is no fault then."""
        before = list(self.answers)
        yield
        new = self.answers[len(before) :]
        assert [code for code, _ in new] == [status], new
        self.answers = before

    def taken(self) -> list[str]:
        """Everything seen since this was last asked."""
        found = self.faults + [f"answer {status}: {url}" for status, url in self.answers]
        self.faults.clear()
        self.answers.clear()
        return found


def log_in(page: Page, user: User, password: str) -> None:
    page.goto("/login/")
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def menu(page: Page) -> dict[str, str]:
    """Label → address of what the main menu offers, the projects to switch to included."""
    items = page.locator("nav.side a.item").all()
    return {item.inner_text().strip(): item.get_attribute("href") or "" for item in items}


def overhang(page: Page) -> int:
    """How many pixels the page is wider than the screen."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide
