"""Asking another server, with a time limit; what goes wrong becomes one of two kinds of fault.

No fault names an address: tokens and secrets travel in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from socket import gaierror
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

LARGEST_ANSWER = 1024 * 1024


WHY: dict[type[Any], str] = {
    ConnectionRefusedError: "连接被拒绝",
    ConnectionResetError: "连接中断",
    gaierror: "找不到这个主机",
}


class NotSent(Exception):
    """It may succeed later; the message is a sentence for the administrator."""


class Unreachable(NotSent):
    """The service itself does not answer: others would fail as well."""


class Refused(Exception):
    """It will not succeed for this recipient, however often it is tried."""


class Stay(HTTPRedirectHandler):
    """A service that sends us elsewhere is not the one that was configured."""

    def redirect_request(self, *args: Any) -> None:
        return None


def get(address: str, **query: str) -> bytes:
    """What the server answers to a GET; Unreachable otherwise."""
    return _answer(Request(f"{address}?{urlencode(query)}"))


def get_json(address: str, **query: str) -> dict[str, Any]:
    return _parsed(get(address, **query), address)


def post_json(address: str, body: Mapping[str, Any], **query: str) -> dict[str, Any]:
    """The JSON object that the server answers to a JSON body."""
    joint = "&" if urlsplit(address).query else "?"
    full = f"{address}{joint}{urlencode(query)}" if query else address
    data = json.dumps(body, ensure_ascii=False).encode()
    return _parsed(_answer(Request(full, data, {"Content-Type": "application/json; charset=utf-8"})), address)


def _answer(request: Request) -> bytes:
    host = urlsplit(request.full_url).netloc
    try:
        with build_opener(Stay).open(request, timeout=settings.OUTSIDE_TIMEOUT) as answer:
            return bytes(answer.read(LARGEST_ANSWER))
    except HTTPError as fault:
        raise Unreachable(f"{host} 返回 HTTP {fault.code}。") from None
    except TimeoutError:
        raise Unreachable(f"{host} 在 {settings.OUTSIDE_TIMEOUT:g} 秒内没有应答。") from None
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "reason", fault)
        if isinstance(reason, TimeoutError):
            raise Unreachable(f"{host} 在 {settings.OUTSIDE_TIMEOUT:g} 秒内没有应答。") from None
        raise Unreachable(f"连接不上 {host}：{WHY.get(type(reason), str(reason))}。") from None


def _parsed(answer: bytes, address: str) -> dict[str, Any]:
    host = urlsplit(address).netloc
    try:
        found = json.loads(answer)
    except ValueError:
        raise Unreachable(f"{host} 的应答不是 JSON。") from None
    if not isinstance(found, dict):
        raise Unreachable(f"{host} 的应答不是 JSON 对象。")
    return found
