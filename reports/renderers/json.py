"""The document itself, for other programs and for comparing."""

from __future__ import annotations

import json

from reports.document import Document
from reports.renderers.base import Renderer, Tell, silent


class JsonRenderer(Renderer):
    identifier = "json"
    verbose_name = "JSON 数据"
    content_type = "application/json"
    suffix = ".json"

    def render(self, document: Document, tell: Tell = silent) -> bytes:
        return json.dumps(document.to_json(), ensure_ascii=False, indent=1).encode()
