"""OpenID Connect, by Authlib: discovery, state, nonce, PKCE, signature and claims are its work."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from projects.partners import Oidc
from projects.sso.accounts import NotLetIn

log = logging.getLogger(__name__)
TROUBLE = "统一身份认证没有成功，请重新登录；仍不成功时，请用本系统的用户名和密码登录，并告诉管理员。"


def asked() -> Oidc:
    """The provider that is configured; the views answer 404 without one."""
    assert settings.OIDC
    return settings.OIDC


def client() -> Any:
    """The provider as configured; what it can do is asked of itself, once a client."""
    from authlib.integrations.django_client import OAuth

    provider = asked()
    return OAuth().register(
        "oidc",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "timeout": settings.OUTSIDE_TIMEOUT,
        },
    )


def begin(request: HttpRequest, back: str) -> HttpResponse:
    """To the provider, which sends the browser to `back`."""
    try:
        answer: HttpResponse = client().authorize_redirect(request, back)
    except Exception as fault:
        log.exception("OpenID Connect: the provider does not answer as it should")
        raise NotLetIn(TROUBLE) from fault
    return answer


def user_name(request: HttpRequest) -> tuple[str, str]:
    """The verified user name of the browser that came back, and the token that proves it."""
    try:
        token = client().authorize_access_token(request)
        claims = token["userinfo"]
        issuer, name = str(claims["iss"]), str(claims.get(asked().claim) or "").strip()
    except Exception as fault:
        # Whatever a stranger's browser or a provider can send: a state that is not ours, a bad signature, …
        log.warning("OpenID Connect: refused: %s", fault)
        raise NotLetIn(TROUBLE) from fault
    if issuer.rstrip("/") != asked().issuer:
        log.warning("OpenID Connect: another issuer: %s", issuer)
        raise NotLetIn(TROUBLE)
    if not name:
        raise NotLetIn(f"统一身份认证没有给出用户名（{asked().claim}），请告诉管理员。")
    return name, str(token.get("id_token", ""))


def log_out_address(back: str, id_token: str) -> str:
    """Where the provider ends its own session; "" where it offers nothing."""
    try:
        end = str(client().load_server_metadata().get("end_session_endpoint") or "")
    except Exception:
        log.exception("OpenID Connect: the provider does not answer as it should")
        return ""
    query = {"post_logout_redirect_uri": back, "client_id": asked().client_id}
    query |= {"id_token_hint": id_token} if id_token else {}
    return f"{end}{'&' if '?' in end else '?'}{urlencode(query)}" if end else ""
