"""Who gets in, who sees what, and what bad addresses say."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from projects.models import Entry, Project, State, TaskPoint, User
from tests.browser.chromium import Watch, log_in
from tests.browser.conftest import PASSWORD
from tests.conftest import NOW


@pytest.fixture
def submitted(point: TaskPoint, filler: User) -> Entry:
    return Entry.objects.create(
        point=point,
        quantity=1,
        effective_on=date(2023, 12, 1),
        description="第二版已印发",
        state=State.SUBMITTED,
        author=filler,
        submitted_at=NOW,
    )


def test_wrong_password_is_told_and_the_right_one_leads_on(
    page: Page, office: User, project: Project
) -> None:
    page.goto("/login/")
    page.get_by_label("用户名").fill(office.username)
    page.get_by_label("密码").fill("不是这个")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("密码")
    log_in(page, office, PASSWORD)
    expect(page.get_by_role("heading", name="项目总览")).to_be_visible()
    page.get_by_title("账号").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.goto(f"/projects/{project.pk}/")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()


def test_filler_sees_an_entry_but_cannot_approve_it(
    page: Page, watch: Watch, filler: User, submitted: Entry, project: Project
) -> None:
    log_in(page, filler, PASSWORD)
    page.goto(f"/points/{submitted.point_id}/")
    expect(page.get_by_text("第二版已印发")).to_be_visible()
    expect(page.get_by_role("link", name="审核", exact=True)).to_have_count(0)
    with watch.answered(403):
        page.goto(f"/projects/{project.pk}/review/")
    expect(page.get_by_text("您不是“样例建设项目”的审核人。")).to_be_visible()


def test_outsiders_find_nothing(page: Page, watch: Watch, outsider: User, point: TaskPoint) -> None:
    log_in(page, outsider, PASSWORD)
    for address in (f"/projects/{point.task.project_id}/", f"/points/{point.pk}/"):
        with watch.answered(404):
            page.goto(address)
        expect(page.get_by_role("heading", name="没有找到")).to_be_visible()


def test_a_date_that_is_none_is_answered_with_a_sentence(
    page: Page, watch: Watch, office: User, project: Project
) -> None:
    log_in(page, office, PASSWORD)
    with watch.answered(400):
        page.goto(f"/projects/{project.pk}/?as_of=2023-02-30")
    expect(page.get_by_text("截至日期“2023-02-30”不是日期，应写成 2026-05-20。")).to_be_visible()
