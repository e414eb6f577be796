"""Money by year and by task, where the records say so: what is known only together stands by itself."""

from __future__ import annotations

from collections.abc import Iterable

from funding.execution import AmountFact, Execution, execution
from projects.progress import TaskFact
from reports import series
from reports.document import Block, Chart, Column, Figure, Row, Section, Table
from reports.facts import Facts
from reports.sections.numbers import Numbers, money, number_column, numbers
from reports.sections.sources import total, within
from reports.sections.words import named, window_years, years
from reports.writing import chart, period_line, row, section, table

NO_TASK = "未列入单项任务"


def details(facts: Facts) -> Section | None:
    """分年度、分任务: only where the records know it."""
    blocks: list[Block | None] = [
        year_table(facts),
        task_table(facts) or spending_table(facts),
        execution_chart(facts),
    ]
    if not any(blocks):
        return None
    return section("funding-details", "分年度和分任务资金情况", *blocks)


def execution_chart(facts: Facts) -> Chart | None:
    data = series.execution_chart(facts)
    if data is None or len(data.pairs) < 2:
        return None
    caption = "各项建设任务的任务完成率与预算执行率"
    return chart("funding-execution", caption, data, series.sentence(data))


def window_amounts(facts: Facts) -> list[AmountFact]:
    return within(facts, facts.amounts)


def has_years(facts: Facts) -> bool:
    return any(key.startswith("year:") for key in facts.funding.by_key)


def year_table(facts: Facts) -> Table | None:
    """Budget, received and spent by year; None where no amount belongs to a single year."""
    if not has_years(facts):
        return None
    rows = [year_row(name, of) for name, of in year_lines(facts)]
    return table(
        "funding-years",
        "各年度资金预算、到位与支出情况",
        (
            Column("年度", 4, "center"),
            number_column("预算", 4),
            number_column("到位资金", 4),
            number_column("到位率（占预算）", 5),
            number_column("支出资金", 4),
            number_column("支出率（占到位资金）", 5),
            number_column("预算执行率（占预算）", 5),
        ),
        [*rows, year_row("合计", total(facts).of_window, strong=True)],
        unit="万元",
        cutoff=period_line(facts.window.start, facts.as_of),
    )


def year_lines(facts: Facts) -> Iterable[tuple[str, Numbers]]:
    """The years in order, then the spans of years that are known only as a whole."""
    amounts = window_amounts(facts)
    for year in sorted({fact.year for fact in amounts if fact.year}):
        key = f"year:{year}"
        yield f"{year}年", numbers(facts, facts.funding.get(key), "funding", key)
    spans = sorted({(fact.first_year, fact.last_year) for fact in amounts if not fact.year})
    for first, last in spans:
        known = execution(f for f in amounts if not f.year and (f.first_year, f.last_year) == (first, last))
        name = f"{years(first, last)}（未分年度）"
        yield name, numbers(facts, known, "funding", f"span:{first}-{last}")


def year_row(name: str, of: Numbers, *, strong: bool = False) -> Row:
    return row(
        name,
        of.money("budget"),
        of.money("received"),
        of.rate("receipt_rate"),
        of.money("spent"),
        of.rate("spent_of_received"),
        of.rate("spent_of_budget"),
        strong=strong,
    )


def by_task(facts: Facts) -> list[TaskFact]:
    """Tasks that money is written down for, in the order of the task book."""
    return [task for task in facts.tasks if any(f.task == task.code for f in window_amounts(facts))]


def task_lines(facts: Facts) -> Iterable[tuple[str, Execution, str]]:
    for task in by_task(facts):
        yield named(task), facts.funding.get(f"task:{task.code}"), f"task:{task.code}"
    rest = [fact for fact in window_amounts(facts) if not fact.task]
    if rest:
        yield NO_TASK, execution(rest), "without:task"


def task_table(facts: Facts) -> Table | None:
    """Budget, received and spent by task; None where it is spending only, or nothing."""
    lines = list(task_lines(facts))
    if not any(
        of.budget is not None or of.received is not None for _, of, key in lines if key != "without:task"
    ):
        return None
    rows = [task_row(name, numbers(facts, of, "funding", key)) for name, of, key in lines]
    return table(
        "funding-tasks",
        f"{window_years(facts)}各项建设任务资金情况",
        (
            Column("建设任务", 7),
            number_column("预算", 3, droppable=True),
            number_column("到位资金", 3, droppable=True),
            number_column("支出资金", 3, droppable=True),
            number_column("到位率（占预算）", 4, droppable=True),
            number_column("支出率（占到位资金）", 5, droppable=True),
            number_column("预算执行率（占预算）", 4, droppable=True),
        ),
        [*rows, task_row("合计", total(facts).of_window, strong=True)],
        unit="万元",
        cutoff=period_line(facts.window.start, facts.as_of),
    )


def task_row(name: str, of: Numbers, *, strong: bool = False) -> Row:
    amounts = [of.money(kind) for kind in ("budget", "received", "spent")]
    rates = [of.rate(kind) for kind in ("receipt_rate", "spent_of_received", "spent_of_budget")]
    return row(name, *amounts, *rates, strong=strong)


def spending_table(facts: Facts) -> Table | None:
    """Spending by task and year; None where none is known of any task."""
    amounts = [fact for fact in window_amounts(facts) if fact.kind == "spent"]
    if not any(fact.task and fact.amount is not None for fact in amounts):
        return None
    own = sorted({fact.year for fact in amounts if fact.year})
    columns = [Column("支出内容", 8), *(number_column(f"{year}年", 4) for year in own)]
    spans = any(not fact.year for fact in amounts)
    return table(
        "funding-spending-tasks",
        f"{window_years(facts)}资金支出分项情况",
        [*columns, *([number_column("未分年度", 4)] if spans else []), number_column("合计", 4)],
        spending_rows(facts, amounts, [*own, None] if spans else list(own)),
        unit="万元",
        cutoff=period_line(facts.window.start, facts.as_of),
    )


def spending_rows(facts: Facts, amounts: list[AmountFact], own: list[int | None]) -> list[Row]:
    rows = [
        spending_row(named(task), f"task:{task.code}", some, own)
        for task in facts.tasks
        if (some := [fact for fact in amounts if fact.task == task.code])
    ]
    rest = [fact for fact in amounts if not fact.task]
    if rest:
        rows.append(spending_row(NO_TASK, "without:task", rest, own))
    return [*rows, spending_row("合计", "window", amounts, own, strong=True)]


def year_money(key: str, amounts: list[AmountFact], year: int | None) -> Figure:
    spent = execution(amounts).spent
    if key == "window" and year:
        return money(spent, "funding", f"year:{year}", "spent")
    return money(spent, "funding", key, f"year:{year}" if year else "spans", "spent")


def spending_row(
    name: str, key: str, amounts: list[AmountFact], own: list[int | None], *, strong: bool = False
) -> Row:
    """`own`: the years of the columns, None for what belongs to no single year."""
    cells = [year_money(key, [fact for fact in amounts if fact.year == year], year) for year in own]
    return row(name, *cells, money(execution(amounts).spent, "funding", key, "spent"), strong=strong)
