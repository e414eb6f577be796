"""Reviewers decide: row after row, without leaving the page, and without the mouse."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from projects.models import Entry, State, TaskPoint, User
from tests.browser.chromium import Watch, log_in
from tests.browser.conftest import PASSWORD
from tests.conftest import NOW


def submission(point: TaskPoint, by: User) -> Entry:
    return Entry.objects.create(
        point=point,
        effective_on=date(2023, 12, 1),
        quantity=1,
        state=State.SUBMITTED,
        author=by,
        submitted_at=NOW,
    )


def test_a_return_without_words_stays_and_the_next_one_follows(
    watch: Watch, office: User, filler: User, point: TaskPoint
) -> None:
    page = watch.page
    entry = submission(point, filler)
    log_in(page, office, PASSWORD)
    link = page.get_by_role("link", name=re.compile("^审核 "))
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
    expect(page.get_by_role("link", name="审核", exact=True).first).to_be_visible()
    entry.refresh_from_db()
    assert entry.state == State.RETURNED


@pytest.fixture
def three(point: TaskPoint, filler: User) -> list[Entry]:
    """Three rows that wait, in the order in which they were handed in."""
    points = [
        point,
        *(
            TaskPoint.objects.create(
                task=point.task,
                year=2023,
                seq=str(number),
                text=f"第 {number} 项",
                planned=1,
                unit="项",
                due_on=point.due_on,
                department=point.department,
            )
            for number in (7, 8)
        ),
    ]
    return [submission(each, filler) for each in points]


def test_keys_turn_approve_and_return(watch: Watch, office: User, three: list[Entry]) -> None:
    page = watch.page
    log_in(page, office, PASSWORD)
    page.goto(f"{page.url.split('/projects')[0]}/projects/{three[0].point.task.project_id}/review/")
    heading = page.locator(".under-review h2").first
    expect(heading).to_contain_text(three[0].point.text)
    page.keyboard.press("j")
    expect(heading).to_contain_text(three[1].point.text)
    page.keyboard.press("k")
    expect(heading).to_contain_text(three[0].point.text)
    # A approves and goes on.
    page.keyboard.press("a")
    expect(page.get_by_text(f"已通过 {three[0].point.code}。")).to_be_visible()
    expect(heading).to_contain_text(three[1].point.text)
    # R asks for the words first; what is typed there is text, not a command.
    page.keyboard.press("r")
    words = page.get_by_label("审核意见")
    expect(words).to_be_focused()
    page.keyboard.type("jakr: ")
    expect(words).to_have_value("jakr: ")
    page.get_by_role("button", name="佐证不清晰").click()
    expect(words).to_have_value("jakr:；佐证不清晰")
    page.get_by_role("button", name="退回修改").focus()
    page.keyboard.press("r")
    expect(page.get_by_text(f"已退回 {three[1].point.code}。")).to_be_visible()
    expect(heading).to_contain_text(three[2].point.text)
    states = [Entry.objects.get(pk=entry.pk).state for entry in three]
    assert states == [State.APPROVED, State.RETURNED, State.SUBMITTED]


def test_what_two_decide_at_once_is_told(watch: Watch, office: User, three: list[Entry]) -> None:
    """The author mends the row in the back while the reviewer looks at it: both versions are shown."""
    page = watch.page
    log_in(page, office, PASSWORD)
    page.goto(f"{page.url.split('/projects')[0]}/projects/{three[0].point.task.project_id}/review/")
    expect(page.get_by_text("1 部").first).to_be_visible()
    Entry.objects.filter(pk=three[0].pk).update(quantity=Decimal("1.2"))
    with watch.answered(409):
        page.keyboard.press("a")
        expect(page.get_by_role("heading", name="您打开页面之后的变化")).to_be_visible()
    expect(page.locator("ins", has_text="1.2 部").first).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text(f"已通过 {three[0].point.code}。")).to_be_visible()


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (390, 844)])
def test_half_typed_words_wait_and_the_decision_is_in_sight(
    watch: Watch, office: User, three: list[Entry], size: tuple[int, int]
) -> None:
    page = watch.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    log_in(page, office, PASSWORD)
    page.goto(f"{page.url.split('/projects')[0]}/projects/{three[0].point.task.project_id}/review/")
    heading, words = page.locator(".under-review h2").first, page.get_by_label("审核意见")
    for name in ("退回修改", "通过，看下一项"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="佐证不清晰").click()
    page.get_by_label("下一项", exact=True).click()
    expect(heading).to_contain_text(three[1].point.text)
    expect(words).to_have_value("")
    words.fill("第二项的意见")
    page.get_by_label("上一项", exact=True).click()
    expect(heading).to_contain_text(three[0].point.text)
    expect(words).to_have_value("佐证不清晰")
    # What was sent does not come back.
    page.get_by_role("button", name="退回修改").click()
    expect(page.get_by_text(f"已退回 {three[0].point.code}。")).to_be_visible()
    expect(words).to_have_value("第二项的意见")
    kept = page.evaluate("Object.keys(sessionStorage).filter((key) => key.includes('keep'))")
    assert kept == [f"draft:keep|point-{three[1].pk}"]
