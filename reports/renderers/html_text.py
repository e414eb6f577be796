"""Text of a report as HTML: figures lead to their proof, references to their table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from urllib.parse import quote

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from reports.document import Figure, Ref, Run
from reports.drawing.canvas import text_width
from reports.numbering import text

# 2022—2023年 and 表1-5 stay on one line.
UNBROKEN = re.compile(r"\d{4}年?—\d{4}年?|[表图]\d+(?:-\d+)+")
# Where titles are broken best, and how many characters out of the middle that is worth.
WORD_END = re.compile(r"(计划|项目|工程|学院|学校|大学|院校|专业群|[、，和与及暨”）])$")
WORTH = 4
# What does not come apart: figures and foreign words, brackets and what they hold.
TOGETHER = re.compile(r"[0-9A-Za-z][0-9A-Za-z年]|[（“《].|.[）”》、，。：；]")


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


def broken(text: str, width: Fraction | int) -> list[str]:
    """A title in as few lines of a `text_width` as it needs, of about one length, broken between words."""
    lines = ceil(text_width(text) / width)
    if lines < 2:
        return [text]
    fitting = [at for at in range(1, len(text)) if text_width(text[:at]) <= width] or [1]
    whole = [at for at in fitting if not TOGETHER.search(text[at - 1 : at + 1])] or fitting
    as_few = [at for at in whole if text_width(text[at:]) <= width * (lines - 1)] or whole[-1:]
    far = {at: abs(at - len(text) / lines) - WORTH * is_between_words(text, at) for at in as_few}
    at = min(reversed(as_few), key=far.__getitem__)
    return [text[:at], *broken(text[at:], width)]


def is_between_words(text: str, at: int) -> bool:
    return bool(WORD_END.search(text[:at])) or text[at] == "（"
