"""项目经费到位和执行情况 by source, with the true denominator in every heading."""

from __future__ import annotations

from dataclasses import dataclass

from funding.execution import KINDS, AmountFact, Execution, execution
from projects.numbers import ratio
from projects.templatetags.numbers import percent
from reports import goals, series
from reports.document import Block, Chart, Column, Figure, Group, Ref, Row, Runs, Section, Table
from reports.facts import Facts
from reports.sections.numbers import Numbers, number_column, numbers, rate
from reports.sections.words import joined, level, listed, project_years, sentences, until, window_years
from reports.writing import chart, cutoff_line, row, section, table

NO_SOURCE = "未注明来源"
KIND_NAMES = dict(zip(KINDS, ("预算", "到位", "支出"), strict=True))
PART = "部分未知"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the tables: money of the window beside that of all years, each under its key."""

    name: str
    window: Execution
    key: str
    whole: Execution
    whole_path: tuple[str, ...]


def receipts(facts: Facts) -> Section:
    table = receipt_table(facts)
    blocks = receipt_summary(facts, table), table, money_chart(facts)
    return section("receipts", "项目经费预算及到位情况", *blocks)


def spending(facts: Facts) -> Section:
    table = spending_table(facts)
    return section("spending", "项目经费执行情况", spending_summary(facts, table), table)


def lines(facts: Facts) -> list[Line]:
    """One for each source, in file order, also where every amount is unknown; one for money without any."""
    names = dict.fromkeys(fact.source for fact in facts.amounts)
    return [source_line(facts, name) for name in names if name] + rest(facts, names)


def source_line(facts: Facts, name: str) -> Line:
    key = f"source:{name}"
    whole = execution(fact for fact in facts.amounts if fact.source == name)
    return Line(name, facts.funding.get(key), key, whole, ("all_years", key))


def rest(facts: Facts, names: dict[str, None]) -> list[Line]:
    """Money without a source, where other money has one; else it is the total."""
    if len(names) == 1 or "" not in names:
        return []
    whole = [fact for fact in facts.amounts if not fact.source]
    key = "without:source"
    return [Line(NO_SOURCE, execution(within(facts, whole)), key, execution(whole), ("all_years", key))]


def within(facts: Facts, amounts: list[AmountFact]) -> list[AmountFact]:
    return [fact for fact in amounts if fact.is_within(facts.window.start, facts.as_of)]


def total(facts: Facts) -> Line:
    return Line("合计", facts.funding.get("window"), "window", facts.funding.get("all_years"), ("all_years",))


def of_window(facts: Facts, line: Line) -> Numbers:
    return numbers(facts, line.window, "funding", line.key)


def of_whole(facts: Facts, line: Line) -> Numbers:
    return numbers(facts, line.whole, "funding", *line.whole_path)


def share(facts: Facts, line: Line, kind: str) -> Figure:
    """Money of the window as a share of the budget of all years."""
    amount = getattr(line.window, kind)
    return rate(facts, ratio(amount, line.whole.budget), "funding", line.key, f"{kind}_of_total")


def yuan(amount: Figure, name: str) -> Runs:
    """`到位13,253万元`; an unknown amount is said to be unknown."""
    return (f"{name}未知",) if amount.value is None else (name, amount, "万元")


def known(clause: Runs, of: Figure) -> Runs:
    return clause if of.value is not None else ()


def receipt_summary(facts: Facts, seen: Table | None) -> Block | None:
    line = total(facts)
    window, whole = of_window(facts, line), of_whole(facts, line)
    receipt_rate, of_total = window.rate("receipt_rate"), share(facts, line, "received")
    return sentences(
        (
            f"{level(facts)}建设项目{project_years(facts)}",
            *yuan(whole.money("budget"), "预算总经费"),
        ),
        (
            f"其中，{window_years(facts)}",
            *joined(
                [
                    yuan(window.money("budget"), "预算"),
                    yuan(window.money("received"), "到位"),
                    known(("资金到位率为", receipt_rate), receipt_rate),
                    known(("到位资金占项目预算总经费的", of_total), of_total),
                ]
            ),
        ),
        by_source(facts),
        ("详见", Ref(seen.id)) if seen else None,
    )


def by_source(facts: Facts) -> Runs:
    """The rates of the sources, and which of them are low: a total hides that."""
    sources = [line for line in lines(facts) if line.window.receipt_rate is not None]
    if len(sources) < 2:
        return ()
    rates = [(f"{line.name}到位率", of_window(facts, line).rate("receipt_rate")) for line in sources]
    low = [line.name for line in sources if (line.window.receipt_rate or 0) < goals.RECEIPTS]
    warning = f"，其中{'、'.join(low)}低于{percent(goals.RECEIPTS)}的要求" if low else ""
    return ("分来源看，", *joined(rates), warning)


def receipt_table(facts: Facts) -> Table:
    """The ministry's 表1-5."""
    years = window_years(facts)
    return table(
        "funding-receipts",
        "各来源资金预算安排及到位情况",
        (
            Column("资金来源", 5),
            Group(
                "预算",
                (
                    number_column(project_years(facts), 4),
                    number_column(years, 4),
                    number_column("占总预算", 4),
                ),
            ),
            number_column("到位资金", 4),
            Group("到位率", (number_column(f"占{years}预算", 5), number_column("占总预算", 4))),
        ),
        [*(receipt_row(facts, line) for line in lines(facts)), receipt_row(facts, total(facts), strong=True)],
        unit="万元",
        cutoff=cutoff_line(facts.as_of),
        notes=[f"总预算为{project_years(facts)}的预算。", *partly(facts)],
    )


