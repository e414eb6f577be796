"""What makes two names, or two document numbers, the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.likeness import KEY_LENGTH, name_key, number_key, plain_name, plain_number

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("全国职业院校技能大赛（化工生产技术）一等奖", "全国职业院校技能大赛 (化工生产技术) 一等奖"),
        ("关于公布2023年省级教学成果奖的通知", "公布省级教学成果奖"),
        ("2022年度 优秀教师团队", "优秀教师团队"),
        ("二〇二三年优秀教师团队", "优秀教师团队"),
        ("《ＡＩ技术基础》", "ai 技术基础"),
    ],
)
def test_the_same_name_written_otherwise(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("C++ 程序设计", "C 程序设计"), ("一等奖", "二等奖"), ("大赛第1名", "大赛第12名"), ("2022年", "2023年")],
)
def test_other_things_stay_apart(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_a_document_has_one_number_however_its_brackets_look() -> None:
    assert (
        plain_number("粤教职函〔2023〕12号") == plain_number("粤教职函(2023)第 12 号") == "粤教职函-2023-12"
    )
    assert number_key("教职成〔2023〕1号") != number_key("教职成〔202〕31号")
    assert number_key("ZL 2021 1 0123456.7") != number_key("ZL 2021 10 123456.7")
    assert number_key("") == number_key(" （） ") == ""


@given(NAMES)
def test_a_plain_name_is_as_plain_as_it_gets(name: str) -> None:
    assert plain_name(plain_name(name)) == plain_name(name)
    assert len(name_key(name)) in (0, KEY_LENGTH)


@given(NAMES, st.sampled_from(["（{}）", " {} ", "关于{}的通知", "《{}》", "2023年{}", "{}，", "{}（2022）"]))
def test_what_is_put_around_a_name_makes_no_other(name: str, frame: str) -> None:
    core = "教学成果" + name.replace("{", "").replace("}", "") + "甲"
    assert name_key(frame.format(core)) == name_key(core)


@given(st.text(st.sampled_from("教职成函ABC技术"), min_size=1, max_size=20))
def test_width_and_case_do_not_matter(name: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)
    assert unicodedata.normalize("NFKC", wide) == name
    assert name_key(wide) == name_key(name.lower()) == name_key(name)
