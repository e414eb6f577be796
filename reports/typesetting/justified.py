"""Chinese lines that end flush.

WeasyPrint stretches a line at its spaces only, and Chinese has none: its lines would end up to two characters
apart. Within `justified` the missing length is spread between the characters, as offices print it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline

# In em. With wider gaps readers of the PDF would take them for spaces; such a line stays a bit short.
WIDEST_GAP = 0.09


@contextmanager
def justified() -> Iterator[None]:
    original = inline.justify_line
    inline.justify_line = spread
    try:
        yield
    finally:
        inline.justify_line = original


def spread(context: Any, line: Any, missing: float) -> None:
    """Widen the line by `missing`, evenly between its characters."""
    texts = [box for box in line.descendants() if isinstance(box, boxes.TextBox)]
    gaps = sum(len(box.text) for box in texts) - 1
    if gaps > 0:
        widest = WIDEST_GAP * min(box.style["font_size"] for box in texts)
        widen(context, line, min(missing / gaps, widest), 0)


def widen(context: Any, box: Any, gap: float, shift: float) -> float:
    """Move a box by `shift` and widen its text; how far that moves what follows it."""
    if isinstance(box, boxes.TextBox):
        box.position_x += shift
        return shift + widen_text(context, box, gap)
    if not isinstance(box, boxes.LineBox | boxes.InlineBox):
        box.translate(shift, 0)
        return shift
    box.position_x += shift
    end = shift
    for child in box.children:
        if child.is_in_normal_flow():
            end = widen(context, child, gap, end)
    box.width += end - shift
    return end


def widen_text(context: Any, box: Any, gap: float) -> float:
    box.style = box.style.copy()
    box.style["letter_spacing"] = gap
    box.pango_layout = inline.create_layout(box.text, box.style, context, None, 0)
    box.pango_layout.deactivate()
    box.width += gap * len(box.text)
    return gap * len(box.text)
