"""PDF: the HTML of the report, set with the print style sheet by a process of its own.

Setting takes some 200 MB more than we have, most of it the font files, and would keep them in a worker that
lives for days; and without any font the engine does not raise, it crashes. Both end with the process.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer

from reports.document import Document
from reports.renderers.base import Renderer, Tell, silent
from reports.renderers.html import page

ROOT = Path(__file__).parent.parent.parent
# Seconds; 300 pages take 30.
TIME_LIMIT = 600
# What the engine says on standard error of its progress; all else there is a fault.
STEP = re.compile(r"Step \d - (?:Creating layout - Page (?P<page>\d+)$)?")


class PdfRenderer(Renderer):
    identifier = "pdf"
    verbose_name = "PDF 文档"
    content_type = "application/pdf"
    suffix = ".pdf"

    def render(self, document: Document, tell: Tell = silent) -> bytes:
        """Raises RuntimeError with what the engine said last when it fails."""
        tell("绘制图表")
        return typeset(page(document, paper=True), tell)


def typeset(html: str, tell: Tell = silent) -> bytes:
    """The page as a PDF; RuntimeError with what the engine said last when it fails."""
    # Files without a name: nothing is left of them, however this ends.
    with TemporaryFile() as given, TemporaryFile() as made:
        given.write(html.encode())
        given.seek(0)
        with engine(given.fileno(), made.fileno()) as process:
            fault = listen(process, tell)
        if process.returncode:
            raise RuntimeError(f"PDF 引擎出错：{fault or process.returncode}")
        made.seek(0)
        return made.read()


@contextmanager
def engine(stdin: int, stdout: int) -> Iterator[subprocess.Popen[str]]:
    """The process that sets the pages. It ends with the block, or when it takes too long."""
    command = [sys.executable, "-m", "reports.typesetting"]
    with subprocess.Popen(
        command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, cwd=ROOT, text=True, errors="replace"
    ) as process:
        limit = Timer(TIME_LIMIT, process.kill)
        limit.start()
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            limit.cancel()


def listen(process: subprocess.Popen[str], tell: Tell) -> str:
    """Hear the engine out; the last it said that was no step."""
    fault = ""
    for line in process.stderr or ():
        if step := STEP.match(line.strip()):
            if step["page"]:
                tell(f"排版：第 {step['page']} 页")
        else:
            fault = line.strip() or fault
    return fault
