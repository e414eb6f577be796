"""The entry form: what it takes, what it refuses with which sentence, and when it asks for reasons."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from projects.forms import EntryForm, PercentField, typed_from
from projects.linked import LinkedQuantity
from projects.models import Entry, Project, Task, TaskPoint
from projects.progress import PointFact

TODAY = date(2024, 3, 1)
TYPED = {"quantity": "1", "percent": "", "effective_on": "2023-12-22", "description": "已印发。"}
LATE = {
    "reason_kind": "政策调整",
    "reason": "排版延期",
    "expected_on": "2024-06-30",
    "next_step": "催办印刷",
}


def a_point(planned: int | None = 2, due_on: date = date(2023, 12, 31)) -> TaskPoint:
    task = Task(project=Project(start_year=2022, end_year=2025))
    return TaskPoint(
        pk=1,
        task=task,
        year=2023,
        seq="3",
        text="编印",
        planned=planned and Decimal(planned),
        unit="部",
        due_on=due_on,
    )


def a_form(
    typed: dict[str, str], *, submitting: bool = True, linked: int | None = None, **kwargs: Any
) -> EntryForm:
    point = a_point(**kwargs)
    fact = PointFact(
        id=1,
        code="8-2-2023-03",
        task_id=1,
        area="8",
        year=2023,
        seq="3",
        text=point.text,
        unit=point.unit,
        planned=point.planned,
        due_on=point.due_on,
        department="",
        person="",
        entry=None,
        quantity=None if linked is None else Fraction(linked),
        r=None,
        ledger=() if linked is None else (LinkedQuantity(date(2023, 5, 1), Decimal(linked)),),
    )
    form = EntryForm(typed, point=point, fact=fact, today=TODAY, submitting=submitting)
    form.is_valid()
    return form


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("quantity", "二本", "“二本”不是数字，应为数字，例如 2。"),
        ("quantity", "-1", "“-1”是负数，应为 0 或大于 0 的数。"),
        ("quantity", "1.1234567", "“1.1234567”的小数超过 6 位，请保留 6 位以内。"),
        ("quantity", "1e5", "“1e5”不是数字"),
        ("quantity", "NaN", "“NaN”不是数字"),
        ("quantity", "9" * 40, "太大，请检查单位。"),
        ("quantity", "1,2", "“1,2”不是数字"),
        ("percent", "八成", "“八成”不是数字，应为数字，例如 80 或 80%。"),
        ("percent", "-5%", "“-5”是负数"),
        ("percent", "1000.01", "“1000.01%”超过 1000%，请检查：80 表示 80%。"),
        ("percent", "33.33333", "的小数超过 4 位"),
        ("effective_on", "", "请填写完成日期：完成情况截至哪一天。"),
        ("effective_on", "去年", "“去年”不是日期，应写成 2026-05-20。"),
        ("effective_on", "2023-02-30", "“2023-02-30”不是日期"),
        ("effective_on", "1989-12-31", "“1989-12-31”不在 1990 年至 2100 年之间。"),
        ("effective_on", "2101-01-01", "“2101-01-01”不在 1990 年至 2100 年之间。"),
        ("effective_on", "2024-03-02", "完成日期不能晚于今天（2024-03-01）。"),
        ("effective_on", "2019-01-01", "完成日期 2019-01-01 早于建设起始年（2022 年），请核对。"),
        ("expected_on", "2200-01-01", "“2200-01-01”不在 1990 年至 2100 年之间。"),
        ("expected_on", "2023-12-21", "预计完成日期不能早于完成日期（2023-12-22）。"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(field: str, typed: str, sentence: str) -> None:
    form = a_form({**TYPED, **LATE, field: typed})
    assert sentence in form.errors[field][0]
    assert form[field].value() == typed


@pytest.mark.parametrize(
    ("typed", "quantity"), [("２.５", "2.5"), ("1,200", "1200"), (" 3 ", "3"), ("0", "0"), ("", None)]
)
def test_quantities_are_read_as_people_type_them(typed: str, quantity: str | None) -> None:
    form = a_form({**TYPED, "quantity": typed}, submitting=False)
    assert form.values()["quantity"] == (None if quantity is None else Decimal(quantity))


@pytest.mark.parametrize(
    ("typed", "ratio"), [("80", "0.8"), ("80%", "0.8"), ("33.3333％", "0.333333"), ("1000", "10")]
)
def test_a_percent_becomes_an_exact_ratio(typed: str, ratio: str) -> None:
    assert a_form({**TYPED, "percent": typed}, submitting=False).values()["ratio"] == Decimal(ratio)


@pytest.mark.parametrize("typed", ["2023/12/22", "2023.12.22", "2023年12月22日", "２０２３-12-22"])
def test_days_are_read_as_people_write_them(typed: str) -> None:
    form = a_form({**TYPED, "effective_on": typed}, submitting=False)
    assert form.values()["effective_on"] == date(2023, 12, 22)


def test_a_draft_needs_the_day_only() -> None:
    assert a_form({"effective_on": "2023-12-22"}, submitting=False).errors == {}


def test_what_is_submitted_says_how_far_and_what() -> None:
    form = a_form({"effective_on": "2023-12-22", **LATE})
    assert form.errors["quantity"] == ["完成数量和完成比例至少填一项；没有进展请填 0。"]
    assert form.errors["description"] == ["提交前请写明做了什么、结果如何。"]


def test_without_a_plan_only_a_ratio_says_how_far() -> None:
    form = a_form({**TYPED, **LATE}, planned=None)
    assert form.errors["percent"] == ["任务书没有计划数量，算不出完成度，请填完成比例。"]
    assert a_form({**TYPED, "percent": "100"}, planned=None).errors == {}


def test_a_number_other_than_the_ledgers_is_explained() -> None:
    more = a_form({**TYPED, "quantity": "6", "percent": ""}, linked=5)
    assert more.errors == {"reason": ["台账合计 5 部，填报 6 部，请写明原因，或到成果台账补登。"]}
    less = a_form({**TYPED, **LATE, "quantity": "2", "percent": "", "reason": ""}, linked=5)
    assert less.errors["reason"][0] == "台账合计 5 部，填报 2 部，请写明原因，或到成果台账核对关联。"
    assert not a_form({**TYPED, "quantity": "6", "percent": "", "reason": "1 部未入台账"}, linked=5).errors
    assert not a_form({**TYPED, "quantity": "5", "percent": ""}, linked=5).errors
    assert not a_form({**TYPED, "quantity": "6", "percent": ""}, linked=5, submitting=False).errors
    before = a_form({**TYPED, "quantity": "2", "percent": "", "effective_on": "2023-04-30"}, linked=5)
    assert "台账合计 0 部，填报 2 部" in before.errors["reason"][0]


def test_a_ratio_other_than_the_ledgers_is_explained() -> None:
    over = a_form({**TYPED, "quantity": "", "percent": "200"}, planned=Decimal(3), linked=3)
    told = "台账合计 3 部（计划 3 部，完成 100%），填报 完成比例 200%，请写明原因，或到成果台账补登。"
    assert over.errors == {"reason": [told]}
    both = a_form({**TYPED, "quantity": "3", "percent": "200"}, planned=Decimal(3), linked=3)
    assert "填报 3 部、完成比例 200%" in both.errors["reason"][0]
    explained = {**TYPED, "quantity": "", "percent": "200", "reason": "另有 3 部未入台账"}
    assert not a_form(explained, planned=Decimal(3), linked=3).errors
    assert not a_form({**TYPED, "quantity": "", "percent": "100"}, planned=Decimal(3), linked=3).errors
    third = {**TYPED, **LATE, "quantity": "", "percent": "33.33", "reason": ""}
    assert a_form(third, planned=Decimal(3), linked=1).errors["reason"] == [
        "任务点已到期而没有完成，提交前请填写这一项。"
    ]


def test_without_a_plan_a_ratio_beside_the_ledger_is_explained() -> None:
    form = a_form({**TYPED, "quantity": "", "percent": "100"}, planned=None, linked=3)
    assert form.errors["reason"] == ["台账合计 3 部，填报 完成比例 100%，请写明原因，或到成果台账补登。"]


def test_linked_ledger_rows_need_no_number() -> None:
    nothing = {**TYPED, "quantity": ""}
    assert a_form(nothing, linked=2).errors == {}
    assert set(a_form(nothing, linked=1).errors) == set(LATE)


def test_due_and_not_done_asks_why_until_when_and_how_on() -> None:
    assert set(a_form(TYPED).errors) == set(LATE)
    assert a_form(TYPED).errors["reason"] == ["任务点已到期而没有完成，提交前请填写这一项。"]
    assert a_form({**TYPED, **LATE}).errors == {}


@pytest.mark.parametrize(
    ("typed", "kwargs"),
    [
        ({"quantity": "2"}, {}),
        ({"quantity": "", "percent": "100"}, {}),
        ({}, {"due_on": date(2024, 3, 2)}),
        ({}, {"submitting": False}),
    ],
)
def test_done_not_yet_due_or_not_yet_submitted_needs_no_reason(typed: dict[str, str], kwargs: Any) -> None:
    assert a_form({**TYPED, **typed}, **kwargs).errors == {}


def test_an_entry_is_typed_again_as_it_was() -> None:
    entry = Entry(
        effective_on=date(2023, 12, 22),
        quantity=Decimal("1200.5"),
        ratio=Decimal("0.333333"),
        description="已印发。",
    )
    typed = typed_from(entry)
    assert (typed["quantity"], typed["percent"], typed["description"]) == ("1200.5", "33.3333", "已印发。")
    values = a_form({name: str(value or "") for name, value in typed.items()}, submitting=False).values()
    assert (values["quantity"], values["ratio"]) == (entry.quantity, entry.ratio)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_number_or_a_sentence(typed: str) -> None:
    """Nothing that can be typed makes the form fall."""
    with suppress(ValidationError):
        value = PercentField(required=False).clean(typed)
        assert value is None or 0 <= value <= 1000


@pytest.mark.parametrize(
    ("quantity", "percent", "sentence"),
    [
        ("10", "20", "数量 10 已达到计划 10，比例却是 20%，请核对；确实如此时，请写明未完成原因。"),
        ("3", "100", "数量 3 少于计划 10，比例却是 100%，请核对。"),
    ],
)
def test_a_ratio_against_the_quantity_is_refused_on_submission(
    quantity: str, percent: str, sentence: str
) -> None:
    typed = {**TYPED, "quantity": quantity, "percent": percent}
    assert a_form(typed, planned=10).errors["percent"] == [sentence]
    assert a_form(typed, planned=10, submitting=False).errors == {}


def test_a_ratio_below_the_quantity_may_be_explained() -> None:
    assert a_form({**TYPED, **LATE, "quantity": "10", "percent": "20"}, planned=10).errors == {}
