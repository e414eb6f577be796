"""The project office decides: entry after entry, without leaving the page."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import expect

from projects.models import Entry, State, TaskPoint, User
from tests.browser.chromium import Watch, log_in
from tests.browser.conftest import PASSWORD
from tests.conftest import NOW


def test_a_return_without_words_stays_and_the_next_one_follows(
    watch: Watch, office: User, filler: User, point: TaskPoint
) -> None:
    page = watch.page
    entry = Entry.objects.create(
        point=point,
        effective_on=date(2023, 12, 1),
        quantity=1,
        state=State.SUBMITTED,
        author=filler,
        submitted_at=NOW,
    )
    log_in(page, office, PASSWORD)
    link = page.get_by_role("link", name=re.compile("^审核"))
    expect(link).to_have_accessible_name("审核 1 项待审核")
    link.click()
    with watch.answered(422):
        page.get_by_role("button", name="退回修改").click()
        expect(page.get_by_text("退回时请写明需要修改什么。")).to_be_visible()
    assert page.url.endswith(f"/projects/{point.task.project_id}/review/")
    page.get_by_label("审核意见").fill("请附印发文件。")
    page.get_by_role("button", name="退回修改").click()
    expect(page.get_by_text(f"已退回 {point.code}。")).to_be_visible()
    expect(page.get_by_text("没有待审核的填报。")).to_be_visible()
    expect(link).to_have_accessible_name("审核")
    entry.refresh_from_db()
    assert entry.state == State.RETURNED
