"""Bars: rates with a target, and series side by side."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from projects.templatetags.numbers import UNKNOWN, money, percent
from reports.charts import Bar, GroupedBars, TargetBars
from reports.drawing.canvas import Canvas, Key, Scale, axis_below, clipped, legend, text_width

THICKNESS = 12
WHOLE = Fraction(1)


def target_bars(canvas: Canvas, chart: TargetBars, narrow: bool) -> None:
    """Names left, numbers right; on a telephone both stand above their bar."""
    left = 0 if narrow else names_width(canvas, [bar.name for bar in chart.bars]) + 10
    details = max((text_width(bar.detail) for bar in chart.bars), default=0)
    right = canvas.width - (0 if narrow else 68 + details)
    scale = Scale(Fraction(0), max([WHOLE, *known(bar.value for bar in chart.bars)]), left, right)
    if chart.target is not None:
        legend(canvas, [Key("tick", "target", f"{chart.target_name} {percent(chart.target)}")], left)
    top, row = canvas.height, 42 if narrow else 26
    canvas.height += row * len(chart.bars)
    axis_below(canvas, scale, top, [] if narrow else [(value, percent(value)) for value in scale.ticks(5)])
    for number, bar in enumerate(chart.bars):
        middle = top + number * row + (30 if narrow else 13)
        bar_texts(canvas, bar, scale, middle, narrow)
        rate_bar(canvas, bar, scale, middle)
        if chart.target is not None:
            target_tick(canvas, scale.at(chart.target), middle)
    canvas.height += 8 if narrow else 24


def bar_texts(canvas: Canvas, bar: Bar, scale: Scale, middle: int, narrow: bool) -> None:
    if narrow:
        numbers = f"{percent(bar.value)}　{bar.detail}".rstrip("　")
        canvas.text(clipped(bar.name, canvas.width - text_width(numbers) - 8), 0, middle - 18)
        canvas.text(numbers, canvas.width, middle - 18, "end")
    else:
        canvas.text(clipped(bar.name, scale.start - 10), scale.start - 10, middle, "end")
        canvas.text(percent(bar.value), scale.end + 58, middle, "end")
        canvas.text(bar.detail, scale.end + 68, middle)


def rate_bar(canvas: Canvas, bar: Bar, scale: Scale, middle: int) -> None:
    """An unknown rate is an empty dashed track, which is not zero."""
    title = f"{bar.name} {percent(bar.value)} {bar.detail}".rstrip()
    look, end = ("unknown", WHOLE) if bar.value is None else ("main", bar.value)
    canvas.bar(look, scale.start, middle - THICKNESS // 2, scale.at(end) - scale.start, THICKNESS, title)


def target_tick(canvas: Canvas, x: Fraction, middle: int) -> None:
    """With a white rim, which keeps it apart from a dark bar."""
    for look, half in (("rim", THICKNESS // 2), ("target", THICKNESS // 2 + 4)):
        canvas.line(look, x, middle - half, x, middle + half)


def names_width(canvas: Canvas, names: Iterable[str]) -> int:
    """Room for the longest name, but never more than two fifths of the drawing."""
    return min(max(map(text_width, names), default=0), canvas.width * 2 // 5)


def known(values: Iterable[Fraction | None]) -> list[Fraction]:
    return [value for value in values if value is not None]


def shades(number: int) -> list[str]:
    """Light to dark as time, or the way of the money, goes on; the oldest beyond five are alike."""
    steps = {1: [5], 2: [3, 5], 3: [1, 3, 5], 4: [1, 2, 3, 5]}.get(number, [1, 2, 3, 4, 5])
    return [f"shade-{step}" for step in [1] * (number - len(steps)) + steps[:number]]


def grouped_bars(canvas: Canvas, chart: GroupedBars, narrow: bool) -> None:
    """Lying bars at any width: so a number has its place at the end of each, however many there are."""
    looks = shades(len(chart.series))
    left = names_width(canvas, chart.groups) + 10
    legend(canvas, [*series_keys(chart, looks), *target_keys(chart)], left)
    scale = amount_scale(chart, left, canvas.width)
    top, row = canvas.height, 17 * len(chart.series) + 12
    canvas.height += row * len(chart.groups)
    texts = [(value, shown(value, chart.unit)) for value in scale.ticks(3 if narrow else 5)]
    axis_below(canvas, scale, top, texts)
    bars = []
    for number, group in enumerate(chart.groups):
        canvas.text(clipped(group, left - 10), left - 10, top + number * row + row // 2, "end")
        for place, (series, look) in enumerate(zip(chart.series, looks, strict=True)):
            y = top + number * row + 6 + 17 * place
            bars.append((look, y, series.values[number]))
    for look, y, value in bars:
        if value is not None:
            canvas.bar(look, scale.start, y, scale.at(value) - scale.start, 15)
    if chart.target is not None:
        across(canvas, scale.at(chart.target), top)
    for _, y, value in bars:
        number_behind(canvas, scale, y, value, chart.unit)
    canvas.height += 24


def series_keys(chart: GroupedBars, looks: Iterable[str]) -> list[Key]:
    return [Key("bar", look, series.name) for series, look in zip(chart.series, looks, strict=True)]


def target_keys(chart: GroupedBars) -> list[Key]:
    name = f"{chart.target_name} {shown(chart.target, chart.unit)}"
    return [] if chart.target is None else [Key("line", "dashes", name)]


def amount_scale(chart: GroupedBars, left: int, width: int) -> Scale:
    """From zero to the longest bar, with room for the longest number behind it."""
    values = known([*(value for series in chart.series for value in series.values), chart.target])
    longest = max([WHOLE, *values]) if chart.unit == "%" else max([*values, Fraction(0)]) or WHOLE
    room = max(text_width(shown(value, chart.unit)) for value in [*values, None]) + 6
    return Scale(Fraction(0), longest, left, width - room)


def shown(value: Fraction | None, unit: str) -> str:
    return percent(value) if unit == "%" else money(value)


def number_behind(canvas: Canvas, scale: Scale, y: int, value: Fraction | None, unit: str) -> None:
    """The number at the end of its bar, on its own ground: the line of the target may run there."""
    end = scale.start if value is None else scale.at(value)
    text = UNKNOWN if value is None else shown(value, unit)
    canvas.behind(end + 5, y + 8, text_width(text))
    canvas.text(text, end + 5, y + 8)


def across(canvas: Canvas, x: Fraction, top: int) -> None:
    """The target as a dashed line through all rows, with a white rim against dark bars."""
    for look in ("rim", "dashes"):
        canvas.line(look, x, top, x, canvas.height)
