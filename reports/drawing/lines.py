"""Lines: work over time, and two rates with the distance between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from projects.templatetags.numbers import count, percent, points_diff
from reports.charts import Dumbbell, Pair, Progress
from reports.drawing.bars import known, names_width
from reports.drawing.canvas import Canvas, Key, Length, Scale, axis_below, clipped, legend, text_width


def progress(canvas: Canvas, chart: Progress, narrow: bool) -> None:
    """Steps, for what is done on a day does not grow on the days before it."""
    legend(canvas, [Key("line", "planned", "计划"), Key("line", "done", "已完成")])
    top = canvas.height + 14
    canvas.height = top + (180 if narrow else 210)
    most = max([Fraction(1), *known(v for step in chart.steps for v in (step.planned, step.done))])
    heights = Scale(Fraction(0), most, canvas.height, top)
    left = max(text_width(count(value)) for value in heights.ticks(5)) + 8
    known_days = [chart.as_of, *(step.day for step in chart.steps)]
    first, last = min(known_days), max(known_days)
    days = Scale(moment(first), moment(last), left, canvas.width - 2)
    for value in heights.ticks(5):
        canvas.line("axis" if not value else "grid", left, heights.at(value), canvas.width, heights.at(value))
        canvas.text(count(value), left - 8, heights.at(value), "end", "faint")
    day_texts(canvas, days, first, last)
    as_of_line(canvas, days.at(moment(chart.as_of)), top, chart.as_of)
    for look, values in (
        ("planned", [(step.day, step.planned) for step in chart.steps]),
        ("done", [(step.day, step.done) for step in chart.steps]),
    ):
        step_line(canvas, look, days, heights, values)
    canvas.height += 24


def moment(day: date) -> Fraction:
    return Fraction(day.toordinal())


def day_texts(canvas: Canvas, days: Scale, first: date, last: date) -> None:
    """The beginning of every year, as far as there is room."""
    years = range(first.year, last.year + 1)
    free: Length = 0
    for day in (max(first, date(year, 1, 1)) for year in years):
        x, text = days.at(moment(day)), f"{day:%Y-%m}"
        canvas.line("axis", x, canvas.height, x, canvas.height + 4)
        if x - 22 >= free and x + 22 <= canvas.width:
            canvas.text(text, x, canvas.height + 14, "middle", "faint")
            free = x + 30


def as_of_line(canvas: Canvas, x: Fraction, top: int, as_of: date) -> None:
    text = f"截至 {as_of.isoformat()}"
    canvas.line("dots", x, top - 12, x, canvas.height)
    fits_right = x + 6 + text_width(text) <= canvas.width
    canvas.text(text, x + 6 if fits_right else x - 6, top - 6, "start" if fits_right else "end")


def step_line(
    canvas: Canvas, look: str, days: Scale, heights: Scale, values: Sequence[tuple[date, Fraction | None]]
) -> None:
    """The line of the known values, and the last of them in words at its end."""
    ends = [(days.at(moment(d)), heights.at(v), v) for d, v in values if v is not None]
    if not ends:
        return
    points = [(ends[0][0], ends[0][1])]
    for x, y, _ in ends[1:]:
        points += [(x, points[-1][1]), (x, y)]
    canvas.path(look, points)
    x, y, value = ends[-1]
    canvas.text(count(value), x - 5, y - 2, "end")


def dumbbell(canvas: Canvas, chart: Dumbbell, narrow: bool) -> None:
    """Names left, distances right; on a telephone both stand above their line."""
    gaps = [gap_text(pair.difference, chart.alarm) for pair in chart.pairs]
    left = 8 if narrow else names_width(canvas, [pair.name for pair in chart.pairs]) + 18
    right = canvas.width - (8 if narrow else 70)
    legend(
        canvas, [Key("circle", "main", chart.first_name), Key("diamond", "second", chart.second_name)], left
    )
    if not narrow:
        canvas.text("相差（点）", canvas.width, canvas.height - 16, "end", "faint")
    scale = rate_scale(chart.pairs, left, right)
    top, row = canvas.height, 42 if narrow else 26
    canvas.height += row * len(chart.pairs)
    ticks = [(value, percent(value)) for value in scale.ticks(3 if narrow else 5)]
    axis_below(canvas, scale, canvas.height - 4 if narrow else top, ticks)
    for number, (pair, gap) in enumerate(zip(chart.pairs, gaps, strict=True)):
        middle = top + number * row + (30 if narrow else 13)
        above = middle - 18 if narrow else middle
        name = clipped(pair.name, canvas.width - text_width(gap) - 8 if narrow else left - 18)
        canvas.text(name, *((0, above, "start") if narrow else (left - 18, above, "end")))
        canvas.text(gap, canvas.width, above, "end")
        draw_pair(canvas, scale, pair, middle)
    canvas.height += 24


def rate_scale(pairs: Iterable[Pair], left: int, right: int) -> Scale:
    """From the least to the greatest, not from zero: what counts here is the distance."""
    rates = known(rate for pair in pairs for rate in (pair.first, pair.second)) or [Fraction(0), Fraction(1)]
    low, high = min(rates), max(rates)
    margin = (high - low) / 20 or Fraction(1, 20)
    return Scale(low - margin, high + margin, left, right)


def gap_text(difference: Fraction | None, alarm: Fraction) -> str:
    mark = "▲" if difference is not None and abs(difference) >= alarm else ""
    return f"{mark}{points_diff(difference)}"


def draw_pair(canvas: Canvas, scale: Scale, pair: Pair, middle: int) -> None:
    if pair.first is not None and pair.second is not None:
        canvas.line("gap", scale.at(pair.first), middle, scale.at(pair.second), middle)
    if pair.second is not None:
        canvas.diamond("second", scale.at(pair.second), middle)
    if pair.first is not None:
        canvas.circle("main", scale.at(pair.first), middle)
