"""What every output format is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from reports.document import Document


class Renderer(ABC):
    """Turns a document into a file. A new format is a new file here and a line in RENDERERS."""

    identifier: ClassVar[str]
    verbose_name: ClassVar[str]
    content_type: ClassVar[str]
    suffix: ClassVar[str]

    @abstractmethod
    def render(self, document: Document) -> bytes: ...
