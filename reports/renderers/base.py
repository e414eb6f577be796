"""What every output format is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from reports.document import Document

# Hears what is being done, for those who wait: 绘制图表, then 排版：第 12 页.
Tell = Callable[[str], None]


def silent(step: str) -> None:
    """Nobody waits."""


class Renderer(ABC):
    """Turns a document into a file. A new format is a new file here and a line in RENDERERS."""

    identifier: ClassVar[str]
    verbose_name: ClassVar[str]
    content_type: ClassVar[str]
    suffix: ClassVar[str]

    @abstractmethod
    def render(self, document: Document, tell: Tell = silent) -> bytes:
        """What `tell` raises ends the rendering."""
