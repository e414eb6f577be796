"""Messages leave as 企业微信 and 钉钉 document it, once, and what goes wrong is told and tried again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.utils import timezone

from projects import jobs, locking, review
from projects.models import (
    Delivery,
    Entry,
    ExtraAchievement,
    Institution,
    Job,
    Kind,
    Membership,
    Message,
    MessageSwitch,
    Project,
    Role,
    Task,
    TaskPoint,
    User,
    WindowException,
)
from projects.notices import sending, telling, words
from projects.notices.telling import Line, tell
from projects.partners import DingTalk, Robot, WeCom
from projects.permissions import may_withdraw
from reports import duties
from tests.conftest import NOW
from tests.postoffice import Answer, PostOffice, opened

pytestmark = pytest.mark.django_db
SITE = "https://shuanggao.example.edu.cn"
TOKEN, SEND = "/cgi-bin/gettoken", "/cgi-bin/message/send"
DING_TOKEN, DING_SEND = "/gettoken", "/topapi/message/corpconversation/asyncsend_v2"


@pytest.fixture
def post(settings: LazySettings) -> Iterator[PostOffice]:
    """Both services on this machine, both apps set up."""
    cache.clear()
    with opened() as office:
        settings.SITE_URL = SITE
        settings.OUTSIDE_TIMEOUT = 5.0
        settings.WECOM = WeCom("ww-corp", 1000002, "secret-of-app", office.url)
        settings.DINGTALK = DingTalk("ding-key", 123, "secret-of-ding", office.url)
        token = {"errcode": 0, "errmsg": "ok", "access_token": "token-1", "expires_in": 7200}
        office.answers = {
            TOKEN: token,
            SEND: {"errcode": 0, "errmsg": "ok", "msgid": "m-1"},
            DING_TOKEN: token | {"access_token": "ding-token"},
            DING_SEND: {"errcode": 0, "errmsg": "ok", "task_id": 256271667526, "request_id": "r"},
        }
        yield office


@pytest.fixture
def by_wecom(filler: User) -> User:
    filler.wecom_id = "GaoYuan"
    filler.save()
    return filler


@pytest.fixture
def by_dingtalk(filler: User) -> User:
    filler.dingtalk_id = "manager4220"
    filler.save()
    return filler


def say(user: User, key: str = "k", **values: Any) -> Message | None:
    given: dict[str, Any] = {
        "title": "填报被退回：8-2-2023-03",
        "text": "请附正式印发文件。",
        "url": "/points/7/",
    }
    return tell(user, values.pop("kind", Kind.RETURNED), key=key, **given | values)


def carry_out() -> dict[str, Any]:
    """What the background job does, run now."""
    job = Job.objects.filter(kind="messages").latest("pk")
    Job.objects.filter(pk=job.pk).update(state="running", owner="test")
    return sending.send({}, jobs.Progress(job, "test"))


def only() -> Delivery:
    return Delivery.objects.get()


def test_wecom_gets_a_text_card_as_documented(post: PostOffice, by_wecom: User, project: Project) -> None:
    say(by_wecom, project=project)
    assert carry_out() == {"sent": 1, "failed": 0, "again": 0}
    (asked,) = post.to(TOKEN)
    assert (asked.method, asked.query) == ("GET", {"corpid": "ww-corp", "corpsecret": "secret-of-app"})
    (sent,) = post.to(SEND)
    assert (sent.method, sent.query) == ("POST", {"access_token": "token-1"})
    day = f"{timezone.localtime():%Y年%m月%d日}"
    assert sent.json == {
        "touser": "GaoYuan",
        "msgtype": "textcard",
        "agentid": 1000002,
        "textcard": {
            "title": "填报被退回：8-2-2023-03",
            "description": f'<div class="gray">{day} 样例建设项目</div>'
            '<div class="normal">请附正式印发文件。</div>',
            "url": f"{SITE}/points/7/",
            "btntxt": "查看详情",
        },
        "enable_id_trans": 0,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
    }
    assert only().state == "sent"


def test_dingtalk_gets_a_work_notice_as_documented(post: PostOffice, by_dingtalk: User) -> None:
    say(by_dingtalk, rows=[Line("8-2-2023-03 汇编", "/points/7/"), Line("8-2-2023-04", "/points/8/")])
    assert carry_out()["sent"] == 1
    assert post.to(DING_TOKEN)[0].query == {"appkey": "ding-key", "appsecret": "secret-of-ding"}
    (sent,) = post.to(DING_SEND)
    assert sent.query == {"access_token": "ding-token"}
    assert sent.json == {
        "agent_id": 123,
        "userid_list": "manager4220",
        "msg": {
            "msgtype": "action_card",
            "action_card": {
                "title": "填报被退回：8-2-2023-03",
                "markdown": "### 填报被退回：8-2-2023-03\n\n请附正式印发文件。"
                f"\n\n- [8-2-2023-03 汇编]({SITE}/points/7/)\n\n- [8-2-2023-04]({SITE}/points/8/)",
                "single_title": "查看详情",
                "single_url": f"{SITE}/points/7/",
            },
        },
    }


def test_a_token_is_asked_for_once(post: PostOffice, by_wecom: User) -> None:
    for number in range(3):
        say(by_wecom, str(number))
    assert carry_out()["sent"] == 3
    assert (len(post.to(TOKEN)), len(post.to(SEND))) == (1, 3)


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_token_that_ended_is_asked_for_anew(post: PostOffice, by_wecom: User, code: int) -> None:
    cache.set(f"access-token:wecom:{post.url}:ww-corp:1000002", "old")
    ended = {"errcode": code, "errmsg": "access_token expired"}
    good = post.answers[SEND]
    post.answers[SEND] = lambda asked: ended if asked.query["access_token"] == "old" else good
    say(by_wecom)
    assert carry_out()["sent"] == 1
    assert [each.query["access_token"] for each in post.to(SEND)] == ["old", "token-1"]


def test_dingtalk_hides_the_end_of_a_token_in_a_sub_code(post: PostOffice, by_dingtalk: User) -> None:
    cache.set(f"access-token:dingtalk:{post.url}:ding-key", "old")
    ended = {"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token"}
    good = post.answers[DING_SEND]
    post.answers[DING_SEND] = lambda asked: ended if asked.query["access_token"] == "old" else good
    say(by_dingtalk)
    assert carry_out()["sent"] == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"errcode": 81013, "errmsg": "user & party & tag all invalid"}, "企业微信返回错误 81013"),
        ({"errcode": 0, "errmsg": "ok", "invaliduser": "GaoYuan"}, "企业微信找不到账号“GaoYuan”"),
    ],
)
def test_an_account_that_is_not_there_is_not_tried_again(
    post: PostOffice, by_wecom: User, answer: dict[str, Any], sentence: str
) -> None:
    post.answers[SEND] = answer
    say(by_wecom)
    assert carry_out() == {"sent": 0, "failed": 1, "again": 0}
    assert (only().state, only().attempts) == ("failed", 1)
    assert only().error.startswith(sentence)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer({"errcode": 60020, "errmsg": "not allow to access from your ip"}), "可信IP"),
        (Answer({"errcode": -1, "errmsg": "system busy"}), "错误 -1（system busy）"),
        (Answer({}, 502), "返回 HTTP 502"),
        (Answer("<html>", 200), "不是 JSON"),
        (Answer("[]", 200), "不是 JSON 对象"),
        (Answer("", 302, {"Location": "https://elsewhere.example/"}), "返回 HTTP 302"),
    ],
)
def test_what_may_pass_is_tried_again_with_longer_and_longer_pauses(
    post: PostOffice, by_wecom: User, answer: Answer, sentence: str
) -> None:
    post.answers[SEND] = answer
    say(by_wecom)
    pauses = []
    for attempt in range(1, len(sending.PAUSES) + 2):
        before = timezone.now()
        assert carry_out() == {"sent": 0, "failed": int(attempt == 6), "again": int(attempt < 6)}
        assert sentence in only().error
        assert "secret" not in only().error
        assert "token-1" not in only().error
        pauses.append(round((only().next_at - before) / timedelta(minutes=1)))
        Delivery.objects.update(next_at=before)
    assert pauses[:5] == [1, 5, 30, 120, 480]
    assert (only().state, only().attempts) == ("failed", 6)
    assert carry_out() == {"sent": 0, "failed": 0, "again": 0}


def test_a_service_that_does_not_answer_stops_neither_others_nor_the_job(
    post: PostOffice, settings: LazySettings, by_wecom: User, other_filler: User
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.OUTSIDE_TIMEOUT = 0.2
        settings.WECOM = WeCom("ww", 1, "s", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        other_filler.dingtalk_id = "hewen"
        other_filler.save()
        for number in range(20):
            say(by_wecom, str(number))
        say(other_filler, "other")
        assert carry_out() == {"sent": 1, "failed": 0, "again": 1}
    error = Delivery.objects.get(channel="wecom", attempts=1).error
    assert error.endswith("在 0.2 秒内没有应答。")


def test_a_failed_message_goes_again_when_asked(
    post: PostOffice, by_wecom: User, django_capture_on_commit_callbacks: Any
) -> None:
    good = post.answers[SEND]
    post.answers[SEND] = {"errcode": 81013, "errmsg": "invalid"}
    say(by_wecom)
    carry_out()
    Job.objects.update(state="done")
    post.answers[SEND] = good
    with django_capture_on_commit_callbacks(execute=True):
        sending.again(only())
    assert only().state == "sent"
    assert Job.objects.filter(kind="messages").latest("pk").result == {"sent": 1, "failed": 0, "again": 0}


def test_nothing_is_told_twice(post: PostOffice, by_wecom: User) -> None:
    assert say(by_wecom, "once")
    assert say(by_wecom, "once", title="anders") is None
    assert Message.objects.get().title == "填报被退回：8-2-2023-03"
    assert Delivery.objects.count() == 1


def test_nothing_leaves_before_a_way_is_configured(by_wecom: User) -> None:
    by_wecom.email = "gaoyuan@example.edu.cn"
    by_wecom.save()
    assert say(by_wecom)
    assert not Delivery.objects.exists()
    assert not Job.objects.exists()


def test_a_closed_account_is_told_nothing(post: PostOffice, by_wecom: User) -> None:
    by_wecom.is_active = False
    assert say(by_wecom) is None


def test_mail_goes_to_whom_no_app_reaches(
    post: PostOffice,
    settings: LazySettings,
    by_wecom: User,
    other_filler: User,
    mailoutbox: list[EmailMessage],
) -> None:
    settings.SENDS_MAIL = True
    for user in (by_wecom, other_filler):
        user.email = f"{user.username}@example.edu.cn"
        user.save()
        say(user, user.username, rows=[Line("8-2-2023-03 汇编", "/points/7/")])
    carry_out()
    (letter,) = mailoutbox
    assert letter.to == ["hewen@example.edu.cn"]
    assert letter.subject == "【建设项目】填报被退回：8-2-2023-03"
    assert "何文，您好：" in letter.body
    assert f"8-2-2023-03 汇编\n  {SITE}/points/7/" in letter.body
    assert f"{SITE}/messages/settings/" in letter.body


def test_a_switch_decides_about_one_kind_on_one_way(
    post: PostOffice, settings: LazySettings, by_wecom: User
) -> None:
    settings.SENDS_MAIL = True
    by_wecom.email = "g@example.edu.cn"
    by_wecom.save()
    MessageSwitch.objects.create(user=by_wecom, kind="due", channel="wecom", is_on=False)
    MessageSwitch.objects.create(user=by_wecom, kind="returned", channel="email", is_on=True)
    for kind in (Kind.DUE, Kind.RETURNED, Kind.OVERDUE, Kind.JOB):
        say(by_wecom, kind, kind=kind)
    ways = {(each.message.kind, each.channel) for each in Delivery.objects.select_related("message")}
    assert ways == {("returned", "wecom"), ("returned", "email"), ("overdue", "wecom")}


def test_robots_speak_to_the_group_of_one_college(
    post: PostOffice, settings: LazySettings, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WECOM_ROBOT = Robot(f"{post.url}/cgi-bin/webhook/send?key=robot-key")
    settings.DINGTALK_ROBOT = Robot(f"{post.url}/robot/send?access_token=robot-token", "SECabc")
    post.answers |= dict.fromkeys(("/cgi-bin/webhook/send", "/robot/send"), {"errcode": 0, "errmsg": "ok"})
    monkeypatch.setattr("time.time", lambda: 1700000000.123)
    telling.tell_group(project, key="g", title="还剩 3 天", text="尚有 5 项未填报。", url="/projects/1/")
    carry_out()
    text = f"### 还剩 3 天\n\n尚有 5 项未填报。\n\n[查看详情]({SITE}/projects/1/)"
    (wecom,) = post.to("/cgi-bin/webhook/send")
    assert wecom.query == {"key": "robot-key"}
    assert wecom.json == {"msgtype": "markdown", "markdown": {"content": text}}
    (ding,) = post.to("/robot/send")
    digest = hmac.new(b"SECabc", b"1700000000123\nSECabc", hashlib.sha256).digest()
    assert ding.query == {
        "access_token": "robot-token",
        "timestamp": "1700000000123",
        "sign": base64.b64encode(digest).decode(),
    }
    assert ding.json == {
        "msgtype": "markdown",
        "markdown": {"title": "还剩 3 天", "text": text},
        "at": {"isAtAll": False},
    }
    Institution.objects.create(name="远方职业学院")
    assert telling.tell_group(project, key="h", title="t", text="", url="/") is None
    settings.ROBOT_COLLEGE = "样例职业技术学院"
    assert telling.tell_group(project, key="i", title="t", text="", url="/")


def test_long_words_are_cut_as_the_services_count(post: PostOffice, by_wecom: User) -> None:
    by_wecom.dingtalk_id = "g"
    by_wecom.save()
    rows = [Line(f"8-2-2023-{n:02} " + "制度" * 30, f"/points/{n}/") for n in range(60)]
    say(by_wecom, title="题" * 200, text='<a href="x">&"' * 100, rows=rows)
    carry_out()
    card = post.to(SEND)[0].json["textcard"]
    assert len(card["title"].encode()) <= 128
    assert len(card["description"].encode()) <= 512
    assert "<a" not in card["description"]
    assert card["description"].count("<") == card["description"].count(">") == 4
    msg = post.to(DING_SEND)[0].json["msg"]
    assert len(json.dumps(msg, ensure_ascii=False).encode()) <= 2048


def test_a_full_message_says_how_many_rows_it_leaves_out() -> None:
    rows = [{"text": f"行 {n}", "url": f"/points/{n}/"} for n in range(30)]
    made = words.markdown(Message(title="题", text="文", url="/x/", rows=rows), 600)
    shown = made.count("- [行")
    assert f"另有 {30 - shown} 项" in made
    assert len(made.encode()) <= 600


def test_a_returned_entry_tells_its_author_at_once(
    submitted: Callable[..., Entry], office: User, filler: User
) -> None:
    entry = review.return_for_revision(submitted(), by=office, comment="请附正式印发文件。")
    message = Message.objects.get()
    assert (message.user, message.kind, message.url) == (
        filler,
        "returned",
        f"/projects/{entry.point.task.project_id}/mine/#taskpoint:{entry.point_id}",
    )
    assert message.title == "填报被退回：8-2-2023-03 编印学校《规章制度汇编》第二版"
    assert message.text == "周敏退回了您的填报，请按意见修改后重新提交。\n意见：请附正式印发文件。"


def test_a_revoked_approval_tells_the_author(
    approved: Callable[..., Entry], office: User, filler: User, now: datetime
) -> None:
    review.revoke(approved(), by=office, comment="印发日期不对", now=now)
    message = Message.objects.get()
    assert (message.user, message.kind) == (filler, "revoked")
    assert "周敏撤销了已通过的填报" in message.text


def test_nobody_known_means_the_fillers_of_the_department(
    submitted: Callable[..., Entry], office: User, filler: User, head: User
) -> None:
    entry = submitted()
    Entry.objects.filter(pk=entry.pk).update(author=None)
    review.return_for_revision(Entry.objects.get(pk=entry.pk), by=office, comment="请补充")
    assert [message.user for message in Message.objects.all()] == [filler]


def test_what_was_handed_over_is_mended_by_the_successor(
    submitted: Callable[..., Entry], office: User, filler: User, head: User, college: Institution
) -> None:
    successor = User.objects.create_user("lianxi", name="连溪")
    place = filler.memberships.get()
    Membership.objects.create(
        user=successor, institution=college, role=Role.FILLER, department=place.department
    )
    entry = submitted()
    assert not may_withdraw(successor, entry)
    TaskPoint.objects.filter(pk=entry.point_id).update(assignee=successor)
    entry = Entry.objects.get(pk=entry.pk)
    assert [may_withdraw(user, entry) for user in (successor, filler, head)] == [True, True, False]
    review.return_for_revision(entry, by=office, comment="请补充")
    told = {message.user: message.text for message in Message.objects.all()}
    assert set(told) == {filler, successor}
    assert told[filler].startswith("周敏退回了您的填报")
    assert told[successor].startswith("周敏退回了高远的填报")


def test_who_no_longer_fills_it_is_not_asked_to_mend_it(
    submitted: Callable[..., Entry], office: User, filler: User, head: User
) -> None:
    entry = submitted()
    filler.memberships.all().delete()
    review.return_for_revision(Entry.objects.get(pk=entry.pk), by=office, comment="请补充")
    assert [message.user for message in Message.objects.all()] == [head]


@pytest.mark.parametrize("is_known", [True, False])
def test_an_extra_achievement_is_mended_by_its_author_or_the_department(
    project: Project, task: Task, office: User, filler: User, is_known: bool
) -> None:
    Task.objects.filter(pk=task.pk).update(lead=filler.memberships.get().department)
    extra = ExtraAchievement.objects.create(
        task=Task.objects.get(pk=task.pk),
        year=2023,
        seq="1",
        achieved_on=date(2023, 12, 1),
        content="获奖",
        author=filler if is_known else None,
        state="submitted",
        submitted_at=NOW,
    )
    review.return_for_revision(extra, by=office, comment="请补充")
    assert [message.user for message in Message.objects.all()] == [filler]


def test_a_step_that_is_rolled_back_tells_nobody(submitted: Callable[..., Entry], office: User) -> None:
    entry = submitted()
    with pytest.raises(review.NotAllowed):
        review.return_for_revision(entry, by=office, comment="x", seen="old")
    assert not Message.objects.exists()


def test_rows_that_are_given_to_somebody_are_told(
    project: Project, point: TaskPoint, filler: User, head: User, office: User
) -> None:
    other = TaskPoint.objects.create(
        task=point.task, year=2023, seq="4", text="另一项", due_on=point.due_on, department=point.department
    )
    keys = [f"point:{each.pk}:{each.department_id}:" for each in (point, other)]
    duties.assign(project, keys[:1], to=filler, departments=None, by=office)
    one = Message.objects.get(user=filler)
    assert one.title == "任务分配给您：8-2-2023-03 编印学校《规章制度汇编》第二版"
    assert one.url == f"/projects/{project.pk}/mine/#point:{point.pk}"
    duties.assign(project, keys[1:], to=filler, departments=None, by=filler)
    assert Message.objects.count() == 1
    (held,) = duties.holdings(filler, project.institution, None)
    seen = duties.version_of([held])
    duties.hand_over(filler, head, project.institution, None, by=office, reason="调离", seen=seen)
    both = Message.objects.get(user=head)
    assert both.title == "2 项任务分配给您"
    assert both.url == f"/projects/{project.pk}/mine/"
    assert [row["text"] for row in both.rows] == [
        "8-2-2023-03 编印学校《规章制度汇编》第二版",
        "8-2-2023-04 另一项",
    ]


def granted(point: TaskPoint, filler: User, office: User, *points: TaskPoint) -> WindowException:
    day = date(2024, 3, 1)
    window = point.task.project.windows.get()
    return locking.grant(
        window, filler, points, until=date(2024, 3, 15), reason="补附印发文件", by=office, today=day
    )


def test_who_may_write_on_in_a_locked_window_is_told_until_when(
    project: Project, point: TaskPoint, filler: User, office: User
) -> None:
    granted(point, filler, office, point)
    message = Message.objects.get(user=filler)
    assert message.kind == Kind.EXCEPTION
    assert message.title == "可继续填报至 2024-03-15：8-2-2023-03 编印学校《规章制度汇编》第二版"
    assert message.text == (
        "周敏批准您继续填报“中期（2022-01-01 至 2023-12-31）”已锁定的以下 1 项，"
        "2024年03月15日（含）以前有效。\n理由：补附印发文件"
    )
    assert message.url == f"/projects/{project.pk}/mine/#taskpoint:{point.pk}"


def test_an_exception_for_everything_leads_to_all_rows(
    project: Project, point: TaskPoint, filler: User, office: User
) -> None:
    made = granted(point, filler, office)
    message = Message.objects.get()
    assert message.title == "可继续填报至 2024-03-15：中期（2022-01-01 至 2023-12-31）"
    assert "已锁定的、由您负责填报的全部内容" in message.text
    assert (message.url, message.rows) == (f"/projects/{project.pk}/mine/", [])
    locking.end(made, now=NOW)
    ended = Message.objects.latest("pk")
    assert (ended.user, ended.kind, ended.url) == (filler, Kind.EXCEPTION, message.url)
    assert ended.title == "锁定例外已提前结束：中期（2022-01-01 至 2023-12-31）"


def test_who_grants_an_exception_to_themselves_is_not_told(
    project: Project, point: TaskPoint, office: User
) -> None:
    granted(point, office, office, point)
    assert not Message.objects.exists()
