"""What is known of another system that this one speaks to (read by hvcollege/partners.py)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class WeCom:
    """An app of a college's 企业微信."""

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    api: str


@dataclass(frozen=True)
class DingTalk:
    """An app of a college's 钉钉."""

    app_key: str
    agent_id: int
    app_secret: str = field(repr=False)
    api: str


@dataclass(frozen=True)
class Robot:
    """A robot in a group; its address is its secret. `sign` is the key of 钉钉's 加签, else empty."""

    url: str = field(repr=False)
    sign: str = field(default="", repr=False)


@dataclass(frozen=True)
class Oidc:
    """An OpenID Connect provider; `claim` holds the user name of an account here."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str
