"""Several points in one cell, however they are numbered, and the quantity a point speaks of."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.conversion.points import CIRCLED, ordinal, quantities, split
from reports.conversion.word import Line


def lines(text: str) -> list[Line]:
    """Each line a paragraph."""
    return [Line(line) for line in text.split("\n")]


@pytest.mark.parametrize(
    "text",
    [
        "①制定制度②开展培训③总结经验",
        "① 制定制度；\n② 开展培训；\n③ 总结经验。",
        "1.制定制度\n2.开展培训\n3.总结经验",
        "1. 制定制度；2. 开展培训；3. 总结经验",
        "1.制定制度2.开展培训3.总结经验",
        "（1）制定制度（2）开展培训（3）总结经验",
        "1、制定制度；2、开展培训；3、总结经验",
        "1．制定制度\n2．开展培训\n3．总结经验",
        "1）制定制度 2）开展培训 3）总结经验",
        "（1）制定制度；（2）开展培训；（3）总结经验",
        "(1)制定制度\n(2)开展培训\n(3)总结经验",
        "（一）制定制度\n（二）开展培训\n（三）总结经验",
        "一、制定制度\n二、开展培训\n三、总结经验",
    ],
)
def test_numbers_part_points(text: str) -> None:
    found = split(lines(text))
    assert [point.rstrip("。") for point in found.points] == ["制定制度", "开展培训", "总结经验"]
    assert not found.is_guess
    assert found.intro == ""


@pytest.mark.parametrize(
    "text", ["3.制定制度\n4.开展培训", "③制定制度④开展培训", "（十）制定制度\n（十一）开展培训"]
)
def test_a_list_may_go_on_from_another_cell(text: str) -> None:
    assert split(lines(text)).points == ("制定制度", "开展培训")


def test_words_before_the_first_number_are_told() -> None:
    assert split(lines("2022年完成：①制定制度②开展培训")).intro == "2022年完成："


def test_a_line_without_number_goes_on() -> None:
    found = split(lines("1.制定制度\n并印发\n2.开展培训"))
    assert found.points == ("制定制度\n并印发", "开展培训")


def test_lists_within_a_point_stay_in_it() -> None:
    found = split(lines("1.建设课程：（1）校级；（2）省级\n2.建设教材"))
    assert found.points == ("建设课程：（1）校级；（2）省级", "建设教材")


@pytest.mark.parametrize(
    "text",
    [
        "投入 1.5 万元建设课程",
        "完成率达到2.3倍，1.2万人",
        "按照（2）的要求制定制度",
        "详见表1、表2",
        "2022.1.5 前完成",
    ],
)
def test_other_numbers_part_nothing(text: str) -> None:
    assert split(lines(text)).points == (text,)


def test_paragraphs_without_numbers_are_a_guess() -> None:
    found = split(lines("制定制度\n开展培训"))
    assert found.points == ("制定制度", "开展培训")
    assert found.is_guess


def test_a_broken_line_goes_on_until_its_sentence_ends() -> None:
    found = split([Line("制定课程"), Line("建设制度；", starts=False), Line("开展培训", starts=False)])
    assert found.points == ("制定课程\n建设制度", "开展培训")


def test_bullets_are_taken_off() -> None:
    assert split(lines("• 制定制度\n• 开展培训")).points == ("制定制度", "开展培训")


def test_what_word_numbers_is_not_guessed() -> None:
    found = split([Line("制定制度", is_item=True), Line("并印发"), Line("开展培训", is_item=True)])
    assert found.points == ("制定制度\n并印发", "开展培训")
    assert not found.is_guess


def test_an_empty_cell_has_no_points() -> None:
    assert split([]).points == ()


ITEM = st.text("建设课程教材制度平台", min_size=1, max_size=12)


@given(
    st.lists(ITEM, min_size=1, max_size=30),
    st.sampled_from(["{c}{t}", "{n}.{t}", "{n}、{t}", "（{n}）{t}", "({n}){t}", "{n}）{t}"]),
    st.sampled_from(["；", "。", "\n", "；\n", " "]),
)
def test_whatever_was_numbered_is_found_again(items: list[str], style: str, between: str) -> None:
    numbered = (style.format(c=CIRCLED[n], n=n + 1, t=text) for n, text in enumerate(items))
    found = split(lines(between.join(numbered)))
    assert [point.rstrip("。") for point in found.points] == items


@given(st.text("①②③12（）().、；。：\n 建设课程3门一二", max_size=60))
def test_nothing_is_lost(text: str) -> None:
    """Of what stands in a cell only numbers, bullets and closing punctuation go."""
    found = split([Line(line.strip()) for line in text.split("\n") if line.strip()])
    kept = re.sub(r"[^建设课程门]", "", found.intro + "".join(found.points))
    assert kept == re.sub(r"[^建设课程门]", "", text)
    assert all(found.points)


@pytest.mark.parametrize(
    ("mark", "number"), [("①", 1), ("㊿", 50), ("十", 10), ("十二", 12), ("二十一", 21), ("12", 12)]
)
def test_numbers_as_written(mark: str, number: int) -> None:
    assert ordinal(mark) == number


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("建成 3 门课程", "3", "门"),
        ("建成３门课程", "3", "门"),
        ("培训教师不少于 1,200 人次", "1200", "人次"),
        ("到账经费 12.5 万元", "12.5", "万元"),
        ("就业率达到 95%以上", "95", "%"),
        ("培养骨干教师20余名", "20", "名"),
    ],
)
def test_a_quantity_is_read(text: str, value: str, unit: str) -> None:
    (found,) = quantities(text)
    assert (found.value, found.unit) == (Decimal(value), unit)


@pytest.mark.parametrize(
    "text",
    [
        "2022 年制定制度",
        "第 3 届大赛",
        "排名前 3 名",
        "2022级学生",
        "建成 3-5 门课程",
        "建成 10～12 门课程",
        "推进 1+X 证书试点",
        "5G 应用",
    ],
)
def test_other_numbers_are_no_quantity(text: str) -> None:
    assert quantities(text) == []


def test_several_quantities_are_all_told() -> None:
    assert [str(found) for found in quantities("建成 3 门课程，出版教材 2 部")] == ["3 门", "2 部"]