def receipt_row(facts: Facts, line: Line, *, strong: bool = False) -> Row:
    window = of_window(facts, line)
    return row(
        line.name,
        of_whole(facts, line).money("budget"),
        window.money("budget"),
        share(facts, line, "budget"),
        window.money("received"),
        window.rate("receipt_rate"),
        share(facts, line, "received"),
        strong=strong,
    )


def partly(facts: Facts) -> list[str]:
    """Which sums leave something out because it is not known."""
    found = [(line.name, line.window.partly_unknown) for line in (*lines(facts), total(facts))]
    said = [
        f"{name}的{'、'.join(KIND_NAMES[kind] for kind in KINDS if kind in kinds)}"
        for name, kinds in found
        if kinds
    ]
    return [f"{'，'.join(said)}{PART}，为已知金额之和。"] if said else []


def money_chart(facts: Facts) -> Chart | None:
    data = series.funding_chart(facts)
    if data is None or len(data.groups) < 2:
        return None
    caption = f"{window_years(facts)}各来源预算、到位与支出（万元）"
    return chart("funding-sources", caption, data, series.sentence(data))


def spending_summary(facts: Facts, seen: Table | None) -> Block | None:
    line = total(facts)
    window = of_window(facts, line)
    of_received, of_budget = window.rate("spent_of_received"), window.rate("spent_of_budget")
    of_total = share(facts, line, "spent")
    return sentences(
        (
            f"{until(facts)}，",
            *joined(
                [
                    yuan(window.money("received"), f"{window_years(facts)}到位资金"),
                    yuan(window.money("spent"), "实际支出"),
                    known(("支出率（占到位资金）为", of_received), of_received),
                    known((f"预算执行率（占{window_years(facts)}预算）为", of_budget), of_budget),
                    known(("占总预算的", of_total), of_total),
                ]
            ),
        ),
        spending_by_source(facts),
        ("详见", Ref(seen.id)) if seen else None,
    )


def spending_by_source(facts: Facts) -> Runs:
    sources = [line for line in lines(facts) if line.window.spent_of_received is not None]
    if len(sources) < 2:
        return ()
    rates = [(line.name, of_window(facts, line).rate("spent_of_received")) for line in sources]
    low = [line.name for line in sources if (line.window.spent_of_received or 0) < goals.SPENDING]
    warning = f"，其中{'、'.join(low)}低于{percent(goals.SPENDING)}的要求" if low else ""
    return ("支出率（占到位资金）分来源为：", *listed(rates), warning)


def spending_table(facts: Facts) -> Table:
    """The ministry's 表1-6."""
    years = window_years(facts)
    return table(
        "funding-spending",
        "各来源资金执行情况",
        (
            Column("资金来源", 5),
            number_column("到位资金", 4),
            number_column("支出资金", 4),
            number_column("支出率（占到位资金）", 5),
            number_column(f"预算执行率（占{years}预算）", 6),
            number_column("支出占总预算", 4),
        ),
        [
            *(spending_row(facts, line) for line in lines(facts)),
            spending_row(facts, total(facts), strong=True),
        ],
        unit="万元",
        cutoff=cutoff_line(facts.as_of),
        notes=[f"总预算为{project_years(facts)}的预算。", *partly(facts)],
    )


def spending_row(facts: Facts, line: Line, *, strong: bool = False) -> Row:
    window = of_window(facts, line)
    return row(
        line.name,
        window.money("received"),
        window.money("spent"),
        window.rate("spent_of_received"),
        window.rate("spent_of_budget"),
        share(facts, line, "spent"),
        strong=strong,
    )
