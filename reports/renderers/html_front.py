"""The cover, the head of each page and the contents: texts of any length, fitted to the paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from reports.document import Document
from reports.drawing.canvas import FONT_SIZE, clipped, text_width

# Characters to a line of the cover, by the size of its title, and to a line of the running head.
ROOM, LARGE_ROOM, HEAD_ROOM = 20, 14, 41
# A title of more lines than this is set smaller.
LARGE_LINES = 2
# Where titles are broken best, and how many characters out of the middle that is worth.
WORD_END = re.compile(r"(计划|项目|工程|学院|学校|大学|院校|专业群|[、，和与及暨”）])$")
WORTH = 4
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
    is_large = len(broken(document.title, LARGE_ROOM)) <= LARGE_LINES
    return Front(
        institution=broken(document.institution, ROOM),
        project=broken(document.project, ROOM),
        title=broken(document.title, LARGE_ROOM if is_large else ROOM),
        title_above=broken(document.title, ROOM),
        is_long=not is_large,
        head=head(document),
    )


def head(document: Document) -> tuple[str, str]:
    """College and project, and the title: on one line, so the project goes first, then the ends."""
    title = document.title.removeprefix(document.institution)
    whole = document.institution + document.project
    room = HEAD_ROOM * FONT_SIZE
    if text_width(whole) + text_width(title) < room:
        return whole, title
    left = clipped(document.institution, room // 2)
    return left, clipped(title, room - text_width(left) - FONT_SIZE)


def broken(text: str, room: int) -> list[str]:
    """A text in as few lines as it needs, all of about one length, broken where words of titles end."""
    width = room * FONT_SIZE
    lines = ceil(text_width(text) / width)
    if lines < 2:
        return [text]
    fitting = [at for at in range(1, len(text)) if text_width(text[:at]) <= width]
    as_few = [at for at in fitting if text_width(text[at:]) <= width * (lines - 1)] or fitting[-1:]
    at = min(as_few, key=lambda at: abs(at - len(text) / lines) - WORTH * bool(WORD_END.search(text[:at])))
    return [text[:at], *broken(text[at:], room)]


def pitch(headings: Sequence[tuple[int, str]]) -> str:
    """How close the lines of the contents stand, so that their last page is well filled."""
    lines = sum(ceil(text_width(title) / FONT_SIZE / (CONTENTS_ROOM - level)) for level, title in headings)
    around = CONTENTS_HEAD + CHAPTER_GAP * sum(level == 1 for level, _ in headings)
    heights = {name: lines * size + around for name, size in PITCHES.items()}
    well = (name for name, height in heights.items() if height < PAGE or height % PAGE > PAGE * LEAST_FILLED)
    return next(well, "")
