"""The charts of the pages, as data. Pure: Facts → chart (reports/charts.py draws it).

Each chart says in one sentence what it shows, for those who cannot see it.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from projects.progress import PointFact, Ratio
from projects.templatetags.numbers import count, day, money, percent, points_diff
from reports.charts import ChartData, Dumbbell, GroupedBars, Pair, Progress, Series, Step, TargetBars
from reports.dashboard import area_rows, satisfaction_table
from reports.facts import Facts

ZERO = Fraction(0)


def progress_chart(facts: Facts) -> Progress | None:
    """Cumulative planned and done at each quarter's end of the project and at the as-of date."""
    if not facts.points:
        return None
    last = max(point.due_on for point in facts.points)
    quarters = quarter_ends(facts.project.start_year, facts.project.end_year)
    days = sorted({date(facts.project.start_year, 1, 1), *quarters, last, facts.as_of})
    planned = added_up(days, [(point.due_on, 1) for point in facts.points])
    done = added_up(days, [(done_on(p, facts.as_of), c) for p in facts.points if (c := p.capped)])
    return Progress(
        tuple(Step(on, planned[on], done[on] if on <= facts.as_of else None) for on in days), facts.as_of
    )


def added_up(days: Sequence[date], dated: Sequence[tuple[date, Ratio]]) -> dict[date, Fraction]:
    """The sum of what is dated up to each of `days`, which are in order."""
    gained: dict[date, Ratio] = dict.fromkeys(days, 0)
    for on, number in dated:
        at = bisect_left(days, on)
        if at < len(days):
            gained[days[at]] += number
    return dict(zip(days, map(Fraction, accumulate(gained.values())), strict=True))


def done_on(point: PointFact, as_of: date) -> date:
    """When what counts was done; what only the ledger proves has no day of its own and comes last."""
    return point.entry.effective_on if point.entry else as_of


def quarter_ends(first_year: int, last_year: int) -> Iterator[date]:
    for year in range(first_year, last_year + 1):
        for month in (3, 6, 9, 12):
            yield date(year, month, monthrange(year, month)[1])


def execution_chart(facts: Facts) -> Dumbbell | None:
    """任务完成率 beside 预算执行率, for the areas of which both are known."""
    pairs = [
        Pair(f"{row.code} {row.name}", row.progress.due_rate, row.money.spent_of_budget)
        for row in area_rows(facts)
        if row.progress.due_rate is not None and row.money.spent_of_budget is not None
    ]
    return Dumbbell(tuple(pairs)) if pairs else None


def satisfaction_chart(facts: Facts) -> GroupedBars | None:
    """By group, one bar a year, with the target where all groups share one."""
    years, rows = satisfaction_table(facts)
    if not rows:
        return None
    required = {row.required for row in rows}
    return GroupedBars(
        groups=tuple(row.who for row in rows),
        series=tuple(
            Series(f"{year} 年", tuple(as_ratio(row.percents[at]) for row in rows))
            for at, year in enumerate(years)
        ),
        unit="%",
        target=as_ratio(required.pop()) if len(required) == 1 else None,
    )


def funding_chart(facts: Facts) -> GroupedBars | None:
    """Budget, received and spent of the window, by source."""
    sources = [key for key in facts.funding.by_key if key.startswith("source:")]
    if not sources:
        return None
    money = [facts.funding.by_key[key] for key in sources]
    kinds = (("预算", "budget"), ("到位", "received"), ("支出", "spent"))
    return GroupedBars(
        groups=tuple(key.removeprefix("source:") for key in sources),
        series=tuple(Series(name, tuple(getattr(m, kind) for m in money)) for name, kind in kinds),
        unit="万元",
    )


def as_ratio(percents: Decimal | None) -> Fraction | None:
    return None if percents is None else Fraction(percents) / 100


CHARTS: dict[str, Callable[[Facts], ChartData | None]] = {
    "progress": progress_chart,
    "execution": execution_chart,
    "satisfaction": satisfaction_chart,
    "funding": funding_chart,
}


def sentence(chart: ChartData) -> str:
    """What the picture says."""
    match chart:
        case Progress():
            return progress_sentence(chart)
        case Dumbbell():
            return dumbbell_sentence(chart)
        case GroupedBars():
            names = "、".join(series.name for series in chart.series)
            return f"{'、'.join(chart.groups)}的{names}对比。"
        case _:
            return "各项比率。"


def progress_sentence(chart: Progress) -> str:
    now = next(step for step in chart.steps if step.day == chart.as_of)
    last = chart.steps[-1]
    planned, done = count(now.planned), count(now.done)
    return (
        f"截至 {day(chart.as_of)} 计划累计完成 {planned} 个任务点，实际累计完成 {done} 个；"
        f"到 {day(last.day)} 计划共 {count(last.planned)} 个。"
    )


def dumbbell_sentence(chart: Dumbbell) -> str:
    """Names the area whose two rates lie farthest apart."""
    widest = max(chart.pairs, key=lambda pair: abs(pair.difference or ZERO))
    return (
        f"{len(chart.pairs)} 项任务的{chart.first_name}与{chart.second_name}对比；相差最大的是{widest.name}："
        f"{percent(widest.first)} 与 {percent(widest.second)}，差 {points_diff(widest.difference)} 点。"
    )


@dataclass(frozen=True, slots=True)
class Grid:
    """The numbers of a chart as a table; the first column names the rows."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def grid(chart: ChartData) -> Grid:
    match chart:
        case Progress():
            rows = [(day(step.day), count(step.planned), count(step.done)) for step in chart.steps]
            return Grid(("截至", "计划累计", "完成累计"), tuple(rows))
        case Dumbbell():
            names = (chart.first_name, chart.second_name)
            return Grid(("任务", *names, "差（点）"), tuple(map(pair_row, chart.pairs)))
        case GroupedBars():
            text = percent if chart.unit == "%" else money
            columns = [[text(value) for value in series.values] for series in chart.series]
            headers = ("", *(series.name for series in chart.series))
            return Grid(headers, tuple(zip(chart.groups, *columns, strict=True)))
        case TargetBars():
            return Grid(("", "比率"), tuple((bar.name, percent(bar.value)) for bar in chart.bars))


def pair_row(pair: Pair) -> tuple[str, ...]:
    return (pair.name, percent(pair.first), percent(pair.second), points_diff(pair.difference))


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart on a page: its name in the address, heading, sentence and table."""

    name: str
    title: str
    note: str
    sentence: str
    grid: Grid


TITLES = {
    "progress": ("任务进度", "累计任务点，个"),
    "execution": ("任务与经费双监控", "任务完成率与预算执行率（支出 ÷ 预算）"),
    "satisfaction": ("各年度满意度", "%"),
    "funding": ("预算、到位与支出", "万元，统计时段内"),
}


def figure(name: str, facts: Facts) -> Figure | None:
    """The chart for a page, None where there is nothing to draw."""
    chart = CHARTS[name](facts)
    return Figure(name, *TITLES[name], sentence(chart), grid(chart)) if chart else None
