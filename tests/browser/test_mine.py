"""我的任务 in a browser: filled by keys alone, pasted from a sheet, saved by itself, on a telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from indicators.models import Outcome, OutcomePoint, SatisfactionResult
from projects import review
from projects.models import (
    Entry,
    Evidence,
    PointEvidence,
    Project,
    ReportingWindow,
    Round,
    State,
    TaskPoint,
    User,
)
from tests.browser.chromium import DESKTOP, Watch, log_in, overhang
from tests.browser.conftest import PASSWORD, watched
from tests.conftest import NOW

PHOTO: Any = {"name": "image.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0" + bytes(200)}
DONE = {
    "effective_on": date(2023, 12, 20),
    "quantity": 1,
    "ratio": None,
    "description": "汇编已印发。",
    "reason": "",
    "reason_kind": "",
    "expected_on": None,
    "next_step": "",
}


@pytest.fixture(autouse=True)
def evidence_dir(settings: LazySettings, tmp_path: Path) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"


@pytest.fixture
def other(browser: Browser, live_server: LiveServer) -> Iterator[Watch]:
    """A second browser."""
    yield from watched(browser, live_server.url, **DESKTOP)


@pytest.fixture
def fifty(point: TaskPoint) -> list[TaskPoint]:
    """Fifty points of 党政办公室, one to be done in each."""
    TaskPoint.objects.all().delete()
    return TaskPoint.objects.bulk_create(
        TaskPoint(
            task=point.task,
            year=2023,
            seq=str(number),
            text=f"制度 {number}",
            planned=1,
            unit="项",
            due_on=date(2023, 12, 31),
            department=point.department,
        )
        for number in range(1, 51)
    )


def returned(point: TaskPoint, filler: User, office: User, comment: str) -> Entry:
    entry = review.save_draft(point, DONE, by=filler, seen=review.version_of(review.latest(point)))
    review.submit(entry, by=filler, now=NOW)
    return review.return_for_revision(entry, by=office, comment=comment)


def open_mine(page: Page, user: User, project: Project, place: str = "") -> None:
    log_in(page, user, PASSWORD)
    page.goto(f"/projects/{project.pk}/mine/{place}")
    expect(page.locator("html[data-ready=mine]")).to_be_attached()


def cell(page: Page, point: TaskPoint, name: str) -> Locator:
    return page.locator(f'[data-key="point:{point.pk}"] [data-field="{name}"]')


def write(page: Page, point: TaskPoint, **values: str) -> None:
    """Type into cells of a row, as a person does."""
    for name, words in values.items():
        cell(page, point, name).click()
        page.keyboard.type(words)
        page.keyboard.press("Enter")


def saved(page: Page) -> None:
    """Everything typed is with the server."""
    expect(page.locator("#saved")).to_contain_text("草稿已自动保存")


def paste(page: Page, text: str) -> None:
    """As Ctrl+V does: what a sheet put on the clipboard arrives in the active cell."""
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
            );
        }""",
        text,
    )


def test_a_row_is_filled_and_submitted_by_keys_alone(
    page: Page, filler: User, point: TaskPoint, project: Project
) -> None:
    open_mine(page, filler, project)
    keys = page.keyboard
    page.get_by_role("searchbox").focus()
    for _ in range(12):
        keys.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('editor')"):
            break
    keys.type("5")
    keys.press("Escape")
    expect(cell(page, point, "quantity").locator(".v")).to_be_empty()
    keys.type("1")
    keys.press("Tab")
    keys.press("ArrowRight")
    keys.type("2023年12月20日")
    keys.press("Enter")
    expect(cell(page, point, "effective_on")).to_contain_text("2023-12-20")
    keys.press("ArrowRight")
    keys.press("F2")
    keys.type("汇编已印发")
    keys.press("Alt+Enter")
    keys.type("共 300 册")
    keys.press("Enter")
    saved(page)
    entry = Entry.objects.get(point=point)
    assert (entry.state, entry.quantity, entry.effective_on) == (State.DRAFT, 1, date(2023, 12, 20))
    assert entry.description == "汇编已印发\n共 300 册"

    button = page.get_by_role("button", name="提交全部 1 项")
    expect(button).to_be_enabled()
    for _ in range(8):
        keys.press("Tab")
        if page.evaluate("document.activeElement.id") == "submit":
            break
    keys.press("Enter")
    expect(page.get_by_text("已提交 1 项")).to_be_visible()
    entry.refresh_from_db()
    assert entry.state == State.SUBMITTED


