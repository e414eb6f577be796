"""Which file a row means: by name, by number and title, and never by a guess."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.workbook.matching import How, Matching, Wanted, match, number_parts


def material(file_name: str, title: str = "某材料", *, task: str = "", seq: str = "") -> Wanted:
    whole = number_parts(f"{task}-{seq}" if seq else task)
    numbers = {number for number in (number_parts(task), whole) if number}
    return Wanted(
        (file_name, title), file_name, title, frozenset(numbers), frozenset({number_parts(task)} - {()})
    )


def found(matching: Matching) -> dict[str, tuple[str, How]]:
    return {title: path for (_, title), path in matching.found.items()}


@pytest.mark.parametrize(
    ("meant", "path"),
    [
        ("通知.pdf", "通知.pdf"),
        ("通知.pdf", "2022/教务处/通知.pdf"),
        ("D:\\材料\\通知.pdf", "通知.pdf"),
        ("通知.PDF", "通知.pdf"),
        ("通知（一）.pdf", "通知(一).pdf"),
        ("ＡＢＣ.pdf", "abc.pdf"),
        ("合作 协议.pdf", "合作协议.pdf"),
        ("通知", "通知.pdf"),
        ("附件1.1", "附件1.1.docx"),
        (unicodedata.normalize("NFD", "Résumé.pdf"), unicodedata.normalize("NFC", "Résumé.pdf")),
    ],
)
def test_a_file_is_known_by_its_name(meant: str, path: str) -> None:
    assert found(match([material(meant)], [path, "别的.pdf"])) == {"某材料": (path, How.NAME)}


def test_one_file_may_serve_several_materials() -> None:
    matching = match([material("甲.pdf", "一"), material("甲.pdf", "二")], ["甲.pdf"])
    assert {path for path, _ in matching.found.values()} == {"甲.pdf"}
    assert not matching.left


def test_the_folder_tells_files_of_one_name_apart() -> None:
    paths = ["2022/名单.pdf", "2023/名单.pdf"]
    assert found(match([material("2023/名单.pdf")], paths)) == {"某材料": ("2023/名单.pdf", How.NAME)}
    unclear = match([material("名单.pdf")], paths)
    assert unclear.unclear == {("名单.pdf", "某材料"): tuple(paths)}
    assert not unclear.found
    assert not unclear.left


def test_the_spelling_tells_files_apart_that_differ_in_case_only() -> None:
    assert found(match([material("a.pdf")], ["A.pdf", "a.pdf"])) == {"某材料": ("a.pdf", How.NAME)}


@pytest.mark.parametrize(
    "path",
    [
        "2-1-3 校企合作协议.pdf",
        "2.1.3校企合作协议.pdf",
        "（2-1-3）校企合作协议（盖章）.pdf",
        "2-1 校企合作协议.pdf",
        "佐证/2-1-03_校企合作协议.pdf",
        "２－１－３校企合作协议.pdf",
    ],
)
def test_number_and_title_in_a_name_tell_the_row(path: str) -> None:
    rows = [
        material("附件.pdf", "校企合作协议", task="2-1", seq="3"),
        material("附件.pdf", "别的", task="2-2"),
    ]
    matching = match(rows, [path, "2-2-1 会议纪要.pdf"])
    assert found(matching) == {"校企合作协议": (path, How.NUMBER)}
    assert matching.alone == [("附件.pdf", "别的")]
    assert matching.left == ["2-2-1 会议纪要.pdf"]


def test_a_title_alone_must_be_the_whole_name() -> None:
    rows = [material("x.pdf", "合作协议")]
    assert found(match(rows, ["合作协议.pdf"])) == {"合作协议": ("合作协议.pdf", How.TITLE)}
    assert match(rows, ["校企合作协议书.pdf"]).alone
    assert match(rows, ["9-9 合作协议.pdf"]).alone


def test_the_better_fit_wins_and_equal_fits_are_left_to_a_person() -> None:
    rows = [
        material("a.pdf", "协议", task="2-1", seq="3"),
        material("b.pdf", "合作协议", task="2-1", seq="3"),
    ]
    assert found(match(rows, ["2-1-3 合作协议.pdf", "2-1-3 协议.pdf"])) == {
        "协议": ("2-1-3 协议.pdf", How.NUMBER),
        "合作协议": ("2-1-3 合作协议.pdf", How.NUMBER),
    }
    paths = ["甲/2-1-3 协议.pdf", "乙/2-1-3 协议.pdf"]
    matching = match(rows[:1], paths)
    assert matching.unclear == {("a.pdf", "协议"): tuple(paths)}
    assert not matching.left


def test_two_rows_for_one_file_are_left_to_a_person() -> None:
    rows = [material("a.pdf", "协议", task="2-1"), material("b.pdf", "协议", task="2-1")]
    matching = match(rows, ["2-1 协议.pdf"])
    assert not matching.found
    assert set(matching.unclear) == {row.key for row in rows}


def test_another_kind_of_file_is_not_meant() -> None:
    assert match([material("附件.docx", "协议", task="2-1")], ["2-1 协议.pdf"]).alone


def test_what_has_its_file_by_name_takes_no_other() -> None:
    rows = [material("2-1 协议.pdf", "协议", task="2-1"), material("缺.pdf", "协议", task="2-1")]
    matching = match(rows, ["2-1 协议.pdf"])
    assert list(matching.found) == [rows[0].key]
    assert matching.alone == [rows[1].key]


NAMES = st.text("甲乙丙aA12-. /（）", min_size=1, max_size=12)


@given(
    st.lists(st.tuples(NAMES, NAMES, st.sampled_from(["", "1", "2-1"])), max_size=8),
    st.sets(NAMES, max_size=8),
)
def test_every_row_and_every_file_is_accounted_for(rows: list[tuple[str, str, str]], paths: set[str]) -> None:
    materials = {(name, title): material(name, title, task=task) for name, title, task in rows}
    matching = match(materials.values(), paths)
    told = [*matching.found, *matching.unclear, *matching.alone]
    assert sorted(told) == sorted(materials)
    used = {path for path, _ in matching.found.values()}
    mentioned = used | {path for several in matching.unclear.values() for path in several}
    assert mentioned <= paths
    assert set(matching.left) == paths - mentioned
    by_title = [path for path, how in matching.found.values() if how is not How.NAME]
    assert len(by_title) == len(set(by_title))
