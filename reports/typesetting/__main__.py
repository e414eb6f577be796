"""HTML from standard input, PDF to standard output, in a process of its own."""

from __future__ import annotations

import gc
import sys

from reports.typesetting import typeset

# Setting makes millions of objects that live to its end: to look for garbage among them costs a fifth.
gc.disable()
sys.stdout.buffer.write(typeset(sys.stdin.buffer.read().decode()))
