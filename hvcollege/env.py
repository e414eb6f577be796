"""Typed reading of the environment. Nonsense ends the process with a sentence that says what is allowed."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.checks import Error
from django.core.checks.security.base import SECRET_KEY_MIN_LENGTH, SECRET_KEY_MIN_UNIQUE_CHARACTERS

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

HOST = r"(?:[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:.]+\])"
HOST_PATTERN = re.compile(rf"\*|\.?{HOST}", re.ASCII | re.IGNORECASE)
ORIGIN_PATTERN = re.compile(rf"https?://(?:\*\.)?{HOST}(?::\d+)?", re.ASCII | re.IGNORECASE)
# From the first colon that starts no "//" to the last @.
PASSWORD = re.compile(r":(?!//).*@")

HOST_HINT = "写主机名，不带 http://、端口和路径，多个之间用英文逗号隔开，如 shuanggao.example.edu.cn。"
ORIGIN_HINT = (
    "写浏览器地址栏里的开头部分，多个之间用英文逗号隔开，如 https://shuanggao.example.edu.cn（末尾没有 /）。"
)
DATABASE_HINT = (
    "写 sqlite:///路径 或 postgres://用户:口令@主机:端口/库名；口令中的特殊字符用百分号编码，如 @ 写成 %40。"
)
REDIS_HINT = "写 redis://主机:端口/编号 或 rediss://…；不用 Redis 时删除这个变量。"
MAIL_HINT = "写 smtp://、smtps:// 或 smtp+tls:// 加 用户:口令@主机:端口，或 file:///文件夹，或 console:。"
STORE_HINT = (
    "写 s3://存储桶/前缀?endpoint=https://主机，密钥用环境变量 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY；"
    "佐证材料只放在本机磁盘时删除这个变量。"
)
SECRET_HINT = "用 openssl rand -hex 32 生成一个，或删除这个变量，由系统在数据目录中生成。"


class Nonsense(SystemExit):
    """Ends whatever loads the settings, worded as a system check: exit code 1, no traceback."""

    def __init__(self, number: int, problem: str, hint: str) -> None:
        super().__init__(str(Error(problem, hint=hint, id=f"hvcollege.E{number:03}")))


def value_of(name: str, value: str) -> str:
    """How a fault names a variable; a password in it stays secret."""
    return f"环境变量 {name} 的值“{PASSWORD.sub(':***@', value)}”"


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
    raise Nonsense(7, f"{value_of(name, value)}无法识别。", "写 1（开）或 0（关）。")


def megabytes(name: str, default: int) -> int:
    """A size in bytes, given in MB."""
    value = text(name, str(default))
    if not re.fullmatch(r"[1-9]\d{0,3}", value, re.ASCII):
        raise Nonsense(
            15, f"{value_of(name, value)}不是大小。", f"写 1 到 9999 的整数，单位是 MB，如 {default}。"
        )
    return int(value) * 1024 * 1024


def hosts(name: str, default: tuple[str, ...]) -> list[str]:
    return _words(name, HOST_PATTERN, 11, "主机名", HOST_HINT) or list(default)


def origins(name: str) -> list[str]:
    return _words(name, ORIGIN_PATTERN, 12, "网址", ORIGIN_HINT)


def _words(name: str, pattern: re.Pattern[str], number: int, kind: str, hint: str) -> list[str]:
    """A comma-separated list; blanks around and between are dropped. Empty only where nothing is set."""
    value = text(name)
    words = [word.strip() for word in value.split(",") if word.strip()]
    wrong = [word for word in words if not pattern.fullmatch(word)] or [value] * bool(value and not words)
    if wrong:
        raise Nonsense(number, f"{value_of(name, wrong[0])}不是{kind}。", hint)
    return words


def folder(name: str, default: str, base: Path) -> Path:
    """A folder that we can write to; a relative one is meant from `base`."""
    return made(base / text(name, default))


def made(path: Path) -> Path:
    """The folder `path`, made for this user alone if it was not there."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(path, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise Nonsense(
            1,
            f"数据目录 {path} 不可写，或不是文件夹。",
            "把目录的所有者改为运行本程序的用户，或用环境变量 DATA_DIR 指定另一个目录。",
        )
    return path


