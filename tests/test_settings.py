"""The environment's variables, the files they lead to, and what browsers are told."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import unquote

import pytest
from axes.models import AccessAttempt
from django.conf import settings as site
from django.core.files.base import ContentFile
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from hvcollege import env, partners
from projects.logins import client_ip
from projects.models import Department, Institution, Role, User
from tests.conftest import person


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda value: monkeypatch.setenv("NAME", value)


@pytest.mark.parametrize(("value", "meaning"), [("1", True), (" Yes ", True), ("off", False), ("", False)])
def test_boolean(set_to: Any, value: str, meaning: bool) -> None:
    set_to(value)
    assert env.boolean("NAME") is meaning


def test_absent_variables_take_their_defaults() -> None:
    assert env.boolean("UNSET", True) is True
    assert env.hosts("UNSET", ("a",)) == ["a"]
    assert env.origins("UNSET") == []
    assert env.redis_url("UNSET") == ""
    assert env.mail("UNSET").backend.endswith("console.EmailBackend")


def test_hosts(set_to: Any) -> None:
    set_to(" a.edu.cn, .b.edu.cn ,10.0.0.1,[::1],*,web_1,")
    assert env.hosts("NAME", ()) == ["a.edu.cn", ".b.edu.cn", "10.0.0.1", "[::1]", "*", "web_1"]


def test_origins(set_to: Any) -> None:
    set_to("https://a.edu.cn, http://10.0.0.1:8000,https://*.b.edu.cn")
    assert env.origins("NAME") == ["https://a.edu.cn", "http://10.0.0.1:8000", "https://*.b.edu.cn"]


@pytest.mark.parametrize("name", ["db.sqlite3", "a%20b.sqlite3"])
def test_sqlite(set_to: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "var").mkdir()
    for address in (f"sqlite:///var/{name}", f"sqlite:///{tmp_path}/var/{name}"):
        set_to(address)
        assert env.database("NAME", "", tmp_path)["NAME"] == tmp_path / "var" / unquote(name)


def test_postgres(set_to: Any, tmp_path: Path) -> None:
    set_to("postgres://hv:p%40ss@db.example:6543/college?sslmode=require")
    database = env.database("NAME", "", tmp_path)
    assert database["ENGINE"] == "django.db.backends.postgresql"
    names = ("USER", "PASSWORD", "HOST", "PORT", "NAME", "OPTIONS")
    assert [database[name] for name in names] == [
        "hv",
        "p@ss",
        "db.example",
        "6543",
        "college",
        {"sslmode": "require"},
    ]


@pytest.mark.parametrize(
    ("value", "mail"),
    [
        ("smtp://mail.example", ("mail.example", 25, "", False, False)),
        ("smtps://me:pw@mail.example", ("mail.example", 465, "me", True, False)),
        ("smtp+tls://me%40x:pw@mail.example:2525", ("mail.example", 2525, "me@x", False, True)),
    ],
)
def test_mail(set_to: Any, value: str, mail: tuple[Any, ...]) -> None:
    set_to(value)
    found = env.mail("NAME")
    assert found.backend.endswith("smtp.EmailBackend")
    assert (found.host, found.port, found.user, found.use_ssl, found.use_tls) == mail


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: env.secret_key("UNSET", file), range(32)))
    assert keys == {file.read_text()}
    assert len(file.read_text()) > 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_secret_key_in_the_environment_makes_no_file(set_to: Any, tmp_path: Path) -> None:
    given = token_hex(32)
    set_to(given)
    assert env.secret_key("NAME", tmp_path / "secret_key") == given
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize("kept", ["", "a" * 60, "\n geheim \n"])
def test_a_secret_key_file_that_keeps_no_secret_is_refused(tmp_path: Path, kept: str) -> None:
    (tmp_path / "secret_key").write_text(kept)
    with pytest.raises(env.Nonsense, match="secret_key 只有"):
        env.secret_key("UNSET", tmp_path / "secret_key")


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (read, value)
        for read, values in {
            env.boolean: ["maybe", "2"],
            env.mail: ["mail.example", "smtp://", "pop3://mail.example", "smtp://h:x", "file:"],
            env.origins: ["a.edu.cn", "https://a.edu.cn/", "ftp://a.edu.cn", "https://", "null"],
            env.redis_url: [
                "localhost:6379",
                "redis://",
                "redis://a b",
                "redis://h:0",
                "redis://h/x",
                "unix:///x",
            ],
            partial(env.database, default="", base=Path("/")): [
                "mysql://host/name",
                "sqlite://",
                "sqlite:///",
                "sqlite://host/path",
                "sqlite:///tmp",
                "postgres://host",
                "postgres://h:x/n",
                "postgres://[h/n",
            ],
            partial(env.hosts, default=()): ["a b", "http://a", "a:8000", "a/b", "a..b", "*.a.b", " , "],
            partial(env.folder, default="", base=Path("/")): ["/etc/passwd", "/etc/passwd/var", "/proc/var"],
        }.items()
        for value in values
    ],
)
def test_nonsense_is_refused(set_to: Any, read: Callable[[str], Any], value: str) -> None:
    set_to(value)
    with pytest.raises(env.Nonsense, match=r"\(hvcollege\.E0\d\d\) "):
        read("NAME")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, with the settings of the site."""
    # The browser tests of the same run need this one for themselves.
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=site.BASE_DIR,
        env=kept | {"DJANGO_SETTINGS_MODULE": "hvcollege.settings"} | environment,
        capture_output=True,
        text=True,
    )


