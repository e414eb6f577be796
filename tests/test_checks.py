"""System checks of the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hvcollege import checks, pdf_engine

FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>{folders}<cachedir>{cache}</cachedir></fontconfig>"""


def ids(messages: list[Any]) -> list[str]:
    return [message.id for message in messages]


@pytest.mark.parametrize(("mode", "found"), [(0o600, []), (0o640, ["hvcollege.E002"])])
def test_a_secret_key_that_others_can_read(
    settings: Any, tmp_path: Path, mode: int, found: list[str]
) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "secret_key").touch()
    (tmp_path / "secret_key").chmod(mode)
    assert ids(checks.secret_key_is_private(None)) == found


@pytest.mark.parametrize(
    ("https", "hosts", "found"),
    [(True, ["*"], ["hvcollege.E003"]), (True, ["a.edu.cn"], []), (False, ["*"], [])],
)
def test_any_host_in_public(settings: Any, https: bool, hosts: list[str], found: list[str]) -> None:
    settings.HTTPS, settings.ALLOWED_HOSTS = https, hosts
    assert ids(checks.hosts_are_named(None)) == found


@pytest.mark.parametrize(("debug", "found"), [(True, ["hvcollege.E004"]), (False, [])])
def test_debug_in_public(settings: Any, debug: bool, found: list[str]) -> None:
    settings.HTTPS, settings.DEBUG = True, debug
    assert ids(checks.debug_is_off_in_public(None)) == found


@pytest.mark.parametrize(
    ("hosts", "found"), [(["localhost"], ["hvcollege.W001"]), (["localhost", "a.edu.cn"], [])]
)
def test_local_hosts_only(settings: Any, hosts: list[str], found: list[str]) -> None:
    settings.ALLOWED_HOSTS = hosts
    assert ids(checks.public_hosts_are_set(None)) == found


@pytest.mark.parametrize(
    ("handler", "found"),
    [
        ("tests.job_handlers.count", []),
        ("tests.job_handlers.no_such_function", ["hvcollege.E005"]),
        ("no_such_module.count", ["hvcollege.E005"]),
        ("tests.job_handlers.HANDLERS", ["hvcollege.E005"]),
    ],
)
def test_job_handlers(settings: Any, handler: str, found: list[str]) -> None:
    settings.JOB_HANDLERS = {"count": handler}
    assert ids(checks.job_handlers_exist(None)) == found


def test_chinese_comes_out_of_the_pdf_engine() -> None:
    assert checks.chinese_comes_out_of_the_pdf_engine(None) == []


@pytest.mark.parametrize(
    "folders", ["<dir>/usr/share/fonts/truetype/dejavu</dir>", ""], ids=["latin", "none"]
)
def test_a_machine_without_chinese_fonts_is_noticed(
    folders: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configuration = tmp_path / "fonts.conf"
    configuration.write_text(FONTS.format(folders=folders, cache=tmp_path / "cache"))
    monkeypatch.setenv("FONTCONFIG_FILE", str(configuration))
    (message,) = checks.chinese_comes_out_of_the_pdf_engine(None)
    assert message.id == "hvcollege.E006"
    assert "fonts-noto-cjk" in str(message.hint)


def test_slow_subsetting_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_engine, "prove", lambda: pdf_engine.Proof(pdf_engine.SAMPLE, False))
    assert ids(checks.chinese_comes_out_of_the_pdf_engine(None)) == ["hvcollege.W002"]
