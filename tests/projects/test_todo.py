"""待办 in the header counts what the pages list; 消息 shows what was said; people choose what they get."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from projects import review
from projects.models import (
    PERSONAL,
    Delivery,
    Entry,
    Kind,
    Message,
    MessageSwitch,
    Project,
    Round,
    TaskPoint,
    User,
)
from projects.notices.telling import tell
from projects.partners import WeCom
from projects.todo import Todo, counted
from tests.projects.conftest import COMPLETE, TODAY

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]


@pytest.fixture
def asked(project: Project) -> Round:
    return Round.objects.create(project=project, name="第一季度", opens_on=TODAY, closes_on=TODAY)


def say(user: User, key: str = "k", **values: Any) -> Message:
    given = {"title": "填报被退回：8-2-2023-03", "text": "请附文件。", "url": "/password/"} | values
    made = tell(user, Kind.RETURNED, key=key, **given)
    assert made
    return made


def test_what_a_filler_has_to_do(
    point: TaskPoint, asked: Round, returned: Callable[..., Entry], filler: User, project: Project
) -> None:
    assert counted(filler, project, TODAY) == Todo(unfilled=1)
    returned()
    assert counted(filler, project, TODAY) == Todo(returned=1)
    assert counted(filler, project, TODAY + timedelta(days=1)) == Todo(returned=1)
    review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(review.latest(point)))
    assert counted(filler, project, TODAY) == Todo(drafts=1)


def test_who_reviews_and_who_only_looks(
    submitted: Callable[..., Entry], office: User, principal: User, other_filler: User, project: Project
) -> None:
    submitted()
    assert counted(office, project, TODAY).reviews == 1
    assert counted(principal, project, TODAY) == Todo()
    assert counted(other_filler, project, TODAY) == Todo()


def test_the_header_says_what_there_is(
    browser: Browser, returned: Callable[..., Entry], asked: Round, filler: User, project: Project
) -> None:
    returned()
    page = browser(filler).get(f"/projects/{project.pk}/mine/").content.decode()
    assert '<b class="n" data-counts="returned missing draft">1</b>' in page
    assert '<b class="num" data-counts="returned">1</b>项被退回，要修改' in page
    assert "，1 条未读消息" in page


def test_messages_are_listed_unread_first(browser: Browser, filler: User, today: date) -> None:
    old, new = say(filler, "1", title="先说的"), say(filler, "2", title="后说的")
    Message.objects.filter(pk=new.pk).update(read_at=timezone.now())
    page = browser(filler).get("/messages/").content.decode()
    assert page.index("先说的") < page.index("后说的")
    assert f"/messages/{old.pk}/" in page
    assert "1 条未读" in page


def test_opening_a_message_leads_to_its_row_and_it_is_read(browser: Browser, filler: User) -> None:
    message = say(filler)
    answer = browser(filler).get(f"/messages/{message.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/password/")
    message.refresh_from_db()
    assert message.read_at


def test_messages_of_others_are_not_there(browser: Browser, filler: User, other_filler: User) -> None:
    message = say(filler)
    client = browser(other_filler)
    assert client.get(f"/messages/{message.pk}/").status_code == 404
    client.post("/messages/read/", {"message": message.pk})
    client.post("/messages/read/")
    message.refresh_from_db()
    assert message.read_at is None


@pytest.mark.parametrize("typed", ["", "²", "9" * 40, "x"])
def test_marking_as_read_takes_all_or_one(browser: Browser, filler: User, typed: str) -> None:
    say(filler, "1")
    assert browser(filler).post("/messages/read/", {"message": typed}).status_code == 302


def accounts(client: Any, **typed: str) -> dict[str, str]:
    """What the page of the own accounts sends, with the version it showed."""
    shown = client.get("/messages/settings/").context["accounts"]
    return {"form": "accounts", "seen": shown["seen"].value(), **typed}


def test_a_person_chooses_kinds_and_ways(browser: Browser, filler: User, settings: LazySettings) -> None:
    settings.WECOM = WeCom("ww", 1, "s", "http://127.0.0.1:9")
    client = browser(filler)
    client.post("/messages/settings/", accounts(client, wecom_id="GaoYuan", email=""))
    filler.refresh_from_db()
    assert filler.wecom_id == "GaoYuan"
    usual = {f"{kind}-wecom": "on" for kind in PERSONAL if kind not in ("due", "job")}
    client.post("/messages/settings/", {"form": "switches", **usual})
    (off,) = MessageSwitch.objects.all()
    assert (off.user, off.kind, off.channel, off.is_on) == (filler, "due", "wecom", False)
    client.post("/messages/settings/", {"form": "switches", **usual, "due-wecom": "on"})
    assert not MessageSwitch.objects.exists()


@pytest.mark.parametrize("typed", ["gao|all", "@all ", "高远 ", "a" * 65, "x\ny"])
def test_an_account_is_one_account(browser: Browser, filler: User, typed: str) -> None:
    """企业微信 takes | for “and” and @all for everybody."""
    client = browser(filler)
    answer = client.post("/messages/settings/", accounts(client, wecom_id=typed))
    filler.refresh_from_db()
    assert (answer.status_code, filler.wecom_id) == (422, "")


def test_whoever_saves_second_sees_what_stands(browser: Browser, filler: User, admin_user: User) -> None:
    client, path = browser(admin_user), f"/people/{filler.pk}/"
    seen = client.get(path).context["form"]["seen"].value()
    typed = {"name": "高远", "wecom_id": "GaoYuan", "dingtalk_id": "", "email": ""}
    own = browser(filler)
    own.post("/messages/settings/", accounts(own, wecom_id="gy"))
    answer = client.post(path, typed | {"seen": seen})
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "企业微信账号：现在是“gy”，您填的是“GaoYuan”" in said
    assert 'value="GaoYuan"' in said
    again = answer.context["form"]["seen"].value()
    assert client.post(path, typed | {"seen": again}).status_code == 302
    filler.refresh_from_db()
    assert filler.wecom_id == "GaoYuan"


@pytest.fixture
def failed(filler: User) -> Delivery:
    return Delivery.objects.create(
        message=say(filler),
        channel="wecom",
        state="failed",
        attempts=6,
        next_at=timezone.now(),
        error="企业微信返回错误 60020（not allow）。",
    )


def test_the_administrator_sees_what_did_not_get_through(
    browser: Browser, admin_user: User, filler: User, outsider: User, failed: Delivery
) -> None:
    client = browser(admin_user)
    page = client.get("/messages/unsent/").content.decode()
    assert "企业微信返回错误 60020" in page
    assert "试过 6 次" in page
    assert "有 1 条消息没有送达" in client.get(f"/people/{filler.pk}/").content.decode()
    assert client.post(f"/messages/unsent/{failed.pk}/again/").status_code == 302
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("waiting", 0)


def test_another_college_does_not(browser: Browser, failed: Delivery, other_college: Any) -> None:
    from projects.models import Role
    from tests.conftest import person

    client = browser(person("other", "别人", Role.ADMIN, other_college, None))
    assert "60020" not in client.get("/messages/unsent/").content.decode()
    assert client.post(f"/messages/unsent/{failed.pk}/again/").status_code == 404
