"""A filler downloads her rows as a workbook, fills it in with another program, and hands it in again."""

from __future__ import annotations

import re
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from projects import review
from projects.models import Entry, State, TaskPoint, User
from tests.browser.chromium import log_in
from tests.browser.conftest import PASSWORD
from tests.projects.conftest import COMPLETE


def test_rows_go_out_as_a_workbook_and_come_back(
    page: Page, worker: None, point: TaskPoint, filler: User, head: User, tmp_path: Path
) -> None:
    second = TaskPoint.objects.create(
        task=point.task,
        year=2023,
        seq="4",
        text="开展制度执行检查",
        planned=2,
        unit="次",
        due_on=point.due_on,
        department=point.department,
    )
    filler.set_password(PASSWORD)
    filler.save()
    log_in(page, filler, PASSWORD)
    page.goto(f"/projects/{point.task.project_id}/mine/")
    page.get_by_role("link", name="用 Excel 填报").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="下载 2 行").click()
    path = tmp_path / "填报表.xlsx"
    started.value.save_as(path)

    book = load_workbook(path)
    sheet = book["任务点"]
    headings = [cell.value for cell in sheet[1]]
    lines = {row[headings.index("编号")].value: row for row in sheet.iter_rows(min_row=2)}
    for row, amount, words in (
        (lines["8-2-2023-03"], 1, "汇编已印发。"),
        (lines["8-2-2023-04"], 2, "我写的"),
    ):
        row[headings.index("完成数量")].value = amount
        row[headings.index("完成日期")].value = "2023-12-22"
        row[headings.index("实际完成情况")].value = words
    book.save(path)
    # Meanwhile the head of the department was at the other row.
    review.save_draft(second, COMPLETE | {"description": "部门负责人写的"}, by=head, seen="0")

    page.get_by_label(re.compile("填好的填报表")).set_input_files(path)
    page.get_by_role("button", name="上传并查看变化").click()
    expect(page.get_by_text("1 项变化，0 项被拒，1 项期间被他人修改")).to_be_visible()
    assert Entry.objects.count() == 1
    theirs = page.get_by_role("row", name=re.compile("8-2-2023-04"))
    expect(theirs.get_by_text("部门负责人写的")).to_be_visible()
    expect(theirs.get_by_text("我写的")).to_be_visible()
    theirs.get_by_label("用填报表里的值").check()
    page.get_by_label(re.compile("同时提交审核")).check()
    page.get_by_role("button", name="确认写入 1 项").click()
    expect(page.get_by_text("已写入 2 项，其中提交 2 项")).to_be_visible()
    told = {each.point_id: (each.state, each.description) for each in Entry.objects.all()}
    assert told == {
        point.pk: (State.SUBMITTED, "汇编已印发。"),
        second.pk: (State.SUBMITTED, "我写的"),
    }