def test_fifty_rows_are_pasted_submitted_returned_mended_and_approved(
    page: Page, filler: User, office: User, project: Project, fifty: list[TaskPoint]
) -> None:
    open_mine(page, filler, project, "?sort=code")
    cell(page, fifty[0], "quantity").click()
    lines = [f'"1"\t\t2023/12/{n % 28 + 1}\t"制度 {n}\n""已印发"""' for n in range(1, 51)]
    paste(page, "\r\n".join(lines) + "\r\n")
    expect(page.get_by_text("已粘贴 50 行")).to_be_visible()
    saved(page)
    assert Entry.objects.filter(state=State.DRAFT, quantity=1).count() == 50
    assert Entry.objects.get(point=fifty[2]).description == '制度 3\n"已印发"'
    assert Entry.objects.get(point=fifty[2]).effective_on == date(2023, 12, 4)
    page.get_by_role("button", name="提交全部 50 项").click()
    expect(page.get_by_text("已提交 50 项")).to_be_visible()
    assert Entry.objects.filter(state=State.SUBMITTED).count() == 50

    for point in fifty[:3]:
        review.return_for_revision(Entry.objects.get(point=point), by=office, comment=f"{point.seq} 缺文号")
    page.reload()
    tab = page.get_by_role("navigation", name="按状态筛选").get_by_role("link", name=re.compile("已退回"))
    expect(tab).to_have_text(re.compile("3"))
    for point in fifty[:3]:
        expect(page.get_by_text(f"{point.seq} 缺文号")).to_be_visible()
        write(page, point, description="文号 2023-1")
    page.get_by_role("button", name="提交全部 3 项").click()
    expect(page.get_by_text("已提交 3 项")).to_be_visible()
    for entry in Entry.objects.filter(state=State.SUBMITTED):
        review.approve(entry, by=office, now=NOW)
    page.reload()
    expect(
        page.get_by_text("这一类没有要处理的行").or_(
            page.get_by_role("button", name="已完成，或本批次已填 50 项")
        )
    ).to_be_visible()
    assert Entry.objects.filter(state=State.APPROVED).count() == 50


def test_what_does_not_fit_into_the_sheet_is_told(
    page: Page, filler: User, project: Project, fifty: list[TaskPoint]
) -> None:
    open_mine(page, filler, project, "?sort=code")
    cell(page, fifty[47], "quantity").click()
    paste(page, "\n".join(["1"] * 5))
    expect(page.get_by_text("已粘贴 3 行；有 2 行超出表格末尾，没有粘贴")).to_be_visible()
    saved(page)
    assert Entry.objects.count() == 3


def test_undo_and_redo_also_save(page: Page, filler: User, project: Project, fifty: list[TaskPoint]) -> None:
    open_mine(page, filler, project, "?sort=code")
    cell(page, fifty[0], "quantity").click()
    paste(page, "1\n1\n1")
    saved(page)
    assert Entry.objects.filter(quantity=1).count() == 3
    with page.expect_response("**/mine/rows/"):
        page.keyboard.press("Control+z")
    expect(cell(page, fifty[0], "quantity").locator(".v")).to_be_empty()
    saved(page)
    # Nothing is left of it, not even the day that was filled in for the person.
    assert not Entry.objects.exists()
    with page.expect_response("**/mine/rows/"):
        page.keyboard.press("Control+y")
    saved(page)
    assert Entry.objects.filter(quantity=1).count() == 3


def test_a_block_is_copied_and_cleared(
    page: Page, filler: User, project: Project, fifty: list[TaskPoint]
) -> None:
    open_mine(page, filler, project, "?sort=code")
    cell(page, fifty[0], "effective_on").click()
    paste(page, '2023-12-01\t"甲\n乙"\n2023-12-02\t丙')
    page.evaluate(
        "addEventListener('copy', (event) => { window.copied = event.clipboardData.getData('text/plain') })"
    )
    page.keyboard.press("Control+c")
    page.wait_for_function("window.copied !== undefined")
    assert page.evaluate("window.copied") == '2023-12-01\t"甲\n乙"\r\n2023-12-02\t丙'
    page.keyboard.press("Delete")
    expect(cell(page, fifty[1], "description").locator(".v")).to_be_empty()


