"""Fonts that are not copied into memory.

WeasyPrint copies every font file it meets, 20 to 27 MB for each Chinese face, in case fontTools has to cut
it. HarfBuzz cuts the installed file itself: within `fonts_read_late` a copy is made only when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from weasyprint.pdf import fonts

read = fonts.get_hb_object_data


@dataclass(frozen=True, slots=True)
class Unread:
    """The content of a font face, still to be read."""

    face: Any


@contextmanager
def fonts_read_late() -> Iterator[None]:
    original = fonts.get_hb_object_data
    fonts.get_hb_object_data = Unread
    fonts.Font.file_content = property(content, set_content)
    try:
        yield
    finally:
        fonts.get_hb_object_data = original
        del fonts.Font.file_content


def content(font: Any) -> bytes | None:
    if isinstance(font.stored_content, Unread):
        font.stored_content = read(font.stored_content.face)
    stored: bytes | None = font.stored_content
    return stored


def set_content(font: Any, value: Unread | bytes | None) -> None:
    font.stored_content = value
