"""How every command of ours answers a wrong call and an outside world that fails it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError

from reports.management.arguments import find_project

Shell = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (["figures"], "缺少参数 project。"),
        (["figures", "A", "B"], "多出参数 B。"),
        (["figures", "A", "--as-of"], "参数 --as-of 后面缺少值。"),
        (["figures", "A", "-v", "9"], "参数 -v/--verbosity 的值“9”不对，应为 0、1、2、3。"),
        (["render_report", "A", "--output", "r"], "缺少参数 --kind、--format。"),
        (["import_workbook", "--json=1", "w.xlsx"], "参数 --json 不带值，多出“1”。"),
        (["import_workbook"], "缺少参数 file。"),
        (["demo", "--f"], "参数 --f 不明确，可以是 --force-color、--force。"),
        (["demo", "--again"], "多出参数 --again。"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_told_in_one_chinese_line(shell: Shell, call: list[str], sentence: str) -> None:
    assert shell(*call) == (2, "", f"{sentence}用法见 manage.py {call[0]} --help\n")


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["NO-1", "", "\udcff"], ids=["unknown", "empty", "not text"])
def test_a_project_that_does_not_exist(code: str) -> None:
    with pytest.raises(CommandError, match=f"^项目“{code}”不存在，请核对项目编号。$"):
        find_project(code)


@pytest.mark.django_db
def test_a_file_that_is_no_workbook_is_named(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "笔记.xlsx"
    file.write_text("hello")
    code, out, err = shell("import_workbook", str(file))
    assert (code, out) == (1, "")
    assert err.startswith(f"文件: 不是 Excel 工作簿：“{file}”；应为：")


def process(tmp_path: Path, *arguments: str, stdout: Any = subprocess.PIPE, **more: str) -> tuple[int, str]:
    """Exit code and standard error of Python in a process of its own, with a data folder of its own."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "hvcollege.settings", "DATA_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=environment | {"DATABASE_URL": ""} | more,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )
    return ended.returncode, ended.stderr


TALKER = """
import django
django.setup()
from reports.management.command import SentenceCommand
class Command(SentenceCommand):
    def handle(self, *args, **options):
        self.stdout.write("字" * 100_000)
Command().run_from_argv(["manage.py", "talk"])
"""


def test_a_reader_that_has_seen_enough_hears_no_complaint(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as output:
        assert process(tmp_path, "-c", TALKER, stdout=output) == (1, "")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with open("/dev/full", "w") as output:
        assert process(tmp_path, "-c", TALKER, stdout=output) == (1, "无法写出结果：磁盘空间不足。\n")


@pytest.mark.parametrize(
    ("command", "database", "reason"),
    [
        (["figures", "A"], "", "no such table: projects_project"),
        (["migrate"], "postgres://nobody@127.0.0.1:9/none", "port 9 failed: Connection refused"),
    ],
)
def test_a_database_that_is_not_ready_is_told(
    tmp_path: Path, command: list[str], database: str, reason: str
) -> None:
    code, said = process(tmp_path, "manage.py", *command, DATABASE_URL=database)
    first, second = said.splitlines()
    assert code == 1
    assert first.startswith("数据库无法使用：")
    assert first.endswith(reason)
    assert second == "请检查 DATABASE_URL 和数据库服务；新建的数据库要先运行 manage.py migrate。"