def test_what_is_no_number_is_told_and_stays_unsaved(
    page: Page, filler: User, project: Project, point: TaskPoint
) -> None:
    open_mine(page, filler, project)
    write(page, point, quantity="二本")
    expect(page.get_by_text("应为数字，例如 2")).to_be_visible()
    expect(page.locator("#saved")).to_have_text(re.compile("1 项有误"))
    assert not Entry.objects.exists()
    write(page, point, quantity="１部")
    saved(page)
    assert Entry.objects.get().quantity == 1


def test_the_list_of_what_is_missing_leads_to_the_place(
    page: Page, filler: User, project: Project, point: TaskPoint
) -> None:
    open_mine(page, filler, project)
    write(page, point, quantity="0")
    saved(page)
    page.get_by_text("逐项查看").click()
    page.get_by_role("button", name=re.compile("未完成原因")).click()
    expect(page.get_by_label("未完成原因")).to_be_focused()
    page.keyboard.type("印刷厂排期靠后")
    page.keyboard.press("Tab")
    page.get_by_text("逐项查看").click()
    page.get_by_role("button", name=re.compile("实际完成情况")).click()
    page.keyboard.type("汇编已排版")
    page.keyboard.press("Enter")
    saved(page)
    expect(page.get_by_text("逐项查看")).to_be_visible()
    entry = Entry.objects.get()
    assert (entry.reason, entry.description) == ("印刷厂排期靠后", "汇编已排版")


@pytest.fixture
def second(page: Page, other: Watch, filler: User, head: User, project: Project, point: TaskPoint) -> Page:
    """The page of one who typed 2 where another has saved 1 meanwhile, with both versions side by side."""
    open_mine(page, filler, project)
    open_mine(other.page, head, project)
    write(page, point, quantity="1")
    saved(page)
    with other.answered(409):
        write(other.page, point, quantity="2")
        expect(other.page.get_by_text(re.compile("高远.*也改了这一项"))).to_be_visible()
    assert Entry.objects.get().quantity == 1
    other.page.get_by_role("button", name="对照后选择").click()
    return other.page


def test_the_second_writer_sees_both_versions_and_chooses(second: Page, head: User) -> None:
    versions = second.get_by_role("region", name="两个版本")
    expect(versions.get_by_role("row", name=re.compile("完成数量"))).to_have_text(re.compile("完成数量21"))
    second.get_by_role("button", name="用我填的").click()
    saved(second)
    entry = Entry.objects.get()
    assert (entry.quantity, entry.author) == (2, head)


def test_the_second_writer_may_take_the_first_version(second: Page, point: TaskPoint, filler: User) -> None:
    second.get_by_role("button", name="用高远填的").click()
    expect(cell(second, point, "quantity")).to_contain_text("1")
    expect(second.get_by_text("也改了这一项")).to_have_count(0)
    assert Entry.objects.get().author == filler


def test_an_ended_session_costs_no_word(
    watch: Watch, filler: User, project: Project, point: TaskPoint
) -> None:
    page = watch.page
    open_mine(page, filler, project)
    Session.objects.all().delete()
    link = page.get_by_role("link", name="在新窗口登录")
    with watch.answered(401):
        write(page, point, quantity="1")
        expect(link).to_be_visible()
    assert not Entry.objects.exists()
    with page.expect_popup() as popup:
        link.click()
    login = popup.value
    login.get_by_label("用户名").fill(filler.username)
    login.get_by_label("密码").fill(PASSWORD)
    login.get_by_role("button", name="登录").click()
    saved(page)
    assert Entry.objects.get().quantity == 1


