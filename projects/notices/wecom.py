"""企业微信: a message of an app to one person, and a robot in a group.

Documented at developer.work.weixin.qq.com: gettoken, message/send (textcard), webhook/send (markdown).
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from projects.models import Message
from projects.notices.tokens import EXPIRED, TokenEnded, with_token
from projects.notices.web import NotSent, Refused, get_json, post_json
from projects.notices.words import address, cut, escaped, markdown
from projects.partners import Robot, WeCom

# Numbers that concern the recipient, not the app: no use in trying again.
NOBODY = frozenset((40003, 60111, 81013))
HINTS = {
    40001: "请核对应用的 Secret。",
    40013: "请核对企业 ID。",
    60020: "请在企业微信管理后台把本服务器的出口 IP 加入应用的“企业可信IP”。",
    81013: "请核对账号，并把此人加入应用的可见范围。",
    60111: "请核对账号。",
    40003: "请核对账号。",
}
# In bytes, as documented; what is longer the service cuts in the middle of a word.
TITLE, DESCRIPTION, ROBOT = 128, 512, 4096


def send(app: WeCom, message: Message, to: str) -> None:
    """Hand the message to the app; Refused or NotSent with a sentence when it does not take it."""

    def ask() -> dict[str, Any]:
        return checked(get_json(f"{app.api}/cgi-bin/gettoken", corpid=app.corp_id, corpsecret=app.secret))

    def call(token: str) -> None:
        answer = checked(
            post_json(f"{app.api}/cgi-bin/message/send", body(app, message, to), access_token=token)
        )
        if answer.get("invaliduser"):
            raise Refused(f"企业微信找不到账号“{to}”，或此人不在应用的可见范围内。")

    with_token(f"wecom:{app.api}:{app.corp_id}:{app.agent_id}", ask, call)


def body(app: WeCom, message: Message, to: str) -> dict[str, Any]:
    day = f"{timezone.localtime(message.created_at):%Y年%m月%d日}"
    about = f"{day} {message.project or ''}".strip()
    head = f'<div class="gray">{escaped(about, 90)}</div>'
    frame = '<div class="normal"></div>'
    room = DESCRIPTION - len((head + frame).encode())
    return {
        "touser": to,
        "msgtype": "textcard",
        "agentid": app.agent_id,
        "textcard": {
            "title": cut(message.title, TITLE),
            "description": f'{head}<div class="normal">{escaped(message.text, room)}</div>',
            "url": address(message.url),
            "btntxt": "查看详情",
        },
        "enable_id_trans": 0,
        # A message that was handed over just before a crash is handed over again.
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
    }


def send_to_group(robot: Robot, message: Message) -> None:
    content = markdown(message, ROBOT)
    checked(post_json(robot.url, {"msgtype": "markdown", "markdown": {"content": content}}))


def checked(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, if it says 0; else the fault it names."""
    code = answer.get("errcode", 0)
    if not code:
        return answer
    if code in EXPIRED:
        raise TokenEnded
    said = str(answer.get("errmsg", "")).split(",")[0][:100]
    sentence = f"企业微信返回错误 {code}（{said}）。{HINTS.get(code, '')}"
    raise Refused(sentence) if code in NOBODY else NotSent(sentence)
