"""Whose session ends while typing keeps what was typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from projects.models import Entry, TaskPoint, User
from tests.browser.chromium import Watch, log_in
from tests.browser.conftest import PASSWORD

RESTORED = "已恢复您刚才填写、还没有保存的内容"
WORDS = "汇编（第二版）已排版，\n等待印发"


def type_in(page: Page, point: TaskPoint, user: User) -> None:
    log_in(page, user, PASSWORD)
    page.goto(f"/points/{point.pk}/fill/")
    page.get_by_label("完成数量").fill("0.5")
    page.get_by_role("textbox", name="完成日期", exact=True).fill("2023-12-15")
    page.get_by_label("实际完成情况").fill(WORDS)


def end_session(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")


def log_in_here(page: Page, user: User) -> None:
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def test_a_session_that_ended_keeps_the_text(watch: Watch, filler: User, point: TaskPoint) -> None:
    page = watch.page
    type_in(page, point, filler)
    end_session(page)
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_text("您刚才填写的内容还在")).to_be_visible()
    assert not Entry.objects.exists()
    log_in_here(page, filler)
    expect(page.get_by_text(RESTORED)).to_be_visible()
    assert page.url.endswith(f"/points/{point.pk}/fill/")
    expect(page.get_by_label("实际完成情况")).to_have_value(WORDS)
    expect(page.get_by_label("完成数量")).to_have_value("0.5")
    page.get_by_role("button", name="存草稿").click()
    expect(page.locator("main").get_by_text("草稿").first).to_be_visible()
    assert Entry.objects.get().description.replace("\r", "") == WORDS
    page.goto(f"/points/{point.pk}/fill/")
    expect(page.get_by_text(RESTORED)).to_be_hidden()


def test_it_can_be_given_up(watch: Watch, filler: User, point: TaskPoint) -> None:
    page = watch.page
    type_in(page, point, filler)
    end_session(page)
    page.reload()
    log_in_here(page, filler)
    page.get_by_role("button", name="放弃恢复的内容").click()
    expect(page.get_by_text(RESTORED)).to_be_hidden()
    expect(page.get_by_label("实际完成情况")).to_have_value("")
    page.reload()
    expect(page.get_by_label("实际完成情况")).to_have_value("")


@pytest.mark.parametrize("is_typed_on", [False, True])
def test_a_page_from_before_another_log_in_keeps_the_text(
    watch: Watch, filler: User, point: TaskPoint, is_typed_on: bool
) -> None:
    """Logged in again in a second tab: the first one's form is not accepted any more."""
    page = watch.page
    type_in(page, point, filler)
    end_session(page)
    with page.context.new_page() as other:
        other.goto("/login/")
        log_in_here(other, filler)
        other.wait_for_url(lambda url: "/login/" not in url)
    if is_typed_on:
        page.get_by_label("存在问题").fill("排期靠后")
    with watch.answered(403):
        page.get_by_role("button", name="存草稿").click()
        expect(page.get_by_role("heading", name="页面已过期")).to_be_visible()
    page.get_by_role("link", name="回到刚才填写的页面").click()
    expect(page.get_by_text(RESTORED)).to_be_visible()
    expect(page.get_by_label("实际完成情况")).to_have_value(WORDS)
    expect(page.get_by_label("存在问题")).to_have_value("排期靠后" if is_typed_on else "")
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_role("heading", name="填报完成情况")).to_be_hidden()
    assert Entry.objects.get().description.replace("\r", "") == WORDS


def test_the_next_person_at_the_machine_does_not_see_it(
    watch: Watch, filler: User, head: User, point: TaskPoint
) -> None:
    page = watch.page
    type_in(page, point, filler)
    end_session(page)
    page.reload()
    log_in_here(page, head)
    expect(page.get_by_role("heading", name="填报完成情况")).to_be_visible()
    expect(page.get_by_label("实际完成情况")).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:')).length") == 0


def test_an_answer_of_another_is_not_overwritten_in_silence(
    watch: Watch, filler: User, head: User, point: TaskPoint
) -> None:
    page = watch.page
    type_in(page, point, filler)
    end_session(page)
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_text("您刚才填写的内容还在")).to_be_visible()
    Entry.objects.create(point=point, effective_on="2023-12-01", description="另一人先写", author=head)
    log_in_here(page, filler)
    expect(page.get_by_text(RESTORED)).to_be_visible()
    with watch.answered(409):
        page.get_by_role("button", name="存草稿").click()
        expect(page.get_by_text("另一人先写").first).to_be_visible()
    expect(page.get_by_label("实际完成情况")).to_have_value(WORDS)
