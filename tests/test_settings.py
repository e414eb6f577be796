"""The environment's variables, the files they lead to, and what browsers are told."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from hvcollege import env
from projects.models import User

BASE = Path("/srv/app")


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda value: monkeypatch.setenv("NAME", value)


@pytest.mark.parametrize(("value", "meaning"), [("1", True), (" Yes ", True), ("off", False), ("", False)])
def test_boolean(set_to: Any, value: str, meaning: bool) -> None:
    set_to(value)
    assert env.boolean("NAME") is meaning


def test_boolean_refuses_nonsense(set_to: Any) -> None:
    set_to("maybe")
    with pytest.raises(ImproperlyConfigured, match="NAME='maybe' is neither on nor off"):
        env.boolean("NAME")


def test_absent_variables_take_their_defaults() -> None:
    assert env.boolean("UNSET", True) is True
    assert env.words("UNSET", ("a",)) == ["a"]
    assert env.redis_url("UNSET") == ""
    assert env.mail("UNSET").backend.endswith("console.EmailBackend")


def test_words(set_to: Any) -> None:
    set_to(" a.edu.cn, b.edu.cn ,")
    assert env.words("NAME") == ["a.edu.cn", "b.edu.cn"]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("sqlite:///var/db.sqlite3", "/srv/app/var/db.sqlite3"),
        ("sqlite:////data/db.sqlite3", "/data/db.sqlite3"),
        ("sqlite:////data/a%20b.sqlite3", "/data/a b.sqlite3"),
    ],
)
def test_sqlite(set_to: Any, value: str, path: str) -> None:
    set_to(value)
    assert env.database("NAME", "", BASE)["NAME"] == Path(path)


def test_postgres(set_to: Any) -> None:
    set_to("postgres://hv:p%40ss@db.example:6543/college?sslmode=require")
    database = env.database("NAME", "", BASE)
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
    "value",
    [
        "mysql://host/name",
        "sqlite://",
        "sqlite:///",
        "sqlite://host/path",
        "postgres://host",
        "postgres://h:x/n",
    ],
)
def test_database_refuses_nonsense(set_to: Any, value: str) -> None:
    set_to(value)
    with pytest.raises(ImproperlyConfigured, match="^NAME "):
        env.database("NAME", "", BASE)


def test_redis_refuses_nonsense(set_to: Any) -> None:
    set_to("localhost:6379")
    with pytest.raises(ImproperlyConfigured, match="NAME must look like redis://"):
        env.redis_url("NAME")


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


@pytest.mark.parametrize("value", ["mail.example", "smtp://", "pop3://mail.example", "smtp://h:x", "file:"])
def test_mail_refuses_nonsense(set_to: Any, value: str) -> None:
    set_to(value)
    with pytest.raises(ImproperlyConfigured, match="^NAME "):
        env.mail("NAME")


def test_a_data_folder_that_cannot_be_made_is_said(set_to: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    set_to(str(tmp_path / "file" / "var"))
    with pytest.raises(ImproperlyConfigured, match="NAME=.* cannot be made"):
        env.folder("NAME", "var", BASE)


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: env.secret_key("UNSET", file), range(32)))
    assert keys == {file.read_text()}
    assert len(file.read_text()) > 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_secret_key_in_the_environment_makes_no_file(set_to: Any, tmp_path: Path) -> None:
    set_to("given")
    assert env.secret_key("NAME", tmp_path / "secret_key") == "given"
    assert not (tmp_path / "secret_key").exists()


def test_an_empty_secret_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(ImproperlyConfigured, match="is empty"):
        env.secret_key("UNSET", tmp_path / "secret_key")


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # The browser tests of the same run need this one for themselves.
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=site.BASE_DIR,
        env=kept | {"DJANGO_SETTINGS_MODULE": "hvcollege.settings"} | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "2"),
        ("DATABASE_URL", "oracle://x"),
        ("REDIS_URL", "x"),
        ("EMAIL_URL", "x"),
        ("HTTPS", "tls"),
    ],
)
def test_any_command_stops_at_nonsense_and_names_the_variable(name: str, value: str, tmp_path: Path) -> None:
    run = manage("check", DATA_DIR=str(tmp_path), **{name: value})
    assert run.returncode == 1
    assert name in run.stderr.splitlines()[-1]


def test_production_settings_pass_every_deployment_check(tmp_path: Path) -> None:
    run = manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        DATA_DIR=str(tmp_path),
        HTTPS="1",
        ALLOWED_HOSTS="college.example",
        CSRF_TRUSTED_ORIGINS="https://college.example",
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert (tmp_path / "secret_key").exists()


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


def log_in(client: Client, password: str) -> int:
    return client.post(reverse("login"), {"username": "clerk", "password": password}).status_code
