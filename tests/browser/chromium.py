"""The system's Chromium, and a watch over what goes wrong in its pages. Also used by script/look."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, Response

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
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

    def all(self) -> list[str]:
        return self.faults + [f"answer {status}: {url}" for status, url in self.answers]
