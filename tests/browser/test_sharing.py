"""A head splits a point, two units report, the total goes into the entry; a leaver's rows go to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from projects.models import Department, Entry, Institution, Role, State, TaskPoint, User
from tests.browser.chromium import DESKTOP, log_in
from tests.browser.conftest import PASSWORD, watched
from tests.conftest import person

LogIn = Callable[[User], AbstractContextManager[Page]]


@pytest.fixture
def as_user(browser: Browser, live_server: LiveServer) -> LogIn:
    """A browser of one person's own."""

    @contextmanager
    def opened(user: User) -> Iterator[Page]:
        for watch in watched(browser, live_server.url, **DESKTOP):
            log_in(watch.page, user, PASSWORD)
            yield watch.page

    return opened


def test_split_report_and_take_the_total_over(
    as_user: LogIn,
    head: User,
    filler: User,
    other_filler: User,
    point: TaskPoint,
    office_department: Department,
    industry_department: Department,
) -> None:
    TaskPoint.objects.filter(pk=point.pk).update(planned=13, unit="项")
    with as_user(head) as page:
        page.goto(f"/points/{point.pk}/")
        page.get_by_role("link", name="分解到部门").click()
        rows = page.locator("#parts tr")
        rows.nth(0).get_by_role("combobox").select_option(label=office_department.name)
        rows.nth(1).get_by_role("combobox").select_option(label=industry_department.name)
        page.get_by_role("button", name="增加部门").click()
        rows.last.get_by_role("textbox").fill("3")
        page.get_by_role("button", name="平均分配").click()
        expect(page.locator("#sum")).to_have_text("13")
        expect(rows.nth(0).get_by_role("textbox")).to_have_value("7")
        rows.nth(1).get_by_role("textbox").fill("5.5")
        expect(page.locator("#difference")).to_have_text("少 0.5")
        expect(page.get_by_label("合计与目标不一致，仍按此下达")).to_be_visible()
        rows.nth(1).get_by_role("textbox").fill("6")
        expect(page.locator("#confirm")).to_be_hidden()
        rows.last.get_by_role("button", name="去掉这个部门").click()
        page.get_by_role("button", name="下达给各部门").click()
        expect(page.get_by_text("已分解下达给 2 个部门")).to_be_visible()
    for user, quantity in ((filler, "7"), (other_filler, "5")):
        with as_user(user) as page:
            page.goto(f"/shares/point/{point.pk}/")
            page.get_by_role("link", name="填报进展").click()
            page.get_by_label("完成数量").fill(quantity)
            page.get_by_label("完成日期").fill("2023-12-20")
            page.get_by_role("button", name="填报进展").click()
            expect(page.get_by_text("由牵头部门汇总确认")).to_be_visible()
    assert not Entry.objects.exists()
    with as_user(head) as page:
        page.goto(f"/shares/point/{point.pk}/")
        page.get_by_role("button", name="按分解合计填入 12 项").click()
        expect(page.get_by_label("完成数量")).to_have_value("12")
        expect(page.get_by_label("实际完成情况")).to_have_value("党政办公室：7 项\n校企合作处：5 项")
    entry = Entry.objects.get()
    assert (entry.quantity, entry.state, entry.author) == (Decimal(12), State.DRAFT, head)


def test_ticked_rows_are_given_and_all_of_a_leaver_handed_over(
    as_user: LogIn,
    head: User,
    filler: User,
    college: Institution,
    point: TaskPoint,
    office_department: Department,
) -> None:
    second = person("xinren", "新人", Role.FILLER, college, office_department)
    for number in range(2):
        TaskPoint.objects.create(
            task=point.task,
            year=2022,
            seq=f"x{number}",
            text="其他",
            due_on=point.due_on,
            department=office_department,
        )
    with as_user(head) as page:
        page.get_by_role("link", name="分工").click()
        page.get_by_label("本页全部").check()
        page.get_by_label("分配给").select_option(label="高远（gaoyuan）")
        page.get_by_role("button", name="分配 3 项").click()
        expect(page.get_by_text("已把 3 项分配给高远。")).to_be_visible()
        page.locator("summary", has_text="交接").click()
        page.get_by_role("link", name="高远 3 项").click()
        page.get_by_label("移交给").select_option(label="新人（xinren）")
        page.get_by_label("原因").fill("调离")
        page.get_by_role("button", name="移交 3 项").click()
        expect(page.get_by_text("已把高远的 3 项移交给新人")).to_be_visible()
        expect(page.get_by_text("没有要移交的内容。")).to_be_visible()
    assert set(TaskPoint.objects.values_list("assignee", flat=True)) == {second.pk}
