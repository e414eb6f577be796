"""项目经费到位和执行情况 by source, with the true denominator in every heading."""

from __future__ import annotations

from funding.execution import KINDS
from projects.progress import TaskFact
from projects.templatetags.numbers import percent
from reports import goals, series
from reports.document import Block, Chart, Column, Figure, Group, Ref, Row, Runs, Section, Table
from reports.facts import Facts
from reports.sections.numbers import number_column, numbers
from reports.sections.sources import Line, sources, total
from reports.sections.words import joined, level, listed, project_years, sentences, until, window_years
from reports.writing import chart, cutoff_line, row, section, table

KIND_NAMES = dict(zip(KINDS, ("预算", "到位", "支出"), strict=True))
PART = "部分未知"


def receipts(facts: Facts) -> Section:
    table = receipt_table(facts)
    blocks = receipt_summary(facts, table), table, money_chart(facts)
    return section("receipts", "项目经费预算及到位情况", *blocks)


def spending(facts: Facts) -> Section:
    table = spending_table(facts)
    return section("spending", "项目经费执行情况", spending_summary(facts, table), table)


def of_area(facts: Facts, area: TaskFact) -> Runs:
    """Money of the window written down for an area; nothing where there is none."""
    money = facts.funding.get(f"task:{area.code}")
    if not money.is_known:
        return ()
    of = numbers(facts, money, "funding", f"task:{area.code}")
    amounts = [
        (KIND_NAMES[kind], of.money(kind), "万元") for kind in KINDS if getattr(money, kind) is not None
    ]
    execution_rate = of.rate("spent_of_budget")
    rate_clause = known(("预算执行率（占预算）为", execution_rate), execution_rate)
    return (f"{window_years(facts)}项目经费", *joined([*amounts, rate_clause]))


def yuan(amount: Figure, name: str) -> Runs:
    """`到位13,253万元`; an unknown amount is said to be unknown."""
    return (f"{name}未知",) if amount.value is None else (name, amount, "万元")


def known(clause: Runs, of: Figure) -> Runs:
    return clause if of.value is not None else ()


def receipt_summary(facts: Facts, seen: Table | None) -> Block | None:
    line = total(facts)
    window, whole = line.of_window, line.of_whole
    receipt_rate, of_total = window.rate("receipt_rate"), line.share("received")
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
    known_ones = [line for line in sources(facts) if line.window.receipt_rate is not None]
    if len(known_ones) < 2:
        return ()
    rates = [(f"{line.name}到位率", line.of_window.rate("receipt_rate")) for line in known_ones]
    low = [
        (line.name, "（尚差", line.missing, "万元）")
        for line in known_ones
        if (line.window.receipt_rate or 0) < goals.RECEIPTS
    ]
    warning = ("，其中", *listed(low), f"低于{percent(goals.RECEIPTS)}的要求") if low else ()
    return ("分来源看，", *joined(rates), *warning)


def receipt_table(facts: Facts) -> Table:
    """The ministry's 表1-5."""
    years = window_years(facts)
    return table(
        "funding-receipts",
        "各来源资金预算安排及到位情况",
        (
            Column("资金来源", 6),
            Group(
                "预算",
                (
                    number_column(project_years(facts), 5),
                    number_column(years, 5),
                    number_column("占总预算", 4),
                ),
            ),
            number_column("到位资金", 4),
            Group("到位率", (number_column("占同期预算", 4), number_column("占总预算", 4))),
        ),
        [*(receipt_row(line) for line in sources(facts)), receipt_row(total(facts), strong=True)],
        unit="万元",
        cutoff=cutoff_line(facts.as_of),
        notes=[denominators(facts), *partly(facts)],
    )


def receipt_row(line: Line, *, strong: bool = False) -> Row:
    window = line.of_window
    return row(
        line.name,
        line.of_whole.money("budget"),
        window.money("budget"),
        line.share("budget"),
        window.money("received"),
        window.rate("receipt_rate"),
        line.share("received"),
        strong=strong,
    )


def denominators(facts: Facts) -> str:
    return f"同期预算为{window_years(facts)}的预算，总预算为{project_years(facts)}的预算。"


def partly(facts: Facts) -> list[str]:
    """Which sums leave something out because it is not known."""
    found = [(line.name, line.window.partly_unknown) for line in (*sources(facts), total(facts))]
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
    window = line.of_window
    of_received, of_budget = window.rate("spent_of_received"), window.rate("spent_of_budget")
    of_total = line.share("spent")
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
    known_ones = [line for line in sources(facts) if line.window.spent_of_received is not None]
    if len(known_ones) < 2:
        return ()
    rates = [(line.name, line.of_window.rate("spent_of_received")) for line in known_ones]
    low = [line.name for line in known_ones if (line.window.spent_of_received or 0) < goals.SPENDING]
    warning = f"，其中{'、'.join(low)}低于{percent(goals.SPENDING)}的要求" if low else ""
    return ("支出率（占到位资金）分来源为：", *listed(rates), warning)


def spending_table(facts: Facts) -> Table:
    """The ministry's 表1-6."""
    return table(
        "funding-spending",
        "各来源资金执行情况",
        (
            Column("资金来源", 5),
            number_column("总支出预算", 4),
            number_column("到位资金", 4),
            number_column("支出资金", 4),
            number_column("支出率（占到位资金）", 5),
            number_column("预算执行率（占同期预算）", 5),
            number_column("支出占总预算", 4),
        ),
        [
            *(spending_row(line) for line in sources(facts)),
            spending_row(total(facts), strong=True),
        ],
        unit="万元",
        cutoff=cutoff_line(facts.as_of),
        notes=[denominators(facts), *partly(facts)],
    )


def spending_row(line: Line, *, strong: bool = False) -> Row:
    window = line.of_window
    return row(
        line.name,
        line.of_whole.money("budget"),
        window.money("received"),
        window.money("spent"),
        window.rate("spent_of_received"),
        window.rate("spent_of_budget"),
        line.share("spent"),
        strong=strong,
    )
