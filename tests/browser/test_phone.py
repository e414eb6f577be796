"""What a filler does on a telephone, in a corridor, in two minutes."""

from __future__ import annotations

from playwright.sync_api import expect

from projects.models import Entry, State, TaskPoint, User
from tests.browser.chromium import Watch, log_in, overhang
from tests.browser.conftest import PASSWORD


def test_a_filler_finds_fills_and_submits_on_a_telephone(
    phone: Watch, filler: User, point: TaskPoint
) -> None:
    page = phone.page
    log_in(page, filler, PASSWORD)
    page.get_by_role("button", name="菜单").tap()
    page.get_by_role("link", name="我的任务").tap()
    expect(page.get_by_role("heading", name="我的任务")).to_be_visible()
    assert not overhang(page)

    page.get_by_role("link", name="填报", exact=True).tap()
    page.get_by_role("textbox", name="完成数量").fill("0")
    page.get_by_role("textbox", name="完成日期", exact=True).fill("2024-01-15")
    page.get_by_role("textbox", name="实际完成情况").fill("汇编已排版，等待印发")
    assert not overhang(page)
    with phone.answered(422):
        page.get_by_role("button", name="提交审核").tap()
        expect(page.get_by_text("还没有保存。")).to_be_visible()

    page.get_by_label("原因类别").fill("其他")
    page.get_by_label("未完成原因").fill("印刷厂排期靠后")
    page.get_by_label("预计完成日期").fill("2024-03-31")
    page.get_by_label("下一步措施").fill("三月底前印发")
    page.get_by_role("button", name="提交审核").tap()
    expect(page.get_by_text("已提交，等待项目办审核。")).to_be_visible()

    entry = Entry.objects.get(point=point)
    assert (entry.state, entry.quantity, entry.author) == (State.SUBMITTED, 0, filler)
