"""Lists as they are copied from Excel, WPS and Word."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.duplicates import earlier, keys_of
from indicators.pasted import MOST_ROWS, Grid, Known, NoList, cells_of, grid_of, read

LIST = (
    "序号\t获奖名称\t获奖级别\t奖项\t获奖时间\t颁奖单位\t文号\n"
    "1\t技能大赛甲赛项\t省级\t一等奖\t2023-05-06\t某省教育厅\t某教〔2023〕1号\n"
    "2\t技能大赛乙赛项\t国家级\t二等奖\t2023年6月\t某部\t\n"
)


def test_a_list_of_prizes_is_recognised_by_its_headers() -> None:
    grid = grid_of(cells_of(LIST))
    assert grid.columns == ("", "name", "level", "grade", "awarded_on", "issuer", "document_no")
    first, second = read(grid, {"kind": "获奖", "department": 7}, Known())
    assert not first.faults
    assert first.values["name"] == "技能大赛甲赛项"
    assert first.values["awarded_on"] == date(2023, 5, 6)
    assert second.values["awarded_on"] == date(2023, 6, 30)
    assert (first.values["kind"], first.values["department_id"], first.values["quantity"]) == ("获奖", 7, 1)


def test_a_title_above_the_header_is_told_and_left_out() -> None:
    grid = grid_of(cells_of("样例学院获奖一览表\t\t\n" + LIST))
    assert len(grid.rows) == 2
    assert "样例学院获奖一览表" in grid.notices[0]


def test_without_a_header_the_columns_are_guessed_and_asked() -> None:
    grid = grid_of(cells_of("1\t省级\t技能大赛甲赛项\t2023.05.06\n2\t国家级\t技能大赛乙赛项\t2023.06.07"))
    assert not grid.is_recognised
    assert grid.columns == ("", "level", "name", "awarded_on")
    assert len(grid.rows) == 2


def test_each_fault_stands_at_its_cell() -> None:
    grid = Grid(
        ("name", "awarded_on", "quantity", "task", "points", "department"),
        (("", "五月", "-1", "9", "2-1/2022/3", "远方处"), ("甲", "2023-05-06", "1", "2-1", "", "教务处")),
    )
    bad, good = read(grid, {}, Known(tasks={"2-1": 5}, departments={"教务处": 3}))
    assert set(bad.faults) == {"name", "awarded_on", "quantity", "task", "points", "department"}
    assert "日期" in bad.faults["awarded_on"]
    assert not good.faults
    assert (good.values["task_id"], good.values["department_id"]) == (5, 3)


def test_a_department_that_is_none_and_one_of_others_are_told_apart() -> None:
    rows = [("甲", "2023-05-06", name) for name in ("远方处", "科研处", "教务处")]
    known = Known(departments={"教务处": 3}, others={"科研处"})
    found = read(Grid(("name", "awarded_on", "department"), tuple(rows)), {}, known)
    told = [row.faults.get("department", "").partition("，")[0] for row in found]
    assert told == ["没有部门“远方处”", "“科研处”的成果不能由您登记", ""]


def test_codes_become_links() -> None:
    grid = Grid(
        ("name", "awarded_on", "points", "indicators", "target"),
        (("甲", "2023-05-06", "2-1/2022/3；2-1/2023/1", "1.1", "C1"),),
    )
    known = Known(
        points={("2-1", 2022, "3"): 11, ("2-1", 2023, "1"): 12}, indicators={"1.1": 21}, targets={"C1": 31}
    )
    (row,) = read(grid, {}, known)
    assert (row.points, row.indicators, row.values["target_id"]) == ((11, 12), (21,), 31)


def test_quotes_belong_to_excel_only_around_what_needs_them() -> None:
    assert cells_of('"甲\n乙"\t"双高"建设\n"说""好"""\t丙') == [["甲\n乙", '"双高"建设'], ['说"好"', "丙"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "没有读到内容"),
        ("名称\t获奖时间", "只读到表头"),
        ("甲\t2023-01-01\n" * (MOST_ROWS + 1), "一次最多"),
        ("\t".join("甲" * 30), "最多"),
    ],
)
def test_what_is_no_list_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(NoList, match=words):
        grid_of(cells_of(text))


CELLS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_every_cell_comes_back_as_it_was_copied(rows: list[list[str]]) -> None:
    text = "\r\n".join("\t".join(row) for row in rows)
    if '"' not in text:
        assert cells_of(text) == rows


@given(st.text(max_size=200))
def test_whatever_is_pasted_is_read_or_told(text: str) -> None:
    try:
        grid = grid_of(cells_of(text))
    except NoList:
        return
    for row in read(grid, {"awarded_on": date(2023, 1, 1)}, Known()):
        assert row.faults or row.values["name"]


def test_a_summary_row_keeps_its_quantity() -> None:
    (row,) = read(Grid(("name", "awarded_on", "quantity"), (("甲", "2023-05-06", "12.5"),)), {}, Known())
    assert row.values["quantity"] == Decimal("12.5")


@given(st.lists(st.sampled_from(["甲赛项", "乙赛项", "（甲赛项）", "2023年甲赛项", ""]), max_size=12))
def test_in_a_list_the_first_of_a_name_is_no_duplicate(names: list[str]) -> None:
    keys = [keys_of(name, "同一文号") for name in names]
    found = earlier(keys)
    assert len(found) == len([key for key in keys if key.name]) - len({key.name for key in keys if key.name})
    assert all(place < index and keys[place].name == keys[index].name for index, place in found.items())
