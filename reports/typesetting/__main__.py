"""HTML from standard input, PDF to standard output, steps to standard error, in a process of its own."""

from __future__ import annotations

import gc
import logging
import sys

from reports.typesetting import typeset

# Setting makes millions of objects that live to its end: to look for garbage among them costs a fifth.
gc.disable()
steps = logging.getLogger("weasyprint.progress")
steps.setLevel(logging.INFO)
steps.addHandler(logging.StreamHandler())
sys.stdout.buffer.write(typeset(sys.stdin.buffer.read().decode()))
