"""钉钉: a work notice (工作通知) of an app to one person, and a robot in a group, signed (加签).

Documented at open.dingtalk.com: gettoken, corpconversation/asyncsend_v2, robot/send. The same text reaches
a person once a day only; ours name the day and the row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from projects.models import Message
from projects.notices.tokens import EXPIRED, TokenEnded, with_token
from projects.notices.web import NotSent, Refused, get_json, post_json
from projects.notices.words import address, cut, markdown
from projects.partners import DingTalk, Robot

# Number of topapi for "see sub_code".
SEE_SUB_CODE = 88
NOBODY = frozenset((33012, 60121, 400002))
HINTS = {
    40089: "请核对 AppKey 和 AppSecret。",
    310000: "请核对机器人的加签密钥、关键词或 IP 设置。",
    33012: "请核对员工 UserID。",
    60121: "请核对员工 UserID。",
}
# The whole msg object, in bytes.
NOTICE, ROBOT = 2048, 20000


def send(app: DingTalk, message: Message, to: str) -> None:
    """Hand the notice to the app; Refused or NotSent with a sentence when it does not take it."""

    def ask() -> dict[str, Any]:
        return checked(get_json(f"{app.api}/gettoken", appkey=app.app_key, appsecret=app.app_secret))

    def call(token: str) -> None:
        path = f"{app.api}/topapi/message/corpconversation/asyncsend_v2"
        checked(post_json(path, body(app, message, to), access_token=token))

    with_token(f"dingtalk:{app.api}:{app.app_key}", ask, call)


def body(app: DingTalk, message: Message, to: str) -> dict[str, Any]:
    msg: dict[str, Any] = {
        "msgtype": "action_card",
        "action_card": {
            "title": cut(message.title, 128),
            "markdown": "",
            "single_title": "查看详情",
            "single_url": address(message.url),
        },
    }
    room = NOTICE - len(json.dumps(msg, ensure_ascii=False).encode())
    text = markdown(message, room, link=False)
    # Line ends and quotes take two bytes in JSON.
    while len(json.dumps(text, ensure_ascii=False).encode()) > room:
        text = markdown(message, len(text.encode()) - 20, link=False)
    msg["action_card"]["markdown"] = text
    return {"agent_id": app.agent_id, "userid_list": to, "msg": msg}


def send_to_group(robot: Robot, message: Message, milliseconds: int) -> None:
    text = {"title": cut(message.title, 128), "text": markdown(message, ROBOT)}
    body = {"msgtype": "markdown", "markdown": text, "at": {"isAtAll": False}}
    checked(post_json(robot.url, body, **signed(robot.sign, milliseconds)))


def signed(secret: str, milliseconds: int) -> dict[str, str]:
    """timestamp and sign of 加签: HMAC-SHA256 of both by the secret, in Base64."""
    if not secret:
        return {}
    said = f"{milliseconds}\n{secret}".encode()
    digest = hmac.new(secret.encode(), said, hashlib.sha256).digest()
    return {"timestamp": str(milliseconds), "sign": base64.b64encode(digest).decode()}


def checked(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, if it says 0; else the fault it names."""
    code = answer.get("errcode", 0)
    if not code:
        return answer
    if code == SEE_SUB_CODE and str(answer.get("sub_code", "")).isdecimal():
        code = int(answer["sub_code"])
    if code in EXPIRED:
        raise TokenEnded
    said = str(answer.get("sub_msg") or answer.get("errmsg", ""))[:100]
    sentence = f"钉钉返回错误 {code}（{said}）。{HINTS.get(code, '')}"
    raise Refused(sentence) if code in NOBODY else NotSent(sentence)
