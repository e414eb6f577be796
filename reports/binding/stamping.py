"""The number on each page: in a strip that is added above the page, so that it covers nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Box = tuple[float, float, float, float]

FONT = "/HvStamp{}"
# In points, for a page as long as A4; a larger or smaller one has them in proportion.
A4_LENGTH = 842.0
STRIP, SIZE, MARGIN, BASELINE = 18.0, 8.0, 24.0, 5.0
SMALLEST, LARGEST = 0.25, 12.0
# How wide a character is of which the font says nothing, in thousandths.
WIDE, NARROW = 1000.0, 500.0


@dataclass(frozen=True, slots=True)
class Glyph:
    """How a character is written: with which of the fonts, under which code, how wide in thousandths."""

    font: int
    code: str
    width: float


@dataclass(frozen=True, slots=True)
class Typeface:
    """What the stamp is written with: where the fonts are in the book, and their characters."""

    fonts: tuple[int, ...]
    glyphs: Mapping[str, Glyph]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Typeface:
        return cls(tuple(told["fonts"]), {char: Glyph(*each) for char, each in told["glyphs"].items()})


@dataclass(frozen=True, slots=True)
class Strip:
    """A page with its strip: the visible box before, the box after, and where the stamp goes."""

    before: Box
    after: Box
    added: Box
    length: float
    scale: float
    rotation: int


def strip(visible: Box, rotation: int) -> Strip:
    """The page with a strip on the side that is its top as it is shown, turned by `rotation` degrees."""
    left, bottom, right, top = visible
    scale = min(max(max(right - left, top - bottom) / A4_LENGTH, SMALLEST), LARGEST)
    high = STRIP * scale
    after, added, length = {
        0: ((left, bottom, right, top + high), (left, top, right, top + high), right - left),
        90: ((left - high, bottom, right, top), (left - high, bottom, left, top), top - bottom),
        180: ((left, bottom - high, right, top), (left, bottom - high, right, bottom), right - left),
        270: ((left, bottom, right + high, top), (right, bottom, right + high, top), top - bottom),
    }[rotation]
    return Strip(visible, after, added, length, scale, rotation)


def content(page: Strip, text: str, face: Typeface) -> bytes:
    """What is drawn before the page: the strip in white, the stamp on it, and that the rest stays off it."""
    width = sum(width_of(char, face) for char in text) / 1000
    margin = min(MARGIN * page.scale, page.length / 10)
    size = min(SIZE * page.scale, (page.length - 2 * margin) / max(width, 0.001))
    x, y = page.length - margin - width * size, BASELINE * page.scale
    left, bottom, right, top = page.added
    # From the strip as it is seen, x to the right and y up from its lower left corner, to the page.
    matrix = {
        0: (1, 0, 0, 1, left + x, bottom + y),
        90: (0, 1, -1, 0, right - y, bottom + x),
        180: (-1, 0, 0, -1, right - x, top - y),
        270: (0, -1, 1, 0, left + y, top - x),
    }[page.rotation]
    parts = [
        f"q 1 1 1 rg {rectangle(page.added)} re f 0 g BT {' '.join(map(number, matrix))} Tm",
        *written(text, face, size),
        f"ET Q q {rectangle(page.before)} re W n\n",
    ]
    return "\n".join(parts).encode()


def written(text: str, face: Typeface, size: float) -> list[str]:
    """The operators that show a text; a character that no font has is left out as a gap."""
    parts: list[str] = []
    font = -1
    for char in text:
        glyph = face.glyphs.get(char)
        if glyph is None:
            if font < 0:
                continue
            parts.append(f"[{number(-width_of(char, face))}] TJ")
            continue
        if glyph.font != font:
            font = glyph.font
            parts.append(f"{FONT.format(font)} {number(size)} Tf")
        parts.append(f"<{glyph.code}> Tj")
    return parts


def width_of(char: str, face: Typeface) -> float:
    if glyph := face.glyphs.get(char):
        return glyph.width
    return NARROW if char.isascii() else WIDE


def rectangle(box: Box) -> str:
    left, bottom, right, top = box
    return " ".join(map(number, (left, bottom, right - left, top - bottom)))


def number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