def secret_key(name: str, file: Path) -> str:
    """The variable, else the key kept in `file`, which the first process to ask makes (mode 0600)."""
    value = text(name)
    place = f"环境变量 {name} " if value else f"密钥文件 {file} "
    try:
        if not value and not file.exists():
            _make_secret(file)
        value = value or file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise Nonsense(13, f"{place}无法读取或建立：{fault}。", SECRET_HINT) from fault
    if len(value) < SECRET_KEY_MIN_LENGTH or len(set(value)) < SECRET_KEY_MIN_UNIQUE_CHARACTERS:
        least = f"至少要 {SECRET_KEY_MIN_LENGTH} 个字符，其中至少 {SECRET_KEY_MIN_UNIQUE_CHARACTERS} 个不同"
        raise Nonsense(
            13, f"{place}只有 {len(value)} 个字符，其中 {len(set(value))} 个不同；{least}。", SECRET_HINT
        )
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


def _address(name: str, value: str, number: int, hint: str) -> SplitResult:
    """The parts of an address whose port is a number and which holds no blank."""
    try:
        url = urlsplit(value)
        is_one = url.port != 0 and not re.search(r"\s", url.netloc)
    except ValueError:
        is_one = False
    if not is_one:
        raise Nonsense(number, f"{value_of(name, value)}不是地址。", hint)
    return url


def database(name: str, default: str, base: Path) -> dict[str, Any]:
    """One entry of DATABASES from `sqlite:///path` (relative to `base`) or `postgres://user:password@host:port/name`."""
    value = text(name, default)
    url = _address(name, value, 8, DATABASE_HINT)
    path = unquote(url.path[1:])
    if url.scheme == "sqlite" and not url.netloc and path:
        return _sqlite(name, base / path)
    if url.scheme in POSTGRES and path:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": path,
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": unquote(url.hostname or ""),
            "PORT": str(url.port or ""),
            "OPTIONS": dict(parse_qsl(url.query)),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise Nonsense(8, f"{value_of(name, value)}不是数据库地址。", DATABASE_HINT)


def _sqlite(name: str, path: Path) -> dict[str, Any]:
    if path.is_dir() or not path.parent.is_dir():
        problem = "是文件夹" if path.is_dir() else "所在的文件夹不存在"
        raise Nonsense(8, f"环境变量 {name} 指定的数据库文件 {path} {problem}。", DATABASE_HINT)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": dict(SQLITE_OPTIONS),
        "CONN_MAX_AGE": 60,
    }


def redis_url(name: str) -> str:
    """A Redis address, or "" for the embedded broker."""
    value = text(name)
    url = _address(name, value, 9, REDIS_HINT)
    is_one = url.scheme in ("redis", "rediss") and url.hostname and re.fullmatch(r"(/\d*)?", url.path)
    if value and not is_one:
        raise Nonsense(9, f"{value_of(name, value)}不是 Redis 地址。", REDIS_HINT)
    return value


def evidence_store(name: str) -> dict[str, Any] | None:
    """One entry of STORAGES from `s3://bucket/prefix?endpoint=https://host&region=name`; None: the disk."""
    value = text(name)
    if not value:
        return None
    url = _address(name, value, 21, STORE_HINT)
    asked = dict(parse_qsl(url.query, keep_blank_values=True))
    endpoint = urlsplit(asked.get("endpoint", "https://"))
    known = not asked.keys() - {"endpoint", "region"}
    reached = endpoint.scheme in ("http", "https") and ("endpoint" not in asked or endpoint.netloc)
    if not (url.scheme == "s3" and url.netloc and known and reached):
        raise Nonsense(21, f"{value_of(name, value)}不是 S3 存储的地址。", STORE_HINT)
    options = {
        "bucket_name": url.netloc,
        "location": unquote(url.path).strip("/"),
        "endpoint_url": asked.get("endpoint"),
        "region_name": asked.get("region"),
        # Private; whoever downloads passes our permission check.
        "default_acl": None,
        "file_overwrite": True,
        "addressing_style": "path" if "endpoint" in asked else None,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


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
    value = text(name, "console:")
    url = _address(name, value, 10, MAIL_HINT)
    if url.scheme == "console":
        return Mail(f"{MAIL_BACKENDS}.console.EmailBackend")
    if url.scheme == "file" and url.path:
        return Mail(f"{MAIL_BACKENDS}.filebased.EmailBackend", folder=unquote(url.path))
    if url.scheme not in SMTP_PORTS or not url.hostname:
        raise Nonsense(10, f"{value_of(name, value)}不是发信方式。", MAIL_HINT)
    return Mail(
        f"{MAIL_BACKENDS}.smtp.EmailBackend",
        host=url.hostname,
        port=url.port or SMTP_PORTS[url.scheme],
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        use_ssl=url.scheme == "smtps",
        use_tls=url.scheme == "smtp+tls",
    )