def test_what_was_not_saved_comes_back_with_the_page(
    watch: Watch, filler: User, project: Project, point: TaskPoint
) -> None:
    page = watch.page
    open_mine(page, filler, project)
    Session.objects.all().delete()
    with watch.answered(401):
        write(page, point, description="汇编已印发")
        expect(page.get_by_role("link", name="在新窗口登录")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    # It leads a filler back to this page.
    log_in(page, filler, PASSWORD)
    expect(page.get_by_text("已恢复本机保留的 1 项")).to_be_visible()
    saved(page)
    assert Entry.objects.get().description == "汇编已印发"


def test_without_a_line_it_is_kept_and_saved_later(
    watch: Watch, filler: User, project: Project, point: TaskPoint
) -> None:
    page = watch.page
    open_mine(page, filler, project)
    page.context.set_offline(True)
    write(page, point, quantity="1")
    expect(page.locator("#saved")).to_contain_text("连接不上服务器，1 项保留在本机浏览器")
    page.context.set_offline(False)
    saved(page)
    assert Entry.objects.get().quantity == 1
    assert all("ERR_INTERNET_DISCONNECTED" in fault for fault in watch.taken())


def test_a_locked_row_says_why(page: Page, filler: User, project: Project, point: TaskPoint) -> None:
    ReportingWindow.objects.update(locked_at=NOW)
    Entry.objects.create(point=point, effective_on=date(2023, 12, 1), quantity=1, author=filler)
    open_mine(page, filler, project)
    expect(page.locator("#left")).to_have_text("0")
    expect(page.get_by_text("没有动")).not_to_be_visible()
    page.get_by_role("button", name="时段已锁定，现在不能填 1 项").click()
    expect(page.get_by_text(re.compile("报告已定稿.*已锁定"))).to_be_visible()
    cell(page, point, "quantity").click()
    page.keyboard.type("3")
    expect(cell(page, point, "quantity")).to_have_text(re.compile("^1$"))
    expect(page.locator("#told")).to_contain_text("已定稿")


def test_the_row_tells_how_many_of_the_materials_asked_for_are_there(
    page: Page, filler: User, project: Project, point: TaskPoint
) -> None:
    TaskPoint.objects.update(evidence_required="印发通知、汇编目录")
    open_mine(page, filler, project)
    clip = page.locator(f'[data-key="point:{point.pk}"] .clip')
    expect(clip).to_have_text("0 缺佐证")
    material = Evidence.objects.create(project=project, file_name="通知.pdf", title="印发通知")
    PointEvidence.objects.create(point=point, evidence=material)
    page.reload()
    expect(clip).to_have_text("1 / 2")
    expect(clip).to_have_attribute("title", "佐证要求 2 份：1. 印发通知；2. 汇编目录")


def test_what_lacks_evidence_is_submitted_once_that_was_confirmed(
    page: Page, filler: User, project: Project, fifty: list[TaskPoint]
) -> None:
    first, second = fifty[:2]
    TaskPoint.objects.filter(pk=first.pk).update(evidence_required="印发通知、汇编目录")
    open_mine(page, filler, project, "?sort=code")
    for point in (first, second):
        write(page, point, quantity="1", description="已印发")
    expect(page.locator("#lack-count")).to_contain_text("1 项缺佐证")
    words = f"{first.code} 缺佐证：要求 2 份，已有 0 份"
    submit, dialog = page.get_by_role("button", name="提交全部 2 项"), page.get_by_role("dialog")
    submit.click()
    expect(dialog.get_by_role("heading")).to_have_text("1 项缺佐证，仍要提交？")
    expect(dialog.get_by_role("listitem")).to_have_text([words])
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert not Entry.objects.filter(state=State.SUBMITTED).exists()

    submit.click()
    dialog.get_by_role("button", name=words).click()
    expect(page.locator("#drawer").get_by_role("heading", name="佐证材料")).to_be_visible()
    page.locator("#drawer input[type=file]").first.set_input_files(PHOTO)
    expect(page.locator("#drawer [data-files-count]")).to_have_text("1")
    page.get_by_role("button", name="关闭").click()
    submit.click()
    expect(dialog.get_by_role("listitem")).to_have_text([words.replace("0 份", "1 份")])
    dialog.get_by_role("button", name="仍要提交").click()
    expect(page.get_by_text("已提交 2 项")).to_be_visible()
    assert Entry.objects.filter(state=State.SUBMITTED).count() == 2


def test_between_the_two_dates_no_reason_is_asked_for(
    page: Page, filler: User, project: Project, point: TaskPoint
) -> None:
    today = timezone.localdate()
    TaskPoint.objects.update(due_on=today + timedelta(days=9), internal_due_on=today - timedelta(days=9))
    open_mine(page, filler, project)
    due = page.locator(f'[data-key="point:{point.pk}"] .due')
    expect(due).to_have_text(f"{today + timedelta(days=9)}{today - timedelta(days=9)}逾期 9 天")
    write(page, point, quantity="0", description="在排版")
    expect(page.get_by_role("button", name="提交全部 1 项")).to_be_enabled()


def test_a_row_of_the_ledger_shows_what_it_has_and_once(
    page: Page, filler: User, project: Project, point: TaskPoint
) -> None:
    row = Outcome.objects.create(
        project=project,
        code="CG-0001",
        name="教学案例",
        level="校级",
        state=State.DRAFT,
        awarded_on=date(2024, 1, 10),
        department=point.department,
    )
    open_mine(page, filler, project, "?kind=outcome")
    headings = [
        "",
        "编号",
        "成果名称",
        "级别",
        "等次",
        "获批日期",
        "数量",
        "颁发单位",
        "文号或证书号",
        "佐证",
        "状态",
    ]
    expect(page.get_by_role("columnheader")).to_have_text(headings)
    expect(page.get_by_text("教学案例")).to_have_count(1)
    page.get_by_role("link", name="教学案例").click()
    page.locator("#drawer").get_by_label("成果名称").fill("省级教学案例")
    page.get_by_role("button", name="关闭").click()
    expect(page.get_by_role("link", name="省级教学案例")).to_be_visible()
    row.refresh_from_db()
    assert row.name == "省级教学案例"


def test_on_a_telephone_one_goes_on_to_what_can_be_filled(
    phone: Watch, filler: User, project: Project, fifty: list[TaskPoint]
) -> None:
    page = phone.page
    first, waiting, coming = fifty[:3]
    TaskPoint.objects.filter(pk__in=[point.pk for point in fifty[3:]]).delete()
    TaskPoint.objects.filter(pk=coming.pk).update(due_on=date(2099, 12, 31))
    entry = review.save_draft(waiting, DONE, by=filler, seen=review.version_of(None))
    review.submit(entry, by=filler, now=NOW)
    open_mine(page, filler, project, "?tab=all")
    expect(page.locator(".slip .code")).to_have_text([each.code for each in (first, waiting, coming)])
    cell(page, first, "quantity").tap()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(cell(page, first, "percent").get_by_role("textbox")).to_be_focused()
    cell(page, first, "description").tap()
    page.keyboard.type("已印发")
    page.keyboard.press("Enter")
    expect(cell(page, coming, "quantity").get_by_role("textbox")).to_be_focused()
    page.locator(f'[data-key="point:{coming.pk}"]').get_by_role("button", name="下一项").tap()
    expect(page.get_by_text("下面没有可以填的了")).to_be_visible()
    saved(page)
    assert Entry.objects.get(point=first).description == "已印发"


def test_what_the_round_asks_for_stands_out_and_the_rest_stands_behind_more(
    page: Page, filler: User, project: Project, point: TaskPoint
) -> None:
    today = timezone.localdate()
    TaskPoint.objects.update(due_on=today + timedelta(days=300))
    asked = Round.objects.create(
        project=project, name="年末进展", opens_on=today, closes_on=today, asks_help=False
    )
    open_mine(page, filler, project)
    write(page, point, quantity="1", description="已印发")
    page.get_by_text("逐项查看").click()
    page.get_by_role("button", name="存在问题：本批次要求填写，没有请写“无”").click()
    expect(cell(page, point, "problems").get_by_role("textbox")).to_be_focused()
    page.keyboard.type("无")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=point.text).click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_label("存在问题 本批次要求填写，没有请写“无”")).to_have_value("无")
    expect(drawer.get_by_label("完成数量")).to_have_value("1")
    expect(drawer.get_by_label("预计完成日期")).to_be_visible()
    expect(drawer.get_by_label("需要的支持")).to_be_hidden()
    drawer.get_by_text("更多", exact=True).click()
    expect(drawer.get_by_label("需要的支持")).to_be_visible()
    page.get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="提交全部 1 项").click()
    expect(page.get_by_text("已提交 1 项")).to_be_visible()
    entry = Entry.objects.get()
    assert (entry.state, entry.problems) == (State.SUBMITTED, "无")

    Entry.objects.all().delete()
    asked.delete()
    page.goto(f"/projects/{project.pk}/mine/?tab=all")
    expect(page.get_by_role("columnheader", name="存在问题")).to_have_count(0)
    page.get_by_role("link", name=point.text).click()
    expect(drawer.get_by_label("下一步措施")).to_be_visible()
    expect(drawer.get_by_label("存在问题")).to_be_hidden()
    expect(drawer).not_to_contain_text("本批次要求填写")