# variable, value, id of the check, what the sentence says of it
NONSENSE = [
    ("DEBUG", "2", "E007", "“2”"),
    ("HTTPS", "maybe", "E007", "“maybe”"),
    ("DATABASE_URL", "oracle://db/x", "E008", "“oracle://db/x”"),
    ("DATABASE_URL", "postgres://db", "E008", "“postgres://db”"),
    ("DATABASE_URL", "postgres://hv:geheim@db:port/x", "E008", "“postgres://hv:***@db:port/x”"),
    ("DATABASE_URL", "postgres://hv:ge#heim@db/x", "E008", "%40"),
    ("DATABASE_URL", "sqlite:////no/such/folder/x", "E008", "/no/such/folder"),
    ("REDIS_URL", "redis://", "E009", "“redis://”"),
    ("REDIS_URL", "redis://:geheim@db:70000", "E009", "“redis://:***@db:70000”"),
    ("EMAIL_URL", "pop3://me:geheim@mail", "E010", "“pop3://me:***@mail”"),
    ("ALLOWED_HOSTS", "http://x y", "E011", "“http://x y”"),
    ("ALLOWED_HOSTS", " , ", "E011", "“,”"),
    ("ALLOWED_HOSTS", "a.edu.cn, b.edu.cn:8000", "E011", "“b.edu.cn:8000”"),
    ("CSRF_TRUSTED_ORIGINS", "a.edu.cn", "E012", "“a.edu.cn”"),
    ("SECRET_KEY", "geheim", "E013", "6 个字符"),
    ("WORKBOOK_MAX_MB", "60MB", "E015", "“60MB”"),
    ("WORKBOOK_MAX_MB", "0", "E015", "1 到 9999"),
    ("DATA_DIR", "/etc/passwd", "E001", "/etc/passwd"),
    ("DATA_DIR", "/proc/nowhere", "E001", "/proc/nowhere"),
]
LOADERS = {
    "check": ["manage.py", "check"],
    "migrate": ["manage.py", "migrate"],
    "web": ["-c", "from hvcollege.wsgi import application"],
    "worker": ["-m", "celery", "-A", "hvcollege", "worker"],
}


@pytest.mark.parametrize(("name", "value", "check", "said"), NONSENSE)
def test_nonsense_stops_the_check_with_a_sentence(
    name: str, value: str, check: str, said: str, tmp_path: Path
) -> None:
    refused(run("manage.py", "check", **{"DATA_DIR": str(tmp_path), name: value}), name, check, said)
    assert list(tmp_path.glob("*.sqlite3")) == []


@pytest.mark.parametrize("loader", LOADERS)
def test_nonsense_stops_whatever_loads_the_settings(loader: str, tmp_path: Path) -> None:
    ended = run(*LOADERS[loader], DATA_DIR=str(tmp_path), HTTPS="maybe")
    refused(ended, "HTTPS", "E007", "“maybe”")


def refused(ended: subprocess.CompletedProcess[str], name: str, check: str, said: str) -> None:
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert "geheim" not in ended.stderr
    sentence, hint = ended.stderr.strip().splitlines()
    assert f"(hvcollege.{check})" in sentence
    assert name in sentence + hint
    assert said in sentence + hint


def test_production_settings_pass_every_deployment_check(tmp_path: Path) -> None:
    ended = run(
        "manage.py",
        "check",
        "--deploy",
        "--fail-level=WARNING",
        DATA_DIR=str(tmp_path),
        HTTPS="1",
        ALLOWED_HOSTS="college.example",
        CSRF_TRUSTED_ORIGINS="https://college.example",
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "secret_key").exists()


def test_static_files_are_for_everyone_and_uploads_for_us_alone(tmp_path: Path) -> None:
    """Whoever builds an image gathers them; another user serves them."""
    for alias, modes in {"staticfiles": (0o755, 0o644), "default": (0o700, 0o600)}.items():
        options = site.STORAGES[alias].get("OPTIONS", {}) | {"location": tmp_path / alias}
        import_string(site.STORAGES[alias]["BACKEND"])(**options).save("css/a.css", ContentFile("a"))
        places = (tmp_path / alias / "css", tmp_path / alias / "css/a.css")
        assert tuple(stat.S_IMODE(place.stat().st_mode) for place in places) == modes


