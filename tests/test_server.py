"""script/server says what is wrong before it installs or loads anything."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings


def refusal(**environment: str) -> str:
    """The first line of its refusal."""
    ended = subprocess.run(
        ["script/server"], cwd=settings.BASE_DIR, env=os.environ | environment, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    return ended.stderr.splitlines()[0]


@pytest.mark.parametrize("port", ["abc", "0", "65536", "8000 ", "80.5", "-1"])
def test_a_port_that_is_none(port: str, tmp_path: Path) -> None:
    said = refusal(PORT=port, DATA_DIR=str(tmp_path))
    assert said.startswith(f"script/server: (hvcollege.E014) 环境变量 PORT 的值“{port}”不是端口")
    assert list(tmp_path.iterdir()) == []


def test_a_second_server_on_the_same_data(tmp_path: Path) -> None:
    with (tmp_path / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert f"数据目录 {tmp_path} 已有一个 script/server 在运行" in refusal(
            DATA_DIR=str(tmp_path), PORT="8000"
        )
