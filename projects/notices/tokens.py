"""Access tokens of 企业微信 and 钉钉: asked for once, kept until shortly before they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.cache import cache

from projects.notices.web import NotSent

# Both services call a token that has ended or was replaced by these numbers.
EXPIRED = frozenset((40014, 42001))
# A token is not used in its last minutes: the clocks of two servers differ.
SPARE = 300


class TokenEnded(Exception):
    """The service no longer takes the token."""


def with_token(name: str, ask: Callable[[], dict[str, Any]], call: Callable[[str], None]) -> None:
    """`call` with the token kept under `name`, or with a new one where that has ended."""
    key = f"access-token:{name}"
    token = cache.get(key)
    if token:
        try:
            return call(token)
        except TokenEnded:
            cache.delete(key)
    answer = ask()
    token = str(answer["access_token"])
    cache.set(key, token, max(60, int(answer.get("expires_in") or 0) - SPARE))
    try:
        call(token)
    except TokenEnded:
        cache.delete(key)
        raise NotSent("刚取得的 access_token 不被接受。") from None
    return None
