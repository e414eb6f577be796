"""PDF: the HTML of the report, set with the print style sheet by a process of its own.

Setting takes some 200 MB more than we have, most of it the font files, and would keep them in a worker that
lives for days; and without any font the engine does not raise, it crashes. Both end with the process.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from reports.document import Document
from reports.renderers.base import Renderer
from reports.renderers.html import page

ROOT = Path(__file__).parent.parent.parent
# Seconds; 300 pages take 30.
TIME_LIMIT = 600


class PdfRenderer(Renderer):
    identifier = "pdf"
    verbose_name = "PDF 文档"
    content_type = "application/pdf"
    suffix = ".pdf"

    def render(self, document: Document) -> bytes:
        """Raises RuntimeError with what the engine said last when it fails."""
        run = subprocess.run(
            [sys.executable, "-m", "reports.typesetting"],
            input=page(document, paper=True).encode(),
            cwd=ROOT,
            capture_output=True,
            timeout=TIME_LIMIT,
        )
        if run.returncode:
            said = run.stderr.decode(errors="replace").strip().splitlines()
            raise RuntimeError(f"PDF 引擎出错：{said[-1] if said else run.returncode}")
        return run.stdout
