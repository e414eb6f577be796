"""Tables, titles and contents of any length on paper: nothing is cut, broken or left alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pdfplumber
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.document import Column, Document, Group, Table
from reports.drawing.canvas import FONT_SIZE, text_width
from reports.renderers.html import page
from reports.renderers.html_columns import shares
from reports.renderers.html_text import broken
from reports.typesetting import typeset
from reports.writing import merged, paragraph, row, section, table
from tests.reports.pdf import body
from tests.reports.test_renderers import BOTTOM, LEFT, RIGHT, TOP, one_chapter, squeezed

LONG = "国家“双高计划”暨省域高水平高等职业院校建设计划和区域产教融合试点综合建设项目中期检查分析自评报告"
AREAS = ("打造技术技能人才培养高地", "提升校企合作水平")
NOTE = "只统计截止日期前获批的成果。"


@contextmanager
def printed(document: Document) -> Iterator[list[Any]]:
    """The pages, without header and footer."""
    with pdfplumber.open(io.BytesIO(typeset(page(document, paper=True)))) as file:
        yield [body(each) for each in file.pages]


def number(title: str) -> Column:
    return Column(title, 2, "number")


def indicators(rows: int = 3) -> Table:
    """As many columns as an indicator list has, with numbers as long as they get."""
    sides = tuple(number(title) for title in ("目标", "完成", "完成率"))
    cells = ("123,456.5", "123,456.7891", "100%", "203", "45.4545", "45.45%")
    return table(
        "t",
        "绩效指标",
        (
            Column("类别", 3),
            Column("指标", 10),
            Column("单位", 2, "center"),
            Group("期满", sides),
            Group("中期", sides),
        ),
        [row("数量指标", "新增省级以上在线精品课程" * 3, "万人次", *cells) for _ in range(rows)],
    )


def merged_table(*tasks: tuple[str, int]) -> Table:
    """Tasks, each merged over its number of rows."""
    return table(
        "t",
        "成果",
        [Column("建设任务", 3), Column("成果", 6), number("完成率"), Column("时间", 3, "center")],
        [
            line
            for name, rows in tasks
            for line in merged((name,), [(f"第{n}项", "100%", "2025-12-31") for n in range(rows)])
        ],
        notes=[NOTE],
    )


# Columns


def test_no_number_is_broken_in_a_table_of_many_columns() -> None:
    with printed(one_chapter(indicators())) as pages:
        rows = [cells for each in pages for found in each.extract_tables() for cells in found]
    numbers = [cells[3:] for cells in rows if cells[0] == "数量指标"]
    assert numbers == [["123,456.5", "123,456.7891", "100%", "203", "45.4545", "45.45%"]] * 3


NEEDS = st.lists(
    st.tuples(st.integers(1, 24), st.integers(1, 40), st.integers(0, 90)), min_size=1, max_size=12
)


@given(NEEDS)
def test_columns_fill_the_width_within_what_they_need(needs: list[tuple[int, int, int]]) -> None:
    least = [Fraction(need, 100) for _, need, _ in needs]
    most = [Fraction(need + more, 100) for _, need, more in needs]
    made = shares([weight for weight, _, _ in needs], least, most)
    assert sum(made) == 1
    if sum(least) <= 1:
        assert all(given >= need for given, need in zip(made, least, strict=True))
    if sum(least) <= 1 <= sum(most):
        assert all(given <= need for given, need in zip(made, most, strict=True))


def test_a_bold_row_keeps_its_prose_plain() -> None:
    columns = [Column("检查指标", 3), Column("内涵说明", 5), number("得分")]
    with printed(
        one_chapter(table("t", "得分", columns, [row("资金", "到位率", "86", strong=True)]))
    ) as pages:
        bold = {char["text"]: "Bold" in char["fontname"] for char in pages[-1].chars}
    assert (bold["资"], bold["8"], bold["到"]) == (True, True, False)


# Where pages end


@pytest.mark.parametrize("rows", [18, 19, 20, 21, 22])
def test_what_rows_are_merged_under_is_said_again_on_the_next_page(rows: int) -> None:
    with printed(one_chapter(merged_table(*((area, rows) for area in AREAS)))) as pages:
        parts = [part for each in pages for part in each.extract_tables()]
    assert len(parts) == 2
    for part in parts:
        assert part[0][0] == "建设任务"
        assert squeezed(part[1][0] or "") in AREAS
    cells = [cells[1:] for part in parts for cells in part[1:]]
    assert cells == [[f"第{n}项", "100%", "2025-12-31"] for _ in AREAS for n in range(rows)]


def test_texts_longer_than_the_rows_beside_them_do_not_tie_a_table_together() -> None:
    rows = [
        line for n in range(14) for line in merged((f"任务{n}",), [("甲",), ("乙",)], ("成效显著。" * 20,))
    ]
    columns = [Column("建设任务", 3), Column("年度", 1), Column("成效", 5)]
    with printed(one_chapter(table("t", "成效", columns, rows))) as pages:
        parts = [part for each in pages for part in each.extract_tables()]
    assert len(parts) == len(pages) - 2
    assert all(part[0] == ["建设任务", "年度", "成效"] for part in parts)
    assert "".join(cells[1] or "" for part in parts for cells in part[1:]) == "甲乙" * 14


def test_a_row_that_goes_on_over_the_page_says_again_what_it_belongs_to() -> None:
    rows = merged(("提升校企合作水平",), [("甲", "完成" * 60), ("乙", "完成" * 900)])
    columns = [Column("建设任务", 2), Column("年度", 1), Column("情况", 5)]
    with printed(one_chapter(table("t", "情况", columns, rows))) as pages:
        parts = [part for each in pages for part in each.extract_tables()]
    assert len(parts) > 1
    assert {squeezed(part[1][0] or "") for part in parts} == {"提升校企合作水平"}
    assert squeezed("".join(cells[2] or "" for part in parts for cells in part[1:])) == "完成" * 960


@pytest.mark.parametrize("above", range(2, 9))
@pytest.mark.parametrize("name", ["校企合作", AREAS[0] * 3])
def test_the_end_of_a_page_cuts_nothing_off(name: str, above: int) -> None:
    """Wherever in the table it comes: notes and captions stay with it, each part is whole and closed."""
    document = one_chapter(paragraph("长" * 27 * above), merged_table(("党建", 10), (name, 3)))
    with printed(document) as pages:
        for each in pages[2:]:
            lines = each.extract_text_lines()
            assert lines[0]["text"][:4] != NOTE[:4]
            assert not lines[-1]["text"].startswith("表")
            if each.find_tables():
                left, right, low = lowest_line(each)
                assert left < LEFT + 2
                assert right > RIGHT - 2
                below = [line["text"] for line in lines if line["bottom"] > low + 1]
                assert "".join(below) in (NOTE, "")


def lowest_line(page: Any) -> tuple[float, float, float]:
    """From where to where the lowest line of the table goes, and how far down it is."""
    lines = [edge for edge in page.edges if edge["orientation"] == "h"]
    low = max(edge["top"] for edge in lines)
    lowest = [edge for edge in lines if edge["top"] > low - 2]
    return min(edge["x0"] for edge in lowest), max(edge["x1"] for edge in lowest), low


# Titles and contents of any length


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"title": LONG},
        {"title": "自评", "project": LONG},
        {"title": LONG, "institution": "西南边疆民族地区石油化工与先进装备制造高等专科职业技术学院"},
        {"institution": "Yunling Vocational and Technical University of Science and Technology"},
    ],
    ids=["usual", "title", "project", "college", "foreign"],
)
def test_cover_and_running_head_hold_any_title(changed: dict[str, Any]) -> None:
    document = replace(one_chapter(paragraph("文字。")), **changed)
    with pdfplumber.open(io.BytesIO(typeset(page(document, paper=True)))) as file:
        cover, text = file.pages[0], file.pages[-1]
        titles = cover.extract_text_lines()
        (running,) = text.crop((0, 0, text.width, TOP - 1)).extract_text_lines()
    assert min(line["x0"] for line in titles) >= LEFT - 1
    assert max(line["x1"] for line in titles) <= RIGHT + 1
    assert all(below["top"] >= above["bottom"] - 2 for above, below in pairwise(titles))
    assert squeezed(document.title) in squeezed("".join(line["text"] for line in titles))
    assert running["x0"] >= LEFT - 1
    assert running["x1"] <= RIGHT + 1
    chars = sorted(running["chars"], key=lambda char: char["x0"])
    assert all(right["x0"] >= left["x1"] - 1 for left, right in pairwise(chars))


@given(st.text("职业学院计划（）、AB ", min_size=1, max_size=90), st.integers(3, 20))
def test_titles_are_broken_into_lines_of_about_one_length(title: str, room: int) -> None:
    lines = broken(title, room * FONT_SIZE)
    assert "".join(lines) == title
    assert all(text_width(line) <= room * FONT_SIZE for line in lines)


def test_titles_are_broken_where_words_end() -> None:
    assert broken("省域高水平高等职业院校建设计划中期检查分析自评报告", 14 * FONT_SIZE) == [
        "省域高水平高等职业院校",
        "建设计划中期检查分析自评报告",
    ]


@pytest.mark.parametrize("number", [20, 26, 28, 30, 33, 44, 52, 60])
def test_contents_fill_their_last_page_well(number: int) -> None:
    parts = [section(f"p{at}", f"第{at}部分的标题", paragraph("文字。")) for at in range(number)]
    with printed(one_chapter(*parts)) as pages:
        first = next(at for at, each in enumerate(pages) if "文字。" in each.extract_text())
        lowest = max(char["bottom"] for char in pages[first - 1].chars)
    assert first == 2 or lowest - TOP > (BOTTOM - TOP) / 3
