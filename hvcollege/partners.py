"""Other systems that this one speaks to, read from the environment. Each is off until it is named.

Secrets come from the environment alone. The addresses of the services are settings as well, so that a
server of one's own can stand in for them.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hvcollege.env import Nonsense, text, value_of
from projects.partners import DingTalk, Oidc, Robot, WeCom

WEB_HINT = "写完整网址，如 https://shuanggao.example.edu.cn（末尾没有 /）。"
DAYS_HINT = "写提前的天数，多个之间用英文逗号隔开，如 7,1。"
NUMBER_HINT = "写应用管理页上的数字编号，如 1000002。"


def web_address(name: str, default: str = "") -> str:
    """An http(s) address without / at its end; "" where it is not set."""
    value = text(name, default).rstrip("/")
    try:
        url = urlsplit(value)
        is_one = bool(url.scheme in ("http", "https") and url.hostname and url.port != 0)
    except ValueError:
        is_one = False
    if value and (not is_one or re.search(r"[\s\"'<>]", value)):
        raise Nonsense(16, f"{value_of(name, value)}不是网址。", WEB_HINT)
    return value


def origin(address: str) -> str:
    """Scheme, host and port of an address, as policies name it."""
    url = urlsplit(address)
    return f"{url.scheme}://{url.netloc}"


def days(name: str, default: str) -> tuple[int, ...]:
    """Whole days, the largest first."""
    words = [word.strip() for word in text(name, default).split(",") if word.strip()]
    if not words or not all(re.fullmatch(r"\d{1,2}", word, re.ASCII) for word in words):
        raise Nonsense(17, f"{value_of(name, text(name, default))}不是天数。", DAYS_HINT)
    return tuple(sorted({int(word) for word in words}, reverse=True))


def together(*names: str) -> list[str] | None:
    """The values of variables that need each other; None where none is set."""
    values = {name: text(name) for name in names}
    if not any(values.values()):
        return None
    missing = [name for name, value in values.items() if not value]
    if missing:
        given = next(name for name, value in values.items() if value)
        raise Nonsense(
            18,
            f"设了环境变量 {given}，还缺 {'、'.join(missing)}。",
            f"{'、'.join(names)} 要同时设；不用时全部删除。",
        )
    return list(values.values())


def number(name: str, value: str) -> int:
    if not re.fullmatch(r"\d{1,18}", value, re.ASCII):
        raise Nonsense(19, f"{value_of(name, value)}不是编号。", NUMBER_HINT)
    return int(value)


def wecom() -> WeCom | None:
    found = together("WECOM_CORP_ID", "WECOM_AGENT_ID", "WECOM_SECRET")
    api = web_address("WECOM_API", "https://qyapi.weixin.qq.com")
    return WeCom(found[0], number("WECOM_AGENT_ID", found[1]), found[2], api) if found else None


def dingtalk() -> DingTalk | None:
    found = together("DINGTALK_APP_KEY", "DINGTALK_AGENT_ID", "DINGTALK_APP_SECRET")
    api = web_address("DINGTALK_API", "https://oapi.dingtalk.com")
    return DingTalk(found[0], number("DINGTALK_AGENT_ID", found[1]), found[2], api) if found else None


def robot(name: str, sign: str = "") -> Robot | None:
    url = web_address(name)
    return Robot(url, text(sign) if sign else "") if url else None


def oidc() -> Oidc | None:
    found = together("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    issuer = web_address("OIDC_ISSUER")
    claim = text("OIDC_USERNAME_CLAIM", "preferred_username")
    return Oidc(issuer, found[1], found[2], claim) if found else None


def site_url(name: str, needed_by: dict[str, object]) -> str:
    """Where people reach this site: links in messages begin with it."""
    value = web_address(name)
    asking = next((each for each, found in needed_by.items() if found), "")
    if asking and not value:
        raise Nonsense(18, f"设了{asking}，还缺环境变量 {name}：消息里的链接从它开始。", WEB_HINT)
    return value
