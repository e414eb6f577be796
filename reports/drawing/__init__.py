"""Charts drawn as SVG, in a millisecond each: inline in a page, as an image, or in a PDF.

Every chart reads in grey: one blue by lightness, a second series of another shape, targets as dark ticks or
dashes, unknown values as dashes. No text is smaller than 12 px: for telephones a narrower chart is drawn,
never a shrunk one.
"""

from __future__ import annotations

from reports.charts import ChartData, Dumbbell, GroupedBars, Progress, TargetBars, Width
from reports.drawing.bars import grouped_bars, target_bars
from reports.drawing.canvas import MARGIN, Canvas
from reports.drawing.lines import dumbbell, progress

# The text area of an A4 page; a telephone of 390 px less its margins.
PIXELS: dict[Width, int] = {"wide": 590, "narrow": 336}


def svg(chart: ChartData, width: Width = "wide", sentence: str = "") -> str:
    """The chart as an SVG element; `sentence` tells what it shows to those who do not see it."""
    canvas = Canvas(PIXELS[width] - 2 * MARGIN)
    narrow = width == "narrow"
    match chart:
        case TargetBars():
            target_bars(canvas, chart, narrow)
        case GroupedBars():
            grouped_bars(canvas, chart, narrow)
        case Progress():
            progress(canvas, chart, narrow)
        case Dumbbell():
            dumbbell(canvas, chart, narrow)
    return canvas.svg(sentence)
