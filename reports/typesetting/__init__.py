"""HTML set into pages by WeasyPrint. Nothing here needs Django, so that a process can do nothing else."""

from __future__ import annotations

from typing import Any

from weasyprint import HTML, URLFetcher

from reports.typesetting.justified import justified
from reports.typesetting.late_fonts import fonts_read_late
from reports.typesetting.merged import merged_cells_go_on, settled

OPTIONS = {"presentational_hints": True, "pdf_tags": True}
FONT_FILES = (".ttf", ".otf", ".ttc", ".otc")


def typeset(html: str) -> bytes:
    """The page as a tagged PDF."""
    with justified(), fonts_read_late(), merged_cells_go_on():
        pages = HTML(string=html, url_fetcher=Fetcher()).render(**OPTIONS)
        return bytes(settled(pages).write_pdf(**OPTIONS))


class Fetcher(URLFetcher):
    """What a page may load: what is part of it, and installed fonts.

    It holds its charts and styles itself. Whatever else it names, on the network or on our disk, can only
    have come in with somebody's text. For that it raises ValueError; WeasyPrint goes on without it.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data", "file"), allow_redirects=False)

    def fetch(self, url: str, headers: Any = None) -> Any:
        is_font = url.startswith("file:///") and url.lower().endswith(FONT_FILES)
        if is_font or url.startswith("data:"):
            return super().fetch(url, headers)
        raise ValueError(f"refused: {url[:200]}")
