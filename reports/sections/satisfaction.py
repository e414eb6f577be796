"""满意度指标完成情况: who said how much in which year, the change in points, and the targets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from indicators.satisfaction import DEFAULT_TARGET, SatisfactionFact
from projects.numbers import Exact, plain
from projects.templatetags.numbers import UNKNOWN, signed
from reports import series
from reports.dashboard import SatisfactionRow, satisfaction_table
from reports.document import Block, Chart, Column, Figure, Group, Paragraph, Ref, Row, Runs, Section, Table
from reports.facts import Facts
from reports.sections.numbers import key, number_column
from reports.sections.words import listed, sentences
from reports.writing import chart, row, section, table


def satisfaction(facts: Facts) -> Section:
    return section("satisfaction", "满意度指标完成情况", *blocks(facts))


def blocks(facts: Facts) -> list[Block | None]:
    years, rows = satisfaction_table(facts)
    if not rows:
        return [sentences("没有满意度调查数据")]
    return [summary(years, rows), picture(facts), who_table(facts, years, rows)]


def as_entered(value: Exact | None, *path: object) -> Figure:
    """Percent as they were entered: 81 is 81 %, 91.2 is 91.2 %."""
    return Figure.of(
        key("satisfaction", *path), value, lambda known: number(known) + "%" * (known is not None)
    )


def number(value: Exact | None) -> str:
    return UNKNOWN if value is None else signed(plain(Decimal(str(value))))


def change(value: Decimal | None, who: str) -> Figure:
    """In percentage points, with its sign."""
    return Figure.of(
        key("satisfaction", who, "change"), value, lambda v: ("+" if v and v > 0 else "") + number(v)
    )


def summary(years: Sequence[int], rows: Sequence[SatisfactionRow]) -> Paragraph | None:
    said = [one(years, each) for each in rows]
    return sentences(*(clause for clause in said if clause), falls(rows), ("详见", Ref("satisfaction-list")))


def one(years: Sequence[int], each: SatisfactionRow) -> Runs:
    """`在校生满意度2022年为91.22%、2023年为63.62%，低于目标值90%`."""
    known = [
        (f"{year}年为", as_entered(value, each.who, year))
        for year, value in zip(years, each.percents, strict=True)
        if value is not None
    ]
    if not known:
        return (f"{each.who}满意度未知",)
    side = "低于" if each.is_low else "达到"
    target = (f"，{side}目标值", as_entered(each.required, each.who, "target"))
    return (f"{each.who}满意度", *listed(known), *target)


def falls(rows: Sequence[SatisfactionRow]) -> Runs:
    """Groups whose satisfaction fell by more than a few points: nobody may read over that."""
    points = [
        (each.who, Figure.of(key("satisfaction", each.who, "fall"), -each.change, number), "个百分点")
        for each in rows
        if each.is_falling and each.change is not None
    ]
    return ("降幅较大的有：", *listed(points)) if points else ()


def who_table(facts: Facts, years: Sequence[int], rows: Sequence[SatisfactionRow]) -> Table:
    """The ministry's 表4-1."""
    by_who = {each.who: latest(facts, each.who) for each in rows}
    return table(
        "satisfaction-list",
        "满意度指标完成情况",
        (
            Column("调查对象", 4),
            Group("满意度", tuple(number_column(f"{year}年", 3) for year in years)),
            number_column("变化（百分点）", 3, droppable=True),
            number_column("目标值", 3),
            number_column("样本量", 3, droppable=True),
            Column("调查机构", 5, droppable=True),
            Column("数据来源", 8, droppable=True),
        ),
        [who_row(years, each, by_who[each.who]) for each in rows],
        notes=[f"没有填写目标值的，目标值按{DEFAULT_TARGET}%。"]
        if any(each.target is None for each in facts.satisfaction)
        else [],
    )


def latest(facts: Facts, who: str) -> SatisfactionFact:
    """The newest result of a group, known or not: it says who asked how many."""
    own = [each for each in facts.satisfaction if each.who == who and each.year <= facts.as_of.year]
    return max(own, key=lambda each: each.year)


def who_row(years: Sequence[int], each: SatisfactionRow, last: SatisfactionFact) -> Row:
    return row(
        each.who,
        *(as_entered(value, each.who, year) for year, value in zip(years, each.percents, strict=True)),
        change(each.change, each.who),
        as_entered(each.required, each.who, "target"),
        Figure.count(key("satisfaction", each.who, last.year, "sample"), last.sample),
        last.surveyor,
        last.source,
    )


def picture(facts: Facts) -> Chart | None:
    data = series.satisfaction_chart(facts)
    return chart("satisfaction-chart", "各年度满意度", data, series.sentence(data)) if data else None