def test_what_counts_at_once_waits_for_its_button(
    page: Page, filler: User, project: Project, point: TaskPoint
) -> None:
    survey = SatisfactionResult.objects.create(
        project=project, who="学生", year=2023, percent=Decimal("84.65"), department=point.department
    )
    open_mine(page, filler, project, "?kind=satisfaction&tab=all")
    line = page.locator(f'[data-key="satisfaction:{survey.pk}"]')
    box, save = line.locator('[data-field="percent"]'), page.locator("#submit")
    box.click()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(line).to_contain_text("未保存")
    expect(page.locator("#saved")).to_have_text(re.compile("1 项未保存"))
    expect(save).to_have_text("保存 1 项")
    # Nor does a text of another kind, which saves itself, take it along.
    page.get_by_role("navigation", name="按类别筛选").get_by_role("link", name=re.compile("任务点")).click()
    write(page, point, quantity="1")
    expect(page.locator("#saved")).to_have_text(re.compile("1 项未保存（满意度）"))
    assert Entry.objects.get().quantity == 1
    survey.refresh_from_db()
    assert survey.percent == Decimal("84.65")

    page.on("dialog", lambda dialog: dialog.accept())
    open_again = f"/projects/{project.pk}/mine/?kind=satisfaction&tab=all"
    page.goto(open_again)
    expect(page.get_by_text("已恢复本机保留的 1 项")).to_be_visible()
    expect(box).to_contain_text("3%")
    page.get_by_role("button", name="放弃修改").click()
    expect(box).to_contain_text("84.65%")
    expect(line).not_to_contain_text("未保存")
    page.keyboard.press("Escape")
    box.click()
    page.keyboard.type("86.5")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+z")
    expect(save).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Control+y")
    line.get_by_role("link", name="学生满意度").click()
    expect(page.locator("#drawer")).to_contain_text("保存后立即生效，不需要审核")
    page.get_by_role("button", name="关闭").click()
    save.click()
    expect(page.get_by_text("已保存 1 项")).to_be_visible()
    expect(line).not_to_contain_text("未保存")
    survey.refresh_from_db()
    assert survey.percent == Decimal("86.5")


