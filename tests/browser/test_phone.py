"""What a filler does on a telephone, in a corridor, in two minutes."""

from __future__ import annotations

import re

from django.utils import timezone
from playwright.sync_api import expect

from projects.models import Entry, Round, State, TaskPoint, User
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

    for column, words in (("quantity", "0"), ("effective_on", "2024-01-15"), ("description", "汇编已排版")):
        page.locator(f"[data-field={column}]").tap()
        page.locator(f"[data-field={column}] .editor").fill(words)
    page.keyboard.press("Enter")
    assert not overhang(page)
    page.get_by_text("逐项查看").tap()
    page.get_by_role("button", name=re.compile("原因类别：已到期而没有完成")).tap()
    assert not overhang(page)
    page.get_by_label("原因类别").fill("其他")
    page.get_by_label("未完成原因").fill("印刷厂排期靠后")
    page.get_by_label("预计完成日期").fill("2027-03-31")
    page.get_by_label("下一步措施").fill("三月底前印发")
    page.get_by_role("button", name="关闭").tap()
    page.get_by_role("button", name="提交全部 1 项").tap()
    expect(page.get_by_text("已提交 1 项")).to_be_visible()

    entry = Entry.objects.get(point=point)
    assert (entry.state, entry.quantity, entry.author) == (State.SUBMITTED, 0, filler)


def test_a_message_leads_to_its_row_however_many_stand_above(
    phone: Watch, filler: User, point: TaskPoint
) -> None:
    """Cards are as high as what the round asks for; those not seen yet are only guessed at."""
    today = timezone.localdate()
    Round.objects.create(
        project=point.project,
        name="进展",
        opens_on=today,
        closes_on=today,
        asks_problems=True,
        asks_help=True,
    )
    made = [
        TaskPoint.objects.create(
            task=point.task,
            year=2023,
            seq=f"1{number}",
            text="修订管理制度",
            due_on=point.due_on,
            department=point.department,
        )
        for number in range(40)
    ]
    page = phone.page
    log_in(page, filler, PASSWORD)
    page.goto(
        f"{page.url.partition('/projects/')[0]}/projects/{point.project.pk}/mine/#taskpoint:{made[-1].pk}"
    )
    row = page.locator(f'[data-key="point:{made[-1].pk}"]')
    expect(row.locator(".code")).to_be_in_viewport()
    expect(row.locator(".editor")).to_be_in_viewport()
