"""CAS: the ticket that a browser brings is validated by asking the server itself (serviceValidate).

One question and one small XML answer, so no library: apereo.github.io/cas, CAS protocol 3.0, 2.5.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode
from xml.etree import ElementTree

from django.conf import settings

from projects.notices import web
from projects.sso.accounts import NotLetIn

NAMES = {"cas": "http://www.yale.edu/tp/cas"}
TROUBLE = "统一身份认证暂时不能用，请稍后再试，或用本系统的用户名和密码登录。"


def log_in_address(service: str) -> str:
    return f"{settings.CAS_URL}/login?{urlencode({'service': service})}"


def log_out_address(back: str) -> str:
    return f"{settings.CAS_URL}/logout?{urlencode({'service': back})}"


def user_name(ticket: str, service: str) -> str:
    """The verified user name of a ticket that was given for `service`; NotLetIn otherwise."""
    try:
        answer = web.get(f"{settings.CAS_URL}/serviceValidate", ticket=ticket, service=service)
    except web.Unreachable as fault:
        raise NotLetIn(TROUBLE) from fault
    # No entities, nothing to expand.
    if re.search(rb"<!(DOCTYPE|ENTITY)", answer, re.IGNORECASE):
        raise NotLetIn(TROUBLE)
    try:
        root = ElementTree.fromstring(answer)
    except ElementTree.ParseError as fault:
        raise NotLetIn(TROUBLE) from fault
    name = (root.findtext("cas:authenticationSuccess/cas:user", "", NAMES) or "").strip()
    if not name:
        raise NotLetIn("统一身份认证没有认可这次登录（票据无效或已过期），请重新登录。")
    return name
