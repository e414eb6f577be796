"""How numbers, states and bars are written, and what the tags put into the pages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django import forms
from django.template import Context, Template

from projects.templatetags import numbers
from projects.templatetags.components import BADGES, bar, control, file_icon, icon, state


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (Fraction(217, 224), "96.88%"),
        (Decimal("0.975"), "97.5%"),
        (1, "100%"),
        (0, "0%"),
        (Fraction(77, 63), "122.22%"),
        (Decimal("0.000049"), "0%"),
        (Decimal("0.00005"), "0.01%"),
        (Fraction(-1, 8), "−12.5%"),
        (None, "—"),
        ("", "—"),
    ],
)
def test_percent_is_rounded_half_up_and_drops_trailing_zeros(ratio: Any, text: str) -> None:
    assert numbers.percent(ratio) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("24681.500000"), "24,681.5"),
        (Decimal("13253"), "13,253"),
        (Decimal("999.995"), "1,000"),
        (Decimal("0.125"), "0.13"),
        (Decimal("-1234.5"), "−1,234.5"),
        (Decimal("100"), "100"),
        (0, "0"),
        (None, "—"),
    ],
)
def test_money_has_commas_and_at_most_two_decimals(amount: Any, text: str) -> None:
    assert numbers.money(amount) == text


@pytest.mark.parametrize(
    ("quantity", "text"),
    [(Fraction(57, 2), "28.5"), (Fraction(1, 3), "0.3333"), (Decimal("500"), "500"), (0, "0"), (None, "—")],
)
def test_counts_keep_their_fractions(quantity: Any, text: str) -> None:
    assert numbers.count(quantity) == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (Decimal("0.0269"), "+2.69"),
        (Decimal("-0.276"), "−27.6"),
        (Decimal("0.001"), "+0.1"),
        (Decimal("0.00001"), "0"),
        (Decimal("-0.00001"), "0"),
        (None, "—"),
    ],
)
def test_differences_say_their_sign(difference: Any, text: str) -> None:
    assert numbers.points_diff(difference) == text


def test_days_are_those_of_our_calendar() -> None:
    evening = datetime(2023, 12, 31, 17, 30, tzinfo=UTC)
    assert numbers.day(date(2023, 12, 31)) == "2023-12-31"
    assert numbers.day(evening) == "2024-01-01"
    assert numbers.cn_day(date(2023, 3, 1)) == "2023年3月1日"
    assert numbers.moment(evening) == "2024-01-01 01:30"
    assert [numbers.day(None), numbers.cn_day(None), numbers.moment("")] == ["—"] * 3


def test_a_figure_that_a_template_cannot_find_is_unknown() -> None:
    page = Template(
        "{% load numbers components %}{{ facts.window.rate|percent }} {% bar facts.window.rate %}"
    )
    shown = page.render(Context({"facts": None}))
    assert shown.startswith("— ")
    assert 'aria-label="未知"' in shown


@pytest.mark.parametrize("key", BADGES)
def test_a_state_is_an_icon_and_a_word(key: str) -> None:
    shown = state(key)
    assert f"#{BADGES[key].icon}" in shown
    assert re.sub(r"<[^>]+>", "", shown) == BADGES[key].label


def test_states_that_mean_different_things_look_different() -> None:
    looks = {key: (BADGES[key].icon, BADGES[key].tone) for key in BADGES}
    assert len({looks[key] for key in ("not_due", "missing", "zero", "approved", "partial", "unrated")}) == 6
    assert len({badge.label for badge in BADGES.values()}) == len(BADGES)


def test_the_detail_of_a_state_is_escaped() -> None:
    assert state("overdue", "12 天").endswith("逾期 12 天</span>")
    assert "<script" not in state("submitted", "<script>")


def lengths(svg: str) -> dict[str, dict[str, str]]:
    """class → attributes of each shape of a bar."""
    shapes = re.findall(r'<(?:rect|line) class="([\w ]+)"([^/]*)/>', svg)
    return {css: dict(re.findall(r'(\w+)="([^"]*)"', rest)) for css, rest in shapes}


def test_a_bar_shows_value_pending_and_target() -> None:
    svg = bar(Fraction(3, 4), target=Decimal("0.95"), pending=Fraction(4, 5), label="教务处")
    shapes = lengths(svg)
    assert shapes["fill"]["width"] == "75%"
    assert (shapes["more"]["x1"], shapes["more"]["x2"]) == ("75%", "80%")
    assert shapes["tick"]["x1"] == shapes["tick"]["x2"] == "95%"
    assert 'aria-label="教务处 75%，含待审 80%，目标 95%"' in svg


def test_a_bar_stays_within_its_track_but_says_the_true_value() -> None:
    svg = bar(Fraction(77, 63))
    assert lengths(svg)["fill"]["width"] == "100%"
    assert "122.22%" in svg
    assert lengths(bar(Fraction(-1, 10)))["fill"]["width"] == "0%"


def test_an_unknown_value_has_no_bar_but_a_dashed_track() -> None:
    shapes = lengths(bar(None, target=Decimal("0.95"), pending=Decimal("0.5")))
    assert shapes.keys() == {"track unknown", "tick"}
    assert lengths(bar(0))["fill"]["width"] == "0%"


class EntryForm(forms.Form):
    quantity = forms.DecimalField(
        label="完成数量",
        help_text="累计数",
        error_messages={"invalid": "应为数字，例如 2"},
        widget=forms.TextInput(attrs={"class": "r"}),
    )
    kind = forms.ChoiceField(label="原因类别", choices=[("a", "甲")], required=False)
    how = forms.ChoiceField(label="怎样填", choices=[("q", "数量")], widget=forms.RadioSelect)
    zero = forms.BooleanField(label="零报告", required=False)
    file = forms.FileField(label="佐证材料", required=False)
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> None:
        raise forms.ValidationError("两项只能填一项")


@pytest.mark.parametrize(
    ("name", "css"),
    [("quantity", "form-control r"), ("kind", "form-select"), ("zero", "form-check-input"), ("file", None)],
)
def test_controls_get_the_look_of_their_kind(name: str, css: str | None) -> None:
    found = re.search(r'class="([^"]*)"', control(EntryForm()[name]))
    assert (found and found[1]) == css


def test_an_error_stands_under_its_field_and_is_named_by_it() -> None:
    shown = EntryForm({"quantity": "二本"})["quantity"].as_field_group()
    assert shown.index("二本") < shown.index("应为数字，例如 2")
    described = re.search(r'aria-describedby="([^"]+)"', shown)
    assert described
    assert all(f'id="{name}"' in shown for name in described[1].split())
    assert 'class="field bad"' in shown


def test_a_form_shows_its_own_faults_first_and_its_hidden_fields() -> None:
    shown = EntryForm({"quantity": "2", "how": "q", "token": "t"}).as_div()
    assert shown.index("两项只能填一项") < shown.index('name="quantity"')
    assert shown.count('<fieldset class="field"') == 1
    assert shown.count('class="drop"') == 1
    assert 'name="token"' in shown


@pytest.mark.parametrize(
    ("name", "drawn"), [("通知.PDF", "file-type-pdf"), ("a.b.xlsx", "file-spreadsheet"), ("说明", "file")]
)
def test_a_file_has_the_icon_of_its_type(name: str, drawn: str) -> None:
    assert file_icon(name) == icon(drawn)
