"""Talks to the process that opens files: it is started anew after a file that ended it or took too long."""

from __future__ import annotations

import errno
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, Any

log = logging.getLogger(__name__)

ROOT = Path(__file__).parent.parent.parent
# For one file, in seconds; 5000 pages take some 20.
TIME_LIMIT = 180.0
BROKEN = "文件已损坏，无法读取"
TOO_LONG = "文件读取时间过长"


class Refused(Exception):
    """A file that cannot be bound in; the message is a sentence for the user."""


@contextmanager
def reader(time_limit: float = TIME_LIMIT) -> Iterator[Reader]:
    """Who opens files; its process ends with the block."""
    asked = Reader(time_limit)
    try:
        yield asked
    finally:
        asked.end()


class Reader:
    def __init__(self, time_limit: float) -> None:
        self.time_limit = time_limit
        self._process: subprocess.Popen[str] | None = None
        # What it says of a file that it trips over belongs to nobody.
        self._said: IO[bytes] = TemporaryFile()  # noqa: SIM115

    def ask(self, **question: Any) -> dict[str, Any]:
        """The answer; Refused where the file is at fault, OSError where the disk is."""
        process = self._running()
        is_late = False

        def kill() -> None:
            nonlocal is_late
            is_late = True
            process.kill()

        limit = Timer(self.time_limit, kill)
        limit.start()
        try:
            line = self._said_to(process, json.dumps(question))
        finally:
            limit.cancel()
        if not line:
            self.end()
            raise Refused(TOO_LONG if is_late else BROKEN)
        return judged(json.loads(line))

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "reports.binding"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                cwd=ROOT,
                text=True,
            )
        return self._process

    @staticmethod
    def _said_to(process: subprocess.Popen[str], question: str) -> str:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(question + "\n")
            process.stdin.flush()
            return process.stdout.readline()
        except BrokenPipeError:
            return ""


def judged(told: dict[str, Any]) -> dict[str, Any]:
    if "full" in told:
        raise OSError(errno.ENOSPC, told["full"])
    if "unfit" in told:
        raise Refused(told["unfit"])
    if "broken" in told:
        log.warning("a file could not be bound in: %s", told["broken"])
        raise Refused(BROKEN)
    return told
