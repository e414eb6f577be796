"""Marks, grades, vetoes and the composite."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from indicators.scoring import (
    Band,
    ItemFact,
    Scope,
    Score,
    VetoFact,
    composite_of,
    grade_of,
    lowest_grade,
    mark_items,
    parse_scope,
    veto_holds,
)

BANDS = (Band("优", Decimal(90)), Band("良", Decimal(80)), Band("中", Decimal(60)), Band("差", Decimal(0)))


def item(pk: int, parent: int | None = None, **changes: Any) -> ItemFact:
    fields: dict[str, Any] = {
        "id": pk,
        "parent_id": parent,
        "code": str(pk),
        "name": f"项 {pk}",
        "full_mark": None,
        "weight": None,
        "scale": None,
        "method": "manual",
        "scope": "",
        "self_mark": None,
        "deduction_reason": "",
        "meaning": "",
    }
    return ItemFact(**fields | changes)


def rates(method: str, scope: Scope) -> Fraction | None:
    known = {("indicator_rate", "*"): Fraction(2, 3), ("indicator_rate", "数量指标;2"): Fraction(3, 2)}
    return known.get((method, scope.indicator_key))


def marks(*items: ItemFact) -> dict[str, Fraction | None]:
    return {mark.item.code: mark.mark for mark in mark_items(items, {"2-1": "2"}, rates)}


def test_an_automatic_mark_is_rounded_half_up_to_two_decimals_and_capped() -> None:
    assert marks(item(1, full_mark=Decimal(20), method="indicator_rate")) == {"1": Fraction("13.33")}
    scoped = item(1, full_mark=Decimal(20), method="indicator_rate", scope="数量指标；2-1")
    assert marks(scoped) == {"1": 20}


def test_a_hand_mark_overrides_and_is_weighted() -> None:
    hand = item(1, weight=Decimal(2), method="indicator_rate", self_mark=Decimal("8.5"))
    (mark,) = mark_items([hand], {}, rates)
    assert (mark.full, mark.automatic, mark.mark) == (20, Fraction("13.33"), 17)


def test_a_parent_is_the_sum_of_its_children() -> None:
    tree = [
        item(1, method="sum", full_mark=Decimal(50)),
        item(2, 1, full_mark=Decimal(20), method="indicator_rate"),
        item(3, 1, full_mark=Decimal(10), self_mark=Decimal(9)),
        item(4, 3, full_mark=Decimal(10), self_mark=Decimal("7.25")),
    ]
    result = {mark.item.code: mark for mark in mark_items(tree, {}, rates)}
    assert result["1"].mark == Fraction("20.58")
    assert [m.item.code for m in mark_items(tree, {}, rates)] == ["1", "2", "3", "4"]
    assert (result["1"].full, result["4"].depth) == (50, 2)


def test_an_item_without_mark_and_rate_is_unmarked_and_adds_nothing() -> None:
    result = mark_items([item(1, full_mark=Decimal(10), method="receipt_rate"), item(2)], {}, rates)
    assert [(mark.mark, mark.unmarked) for mark in result] == [(None, 1), (None, 1)]


def test_scope_names_a_level_and_the_area_of_a_task() -> None:
    assert parse_scope("数量指标;2-1", {"2-1": "2"}) == Scope("数量指标", "2")
    assert parse_scope(" 2-1 ", {"2-1": "2"}).indicator_key == "*;2"
    assert parse_scope("", {}).indicator_key == "*"


@pytest.mark.parametrize(
    ("total", "grade"), [("89.994", "良"), ("89.995", "优"), ("60", "中"), ("59.99", "差")]
)
def test_the_grade_follows_the_total_rounded_to_two_decimals(total: str, grade: str) -> None:
    assert grade_of(Decimal(total), BANDS) == grade


def test_the_lowest_grade_stands() -> None:
    assert lowest_grade(["优", "差"], BANDS) == "差"
    assert lowest_grade([None, "中"], BANDS) == "中"
    assert lowest_grade([None], BANDS) is None


@pytest.mark.parametrize(
    ("condition", "triggered", "holds"),
    [
        ("tasks.due_rate < 80", None, True),
        ("tasks.due_rate < 79.5", None, False),
        ("tasks.due_rate <= 79.5", None, True),
        ("tasks.due_rate ≤ 79.5%", None, True),
        ("tasks.due_rate＜79.5", None, False),
        ("tasks.due_rate＜＝79.5％", None, True),
        ("unknown.key < 80", None, False),
        ("tasks.due_rate > 10", None, False),
        ("", True, True),
        ("", None, False),
    ],
)
def test_a_veto_holds(condition: str, triggered: bool | None, holds: bool) -> None:
    figures = {"tasks.due_rate": Fraction("79.5")}
    assert veto_holds(VetoFact("任务完成度过低", condition, triggered, "差"), figures.get) is holds


def score(total: str, unmarked: int = 0) -> Score:
    return Score((), Fraction(total), Fraction(100), unmarked, None, None, (), BANDS)


def test_the_composite_rounds_each_part() -> None:
    parts = [(score("84.13"), Decimal(30)), (score("91.55"), Decimal(70))]
    assert composite_of(parts) == Decimal("25.24") + Decimal("64.09")


@pytest.mark.parametrize(
    "parts",
    [
        [(score("84"), Decimal(30))],
        [(score("84"), None), (score("90"), Decimal(70))],
        [(score("84"), Decimal(30)), (None, Decimal(70))],
        [(score("84", 1), Decimal(100))],
    ],
)
def test_the_composite_is_unknown_while_anything_is_missing(
    parts: list[tuple[Score | None, Decimal | None]],
) -> None:
    assert composite_of(parts) is None
