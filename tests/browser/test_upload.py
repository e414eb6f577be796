"""Evidence as people bring it: chosen, dropped, pasted, photographed; what is known does not travel."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.urls import reverse
from playwright.sync_api import APIResponse, Page, Route, expect

from projects.models import Department, Evidence, PointEvidence, StoredFile, Task, TaskPoint, User
from tests.browser.chromium import Watch, log_in
from tests.browser.conftest import PASSWORD
from tests.projects.conftest import PDF

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
# What a browser hands over when files are dropped on a page or pasted into it
BRING = """([event, name, type, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name, { type }));
    const options = { bubbles: true, cancelable: true };
    document.querySelector("h1").dispatchEvent(event === "drop"
        ? new DragEvent("drop", { ...options, dataTransfer: data })
        : new ClipboardEvent("paste", { ...options, clipboardData: data }));
}"""
# Every sentence that an upload says, in order
LISTEN = """() => {
    window.told = [];
    new MutationObserver(() => window.told.push(document.querySelector(".chosen").innerText))
        .observe(document.querySelector(".chosen"), { childList: true, subtree: true, characterData: true });
}"""


@pytest.fixture(autouse=True)
def own_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"


@pytest.fixture
def second(task: Task, office_department: Department) -> TaskPoint:
    return TaskPoint.objects.create(
        task=task,
        year=2022,
        seq="1",
        text="制定章程",
        due_on=date(2022, 12, 31),
        department=office_department,
    )


def show(page: Page, user: User, point: TaskPoint) -> None:
    if page.url == "about:blank":
        log_in(page, user, PASSWORD)
    page.goto(reverse("projects:point", args=[point.pk]))


def file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def choose(page: Page, *files: Any) -> None:
    page.get_by_label("添加佐证材料").set_input_files(list(files))


def line(page: Page, name: str) -> Any:
    return page.locator(".chosen li").filter(has_text=name)


def listed(page: Page) -> Any:
    return page.locator("[data-files] li.file")


def test_several_at_once_each_with_its_own_end(page: Page, filler: User, point: TaskPoint) -> None:
    show(page, filler, point)
    expect(page.get_by_role("button", name="上传佐证")).to_be_hidden()
    good = [file(f"通知{number}.pdf", PDF + bytes([number])) for number in range(4)]
    choose(page, *good)
    expect(listed(page)).to_have_count(4)
    expect(page.locator("[data-files-count]")).to_have_text("4")
    for number in range(4):
        expect(line(page, f"通知{number}.pdf")).to_contain_text("已上传")
    assert point.evidence.count() == StoredFile.objects.count() == 4


def test_an_answer_that_comes_late_does_not_hide_what_came_since(
    page: Page, filler: User, point: TaskPoint
) -> None:
    """Two travel at once; the server answers the first one first, and that answer arrives last."""
    show(page, filler, point)
    held: list[tuple[Route, APIResponse]] = []

    def hold_the_first(route: Route) -> None:
        if b"%PDF" not in (route.request.post_data_buffer or b""):
            route.continue_()
            return
        held.append((route, route.fetch()))
        if len(held) == 2:
            for each, answer in reversed(held):
                each.fulfill(response=answer)

    page.route("**" + reverse("reports:proof_add", args=["point", point.pk]), hold_the_first)
    choose(page, file("甲.pdf", PDF + b"1"), file("乙.pdf", PDF + b"2"))
    for name in ("甲.pdf", "乙.pdf"):
        expect(line(page, name)).to_contain_text("已上传")
    expect(page.locator("[data-files-count]")).to_have_text("2")
    expect(listed(page)).to_have_count(2)


def test_a_refused_file_says_why_and_the_others_go_on(watch: Watch, filler: User, point: TaskPoint) -> None:
    page = watch.page
    show(page, filler, point)
    with watch.answered(422):
        choose(page, file("程序.pdf", b"MZ" + bytes(90)), file("通知.pdf", PDF))
        expect(line(page, "程序.pdf")).to_contain_text("的内容不是可以上传的类型")
        expect(line(page, "通知.pdf")).to_contain_text("已上传")
    assert [each.title for each in point.evidence.all()] == ["通知"]


def test_files_are_dropped_anywhere_and_screenshots_pasted(
    page: Page, filler: User, point: TaskPoint
) -> None:
    show(page, filler, point)
    page.evaluate(BRING, ["drop", "通知.pdf", "application/pdf", list(PDF)])
    expect(listed(page)).to_have_count(1)
    page.evaluate(BRING, ["paste", "image.png", "image/png", list(PNG)])
    expect(listed(page)).to_have_count(2)
    pasted = Evidence.objects.get(file__content_type="image/png")
    assert re.fullmatch(r"截图 \d{4}-\d\d-\d\d \d{6}\.png", pasted.file_name)


def test_a_known_file_does_not_travel_and_says_what_it_proves(
    page: Page, filler: User, point: TaskPoint, second: TaskPoint
) -> None:
    show(page, filler, point)
    choose(page, file("通知.pdf", PDF))
    expect(line(page, "通知.pdf")).to_contain_text("已上传")
    travelled: list[str] = []
    page.on(
        "request",
        lambda request: (
            travelled.append(request.post_data_buffer.decode("latin-1"))
            if request.method == "POST" and request.post_data_buffer
            else None
        ),
    )
    show(page, filler, second)
    choose(page, file("同一个通知.pdf", PDF))
    expect(line(page, "同一个通知.pdf")).to_contain_text("该文件已佐证 1 个任务点，已直接关联")
    link = line(page, "同一个通知.pdf").get_by_role("link")
    expect(link).to_have_attribute("href", reverse("projects:point", args=[point.pk]))
    assert len(travelled) == 1
    assert "%PDF" not in travelled[0]
    assert second.evidence.get() == point.evidence.get()


def test_progress_is_told_while_a_file_travels(page: Page, filler: User, point: TaskPoint) -> None:
    show(page, filler, point)
    page.evaluate(LISTEN)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    choose(page, file("大.pdf", PDF + bytes(2_000_000)))
    expect(line(page, "大.pdf")).to_contain_text("已上传")
    told = "\n".join(page.evaluate("window.told"))
    percents = [int(each) for each in re.findall(r"(\d+)%，共 1.9 MB", told)]
    assert len(set(percents)) > 2
    assert percents == sorted(percents)


def test_an_upload_is_cancelled_and_tried_again(page: Page, filler: User, point: TaskPoint) -> None:
    show(page, filler, point)
    address = "**" + reverse("reports:proof_add", args=["point", point.pk])
    page.route(address, lambda route: None)
    choose(page, file("通知.pdf", PDF))
    page.get_by_role("button", name="取消 通知.pdf").click()
    expect(line(page, "通知.pdf")).to_contain_text("已取消")
    page.unroute(address)
    page.route(address, lambda route: route.abort("aborted"))
    page.get_by_role("button", name="重试 通知.pdf").click()
    expect(line(page, "通知.pdf")).to_contain_text("连接中断")
    assert not StoredFile.objects.exists()
    page.unroute(address)
    page.get_by_role("button", name="重试 通知.pdf").click()
    expect(line(page, "通知.pdf")).to_contain_text("已上传")
    assert point.evidence.count() == 1


def test_a_photograph_is_taken_with_the_telephone(phone: Watch, filler: User, point: TaskPoint) -> None:
    page = phone.page
    show(page, filler, point)
    camera = page.locator("input[data-snap]")
    expect(camera).to_have_attribute("capture", "environment")
    camera.set_input_files([file("image.jpg", b"\xff\xd8\xff\xe0" + bytes(200)) | {"mimeType": "image/jpeg"}])
    expect(listed(page)).to_have_count(1)
    assert re.fullmatch(r"照片 \d{4}-\d\d-\d\d \d{6}\.jpg", point.evidence.get().file_name)


def test_an_ended_session_is_said_and_nothing_is_lost(page: Page, filler: User, point: TaskPoint) -> None:
    show(page, filler, point)
    page.context.clear_cookies(name="sessionid")
    choose(page, file("通知.pdf", PDF))
    expect(line(page, "通知.pdf")).to_contain_text("登录已过期")
    other = page.context.new_page()
    log_in(other, filler, PASSWORD)
    page.get_by_role("button", name="重试 通知.pdf").click()
    expect(line(page, "通知.pdf")).to_contain_text("已上传")
    assert point.evidence.count() == 1


def test_a_pdf_is_shown_within_its_page(page: Page, filler: User, point: TaskPoint) -> None:
    show(page, filler, point)
    choose(page, file("通知.pdf", PDF))
    expect(line(page, "通知.pdf")).to_contain_text("已上传")
    listed(page).get_by_role("link", name="通知").first.click()
    expect(page.get_by_role("heading", name="用于何处")).to_be_visible()
    expect(page.locator("iframe.shown")).to_be_visible()
    page.get_by_label("发文单位").fill("滨海职业技术学院")
    page.get_by_role("button", name="保存材料信息").click()
    expect(page.get_by_text("已保存材料信息。")).to_be_visible()
    expect(page.get_by_text("发文单位“”改为“滨海职业技术学院”")).to_be_visible()


def test_a_missing_file_is_added_on_the_page_of_its_material(
    page: Page, filler: User, point: TaskPoint
) -> None:
    bare = Evidence.objects.create(project=point.project, file_name="批复.pdf", title="立项批复")
    PointEvidence.objects.create(evidence=bare, point=point)
    log_in(page, filler, PASSWORD)
    page.goto(reverse("reports:material", args=[point.project.pk, bare.pk]))
    page.get_by_label("补传文件").set_input_files([file("扫描件.pdf", PDF)])
    expect(page.locator("iframe.shown")).to_be_visible()
    expect(page.get_by_text("补传文件“扫描件.pdf”")).to_be_visible()
    bare.refresh_from_db()
    assert bare.file
