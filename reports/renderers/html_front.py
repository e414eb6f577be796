"""The cover, the head of each page and the contents: texts of any length, fitted to the paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from reports.document import Document
from reports.drawing.canvas import FONT_SIZE, clipped, text_width
from reports.renderers.html_text import broken

# Lines of the cover, by the size of its title, and of the running head: 20, 14 and 41 characters.
WIDTH, LARGE_WIDTH, HEAD_WIDTH = (characters * FONT_SIZE for characters in (20, 14, 41))
# A title of more lines than this is set smaller.
LARGE_LINES = 2
# Of contents, in points: what a page holds, its heading and the gap before a chapter, lines by how close they
# stand, the usual first; how full the last page is to be; and characters to a line.
PAGE, CONTENTS_HEAD, CHAPTER_GAP = 620, 51, 3
PITCHES = {"": Fraction(22), "close": Fraction(35, 2), "wide": Fraction(26)}
LEAST_FILLED = Fraction(2, 5)
CONTENTS_ROOM = 30


@dataclass(frozen=True, slots=True)
class Front:
    """Lines of the cover and of the title above the text, and what stands left and right above every page."""

    institution: list[str]
    project: list[str]
    title: list[str]
    title_above: list[str]
    is_long: bool
    head: tuple[str, str]


def front(document: Document) -> Front:
    is_large = len(broken(document.title, LARGE_WIDTH)) <= LARGE_LINES
    return Front(
        institution=broken(document.institution, WIDTH),
        project=broken(document.project, WIDTH),
        title=broken(document.title, LARGE_WIDTH if is_large else WIDTH),
        title_above=broken(document.title, WIDTH),
        is_long=not is_large,
        head=head(document),
    )


def head(document: Document) -> tuple[str, str]:
    """College and project, and the title: on one line, so the project goes first, then the ends."""
    title = document.title.removeprefix(document.institution)
    whole = document.institution + document.project
    if text_width(whole) + text_width(title) < HEAD_WIDTH:
        return whole, title
    left = clipped(document.institution, HEAD_WIDTH // 2)
    return left, clipped(title, HEAD_WIDTH - text_width(left) - FONT_SIZE)


def pitch(headings: Sequence[tuple[int, str]]) -> str:
    """How close the lines of the contents stand, so that their last page is well filled."""
    lines = sum(ceil(text_width(title) / FONT_SIZE / (CONTENTS_ROOM - level)) for level, title in headings)
    around = CONTENTS_HEAD + CHAPTER_GAP * sum(level == 1 for level, _ in headings)
    heights = {name: lines * size + around for name, size in PITCHES.items()}
    well = (name for name, height in heights.items() if height < PAGE or height % PAGE > PAGE * LEAST_FILLED)
    return next(well, "")