@pytest.mark.django_db
def test_browsers_are_told_what_is_allowed(client: Client) -> None:
    headers = client.get(reverse("login")).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_guessing_a_password_is_stopped(client: Client, settings: Any) -> None:
    settings.AXES_ENABLED = True
    User.objects.create_user("clerk", password="the right one")
    tries = [log_in(client, "wrong") for _ in range(settings.AXES_FAILURE_LIMIT + 1)]
    assert tries[0] == 200
    assert tries[-1] == 429
    assert log_in(client, "the right one") == 429


@pytest.mark.django_db
def test_the_page_of_a_shut_door_says_when_it_opens(client: Client, settings: Any) -> None:
    settings.AXES_ENABLED = True
    User.objects.create_user("clerk", password="the right one")
    page = [attempt(client, "wrong") for _ in range(settings.AXES_FAILURE_LIMIT)][-1].content.decode()
    opens = timezone.localtime(AccessAttempt.objects.get().attempt_time + settings.AXES_COOLOFF_TIME)
    assert f"请在 <b>{opens:%H:%M}</b>（15 分钟）以后再试" in page
    # Trying on makes it no longer; another machine and another name are not shut.
    assert f"<b>{opens:%H:%M}</b>" in attempt(client, "wrong").content.decode()
    assert attempt(Client(REMOTE_ADDR="10.0.0.9"), "the right one").status_code == 302
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME)
    assert log_in(client, "the right one") == 302


@pytest.mark.django_db
def test_an_administrator_opens_the_door(client: Client, settings: Any) -> None:
    college = Institution.objects.create(name="样例职业技术学院")
    department = Department.objects.create(institution=college, name="教务处")
    clerk = person("clerk", "文员", Role.FILLER, college, department)
    clerk.set_password("the right one")
    clerk.save()
    admin = Client()
    admin.force_login(person("wuguanli", "吴管理", Role.ADMIN, college, None))
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, "wrong")
    page = admin.get(f"/people/{clerk.pk}/").content.decode()
    assert "登录暂停到" in page
    assert log_in(client, "the right one") == 429
    admin.post(f"/people/{clerk.pk}/unlock/")
    assert log_in(client, "the right one") == 302
    page = admin.get(f"/people/{clerk.pk}/").content.decode()
    assert "登录暂停到" not in page
    assert "解除登录暂停" in page
    assert "127.0.0.1" in page


def test_behind_a_proxy_the_address_is_the_one_it_added(settings: Any) -> None:
    request = RequestFactory().get("/", headers={"x-forwarded-for": "6.6.6.6, 10.1.2.3"})
    assert client_ip(request) == "127.0.0.1"
    settings.HTTPS = True
    assert client_ip(request) == "10.1.2.3"


def test_a_session_lasts_a_working_day_and_no_script_reads_it() -> None:
    assert site.SESSION_COOKIE_AGE == 12 * 60 * 60
    assert site.SESSION_COOKIE_HTTPONLY
    assert (site.SESSION_COOKIE_SAMESITE, site.CSRF_COOKIE_SAMESITE) == ("Lax", "Lax")


OFFS = ("WECOM", "DINGTALK", "WECOM_ROBOT", "DINGTALK_ROBOT", "OIDC", "CAS_URL", "SITE_URL", "SENDS_MAIL")


def test_no_other_system_is_spoken_to_unless_named() -> None:
    assert [name for name in OFFS if getattr(site, name)] == []


def test_other_systems_are_named_completely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECOM_CORP_ID", "ww1")
    with pytest.raises(env.Nonsense, match="还缺 WECOM_AGENT_ID、WECOM_SECRET"):
        partners.wecom()
    monkeypatch.setenv("WECOM_AGENT_ID", "agent")
    monkeypatch.setenv("WECOM_SECRET", "very-secret")
    with pytest.raises(env.Nonsense, match="“agent”不是编号"):
        partners.wecom()
    monkeypatch.setenv("WECOM_AGENT_ID", "1000002")
    found = partners.wecom()
    assert found
    assert (found.corp_id, found.agent_id, found.api) == ("ww1", 1000002, "https://qyapi.weixin.qq.com")
    assert "very-secret" not in repr(found)
    with pytest.raises(env.Nonsense, match="还缺环境变量 SITE_URL"):
        partners.site_url("SITE_URL", {"企业微信": found})


@pytest.mark.parametrize(
    "value", ["example.edu.cn", "ftp://a", "https://", "https://a b", "http://h:x", "https://[a"]
)
def test_an_address_is_one(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NAME", value)
    with pytest.raises(env.Nonsense, match="不是网址"):
        partners.web_address("NAME")


@pytest.mark.parametrize("value", ["x", "7;1", "-1", "100", ","])
def test_days_are_days(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NAME", "1, 14,7")
    assert partners.days("NAME", "7") == (14, 7, 1)
    monkeypatch.setenv("NAME", value)
    with pytest.raises(env.Nonsense, match="不是天数"):
        partners.days("NAME", "7")


def attempt(client: Client, password: str) -> Any:
    return client.post(reverse("login"), {"username": "clerk", "password": password})


def log_in(client: Client, password: str) -> int:
    return client.post(reverse("login"), {"username": "clerk", "password": password}).status_code
