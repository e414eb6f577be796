"""The ten-minute tour of the README, as the project office takes it: from the first look to the report."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from projects.models import Entry, Project, State, Task, TaskPoint, User
from tests.browser.chromium import log_in
from tests.browser.conftest import PASSWORD

EXAMPLE = Path(__file__).parent.parent / "data/maoming-school.xlsx"
# The making of the PDF, in milliseconds; far more than a healthy machine needs.
PATIENCE = 120_000


@pytest.fixture
def done_point(task: Task) -> TaskPoint:
    """A point of 2022 that was completed and approved."""
    point = TaskPoint.objects.create(
        task=task, year=2022, seq="1", text="制定学校章程", planned=1, unit="部", due_on=date(2022, 12, 31)
    )
    Entry.objects.create(
        point=point,
        quantity=1,
        effective_on=date(2022, 11, 1),
        description="章程已核准",
        state=State.APPROVED,
        submitted_at=timezone.now(),
        decided_at=timezone.now(),
    )
    return point


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A file that is what it is called."""
    path = tmp_path / "汇编封面.png"
    path.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
            "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
        )
    )
    return path


def verdict(page: Page, *pieces: str) -> None:
    sentence = page.get_by_role("region", name="一句话结论")
    for piece in pieces:
        expect(sentence).to_contain_text(piece)


def ask(page: Page, as_of: str, *, pending: bool = False) -> None:
    """Ask the page as of another date, by the control in the top bar."""
    page.get_by_title("选择统计截止日期").click()
    page.get_by_label("截至", exact=True).fill(as_of)
    page.get_by_label("含待审").set_checked(pending)
    page.get_by_role("button", name="查看").click()


def test_ten_minute_tour(
    page: Page,
    worker: None,
    office: User,
    project: Project,
    point: TaskPoint,
    done_point: TaskPoint,
    photo: Path,
) -> None:
    log_in(page, office, PASSWORD)
    look_at_the_overview(page)
    record_a_completion(page, point, photo)
    approve_it(page, point)
    import_a_task_book(page)
    read_the_report(page)
    download_the_report(page)


def look_at_the_overview(page: Page) -> None:
    expect(page.get_by_role("heading", name="项目总览")).to_be_visible()
    verdict(page, "应完成 2 项", "已完成 1 项", "50%")
    ask(page, "2022-12-31")
    verdict(page, "应完成 1 项", "已完成 1 项", "100%")
    ask(page, "2023-12-31", pending=True)
    expect(page.get_by_title("选择统计截止日期")).to_contain_text("含待审")
    verdict(page, "应完成 2 项", "已完成 1 项")


def record_a_completion(page: Page, point: TaskPoint, photo: Path) -> None:
    page.get_by_role("link", name="建设任务", exact=True).click()
    page.get_by_role("link", name=re.compile("按任务点")).click()
    page.get_by_role("link", name=point.text).click()
    page.get_by_role("link", name="填报完成情况").first.click()
    page.get_by_label("完成数量").fill("1")
    page.get_by_role("textbox", name="完成日期", exact=True).fill("2023-12-20")
    page.get_by_label("实际完成情况").fill("《规章制度汇编》第二版已印发")
    page.get_by_label("佐证材料").set_input_files(photo)
    expect(page.get_by_text(photo.name)).to_be_visible()
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交，等待项目办审核。")).to_be_visible()
    expect(page.get_by_role("link", name="汇编封面", exact=True)).to_be_visible()


def approve_it(page: Page, point: TaskPoint) -> None:
    page.get_by_role("link", name="审核", exact=True).first.click()
    expect(page.get_by_text("《规章制度汇编》第二版已印发")).to_be_visible()
    page.get_by_role("button", name="通过").click()
    expect(page.get_by_text(f"已通过 {point.code}。")).to_be_visible()
    page.get_by_role("link", name="项目总览").click()
    verdict(page, "应完成 2 项", "已完成 2 项", "100%")


def import_a_task_book(page: Page) -> None:
    page.get_by_role("link", name="导入", exact=True).click()
    page.get_by_label("工作簿").set_input_files(EXAMPLE)
    page.get_by_label("完成情况直接计为已通过").check()
    page.get_by_role("button", name="上传并预览").click()
    confirm = page.get_by_role("button", name="确认导入")
    expect(confirm).to_be_visible(timeout=PATIENCE)
    confirm.click()
    expect(page.get_by_text("已导入。")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("row", name=re.compile("^任务点 447 "))).to_be_visible()
    page.get_by_role("link", name="打开项目总览").click()
    verdict(page, "应完成 224 项", "已完成 217 项", "96.88%")


def read_the_report(page: Page) -> None:
    page.get_by_role("link", name="自评报告", exact=True).click()
    page.get_by_role("link", name="预览").first.click()
    expect(page.get_by_text("96.88").first).to_be_visible()
    page.get_by_role("link", name="自评报告", exact=True).first.click()


def download_the_report(page: Page) -> None:
    page.get_by_role("button", name="生成 PDF").first.click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    ready = page.get_by_role("link", name="下载")
    expect(ready).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        ready.click()
    path = download.value.path()
    assert download.value.suggested_filename.endswith(".pdf")
    assert path.read_bytes().startswith(b"%PDF-")
    assert path.stat().st_size > 100_000
    assert len(PdfReader(path).pages) > 20
