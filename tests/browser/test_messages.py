"""What waits for a person in the header, the messages, the switches, and a log-in by 统一身份认证."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from projects import partners, review
from projects.models import Entry, Message, MessageSwitch, Round, State, TaskPoint, User
from tests.browser.chromium import Watch, log_in, overhang
from tests.browser.conftest import PASSWORD
from tests.conftest import NOW
from tests.postoffice import PostOffice, opened
from tests.provider import Oidc


@pytest.fixture
def returned(point: TaskPoint, filler: User, office: User) -> Entry:
    """Given back today, while a round is running."""
    today = timezone.localdate()
    Round.objects.create(
        project=point.task.project, name="本季度", opens_on=today, closes_on=today + timedelta(days=7)
    )
    entry = Entry.objects.create(
        point=point,
        effective_on="2023-12-01",
        quantity=1,
        state=State.SUBMITTED,
        author=filler,
        submitted_at=NOW,
    )
    return review.return_for_revision(entry, by=office, comment="请附正式印发文件。")


def test_from_the_bell_to_the_message_to_the_row(watch: Watch, returned: Entry, filler: User) -> None:
    follow(watch, returned, filler)


def test_the_same_on_a_telephone(phone: Watch, returned: Entry, filler: User) -> None:
    follow(phone, returned, filler)


def follow(watch: Watch, returned: Entry, filler: User) -> None:
    page = watch.page
    log_in(page, filler, PASSWORD)
    bell = page.locator("details.todo")
    expect(bell.locator("summary")).to_contain_text("待办1，1 条未读消息")
    bell.locator("summary").click()
    expect(bell.get_by_role("link", name="项被退回，要修改")).to_be_visible()
    assert not overhang(page)
    bell.get_by_role("link", name="消息 1 条未读").click()
    expect(page.get_by_text("意见：请附正式印发文件。")).to_be_visible()
    assert not overhang(page)
    page.get_by_role("link", name="填报被退回：8-2-2023-03").click()
    expect(page.get_by_text("请附正式印发文件。").first).to_be_visible()
    assert page.url.endswith(f"/mine/#taskpoint:{returned.point_id}")
    expect(bell.locator("summary")).to_contain_text("待办1")
    expect(bell.locator("summary")).not_to_contain_text("未读")
    assert Message.objects.get().read_at


def test_a_kind_of_message_is_switched_off(watch: Watch, filler: User, settings: LazySettings) -> None:
    settings.WECOM = partners.WeCom("ww", 1, "s", "http://127.0.0.1:9")
    page = watch.page
    log_in(page, filler, PASSWORD)
    page.goto("/messages/settings/")
    expect(page.get_by_text("未填账号")).to_be_visible()
    page.get_by_label("企业微信账号").fill("GaoYuan")
    page.get_by_role("button", name="保存账号").click()
    expect(page.get_by_text("未填账号")).to_be_hidden()
    box = page.get_by_role("checkbox", name="即将截止：企业微信")
    expect(box).to_be_checked()
    box.uncheck()
    page.get_by_role("button", name="保存消息开关").click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    expect(box).not_to_be_checked()
    assert MessageSwitch.objects.get(user=filler).kind == "due"


@pytest.fixture
def provider(settings: LazySettings, live_server: LiveServer) -> Iterator[PostOffice]:
    with opened() as office:
        settings.SITE_URL = live_server.url
        settings.OIDC = partners.Oidc(office.url, "hvcollege", "a-secret", "preferred_username")
        Oidc(office)
        yield office


def test_a_button_logs_in_by_another_system(watch: Watch, provider: PostOffice, filler: User) -> None:
    page = watch.page
    page.goto("/login/?next=/messages/")
    page.get_by_role("link", name="用统一身份认证登录").click()
    expect(page.get_by_role("heading", name="消息", exact=True)).to_be_visible()
    assert page.url.endswith("/messages/")
    expect(page.locator(".who b")).to_have_text("高远")
    went_to(watch, provider)


def test_a_stranger_reads_whom_to_ask(watch: Watch, provider: PostOffice, admin_user: User) -> None:
    page = watch.page
    page.goto("/login/")
    with watch.answered(403):
        page.get_by_role("link", name="用统一身份认证登录").click()
        expect(page.get_by_text("请联系学校的系统管理员吴管理开通")).to_be_visible()
    went_to(watch, provider)
    page.get_by_role("link", name="回到登录页").click()
    expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()


def went_to(watch: Watch, provider: PostOffice) -> None:
    """To the provider, and nowhere else."""
    (away,) = watch.faults
    assert away.startswith(f"request to another host: {provider.url}/authorize?")
    watch.faults.clear()