def test_from_a_message_to_the_camera_to_resubmitted_on_a_telephone(
    phone: Watch, filler: User, office: User, project: Project, point: TaskPoint
) -> None:
    page = phone.page
    returned(point, filler, office, "请附正式印发文件的照片。")
    open_mine(page, filler, project, f"#point:{point.pk}")
    expect(page.get_by_text("请附正式印发文件的照片。")).to_be_visible()
    assert not overhang(page)
    page.get_by_role("button", name=re.compile("佐证")).first.tap()
    page.locator("input[data-snap]").set_input_files(PHOTO)
    expect(page.locator("[data-files-count]")).to_have_text("1")
    assert not overhang(page)
    page.get_by_role("button", name="关闭").tap()
    cell(page, point, "quantity").tap()
    box = page.get_by_role("textbox", name="完成数量")
    assert box.get_attribute("inputmode") == "decimal"
    box.fill("2")
    box.press("Enter")
    saved(page)
    page.get_by_role("button", name="提交全部 1 项").tap()
    expect(page.get_by_text("已提交 1 项")).to_be_visible()
    entry = review.latest(point)
    assert (entry.state, entry.quantity) == (State.SUBMITTED, 2)
    assert point.evidence_uses.count() == 1


def test_a_returned_row_mended_by_a_file_alone_is_ready(
    page: Page, filler: User, office: User, project: Project, point: TaskPoint
) -> None:
    returned(point, filler, office, "请附印发文件")
    open_mine(page, filler, project)
    expect(page.locator("#lack-count")).to_have_text("1 项没有动")
    page.locator(f'[data-key="point:{point.pk}"] .clip').click()
    page.locator("#drawer input[type=file]").first.set_input_files(PHOTO)
    submit = page.get_by_role("button", name="提交全部 1 项")
    expect(submit).to_be_enabled()
    page.reload()
    expect(page.locator("#bar-said")).to_have_text("填好 1 项，都可以提交")
    submit.click()
    expect(page.get_by_text("已提交 1 项")).to_be_visible()
    assert review.latest(point).state == State.SUBMITTED


