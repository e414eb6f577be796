"""Typed reading of the environment. Nonsense stops the process and says what is allowed."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ON = ("1", "true", "yes", "on")
OFF = ("0", "false", "no", "off", "")
POSTGRES = ("postgres", "postgresql")
SQLITE_OPTIONS = {
    # Without IMMEDIATE a read transaction that turns to writing is refused at once, whatever the timeout.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
MAIL_BACKENDS = "django.core.mail.backends"
SMTP_PORTS = {"smtp": 25, "smtps": 465, "smtp+tls": 587}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def boolean(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in ON:
        return True
    if value.strip().lower() in OFF:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither on nor off; write 1 or 0.")


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list; blanks around and between are dropped."""
    value = os.environ.get(name)
    if value is None:
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


def folder(name: str, default: str, base: Path) -> Path:
    """A folder that exists afterwards; a relative one is meant from `base`."""
    path = base / text(name, default)
    try:
        return made(path)
    except OSError as fault:
        raise ImproperlyConfigured(f"{name}={str(path)!r} cannot be made: {fault.strerror}.") from fault


def made(path: Path) -> Path:
    """The folder `path`, made for this user alone if it was not there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def secret_key(name: str, file: Path) -> str:
    """The variable, else the key kept in `file`, which the first process to ask makes (mode 0600)."""
    if value := text(name):
        return value
    try:
        if not file.exists():
            _make_secret(file)
        value = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise ImproperlyConfigured(f"{name} is not set and {file} cannot be made: {fault}.") from fault
    if not value:
        raise ImproperlyConfigured(f"{name} is not set and {file} is empty; delete it and start again.")
    return value


def _make_secret(file: Path) -> None:
    """Write under our own name, then link: one process wins, and none reads half a key."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as stream:
        stream.write(secrets.token_urlsafe(64))
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def database(name: str, default: str, base: Path) -> dict[str, Any]:
    """One entry of DATABASES from `sqlite:///path` (relative to `base`) or `postgres://user:password@host:port/name`."""
    value = text(name, default)
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError as fault:
        raise ImproperlyConfigured(f"{name} is no address: {fault}.") from fault
    path = unquote(url.path[1:])
    if url.scheme == "sqlite" and not url.netloc and path:
        return _sqlite(base / path)
    if url.scheme in POSTGRES and path:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": path,
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": unquote(url.hostname or ""),
            "PORT": str(port or ""),
            "OPTIONS": dict(parse_qsl(url.query)),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured(
        f"{name} must be sqlite:///relative-or-/absolute/path or postgres://user:password@host:port/name."
    )


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": dict(SQLITE_OPTIONS),
        "CONN_MAX_AGE": 60,
    }


def redis_url(name: str) -> str:
    """A Redis address, or "" for the embedded broker."""
    value = text(name)
    if value and urlsplit(value).scheme not in ("redis", "rediss", "unix"):
        raise ImproperlyConfigured(f"{name} must look like redis://host:port/number.")
    return value


@dataclass(frozen=True)
class Mail:
    """How letters leave: one of Django's back ends and what it needs."""

    backend: str
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    use_ssl: bool = False
    use_tls: bool = False
    folder: str | None = None


def mail(name: str) -> Mail:
    """From `smtp://`, `smtps://`, `smtp+tls://` with user:password@host:port, `file:///dir`, `console:`."""
    try:
        url = urlsplit(text(name, "console:"))
        port = url.port
    except ValueError as fault:
        raise ImproperlyConfigured(f"{name} is no address: {fault}.") from fault
    if url.scheme == "console":
        return Mail(f"{MAIL_BACKENDS}.console.EmailBackend")
    if url.scheme == "file" and url.path:
        return Mail(f"{MAIL_BACKENDS}.filebased.EmailBackend", folder=unquote(url.path))
    if url.scheme not in SMTP_PORTS or not url.hostname:
        raise ImproperlyConfigured(
            f"{name} must be smtp://, smtps:// or smtp+tls:// and user:password@host:port, "
            "file:///folder or console:."
        )
    return Mail(
        f"{MAIL_BACKENDS}.smtp.EmailBackend",
        host=url.hostname,
        port=port or SMTP_PORTS[url.scheme],
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        use_ssl=url.scheme == "smtps",
        use_tls=url.scheme == "smtp+tls",
    )
