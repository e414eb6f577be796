"""A real task book, edited: the preview tells what would change, the marked file comes back, the mended one
goes in and is taken back."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect

from projects.models import Institution, Membership, Project, Role, TaskPoint, User
from reports.exchange import import_workbook
from reports.facts import gather
from reports.figures import as_json, figures
from reports.marking import FAULT_LIST
from tests.browser.chromium import log_in
from tests.browser.conftest import PASSWORD
from tests.conftest import DATA
from tests.workbooks import saved

EXAMPLE = DATA / "maoming-school.xlsx"
CHANGED = ("D5", "D6", "E7", "F8", "D9")


@pytest.fixture
def taken(college: Institution, now: datetime) -> Project:
    project = import_workbook(EXAMPLE, now=now, approve=True).project
    assert project
    return project


@pytest.fixture
def clerk(college: Institution) -> User:
    user = User.objects.create_user("clerk", password=PASSWORD, name="办事员")
    Membership.objects.create(user=user, institution=college, role=Role.OFFICE)
    return user


def edited(path: Path, *, mended: bool) -> Path:
    """Five rows changed, one added, and two that cannot be taken in unless `mended`."""
    book: Workbook = load_workbook(EXAMPLE)
    sheet = book["任务点"]
    for cell in CHANGED:
        sheet[cell] = 7 if cell.startswith("E") else "改过的内容"
    last = sheet.max_row
    sheet.append(["10-1", 2025, 99, "新增的一行"])
    if not mended:
        sheet["E11"] = "许多"
        sheet[f"E{last}"] = -1
    path.write_bytes(saved(book).getvalue())
    return path


def hand_in(page: Page, file: Path) -> None:
    page.goto("/import/")
    page.get_by_label("工作簿").set_input_files(file)
    page.get_by_label("完成情况直接计为已通过").check()
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("heading", name="变化明细")).to_be_visible()


def points_of(page: Page) -> list[str]:
    """新增, 变更, 无变化, 缺少, 有问题 of the task points."""
    row = page.get_by_role("row", name=re.compile(r"^任务点 \d+ \d+ \d+ \d+ \d+$"))
    return row.get_by_role("cell").all_inner_texts()[1:]


def test_a_task_book_is_previewed_marked_mended_taken_in_and_taken_back(
    page: Page, worker: None, taken: Project, clerk: User, tmp_path: Path
) -> None:
    before = as_json(figures(gather(taken)))
    log_in(page, clerk, PASSWORD)
    hand_in(page, edited(tmp_path / "改.xlsx", mended=False))
    expect(page.get_by_text("没有写入任何数据。")).to_be_visible()
    assert points_of(page) == ["1", "5", "440", "0", "2"]
    page.get_by_role("link", name=re.compile("^变更 5")).click()
    row = page.get_by_role("row", name=re.compile("任务点 5 变更"))
    expect(row.locator("ins")).to_have_text("改过的内容")
    expect(row.locator("del")).not_to_be_empty()
    the_marks_stand_where_the_faults_are(page)
    assert not TaskPoint.objects.filter(text="改过的内容").exists()

    hand_in(page, edited(tmp_path / "改好.xlsx", mended=True))
    assert points_of(page) == ["1", "5", "442", "0", "0"]
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("已导入。")).to_be_visible()
    assert TaskPoint.objects.of(taken).count() == 448

    page.get_by_text("撤销这次导入").click()
    page.get_by_role("button", name="确认撤销").click()
    expect(page.get_by_text("已撤销。")).to_be_visible()
    assert TaskPoint.objects.of(taken).count() == 447
    assert as_json(figures(gather(Project.objects.with_window().get(pk=taken.pk)))) == before


def the_marks_stand_where_the_faults_are(page: Page) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="下载已标注问题的工作簿").click()
    book = load_workbook(BytesIO(download.value.path().read_bytes()))
    assert book.sheetnames[0] == FAULT_LIST
    assert {cell.coordinate for row in book["任务点"].iter_rows() for cell in row if cell.comment} == {
        "E11",
        "E448",
    }
    assert [row[:2] for row in book[FAULT_LIST].iter_rows(min_row=2, values_only=True)] == [
        ("任务点", "E11"),
        ("任务点", "E448"),
    ]
