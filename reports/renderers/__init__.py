"""Output formats of reports: one document, many renderers."""

from __future__ import annotations

from reports.renderers.base import Renderer
from reports.renderers.html import HtmlRenderer
from reports.renderers.json import JsonRenderer
from reports.renderers.pdf import PdfRenderer

RENDERERS: tuple[Renderer, ...] = (HtmlRenderer(), PdfRenderer(), JsonRenderer())


def renderer(identifier: str) -> Renderer:
    """Raises KeyError for a format that we do not have."""
    for each in RENDERERS:
        if each.identifier == identifier:
            return each
    raise KeyError(identifier)
