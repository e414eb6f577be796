"""What is typeset for a book: cover, catalogue, a sheet for each file that stays outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from django.template.loader import render_to_string

from projects.models import Project
from reports.binding.contents import Volume
from reports.library import Material
from reports.renderers.html import style
from reports.renderers.pdf import typeset

FONTS = '"Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", SimHei, sans-serif'
# What every stamp is written with beside the numbers of the materials.
LETTERS = "0123456789-第页总 　"
USES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A material in the catalogue: where it begins and ends in the book, and why it is not in it."""

    material: Material
    first: int = 0
    last: int = 0
    reason: str = ""

    @property
    def pages(self) -> str:
        if not self.first:
            return "—"
        return f"{self.first}" if self.first == self.last else f"{self.first}—{self.last}"

    @property
    def uses(self) -> list[str]:
        told = [
            " ".join(filter(None, (use.kind, use.code, use.text[:40])))
            + (f"（见第 {use.pages} 页）" if use.pages else "")
            for use in self.material.uses[:USES_SHOWN]
        ]
        more = len(self.material.uses)
        return [*told, f"等 {more} 处"] if more > USES_SHOWN else told


def front(project: Project, volume: Volume, lines: Sequence[Line], pages: int, day: date) -> bytes:
    """A PDF: cover and catalogue, then a page for each line with a reason that has a place in the book."""
    context = {
        "project": project,
        "volume": volume,
        "lines": lines,
        "apart": [line for line in lines if line.reason and line.first],
        "pages": pages,
        "day": day,
        "css": style("css/book.css"),
    }
    return typeset(render_to_string("reports/book.html", context))


def letters(numbers: Iterable[str]) -> bytes:
    """A PDF that holds every character of the stamps, in the fonts they are written with."""
    used = "".join(sorted({*LETTERS, *"".join(numbers)}))
    style = f"font-family: {FONTS}; white-space: pre-wrap"
    return typeset(f"<html lang='zh-CN'><body style='{style}'>{escape(used)}</body></html>")
