"""Charts as drawn: the numbers they show, where marks lie, and that nothing leaves the drawing."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts import (
    Bar,
    ChartData,
    Dumbbell,
    GroupedBars,
    Pair,
    Progress,
    Series,
    Step,
    TargetBars,
    Width,
)
from reports.drawing import PIXELS, svg
from reports.drawing.canvas import Scale, clipped, round_step, text_width

SVG = "{http://www.w3.org/2000/svg}"
TARGET = Fraction(95, 100)

BARS = TargetBars(
    (
        Bar("加强党的建设", Fraction(1), "27/27"),
        Bar("打造技术技能创新服务平台", Fraction(14, 15), "14/15"),
        Bar("提升信息化水平", None),
    ),
    TARGET,
)
GROUPS = GroupedBars(
    ("在校生", "用人单位"),
    (
        Series("2022年", (Fraction(9122, 10000), Fraction(99, 100))),
        Series("2023年", (Fraction(6362, 10000), None)),
    ),
    "%",
    Fraction(9, 10),
)
MONEY = GroupedBars(("2022年",), (Series("预算", (Fraction("7253.5"),)), Series("支出", (None,))), "万元")
PROGRESS = Progress(
    (
        Step(date(2022, 1, 1), Fraction(0), Fraction(0)),
        Step(date(2023, 12, 31), Fraction(224), Fraction(222)),
        Step(date(2025, 12, 31), Fraction(447), None),
    ),
    date(2023, 12, 31),
)
DUMBBELL = Dumbbell(
    (
        Pair("提升校企合作水平", Fraction(92, 100), Fraction(8199, 10000)),
        Pair("提升信息化水平", Fraction(1), None),
    )
)
CHARTS: dict[str, ChartData] = {
    "bars": BARS,
    "groups": GROUPS,
    "money": MONEY,
    "progress": PROGRESS,
    "dumbbell": DUMBBELL,
}
EMPTY: list[ChartData] = [
    TargetBars(()),
    GroupedBars((), (), "%"),
    GroupedBars(("甲",), (Series("2022年", (None,)),), "万元", Fraction(0)),
    Progress((), date(2023, 1, 1)),
    Progress((Step(date(2023, 1, 1), None, None),), date(2023, 1, 1)),
    Dumbbell(()),
    Dumbbell((Pair("甲", Fraction(1), Fraction(1)),)),
]


def drawn(chart: ChartData, width: Width = "wide") -> ElementTree.Element:
    return ElementTree.fromstring(svg(chart, width))


def texts(root: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def marks(root: ElementTree.Element, look: str) -> list[dict[str, str]]:
    return [each.attrib for each in root.iter() if each.get("class") == look]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bars", ["目标 95%", "加强党的建设", "100%", "27/27", "93.33%", "14/15", "—"]),
        ("groups", ["2022年", "2023年", "目标 90%", "91.22%", "63.62%", "99%", "—"]),
        ("money", ["预算", "支出", "7,253.5", "—"]),
        ("progress", ["计划", "已完成", "截至 2023-12-31", "222", "447", "2024-01"]),
        ("dumbbell", ["任务完成率", "预算执行率", "相差（点）", "▲−10.01", "—"]),
    ],
)
def test_a_chart_says_its_numbers(name: str, said: list[str]) -> None:
    assert set(said) <= set(texts(drawn(CHARTS[name])))


@pytest.mark.parametrize("name", CHARTS)
def test_a_telephone_gets_the_same_numbers(name: str) -> None:
    def numbers(width: Width) -> set[str]:
        words = " ".join(texts(drawn(CHARTS[name], width))).split()
        return {word for word in words if re.search(r"\d\d\.\d\d|/", word)}

    assert numbers("narrow") == numbers("wide")


def test_bars_are_as_long_as_their_rates_and_the_target_is_at_its_place() -> None:
    root = drawn(BARS)
    full, less = (float(each["width"]) for each in marks(root, "main"))
    assert less / full == pytest.approx(14 / 15, abs=0.001)
    start = float(marks(root, "main")[0]["x"])
    ticks = marks(root, "target")[1:]  # the first stands in the legend
    assert [float(each["x1"]) for each in ticks] == pytest.approx([start + 0.95 * full] * 3, abs=0.06)


def test_unknown_is_an_empty_dashed_track_and_no_bar() -> None:
    root = drawn(BARS)
    (track,) = marks(root, "unknown")
    assert track["fill"] == "none"
    assert "stroke-dasharray" in track
    assert len(marks(root, "main")) == 2
    # In a legend stands one bar for each series; unknown values draw none.
    assert len(marks(drawn(MONEY), "shade-3")) + len(marks(drawn(MONEY), "shade-5")) == 2 + 1


def test_done_ends_at_the_as_of_date() -> None:
    root = drawn(PROGRESS)
    ends = [float(each["d"].split("L")[-1].split()[0]) for each in marks(root, "done") if "d" in each]
    (line,) = marks(root, "dots")
    assert ends == [pytest.approx(float(line["x1"]))]


@pytest.mark.parametrize("chart", [*CHARTS.values(), *EMPTY], ids=lambda chart: type(chart).__name__)
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_everything_stays_inside(chart: ChartData, width: Width) -> None:
    root = drawn(chart, width)
    left, _, wide, high = map(float, root.attrib["viewBox"].split())
    assert wide == PIXELS[width]
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}
    for each in root.iter(f"{SVG}text"):
        begin = float(each.attrib["x"]) - shift[each.attrib["text-anchor"]] * text_width(each.text or "")
        assert left <= begin
        assert begin + text_width(each.text or "") <= left + wide
        assert 0 < float(each.attrib["y"]) <= high


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_one_element_that_asks_for_nothing(name: str) -> None:
    drawing = svg(CHARTS[name], sentence="提升<校企>合作 & 其他")
    root = ElementTree.fromstring(drawing)
    assert root.get("aria-label") == "提升<校企>合作 & 其他"
    assert not re.search(r"style=|<style|href|url\(|<script", drawing)
    assert "Noto Sans CJK SC" in root.attrib["font-family"]
    assert int(root.attrib["font-size"]) >= 12


def test_grey_paper_tells_series_apart() -> None:
    def lightness(color: str) -> float:
        red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    many = GroupedBars(("甲",), tuple(Series(str(n), (Fraction(n),)) for n in range(1, 6)), "个")
    fills = [each.attrib["fill"] for each in drawn(many).iter(f"{SVG}rect")][:5]
    greys = [lightness(fill) for fill in fills]
    assert all(old - new > 15 for old, new in pairwise(greys))


@given(st.fractions(min_value=Fraction(1, 10**6), max_value=10**9))
def test_steps_are_round_and_not_too_small(rough: Fraction) -> None:
    step = round_step(rough)
    assert rough <= step <= rough * Fraction(5, 2)
    assert str(step.numerator * step.denominator).rstrip("0") in ("1", "2", "5")


@given(
    st.fractions(min_value=-1000, max_value=1000),
    st.fractions(min_value=Fraction(1, 1000), max_value=1000),
)
def test_ticks_lie_on_the_scale(low: Fraction, span: Fraction) -> None:
    scale = Scale(low, low + span, 0, 100)
    ticks = scale.ticks(5)
    assert 1 <= len(ticks) <= 6
    assert all(0 <= scale.at(tick) <= 100 for tick in ticks)


@given(st.text(), st.integers(min_value=12, max_value=300))
def test_clipped_text_fits(text: str, room: int) -> None:
    assert text_width(clipped(text, room)) <= room
