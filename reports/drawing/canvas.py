"""What the charts are drawn with: marks with a look by name, text, scales, axes and legends.

A mark carries its look twice: as attributes, for paper and images, and as a class, by which the style sheet
of a page may give it other colours in the dark. All lengths are CSS pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from html import escape
from math import ceil, floor
from unicodedata import east_asian_width

from projects.numbers import plain, round_half_up

Length = Fraction | int

# Attributes of each look. One blue by lightness, orange only with another shape, dark ticks for targets.
LOOKS: dict[str, dict[str, object]] = {
    "main": {"fill": "#14599c"},
    **{
        f"shade-{number}": {"fill": fill, "stroke": "#14599c", "stroke-width": "0.75"}
        for number, fill in enumerate(("#e6f0f9", "#bcd7ef", "#8fbbe3", "#4f8cc4", "#14599c"), start=1)
    },
    "second": {"fill": "#b85c00"},
    "unknown": {"fill": "none", "stroke": "#66727e", "stroke-dasharray": "3 3"},
    "grid": {"stroke": "#d3dbe2"},
    "axis": {"stroke": "#66727e"},
    "gap": {"stroke": "#66727e", "stroke-width": 2},
    "target": {"stroke": "#1b2530", "stroke-width": 2.5},
    "rim": {"stroke": "#ffffff", "stroke-width": 5},
    "ground": {"fill": "#ffffff"},
    "dashes": {"stroke": "#1b2530", "stroke-width": 1.5, "stroke-dasharray": "6 4"},
    "dots": {"stroke": "#1b2530", "stroke-dasharray": "2 3"},
    "planned": {"fill": "none", "stroke": "#66727e", "stroke-width": 1.5, "stroke-dasharray": "5 3"},
    "done": {"fill": "none", "stroke": "#14599c", "stroke-width": 3},
    "text": {"fill": "#1b2530"},
    "faint": {"fill": "#52606d"},
}
FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Source Han Sans SC, sans-serif"
FONT_SIZE = 12
# Around the drawing: room for a text that is wider than it was thought to be.
MARGIN = 4
# From the middle of a line of text down to its base line.
BASELINE = 4


def length(value: Length | object) -> str:
    """A length to a tenth of a pixel: the only place where a number stops being exact, for it is drawn."""
    return plain(round_half_up(value, 1)) if isinstance(value, Fraction | int) else str(value)


def text_width(text: str) -> int:
    """About how wide a text is drawn: Chinese characters are square, digits and letters some 0.6 of that."""
    return sum(FONT_SIZE if east_asian_width(char) in "WFA" else 7 for char in text)


def clipped(text: str, room: Length) -> str:
    """The text as far as there is room for it."""
    if text_width(text) <= room:
        return text
    while text and text_width(text + "…") > room:
        text = text[:-1]
    return text + "…"


@dataclass(slots=True)
class Canvas:
    """A drawing in the making, as wide as it will be shown; it grows downwards."""

    width: int
    height: int = 0
    parts: list[str] = field(default_factory=list)

    def mark(self, tag: str, look: str, content: str = "", **attributes: object) -> None:
        attributes = {**LOOKS[look], **attributes}
        written = "".join(f' {name.rstrip("_")}="{length(value)}"' for name, value in attributes.items())
        self.parts.append(f'<{tag} class="{look}"{written}>{content}</{tag}>')

    def bar(self, look: str, x: Length, y: Length, width: Length, height: Length, title: str = "") -> None:
        content = f"<title>{escape(title)}</title>" if title else ""
        self.mark("rect", look, content, x=x, y=y, width=max(width, 0), height=height)

    def line(self, look: str, x1: Length, y1: Length, x2: Length, y2: Length) -> None:
        self.mark("line", look, x1=x1, y1=y1, x2=x2, y2=y2)

    def path(self, look: str, points: Iterable[tuple[Length, Length]]) -> None:
        self.mark("path", look, d="M" + "L".join(f"{length(x)} {length(y)}" for x, y in points))

    def circle(self, look: str, x: Length, y: Length, radius: Length = 5) -> None:
        self.mark("circle", look, cx=x, cy=y, r=radius)

    def diamond(self, look: str, x: Length, y: Length, radius: Length = 6) -> None:
        self.path(look, [(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)])

    def behind(self, x: Length, middle: Length, width: Length) -> None:
        """White ground for a text that starts at x, so that no line runs through it."""
        self.bar("ground", x - 2, middle - 8, width + 4, 16)

    def text(self, text: str, x: Length, middle: Length, anchor: str = "start", look: str = "text") -> None:
        """Text around the height `middle`; `anchor`: start, middle or end of it stands at x."""
        self.parts.append(
            f'<text class="{look}" x="{length(x)}" y="{length(middle + BASELINE)}" text-anchor="{anchor}"'
            f' fill="{LOOKS[look]["fill"]}">{escape(text)}</text>'
        )

    def svg(self, sentence: str) -> str:
        """The finished drawing; `sentence` says to those who do not see it what it shows."""
        label = f' role="img" aria-label="{escape(sentence)}"' if sentence else ""
        width, height = self.width + 2 * MARGIN, self.height + 2 * MARGIN
        size = f'width="{width}" height="{height}" viewBox="{-MARGIN} {-MARGIN} {width} {height}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" {size}{label}'
            f' font-family="{FONT}" font-size="{FONT_SIZE}">{"".join(self.parts)}</svg>'
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` on the pixels from `start` to `end` (downwards or backwards if less)."""

    low: Fraction
    high: Fraction
    start: Length
    end: Length

    def at(self, value: Fraction) -> Fraction:
        span = self.high - self.low or 1
        return self.start + (value - self.low) / span * (self.end - self.start)

    def ticks(self, parts: int) -> list[Fraction]:
        """Round values on the scale, about `parts` steps."""
        step = round_step((self.high - self.low) / parts)
        first = ceil(self.low / step)
        return [step * number for number in range(first, floor(self.high / step) + 1)]


