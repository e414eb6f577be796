"""统一身份认证 by OpenID Connect and CAS, against small providers on this machine."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client
from joserfc.jwk import RSAKey

from projects import partners
from projects.models import User
from projects.notices.web import Stay
from tests.postoffice import Answer, PostOffice, opened
from tests.provider import CAS, Cas, Oidc

pytestmark = pytest.mark.django_db
SITE = "http://testserver"


@pytest.fixture
def office(settings: LazySettings) -> Iterator[PostOffice]:
    with opened() as office:
        settings.SITE_URL = SITE
        settings.OUTSIDE_TIMEOUT = 5.0
        yield office


@pytest.fixture
def oidc(office: PostOffice, settings: LazySettings) -> Oidc:
    settings.OIDC = partners.Oidc(office.url, "hvcollege", "a-secret", "preferred_username")
    return Oidc(office)


@pytest.fixture
def cas(office: PostOffice, settings: LazySettings) -> Cas:
    settings.CAS_URL = f"{office.url}/cas"
    return Cas(office)


def travel(address: str) -> str:
    """Where a server sends the browser from there."""
    try:
        urllib.request.build_opener(Stay).open(address, timeout=5)
    except HTTPError as answer:
        return str(answer.headers["Location"])
    raise AssertionError(address)


def come_in(client: Client, path: str) -> Any:
    """Through the provider and back, as a browser goes."""
    back = travel(client.get(path)["Location"])
    assert back.startswith(f"{SITE}/sso/")
    return client.get(back.removeprefix(SITE))


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


@pytest.fixture(params=["/sso/oidc/", "/sso/cas/"])
def way(request: pytest.FixtureRequest, oidc: Oidc, cas: Cas) -> str:
    return str(request.param)


def name_is(name: str, *providers: Any) -> None:
    for each in providers:
        each.user = name


def test_an_account_of_the_same_name_is_let_in(client: Client, way: str, filler: User) -> None:
    answer = come_in(client, f"{way}?next=/messages/")
    assert (answer.status_code, answer["Location"]) == (302, "/messages/")
    assert who(client) == str(filler.pk)
    assert client.get("/messages/").status_code == 200
    filler.refresh_from_db()
    assert filler.last_login


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_nobody_is_led_away_after_it(client: Client, way: str, filler: User, after: str) -> None:
    assert come_in(client, f"{way}?next={after}")["Location"] == "/"


def test_a_stranger_is_told_whom_to_ask(
    client: Client, way: str, admin_user: User, oidc: Oidc, cas: Cas
) -> None:
    name_is("nobody", oidc, cas)
    answer = come_in(client, way)
    assert answer.status_code == 403
    assert "账号“nobody”在本系统中还没有对应的账号" in answer.content.decode()
    assert "请联系学校的系统管理员吴管理开通" in answer.content.decode()
    assert who(client) is None
    assert not User.objects.filter(username="nobody").exists()


def test_a_closed_account_stays_closed(client: Client, way: str, filler: User) -> None:
    filler.is_active = False
    filler.save()
    answer = come_in(client, way)
    assert answer.status_code == 403
    assert "账号“gaoyuan”已停用" in answer.content.decode()
    assert who(client) is None


def test_a_first_password_is_not_asked_to_be_changed(client: Client, way: str, filler: User) -> None:
    filler.must_change_password = True
    filler.save()
    come_in(client, way)
    assert client.get("/messages/").status_code == 200
    other = Client()
    other.force_login(filler)
    assert other.get("/messages/")["Location"] == "/password/"


def test_what_somebody_else_began_opens_nothing(client: Client, way: str, filler: User) -> None:
    """The address with which another browser came back, put before this one."""
    back = travel(Client().get(way)["Location"]).removeprefix(SITE)
    for path in (back, back.partition("&")[0], way + "?ticket=ST-1", "/sso/oidc/back/?code=1&state=2"):
        client.get("/sso/cas/")
        answer = client.get(path)
        assert answer.status_code in (302, 403)
        assert who(client) is None


def test_coming_back_twice_opens_nothing(way: str, client: Client, filler: User) -> None:
    back = travel(client.get(way)["Location"]).removeprefix(SITE)
    client.get(back)
    client.post("/logout/")
    assert client.get(back).status_code == 403
    assert who(client) is None


def test_the_log_in_page_shows_the_button_only_when_configured(
    client: Client, settings: LazySettings, oidc: Oidc
) -> None:
    page = client.get("/login/?next=/messages/").content.decode()
    assert 'href="/sso/oidc/?next=%2Fmessages%2F"' in page
    assert "用统一身份认证登录" in page
    assert "/sso/cas/" not in page
    settings.OIDC = None
    assert "/sso/" not in client.get("/login/").content.decode()
    for path in ("/sso/oidc/", "/sso/oidc/back/", "/sso/cas/"):
        assert client.get(path).status_code == 404


def test_oidc_is_logged_out_there_as_well(client: Client, oidc: Oidc, filler: User) -> None:
    come_in(client, "/sso/oidc/")
    there = urlsplit(client.post("/logout/")["Location"])
    asked = parse_qs(there.query)
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{oidc.office.url}/end"
    assert asked["post_logout_redirect_uri"] == [f"{SITE}/login/"]
    assert asked["client_id"] == ["hvcollege"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert who(client) is None


def test_cas_is_logged_out_there_as_well(client: Client, cas: Cas, filler: User) -> None:
    come_in(client, "/sso/cas/")
    there = client.post("/logout/")["Location"]
    assert there == f"{cas.office.url}/cas/logout?service=http%3A%2F%2Ftestserver%2Flogin%2F"


def test_a_log_in_by_password_is_logged_out_here(client: Client, cas: Cas, filler: User) -> None:
    client.force_login(filler)
    assert client.post("/logout/")["Location"] == "/login/"


def test_the_provider_is_asked_as_it_should_be(client: Client, oidc: Oidc, filler: User) -> None:
    come_in(client, "/sso/oidc/")
    (asked,) = oidc.office.to("/authorize")
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked.query[name]) >= 20
    assert asked.query["code_challenge_method"] == "S256"
    assert asked.query["redirect_uri"] == f"{SITE}/sso/oidc/back/"
    assert asked.query["scope"] == "openid profile"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"nonce": "another"},
        {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
        {"preferred_username": ""},
        {"preferred_username": None},
    ],
)
def test_a_token_that_is_not_for_us_opens_nothing(
    client: Client, oidc: Oidc, filler: User, wrong: dict[str, Any]
) -> None:
    oidc.wrong = wrong
    assert come_in(client, "/sso/oidc/").status_code == 403
    assert who(client) is None


def test_a_token_signed_by_another_opens_nothing(client: Client, oidc: Oidc, filler: User) -> None:
    oidc.key = RSAKey.generate_key(2048, {"kid": "1"})
    assert come_in(client, "/sso/oidc/").status_code == 403
    assert who(client) is None


@pytest.mark.parametrize("answer", [Answer({}, 500), Answer("<html>"), Answer("[]"), Answer({"issuer": "x"})])
def test_a_provider_out_of_order_is_told(client: Client, oidc: Oidc, answer: Answer) -> None:
    oidc.office.answers["/.well-known/openid-configuration"] = answer
    said = client.get("/sso/oidc/")
    assert said.status_code == 403
    assert "统一身份认证没有成功" in said.content.decode()


BOMB = '<!DOCTYPE x [<!ENTITY a "gaoyuan">]>' + CAS.format(
    "<cas:authenticationSuccess><cas:user>&a;</cas:user></cas:authenticationSuccess>"
)


@pytest.mark.parametrize(
    "answer",
    [
        Answer({}, 500),
        Answer("<html>"),
        Answer(BOMB),
        Answer(CAS.format("<cas:user>gaoyuan</cas:user>")),
        Answer("<serviceResponse><authenticationSuccess><user>gaoyuan</user></authenticationSuccess>"),
        Answer(json.dumps({"user": "gaoyuan"})),
    ],
)
def test_a_cas_server_that_says_something_else_lets_nobody_in(
    client: Client, cas: Cas, filler: User, answer: Answer
) -> None:
    cas.office.answers["/cas/serviceValidate"] = answer
    assert come_in(client, "/sso/cas/").status_code == 403
    assert who(client) is None


def test_a_log_in_there_is_on_record(
    client: Client, settings: LazySettings, cas: Cas, filler: User, admin_user: User
) -> None:
    settings.AXES_ENABLED = True
    come_in(client, "/sso/cas/")
    admin = Client()
    admin.force_login(admin_user)
    page = admin.get(f"/people/{filler.pk}/")
    assert "127.0.0.1" in page.content.decode()
