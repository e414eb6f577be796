"""Text of a report as HTML: figures lead to their proof, references to their table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from reports.document import Figure, Ref, Run
from reports.numbering import text

# 2022—2023年 and 表1-5 stay on one line.
UNBROKEN = re.compile(r"\d{4}年?—\d{4}年?|[表图]\d+(?:-\d+)+")


def anchor(id: str) -> str:
    """The id of an element: apart from those of the page around it."""
    return f"r-{id}"


@dataclass(frozen=True, slots=True)
class Writer:
    """`labels` are the numbers that references stand for; the rest is as in `document_context`."""

    labels: dict[str, str]
    figure_url: str = ""
    paper: bool = False

    def runs(self, runs: Iterable[Run]) -> SafeString:
        return SafeString("".join(map(self.run, runs)))

    def run(self, run: Run) -> SafeString:
        match run:
            case Figure():
                return self.figure(run)
            case Ref():
                return self.reference(run)
            case str():
                return unbroken(run)

    def figure(self, figure: Figure) -> SafeString:
        if self.paper:
            return escape(figure.text)
        if not self.figure_url:
            return format_html(
                '<span class="fig" data-key="{0}" title="{0}">{1}</span>', figure.key, figure.text
            )
        address = self.figure_url + quote(figure.key, safe="")
        return format_html(
            '<a class="fig" href="{}" data-key="{}" title="{}">{}</a>',
            *(address, figure.key, figure.key, figure.text),
        )

    def reference(self, ref: Ref) -> SafeString:
        label = text(ref, self.labels)
        if ref.target not in self.labels:
            return format_html('<strong class="lost">{}</strong>', label)
        return format_html('<a class="ref" href="#{}">{}</a>', anchor(ref.target), unbroken(label))


def unbroken(text: str) -> SafeString:
    """The text, escaped; what must not be broken over two lines is marked."""
    return mark_safe(UNBROKEN.sub(r'<span class="nw">\g<0></span>', escape(text)))