def round_step(rough: Fraction) -> Fraction:
    """The least of 1, 2, 5, 10, … × a power of ten that is not less than `rough` > 0."""
    power = Fraction(1)
    while power > rough:
        power /= 10
    while power * 10 <= rough:
        power *= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend: how the mark is drawn (bar, line, tick, circle, diamond), its look, its name."""

    mark: str
    look: str
    name: str


def legend(canvas: Canvas, keys: Sequence[Key], left: int = 0) -> None:
    """At the top, from `left` on; it takes a second line where the first is full."""
    x, y = left, canvas.height + 10
    for key in keys:
        if x > left and x + 24 + text_width(key.name) > canvas.width:
            x, y = left, y + 20
        draw_key(canvas, key, x, y)
        canvas.text(key.name, x + 24, y)
        x += 24 + text_width(key.name) + 18
    canvas.height = y + 16


def draw_key(canvas: Canvas, key: Key, x: int, y: int) -> None:
    match key.mark:
        case "bar":
            canvas.bar(key.look, x + 4, y - 6, 14, 12)
        case "line":
            canvas.line(key.look, x, y, x + 20, y)
        case "tick":
            canvas.line(key.look, x + 10, y - 8, x + 10, y + 8)
        case "circle":
            canvas.circle(key.look, x + 12, y)
        case "diamond":
            canvas.diamond(key.look, x + 12, y)


def axis_below(canvas: Canvas, scale: Scale, top: int, texts: Sequence[tuple[Fraction, str]]) -> None:
    """Lines up from the values of a lying scale, and their texts below; drawn first, under the marks."""
    for value, text in texts:
        x = scale.at(value)
        canvas.line("grid", x, top, x, canvas.height)
        half = Fraction(text_width(text), 2)
        canvas.text(text, min(max(x, half), canvas.width - half), canvas.height + 12, "middle", "faint")