def test_what_the_ledger_speaks_against_is_not_called_ready(
    page: Page, filler: User, project: Project, point: TaskPoint
) -> None:
    outcome = Outcome.objects.create(
        project=project,
        code="CG-0001",
        name="制度汇编",
        awarded_on=date(2023, 6, 1),
        state=State.APPROVED,
        decided_at=NOW,
        department=point.department,
    )
    OutcomePoint.objects.create(outcome=outcome, point=point)
    open_mine(page, filler, project, "?tab=all")
    write(page, point, quantity="2", description="已印发")
    saved(page)
    expect(page.locator("#lack-count")).to_have_text("1 项不完整")
    page.get_by_text("逐项查看").click()
    page.get_by_role("button", name=re.compile("未完成原因：台账合计 1 .*填报 2 ")).click()
    expect(page.get_by_label("未完成原因")).to_be_focused()
    page.keyboard.type("另有一项还没有登记")
    page.keyboard.press("Tab")
    expect(page.locator("#bar-said")).to_have_text("填好 1 项，都可以提交")


def test_no_fault_of_an_overtaken_save_stays(
    watch: Watch, filler: User, project: Project, point: TaskPoint
) -> None:
    """Pasted, undone while that was saved, done again while the old words were refused."""
    page = watch.page
    open_mine(page, filler, project)
    day = cell(page, point, "effective_on")
    write(page, point, quantity="1", description="已印发")
    with watch.answered(422):
        write(page, point, effective_on="2099-01-01")
        expect(day).to_contain_text("不能晚于今天")
    held: list[Route] = []
    page.route("**/mine/rows/", lambda route: held.append(route))
    day.click()
    with page.expect_request("**/mine/rows/"):
        paste(page, "2023-12-20")
    page.keyboard.press("Control+z")
    with page.expect_request("**/mine/rows/"):
        held.pop().continue_()
    page.keyboard.press("Control+y")
    with watch.answered(422), page.expect_response("**/mine/rows/"):
        held.pop().continue_()
    expect(page.locator("#bar-said")).to_have_text("填好 1 项，都可以提交")
    expect(day).not_to_contain_text("不能晚于今天")
    assert Entry.objects.get().effective_on == date(2023, 12, 20)


def test_what_was_handed_in_on_another_page_says_so(
    page: Page, filler: User, project: Project, fifty: list[TaskPoint]
) -> None:
    first, second = fifty[:2]
    TaskPoint.objects.exclude(pk__in=[first.pk, second.pk]).delete()
    open_mine(page, filler, project)
    for point in (first, second):
        write(page, point, quantity="1", description="已印发")
    saved(page)
    review.submit(Entry.objects.get(point=first), by=filler, now=NOW)
    page.get_by_role("button", name="提交全部 2 项").click()
    expect(page.get_by_text("已提交 1 项；1 项没有提交，原因已在该行标出")).to_be_visible()
    line = page.locator(f'[data-key="point:{first.pk}"]')
    expect(line).to_contain_text("没有提交：已提交，正在等待审核")
    expect(page.locator("#lack-list")).to_contain_text("已提交，正在等待审核")


def test_the_counters_of_the_frame_go_along(
    page: Page, filler: User, office: User, project: Project, fifty: list[TaskPoint]
) -> None:
    returned(fifty[0], filler, office, "请附印发文件")
    open_mine(page, filler, project)
    todo, menu = page.locator(".todo [data-counts]").first, page.locator("#menu [data-counts]")
    expect(todo).to_have_text("50")
    expect(menu).to_have_text(re.compile("^1 "))
    write(page, fifty[0], description="汇编已印发，附文件。")
    page.get_by_role("button", name="提交全部 1 项").click()
    expect(todo).to_have_text("49")
    expect(menu).to_be_hidden()


def test_a_day_set_by_the_system_says_so(
    page: Page, filler: User, project: Project, point: TaskPoint
) -> None:
    open_mine(page, filler, project)
    write(page, point, description="汇编已印发")
    hint = cell(page, point, "effective_on").get_by_text("自动填为今天，可修改")
    expect(hint).to_be_visible()
    write(page, point, quantity="1")
    saved(page)
    expect(hint).to_be_visible()
    write(page, point, effective_on="2023-12-20")
    expect(hint).to_be_hidden()


def test_at_half_a_screen_a_field_is_in_sight(
    page: Page, filler: User, project: Project, point: TaskPoint
) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    open_mine(page, filler, project)
    stays = "getComputedStyle(cell).position === 'sticky'"
    names = f"(cells) => cells.filter((cell) => {stays}).map((cell) => cell.className)"
    held = page.locator(f'[data-key="point:{point.pk}"] .line > *').evaluate_all(names)
    assert held == ["gc tick", "gc code"]
    cell(page, point, "description").click()
    expect(cell(page, point, "description")).to_be_in_viewport(ratio=0.9)
