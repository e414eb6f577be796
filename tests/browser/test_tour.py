"""The ten-minute tour of the README: where the demo college stands, a completion with its file, a real task
book, the report as PDF and as HTML. Whatever goes wrong in a page on the way fails the test (`Watch`)."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Download, Page, expect
from pypdf import PdfReader

from projects.models import Entry, Project, State, TaskPoint, User
from projects.progress import PointFact
from projects.templatetags.numbers import count
from reports.demo.accounts import PASSWORD
from reports.facts import Facts, gather
from tests.browser.chromium import log_in
from tests.browser.pages import school_and_group

EXAMPLE = Path(__file__).parent.parent / "data/maoming-school.xlsx"
# The making of a file, in milliseconds; far more than a healthy machine needs.


@pytest.fixture
def project(transactional_db: None) -> Project:
    """The school's project of the demo."""
    call_command("demo")
    return school_and_group()[0]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A file that is what it is called."""
    path = tmp_path / "批复文件.png"
    path.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
            "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
        )
    )
    return path


def assignee_of(point: PointFact) -> str:
    user = TaskPoint.objects.select_related("assignee").get(pk=point.id).assignee
    assert user
    return str(user.username)


def log_in_as(page: Page, username: str) -> None:
    if page.url.startswith("http"):
        page.get_by_title("账号").click()
        page.get_by_role("button", name="退出").click()
    log_in(page, User.objects.get(username=username), PASSWORD)


def verdict(page: Page, *pieces: str) -> None:
    sentence = page.get_by_role("region", name="一句话结论")
    for piece in pieces:
        expect(sentence).to_contain_text(piece)


def ask(page: Page, as_of: date, *, pending: bool = False) -> None:
    """Ask the page as of another date, by the control in the top bar."""
    page.get_by_title("选择统计截止日期").click()
    page.get_by_label("截至", exact=True).fill(as_of.isoformat())
    page.get_by_label("含待审").set_checked(pending)
    page.get_by_role("button", name="查看").click()


def test_ten_minute_tour(page: Page, worker: None, project: Project, photo: Path) -> None:
    facts = gather(project)
    fillable = TaskPoint.objects.exclude(assignee=None).values_list("pk", flat=True)
    point = next(p for p in facts.points if facts.is_due(p) and p.r and p.r < 1 and p.id in fillable)
    log_in_as(page, "zhoumin")
    look_at_the_overview(page, facts)
    log_in_as(page, assignee_of(point))
    record_a_completion(page, point, photo)
    log_in_as(page, "zhoumin")
    approve_it(page, point)
    verdict(page, f"已完成 {count(facts.task_figures.progress.due_done + 1 - (point.r or 0))} 项")
    log_in_as(page, "platform")
    import_a_task_book(page)
    read_the_report(page)
    download_the_report(page)


def look_at_the_overview(page: Page, facts: Facts) -> None:
    expect(page.get_by_role("heading", name="项目总览")).to_be_visible()
    verdict(page, "应完成 224 项", "已完成 217 项", "96.88%")
    ask(page, date(facts.as_of.year - 1, 12, 31))
    verdict(page, "应完成 108 项", "已完成 107 项", "99.07%")
    ask(page, facts.as_of, pending=True)
    expect(page.get_by_title("选择统计截止日期")).to_contain_text("含待审")
    verdict(page, "含待审（非正式数字）", "应完成 224 项")


def record_a_completion(page: Page, point: PointFact, photo: Path) -> None:
    """A filler lands on what is to be done."""
    assert point.entry is not None
    page.get_by_role("searchbox").fill(point.code)
    row = page.locator(f'[data-key="point:{point.id}"]')
    typed = {
        "quantity": count(point.planned),
        "effective_on": point.entry.effective_on.isoformat(),
        "description": "已全部完成并获批复",
    }
    for name, words in typed.items():
        row.locator(f"[data-field={name}]").dblclick()
        row.locator(".editor").fill(words)
        page.keyboard.press("Enter")
    row.get_by_role("button", name=re.compile("佐证")).click()
    drawer = page.get_by_role("complementary", name="一项的详情")
    drawer.locator("input[data-upload]").set_input_files(photo)
    expect(drawer.get_by_role("link", name=photo.stem, exact=True)).to_be_visible()
    for name in ("存在问题", "需要的支持"):
        box = drawer.get_by_label(f"{name} 本批次要求填写")
        box.fill("无")
        box.blur()
    drawer.get_by_role("button", name="关闭").click()
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="提交 1 项").click()
    expect(page.get_by_text("已提交 1 项")).to_be_visible()


def approve_it(page: Page, point: PointFact) -> None:
    entry = Entry.objects.filter(point=point.id, state=State.SUBMITTED).get()
    page.get_by_role("link", name=re.compile("^审核 ")).click()
    page.locator(f'.queue a[href$="item=point-{entry.pk}"]').click()
    expect(page.get_by_text("已全部完成并获批复")).to_be_visible()
    page.get_by_role("button", name="通过").click()
    expect(page.get_by_text(f"已通过 {point.code}。")).to_be_visible()
    page.get_by_role("link", name="项目总览").click()


def import_a_task_book(page: Page) -> None:
    page.get_by_role("link", name="导入", exact=True).click()
    page.get_by_label("工作簿").set_input_files(EXAMPLE)
    page.get_by_label("完成情况直接计为已通过").check()
    page.get_by_role("button", name="上传并预览").click()
    confirm = page.get_by_role("button", name="确认导入")
    expect(confirm).to_be_visible()
    confirm.click()
    expect(page.get_by_text("已导入。")).to_be_visible()
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
    made = newest(page, 1)
    assert made.suggested_filename.endswith(".pdf")
    assert made.path().read_bytes().startswith(b"%PDF-")
    assert len(PdfReader(made.path()).pages) > 20
    page.get_by_role("button", name="生成网页文件").first.click()
    made = newest(page, 2)
    assert made.suggested_filename.endswith(".html")
    text = made.path().read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "茂名职业技术学院" in text
    assert "96.88%" in text


def newest(page: Page, number: int) -> Download:
    """The latest of so many files, once it is made."""
    ready = page.get_by_role("link", name="下载")
    expect(ready).to_have_count(number)
    with page.expect_download() as download:
        ready.first.click()
    return download.value
