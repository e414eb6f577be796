"""Take the pictures of script/look: `look.py SITE FOLDER`, where SITE shows the demo of our DATA_DIR."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.urls import reverse  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from projects.models import Role, User  # noqa: E402
from reports.demo.accounts import PASSWORD  # noqa: E402
from reports.kinds import KINDS  # noqa: E402
from tests.browser.chromium import DESKTOP, PHONE, Watch, launch, log_in, overhang  # noqa: E402
from tests.browser.pages import (  # noqa: E402
    back_office,
    open_to_visitors,
    pages,
    pages_of_figures,
    pages_of_reports,
    school_and_group,
)

DEVICES = {"desktop": DESKTOP, "phone": PHONE}
SECONDS_TO_START = 300
DOTS_PER_INCH = "80"
# Pictures further down are loaded only when one comes near, and a bar that sticks to the edge of the window
# would lie across the middle of the page.
PREPARE = """async () => {
    document.querySelectorAll(".bulk").forEach((bar) => { bar.style.position = "static" });
    await Promise.all([...document.images].map((picture) => {
        picture.loading = "eager";
        return picture.decode().catch(() => {});
    }));
}"""

# Who looks at what: the user (None: a visitor), and name → address.
Look = tuple[User | None, dict[str, str]]


def main() -> int:
    site, folder = sys.argv[1], Path(sys.argv[2])
    wait_for(f"{site}/login/")
    everyone = looks()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        faults = sum(take_all(browser, site, folder, who, *look) for who, look in everyone.items())
        browser.close()
    print_reports(folder)
    print(f"{faults} 处问题" if faults else "没有问题", folder)
    return 1 if faults else 0


def wait_for(url: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return
        except OSError as fault:
            if time.monotonic() > deadline:
                raise SystemExit(f"{url} did not answer within {SECONDS_TO_START} s") from fault
            time.sleep(0.5)


def looks() -> dict[str, Look]:
    """The administrator looks at everything, the others at the page where they arrive."""
    school, group = school_and_group()
    people = User.objects.filter(memberships__institution=school.institution).order_by("id")
    by_role = {role: user for role in Role if (user := people.filter(memberships__role=role).first())}
    admin = by_role.pop(Role.ADMIN)
    made: dict[str, Look] = {
        "visitor": (None, open_to_visitors()),
        "admin": (admin, pages(school, admin)),
        "admin-group": (admin, pages_of_figures(group) | pages_of_reports(group, admin)),
    }
    made |= {str(role): (user, {"first": reverse("reports:home")}) for role, user in by_role.items()}
    return made | {"back-office": (User.objects.get(is_superuser=True), back_office())}


def take_all(
    browser: Browser, site: str, folder: Path, who: str, user: User | None, addresses: dict[str, str]
) -> int:
    """Pictures of all addresses on each device; how many faults they showed."""
    print(f"\n{who}" + (f" {user}" if user else ""), flush=True)
    seen: dict[str, list[str]] = {}
    for device, options in DEVICES.items():
        place = folder / device / who
        emptied(place)
        context = browser.new_context(base_url=site, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
        watch = Watch(context.new_page(), site)
        if user:
            log_in(watch.page, user, PASSWORD)
        for name, address in addresses.items():
            seen.setdefault(name, []).append(take(watch, address, place / f"{name}.png"))
        context.close()
    for name, (desktop, phone) in seen.items():
        print(f"  {name:24} {desktop:34} {phone:34} {addresses[name]}", flush=True)
    return sum("!" in one for both in seen.values() for one in both)


def take(watch: Watch, address: str, file: Path) -> str:
    """A picture of the whole page; its height, and after a "!" what was wrong."""
    page = watch.page
    answer = page.goto(address, wait_until="networkidle")
    page.evaluate(PREPARE)
    page.screenshot(path=file, full_page=True)
    height = page.evaluate("document.documentElement.scrollHeight")
    wide = overhang(page)
    faults = watch.taken() + ([f"{wide} px too wide"] if wide else [])
    return " ! ".join([f"{answer.status if answer else '—'} {height:5} px", *faults])


def emptied(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()


def print_reports(folder: Path) -> None:
    """Each kind for the project it is meant for, as PDF and page by page."""
    for kind in KINDS:
        project = next(project for project in school_and_group() if project.level == kind.level)
        place = folder / "report" / kind.identifier
        emptied(place)
        pdf = place / "report.pdf"
        call_command("render_report", project.code, kind=kind.identifier, format="pdf", output=pdf)
        subprocess.run(["pdftoppm", "-png", "-r", DOTS_PER_INCH, pdf, place / "page"], check=True)
        print(f"{kind.identifier}: {len(list(place.glob('page-*.png')))} pages", flush=True)


if __name__ == "__main__":
    # Playwright's loop runs in this thread; Django then takes every query for one from a coroutine.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    sys.exit(main())
