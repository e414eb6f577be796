"""HTML: one page for the screen and for paper, complete in itself, without a line of script.

`document_context` is what the template `reports/document/_document.html` needs, so a page of the site can
include it. `page` is the whole file, which asks for nothing from outside: styles and charts are in it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from projects.numbers import plain, round_half_up
from reports.charts import Width
from reports.document import Chart, Document, Grade, Note, Paragraph, Section, Signature, Table
from reports.drawing import svg
from reports.numbering import Placed, flow, labels
from reports.renderers.base import Renderer, Tell, silent
from reports.renderers.html_columns import setting
from reports.renderers.html_front import front, pitch
from reports.renderers.html_tables import HeadRow, TableRow, head_rows, table_rows, table_size
from reports.renderers.html_text import Writer, anchor

ChartAddress = Callable[[Chart, Width], str]
# So many headings fit on a page of contents; with more of them the third level is left out.
CONTENTS_LINES = 44


class HtmlRenderer(Renderer):
    identifier = "html"
    verbose_name = "网页"
    content_type = "text/html; charset=utf-8"
    suffix = ".html"

    def render(self, document: Document, tell: Tell = silent) -> bytes:
        return page(document).encode()


def page(document: Document, *, paper: bool = False) -> str:
    """The report as one file. On paper a figure is only its text: nobody can follow it."""
    styles = {
        "screen_css": style("css/report.css"),
        "print_css": SafeString(style("css/report-print.css") + page_numbers()),
    }
    return render_to_string("reports/document.html", document_context(document, paper=paper) | styles)


def style(name: str) -> SafeString:
    """The text of one of our own style sheets."""
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return SafeString(Path(found).read_text(encoding="utf-8"))


def page_numbers(last: int = 1999) -> str:
    """Counter styles that say a page number only if it is odd, or even.

    So the number stands on the outer side by its parity, however many pages the
    cover and the contents take: `:left` and `:right` would count those, too.
    """
    numbers = [f'"— {number} —"' for number in range(1, last + 1)]
    rules = []
    for name, parity in (("odd-page", 0), ("even-page", 1)):
        symbols = " ".join(n if at % 2 == parity else '""' for at, n in enumerate(numbers))
        rules.append(f"@counter-style {name} {{ system: fixed; symbols: {symbols}; }}\n")
    return "".join(rules)


def document_context(
    document: Document,
    *,
    figure_url: str = "",
    chart_url: ChartAddress | None = None,
    paper: bool = False,
) -> dict[str, Any]:
    """Context of `reports/document/_document.html`.

    `figure_url` goes before the percent-encoded key of each figure and makes it a link. `chart_url` says
    where a chart is to be had as a picture; without it the pictures are part of the page.
    """
    placed = list(flow(document))
    writer = Writer(labels(document), figure_url, paper)
    parts = [part(each, writer, chart_url or embedded) for each in placed]
    headings = contents(placed)
    return {
        "document": document,
        "front": front(document),
        "contents": headings,
        "pitch": pitch([(each.level, each.title) for each in headings]),
        "parts": parts,
    }


@dataclass(frozen=True, slots=True)
class Part:
    """What one heading or block shows; `template` draws it."""

    template: str
    anchor: str = ""
    label: str = ""
    title: str = ""
    level: int = 0
    html: SafeString = SafeString("")
    notes: tuple[SafeString, ...] = ()
    table: TableView | None = None
    chart: ChartView | None = None
    grade: Grade | None = None
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class TableView:
    unit: str
    cutoff: str
    css: str
    widths: list[str]
    head: list[HeadRow]
    rows: list[TableRow]


@dataclass(frozen=True, slots=True)
class ChartView:
    wide: str
    narrow: str
    sentence: str


def part(placed: Placed, writer: Writer, chart_url: ChartAddress) -> Part:
    match placed.part:
        case Section() as section:
            return Part("heading", anchor(section.id), title=placed.title, level=placed.level)
        case Paragraph(runs):
            return Part("paragraph", html=writer.runs(runs))
        case Note(runs):
            return Part("note", html=writer.runs(runs))
        case Table() as table:
            return table_part(table, placed.label, writer)
        case Chart() as chart:
            view = ChartView(chart_url(chart, "wide"), chart_url(chart, "narrow"), chart.sentence)
            notes = written(chart.notes, writer)
            return Part("chart", anchor(chart.id), placed.label, chart.caption, notes=notes, chart=view)
        case Signature() as signature:
            return Part("signature", signature=signature)
        case Grade() as grade:
            return Part("grade", grade=grade, html=writer.run(grade.score), title=writer.run(grade.full))


def table_part(table: Table, label: str, writer: Writer) -> Part:
    on_paper = setting(table, writer)
    view = TableView(
        unit=table.unit,
        cutoff=table.cutoff,
        css=f"{table_size(table)} {on_paper.css}".strip(),
        widths=[plain(round_half_up(100 * width, 2)) + "%" for width in on_paper.columns],
        head=head_rows(table, on_paper, writer),
        rows=table_rows(table, on_paper, writer),
    )
    return Part(
        "table", anchor(table.id), label, table.caption, notes=written(table.notes, writer), table=view
    )


def written(notes: Iterable[Note], writer: Writer) -> tuple[SafeString, ...]:
    return tuple(writer.runs(note.runs) for note in notes)


def embedded(chart: Chart, width: Width) -> str:
    """The picture itself as an address."""
    return f"data:image/svg+xml;base64,{b64encode(svg(chart.data, width).encode()).decode()}"


def contents(placed: Iterable[Placed]) -> list[Part]:
    headings = [
        Part("heading", anchor(each.part.id), title=each.title, level=each.level)
        for each in placed
        if isinstance(each.part, Section) and each.level <= 3
    ]
    if len(headings) > CONTENTS_LINES:
        headings = [each for each in headings if each.level <= 2]
    return headings
