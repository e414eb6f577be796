"""The document: numbering, references, merged cells, unknown numbers, and JSON that comes back equal."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts import Bar, Dumbbell, GroupedBars, Pair, Progress, Series, Step, TargetBars
from reports.document import (
    Block,
    Chart,
    Column,
    Document,
    Figure,
    Grade,
    Group,
    Note,
    Paragraph,
    Ref,
    Run,
    Section,
    Signature,
    Table,
)
from reports.grid import grid
from reports.numbering import chinese, dangling, flow, labels
from reports.numbering import text as printed
from reports.writing import bound, cell, merged, note, paragraph, row, section, table
from tests.reports.invented import invented

DAY = date(2023, 12, 31)


def document(*chapters: Section) -> Document:
    return Document(
        "滨海职业技术学院", "建设项目", "自评报告", "school-midterm", date(2022, 1, 1), DAY, chapters
    )


def small_table(id: str) -> Table:
    return table(id, "情况表", [Column("名称")], [row("甲")])


def titles(*chapters: Section) -> list[str]:
    return [each.title for each in flow(document(*chapters)) if each.is_heading]


def block_labels(*chapters: Section) -> list[str]:
    return [each.label for each in flow(document(*chapters)) if each.label and not each.is_heading]


# Numbering


def test_headings_count_as_in_official_documents() -> None:
    deep = section("c", "丙", section("d", "丁"), section("e", "戊"))
    assert titles(section("a", "甲"), section("b", "乙", section("f", "己"), section("g", "庚", deep))) == [
        *("一、甲", "二、乙", "（一）己", "（二）庚", "1. 丙", "（1）丁", "（2）戊")
    ]


def test_a_decimal_chapter_counts_its_parts_by_points() -> None:
    part = section("p", "加强党的建设", section("q", "基本情况", section("r", "概述")))
    assert titles(section("a", "甲"), section("b", "十大项目", section("o", "其他"), part, decimal=True)) == [
        *("一、甲", "二、十大项目", "1. 其他", "2. 加强党的建设", "2.1 基本情况", "2.1.1 概述")
    ]


def test_a_chapter_without_number_does_not_count() -> None:
    assert titles(section("a", "前言", numbered=False), section("b", "乙")) == ["前言", "一、乙"]


def test_tables_count_by_chapter_or_by_part() -> None:
    plain = section("a", "甲", small_table("t1"), section("b", "乙", small_table("t2")))
    by_part = section(
        "c",
        "丙",
        small_table("t3"),
        section("d", "丁", small_table("t4"), section("e", "戊", small_table("t5"))),
        section("f", "己", small_table("t6")),
        tables_by_part=True,
    )
    annex = section("g", "附件", small_table("t7"), small_table("t8"), numbered=False)
    assert block_labels(plain, by_part, annex) == [
        *("表1-1", "表1-2", "表2-1", "表2-1-1", "表2-1-2", "表2-2-1", "表1", "表2")
    ]


def test_charts_count_for_themselves() -> None:
    chart = Chart("c1", "对比", TargetBars(()), "")
    assert block_labels(section("a", "甲", small_table("t1"), chart)) == ["表1-1", "图1-1"]


@pytest.mark.parametrize(
    ("number", "said"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (47, "四十七"), (99, "九十九")]
)
def test_chinese_numbers(number: int, said: str) -> None:
    assert chinese(number) == said


# References


def test_a_reference_says_the_number_of_its_target() -> None:
    known = labels(invented())
    assert [printed(Ref(id), known) for id in ("funding-source", "area-1-points", "rates", "money")] == [
        *("表1-3", "表2-2-1", "图1-1", "“（二）项目经费到位和执行情况概述”")
    ]


def test_a_reference_follows_its_table() -> None:
    first, second = small_table("t1"), small_table("t2")
    assert labels(document(section("a", "甲", first, second)))["t2"] == "表1-2"
    assert labels(document(section("a", "甲", second)))["t2"] == "表1-1"


def test_a_reference_to_nothing_is_found_and_says_so() -> None:
    notes = table("t", "表", [Column("名称")], [row(Ref("gone"))], notes=[note(Ref("lost"), Ref("t"))])
    lost = document(section("a", "甲", paragraph("详见", Ref("lost"), "。"), notes))
    assert dangling(lost) == ["lost", "gone"]
    assert printed(Ref("lost"), labels(lost)) == "〔没有“lost”〕"
    assert dangling(invented()) == []


def test_written_text_binds_figures_and_references() -> None:
    def figure(key: str) -> Figure:
        return Figure.count(key, 217)

    runs = bound(
        "完成{{ tasks.due_done }}个，见{{表:task-totals}}、{{ 图：rates }}和{{章节:money}}。", figure
    )
    assert runs == (
        *("完成", Figure("tasks.due_done", "217", Fraction(217)), "个，见", Ref("task-totals")),
        *("、", Ref("rates"), "和", Ref("money"), "。"),
    )


def test_an_unknown_key_in_written_text_is_the_callers_affair() -> None:
    known: dict[str, Figure] = {}
    with pytest.raises(KeyError):
        bound("{{ no.such }}", known.__getitem__)


# Numbers and cells


@pytest.mark.parametrize("make", [Figure.count, Figure.money, Figure.percent])
def test_unknown_is_a_dash_and_zero_is_zero(make: Any) -> None:
    assert make("k", None) == Figure("k", "—", None)
    assert make("k", 0).text in ("0", "0%")


def test_a_figure_keeps_its_exact_value() -> None:
    rate = Figure.percent("tasks.due_rate", Fraction(217, 224))
    assert (rate.text, rate.value) == ("96.88%", Fraction(217, 224))
    assert Figure.money("m", Decimal("24681.5")).text == "24,681.5"


def test_cells_take_loose_values() -> None:
    runs = [each.runs for each in row(None, 3, Decimal("28.50"), DAY, "甲", ("乙", Ref("t"))).cells]
    assert runs == [("—",), ("3",), ("28.5",), ("2023年12月31日",), ("甲",), ("乙", Ref("t"))]


def test_merged_cells_stand_around_their_rows() -> None:
    rows = merged(("甲",), [(1, 2), (3, 4), (5, 6)], ("乙",))
    assert [len(each.cells) for each in rows] == [4, 2, 2]
    assert [each.rowspan for each in rows[0].cells] == [3, 1, 1, 3]
    assert [[column for column, _ in line] for line in grid(rows, 4)] == [[0, 1, 2, 3], [1, 2], [1, 2]]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([row(1)], "row 1: too few"),
        ([row(1, 2), row(1, 2, 3)], "row 2: too many"),
        ([row(cell(1, rowspan=2), 2), row(3, 4)], "row 2: too many"),
        ([row(cell(1, colspan=3))], "row 1: too many"),
        ([row(cell(1, rowspan=2), 2)], "below the last row"),
        # A wide cell does not fit where a tall one stands between its columns.
        ([row(1, cell(2, rowspan=2)), row(cell(3, colspan=2))], "row 2: too many"),
    ],
)
def test_a_table_whose_cells_do_not_fit_is_refused(rows: list[Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        table("t", "表", [Column("一"), Column("二")], rows)


def test_droppable_columns_go_when_nothing_is_said_in_them() -> None:
    columns: list[Column | Group] = [
        Column("名称"),
        Group("成效", (Column("数量", droppable=True), Column("质量", droppable=True))),
        Group("备注", (Column("说明", droppable=True),)),
        Column("必留"),
    ]
    made = table(
        "t",
        "表",
        columns,
        [
            row("甲", None, "优", "", ""),
            row("乙", Figure.count("k", None), None, None, ""),
            row(cell("合计", colspan=5)),
        ],
    )
    assert [leaf.title for leaf in made.leaves] == ["名称", "质量", "必留"]
    assert made.columns[1] == Group("成效", (Column("质量", droppable=True),))
    assert [len(each.cells) for each in made.rows] == [3, 3, 1]
    assert made.rows[2].cells[0].colspan == 3


def test_a_table_never_loses_all_its_columns() -> None:
    made = table("t", "表", [Column("一", droppable=True), Column("二", droppable=True)], [row(None, "")])
    assert len(made.leaves) == 2


@pytest.mark.parametrize("id", ["", "a b", "a\n", "twice"])
def test_ids_are_words_and_stand_once(id: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        document(section("twice", "甲"), section("ok", "乙", small_table(id)))


# JSON


words = st.text(st.sampled_from("甲乙丙 {}“”<&>0—"), max_size=6)
values = st.none() | st.fractions(min_value=-10, max_value=10)
figures = st.builds(Figure, words, words, values)
runs = st.lists(st.one_of(words, figures, st.builds(Ref, words)), max_size=3).map(tuple)
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def several(each: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(each, max_size=3).map(tuple)


charts = st.one_of(
    st.builds(TargetBars, several(st.builds(Bar, words, values, words)), values),
    st.builds(GroupedBars, several(words), several(st.builds(Series, words, several(values))), words, values),
    st.builds(Progress, several(st.builds(Step, days, values, values)), days),
    st.builds(Dumbbell, several(st.builds(Pair, words, values, values))),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 4))
    columns = [
        Column(draw(words), draw(st.integers(1, 9)), draw(st.sampled_from(("text", "number"))))
        for _ in range(width)
    ]
    if draw(st.booleans()):
        columns = [Group(draw(words), tuple(columns))]  # type: ignore[list-item]
    rows = [
        row(*(draw(runs) for _ in range(width)), strong=draw(st.booleans()))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return table("", draw(words), columns, rows, unit=draw(words))


blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, runs),
    st.builds(Note, runs),
    st.builds(Grade, figures, figures, st.none() | words),
    st.builds(Chart, st.just(""), words, charts, words),
    tables(),
)
sections = st.recursive(
    st.builds(Section, st.just(""), words, several(blocks)),
    lambda parts: st.builds(
        Section,
        st.just(""),
        words,
        several(blocks),
        several(parts),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_leaves=5,
)


def named(sections: tuple[Section, ...], names: Any) -> tuple[Section, ...]:
    """The sections with an id of its own for everything that has one."""
    return tuple(
        replace(
            each,
            id=f"s{next(names)}",
            blocks=tuple(
                replace(b, id=f"b{next(names)}") if isinstance(b, Table | Chart) else b for b in each.blocks
            ),
            parts=named(each.parts, names),
        )
        for each in sections
    )


documents = st.builds(
    lambda chapters, signed: replace(document(*named(chapters, iter(range(999)))), signature=signed),
    several(sections),
    st.none() | st.builds(Signature),
)


@given(documents)
def test_json_comes_back_equal(made: Document) -> None:
    back = Document.from_json(json.loads(json.dumps(made.to_json())))
    assert back == made
    assert back.digest == made.digest


@given(documents)
def test_every_table_and_chart_has_a_number_of_its_own(made: Document) -> None:
    numbers = Counter(
        each.label for each in flow(made) if not each.is_heading and isinstance(each.part, Table | Chart)
    )
    assert "" not in numbers
    assert set(numbers.values()) <= {1}


def test_the_invented_report_comes_back_equal() -> None:
    assert Document.from_json(json.loads(json.dumps(invented().to_json()))) == invented()


def test_what_has_its_default_is_not_written() -> None:
    (written,) = document(section("a", "甲")).to_json()["chapters"]
    assert written == {"type": "Section", "id": "a", "title": "甲"}


def test_the_hash_is_that_of_the_content() -> None:
    one = document(section("a", "甲", paragraph("完成", Figure.count("k", 217))))
    assert one.digest == document(section("a", "甲", paragraph("完成", Figure.count("k", 217)))).digest
    changed = [
        document(section("a", "甲", paragraph("完成", Figure.count("k", 218)))),
        document(section("a", "甲", paragraph("完成", Figure.count("other", 217)))),
        document(section("a", "乙", paragraph("完成", Figure.count("k", 217)))),
        replace(one, as_of=date(2024, 1, 1)),
        replace(one, version="v1"),
    ]
    assert len({one.digest, *(each.digest for each in changed)}) == 6
    assert one.stamp == f"版本 草稿　{one.digest[:4]}·{one.digest[4:8]}"


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"format": 2, "type": "Document"},
        {"format": 1, "type": "Document"},
        {"format": 1, "type": "Path", "x": 1},
        {"format": 1, "type": "Ref", "target": "t"},
        {"format": 1, "type": "Ref", "target": "t", "more": 1},
        {"format": 1, "institution": "甲"},
        {**document().to_json(), "as_of": "someday"},
        {**document().to_json(), "chapters": 3},
        {**document().to_json(), "chapters": [{"type": "Section", "id": "a", "title": "甲", "blocks": [{}]}]},
    ],
)
def test_json_of_something_else_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"document|isoformat"):
        Document.from_json(broken)


def test_runs_are_text_figures_and_references_only() -> None:
    """What a renderer must be able to print."""
    kinds = {
        type(run) for each in flow(invented()) if isinstance(each.part, Paragraph) for run in each.part.runs
    }
    assert kinds <= set(Run.__args__)


def test_the_signature_stands_before_the_annexes() -> None:
    named = (("引言", False), ("基本情况", True), ("附件", False))
    chapters = [section(title, title, numbered=numbered) for title, numbered in named]
    signed = replace(document(*chapters), signature=Signature())
    kinds = [type(each.part) for each in flow(signed)]
    assert kinds == [Section, Section, Signature, Section]
