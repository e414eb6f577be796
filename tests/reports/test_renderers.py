"""The report as a web page, as PDF and as JSON: all of it is there, and in its place."""

from __future__ import annotations

import io
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from django.template.loader import render_to_string
from pypdf import PdfReader
from pypdf.generic import Destination
from weasyprint.layout import block, inline
from weasyprint.pdf import fonts

from reports.document import Column, Document, Figure, Paragraph, Ref, Row, Section, Table
from reports.numbering import flow, labels
from reports.numbering import text as printed
from reports.renderers import RENDERERS, renderer
from reports.renderers import pdf as pdf_renderer
from reports.renderers.html import document_context, page, page_numbers
from reports.typesetting import Fetcher, late_fonts, typeset
from reports.writing import paragraph, row, section, table
from tests.reports.invented import DUE_RATE, OUTCOME_ROWS, STORY, invented

MM = 72 / 25.4
LEFT, TOP, RIGHT, BOTTOM = (28 * MM, 37 * MM, 210 * MM - 26 * MM, 297 * MM - 35 * MM)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return renderer("pdf").render(invented())


@pytest.fixture(scope="module")
def pages(pdf: bytes) -> Iterator[list[Any]]:
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        yield opened.pages


@pytest.fixture(scope="module")
def texts(pdf: bytes) -> list[str]:
    """The text of each page, without spaces and line ends."""
    return [squeezed(each.extract_text()) for each in PdfReader(io.BytesIO(pdf)).pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def one_chapter(*content: Any) -> Document:
    return replace(invented(), chapters=(section("only", "唯一一章", *content),), signature=None)


def said(paragraph: Paragraph, known: dict[str, str]) -> str:
    return "".join(printed(run, known) for run in paragraph.runs)


def headings() -> list[tuple[str, int]]:
    return [(each.title, each.level) for each in flow(invented()) if each.is_heading]


def outline(reader: PdfReader) -> list[tuple[str, int, int]]:
    """Title, level and page of each bookmark."""
    found: list[tuple[str, int, int]] = []

    def walk(entries: list[Any], level: int) -> None:
        for each in entries:
            if isinstance(each, Destination):
                page_number = reader.get_destination_page_number(each)
                assert page_number is not None
                found.append((str(each.title), level, page_number))
            else:
                walk(each, level + 1)

    walk(reader.outline, 1)
    return found


# The registry


def test_formats_are_found_by_name() -> None:
    assert [each.identifier for each in RENDERERS] == ["html", "pdf", "json"]
    for each in RENDERERS:
        assert renderer(each.identifier) is each
        assert each.suffix == f".{each.identifier}"
    with pytest.raises(KeyError):
        renderer("exe")


def test_json_is_the_document() -> None:
    assert Document.from_json(json.loads(renderer("json").render(invented()))) == invented()


# The page


class Tags(HTMLParser):
    """All opening tags with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, {name: value or "" for name, value in attrs}))

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.all if attribute in attributes]


def test_the_page_is_complete_and_has_no_script() -> None:
    html = renderer("html").render(invented()).decode()
    tags = Tags(html)
    assert html.startswith('<!doctype html>\n<html lang="zh-CN">')
    assert not [attributes for _, attributes in tags.all if "style" in attributes]
    assert not [name for _, attributes in tags.all for name in attributes if name.startswith("on")]
    assert {"script", "link", "iframe"}.isdisjoint({tag for tag, _ in tags.all})
    assert all(each.startswith("data:image/svg+xml;") for each in tags.values("src") + tags.values("srcset"))
    assert "@import" not in html
    assert not re.search(r"url\((?!['\"]?data:)", html)


def test_links_within_the_page_lead_somewhere() -> None:
    tags = Tags(page(invented()))
    ids = tags.values("id")
    assert len(ids) == len(set(ids))
    links = [each for each in tags.values("href") if each.startswith("#")]
    assert len(links) > 20
    assert {each[1:] for each in links} <= set(ids)
    assert {each for named in tags.values("aria-labelledby") for each in named.split()} <= set(ids)


def test_every_figure_shows_its_key() -> None:
    tags = Tags(page(invented()))
    keys = [attributes["data-key"] for _, attributes in tags.all if attributes.get("class") == "fig"]
    assert keys.count("tasks.due_rate") == 2
    assert (
        f'<span class="fig" data-key="tasks.due_rate" title="tasks.due_rate">{DUE_RATE.text}</span>'
        in page(invented())
    )


def test_a_page_of_the_site_links_figures_and_charts() -> None:
    document = one_chapter(
        paragraph(Figure.count("funding.source:学校自筹/其他.spent", 3)), next(iter(charts(invented())))
    )
    context = document_context(
        document, figure_url="/proof/", chart_url=lambda chart, width: f"/charts/{chart.id}.svg?width={width}"
    )
    html = render_to_string("reports/document/_document.html", context)
    assert (
        'href="/proof/funding.source%3A%E5%AD%A6%E6%A0%A1%E8%87%AA%E7%AD%B9%2F%E5%85%B6%E4%BB%96.spent"'
        in html
    )
    assert 'src="/charts/rates.svg?width=wide"' in html
    assert 'srcset="/charts/rates.svg?width=narrow"' in html
    assert "<style" not in html


def charts(document: Document) -> Iterator[Any]:
    return (each.part for each in flow(document) if each.label.startswith("图"))


def test_text_of_people_cannot_become_markup() -> None:
    evil = '<img src="http://example.org/x"><script>alert(1)</script>&"\''
    document = one_chapter(
        paragraph(evil, Figure(evil, evil, None), Ref(evil)),
        table("t", evil, [Column(evil)], [row(evil)], unit=evil, cutoff=evil, notes=[evil]),
    )
    hurt = replace(document, institution=evil, project=evil, title=evil, version=evil, cover_lines=(evil,))
    html = page(hurt)
    assert "<script" not in html
    assert '<img src="http' not in html
    assert html.count("&lt;script&gt;") >= 12


def test_ranges_and_table_numbers_are_kept_on_one_line() -> None:
    html = page(one_chapter(paragraph("2022—2025年与2022年—2023年，见", Ref("t"), "。"), rows_table(1)))
    assert '<span class="nw">2022—2025年</span>与<span class="nw">2022年—2023年</span>' in html
    assert '<a class="ref" href="#r-t"><span class="nw">表1-1</span></a>' in html


def rows_table(number: int) -> Table:
    return table(
        "t", "表", [Column("名称"), Column("说明", 6)], [row(str(n), "说明" * 20) for n in range(number)]
    )


def test_merged_cells_and_grouped_heads_in_html() -> None:
    html = page(invented())
    assert '<th scope="colgroup" colspan="3">总任务数</th>' in html
    assert '<th scope="col" rowspan="2" class="lead">资金来源</th>' in html
    assert f'<td class="again lead" rowspan="{OUTCOME_ROWS // 4}">加强党的建设</td>' in html
    assert re.search(r'<tr class="sum keep on"><td class="c lead" colspan="3">合计</td>', html)


def test_columns_are_at_least_as_wide_as_their_numbers() -> None:
    columns = [Column("年度", 1), *(Column(f"第{n}列", 12) for n in range(4))]
    html = page(one_chapter(table("t", "表", columns, [row("2022—2023", "甲", "乙", "丙", "丁")])))
    first, *others = (float(each) for each in re.findall(r'<col width="([\d.]+)%">', html))
    assert first > 8  # 1 ÷ 49 would be 2 %
    assert first + sum(others) == pytest.approx(100, abs=0.05)


# Paper


def test_all_text_can_be_selected(texts: list[str]) -> None:
    everything = "".join(texts)
    known = labels(invented())
    for each in flow(invented()):
        if isinstance(each.part, Paragraph):
            # Headers and page numbers stand between the pages that a paragraph is broken over.
            sentences = re.split(r"(?<=[，、；])", squeezed(said(each.part, known)))
            assert [part for part in sentences if part not in everything] == []
        if isinstance(each.part, Table):
            assert f"{each.label}{squeezed(each.part.caption)}" in everything


def test_charts_are_drawn_with_text(texts: list[str]) -> None:
    (drawn,) = (each for each in texts if "图1-1各建设任务中期完成率" in each)
    assert "打造技术技能人才培养高地" in drawn
    assert "98.28%" in drawn
    assert "要求95%" in drawn


def test_bookmarks_are_the_headings(pdf: bytes) -> None:
    assert [(title, level) for title, level, _ in outline(PdfReader(io.BytesIO(pdf)))] == headings()


def test_contents_name_the_page_where_the_heading_is(pdf: bytes, texts: list[str]) -> None:
    reader = PdfReader(io.BytesIO(pdf))
    body = next(number for number, text in enumerate(texts) if "—1—" in text)
    lines = [squeezed(line) for each in reader.pages[1:body] for line in each.extract_text().splitlines()]
    for title, level, at in outline(reader):
        assert squeezed(title) in texts[at]
        assert f"—{at - body + 1}—" in texts[at]
        if level <= 3:
            (line,) = (each for each in lines if each.startswith(f"{squeezed(title)}..."))
            assert line.rstrip("0123456789").endswith("...")
            assert line.rpartition(".")[2] == str(at - body + 1)
            lines.remove(line)


def test_long_tables_repeat_their_head(texts: list[str]) -> None:
    first = next(number for number, text in enumerate(texts) if "第1项成果" in text)
    last = next(number for number, text in enumerate(texts) if f"第{OUTCOME_ROWS}项成果" in text)
    assert last - first >= 3
    assert all("建设任务标志性成果名称级别量化指标完成数" in text for text in texts[first : last + 1])
    # Nothing is lost between the pages.
    assert re.findall(r"第(\d+)项成果", "".join(texts)) == [str(n) for n in range(1, OUTCOME_ROWS + 1)]


def test_page_numbers_stand_outside_on_every_page(pages: list[Any]) -> None:
    numbered = [(each, found) for each in pages if (found := number_of(each))]
    assert [found[0] for _, found in numbered] == list(range(1, len(pages) - 1))
    for each, (number, middle) in numbered:
        assert (middle > each.width / 2) == bool(number % 2), number


def number_of(page: Any) -> tuple[int, float] | None:
    """The page number printed below the text, and where its middle is."""
    found = page.crop((0, BOTTOM, page.width, page.height)).search(r"— (\d+) —")
    return (int(found[0]["groups"][0]), (found[0]["x0"] + found[0]["x1"]) / 2) if found else None


def test_headers_name_college_and_report(pages: list[Any], texts: list[str]) -> None:
    document = invented()
    header = f"{document.institution}{document.project}{document.title}"
    stamp = squeezed(document.stamp)
    assert all(header in text for text in texts)
    assert all(stamp in text for text in texts)
    assert number_of(pages[0]) is None


def test_nothing_leaves_its_page(pages: list[Any]) -> None:
    for each in pages[1:]:
        inside = each.crop((0, TOP - 1, each.width, BOTTOM + 1)).chars
        assert min(char["x0"] for char in inside) >= LEFT - 1
        assert max(char["x1"] for char in inside) <= RIGHT + 1
        # Between the text and the lines above and below it there is nothing.
        assert not each.crop((0, BOTTOM + 1, each.width, BOTTOM + 4 * MM)).chars


def test_no_page_is_nearly_empty(pages: list[Any]) -> None:
    for each in pages[2:]:
        lowest = max(char["bottom"] for char in each.crop((0, TOP, each.width, BOTTOM)).chars)
        assert lowest - TOP > (BOTTOM - TOP) / 4, each.page_number


def test_merged_and_unknown_cells_on_paper(pages: list[Any]) -> None:
    (found,) = [
        rows for each in pages for rows in each.extract_tables() if rows[0] and rows[0][0] == "资金来源"
    ]
    assert found == [
        ["资金来源", "预算", None, "到位资金", "中期到位率"],
        [None, "2022—2025年", "2022—2023年", None, None],
        ["财政专项经费", "3,942", "3,821", "5,352", "140.07%"],
        ["学校自筹经费", "20,129.5", "—", "—", "—"],
        ["合计", "24,681.5", "13,253", "13,253", "100%"],
    ]


def test_lines_end_flush(pages: list[Any]) -> None:
    """All lines of a paragraph but the last end at the margin, or else within two characters of it."""
    lines = [
        line
        for each in pages
        for line in each.extract_text_lines()
        if line["text"][:8] in STORY and line["x0"] < 81
    ]
    full = [line for line in lines if line["x1"] > RIGHT - 64]
    assert len(full) >= 20
    assert sum(abs(line["x1"] - RIGHT) < 1 for line in full) >= len(full) * 0.8


def test_ranges_are_not_broken(pages: list[Any]) -> None:
    ends = [line["text"] for each in pages for line in each.extract_text_lines()]
    assert not [line for line in ends if re.search(r"20\d\d—?$|^—20\d\d", line)]


def test_fonts_are_embedded_subsets_and_the_file_is_accessible(pdf: bytes) -> None:
    reader = PdfReader(io.BytesIO(pdf))
    names = set()
    for each in reader.pages:
        for font in each["/Resources"]["/Font"].values():  # type: ignore[index]
            names.add(font["/BaseFont"])
            (inner,) = font["/DescendantFonts"]
            descriptor = inner.get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
            assert "/ToUnicode" in font
    assert len(names) >= 3
    assert all(re.fullmatch(r"/[A-Z]{6}\+.+", name) for name in names)
    root: Any = reader.root_object
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None
    assert reader.metadata.title == "滨海职业技术学院 中期检查分析自评报告"
    assert len(pdf) < 1_500_000


def test_the_same_report_is_the_same_file(pdf: bytes) -> None:
    assert renderer("pdf").render(invented()) == pdf


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1/", "https://x/", "ftp://x/a.ttf", "x"]
)
def test_nothing_is_fetched_from_outside(address: str) -> None:
    with pytest.raises(ValueError, match="refused"):
        Fetcher().fetch(address)


def test_a_page_that_names_another_host_does_not_call_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.png"
        made = typeset(
            f'<html lang="zh-CN"><link rel="stylesheet" href="{address}"><img src="{address}">自评报告'
        )
        with pytest.raises(BlockingIOError):
            server.accept()
    assert squeezed(PdfReader(io.BytesIO(made)).pages[0].extract_text()) == "自评报告"


def test_whole_font_files_are_not_read_and_the_engine_is_left_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = (inline.justify_line, fonts.get_hb_object_data, block.table_layout)
    sizes: list[int] = []

    def counted(face: Any) -> bytes:
        content: bytes = before[1](face)
        sizes.append(len(content))
        return content

    monkeypatch.setattr(late_fonts, "read", counted)
    typeset(page(one_chapter(paragraph(STORY)), paper=True))
    assert len(sizes) >= 3
    assert max(sizes) < 1_000_000
    monkeypatch.undo()
    typeset("<p>自评报告</p>")
    assert (inline.justify_line, fonts.get_hb_object_data, block.table_layout) == before
    assert "file_content" not in vars(fonts.Font)


def test_an_engine_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pdf_renderer, "ROOT", tmp_path)
    with pytest.raises(RuntimeError, match="PDF 引擎出错：.*reports"):
        renderer("pdf").render(invented())


def test_contents_of_many_headings_leave_the_third_level_out() -> None:
    few = [section(f"p{n}", "节", section(f"q{n}", "目")) for n in range(5)]
    many = [section(f"p{n}", "节", section(f"q{n}", "目")) for n in range(30)]

    def levels(parts: list[Section]) -> set[int]:
        return {each.level for each in document_context(one_chapter(*parts))["contents"]}

    assert levels(few) == {1, 2, 3}
    assert levels(many) == {1, 2}


def test_page_numbers_alternate() -> None:
    odd, even = page_numbers(4).splitlines()
    assert odd == '@counter-style odd-page { system: fixed; symbols: "— 1 —" "" "— 3 —" ""; }'
    assert even == '@counter-style even-page { system: fixed; symbols: "" "— 2 —" "" "— 4 —"; }'


def test_only_short_rows_are_kept_on_one_page() -> None:
    rows: list[Row] = [row("短", "短" * 100), row("长", "长" * 600)]
    html = page(one_chapter(table("t", "表", [Column("一"), Column("二", 4)], rows)))
    assert html.count('<tr class="keep">') == 1
    assert re.search(r'<tr class="keep"><td class="lead">短', html)


def test_neighbours_in_the_outline_do_not_skip_levels() -> None:
    levels = [level for _, level in headings()]
    assert all(after - before <= 1 for before, after in pairwise(levels))
