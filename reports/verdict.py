"""Where a project stands, in one sentence. Pure: Facts → text.

The sentence is a tuple of pieces; a `Figure` among them is a number the page prints bold.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from funding.execution import Execution
from indicators.scoring import Band, Score
from projects.numbers import round_half_up
from projects.templatetags.numbers import count, day, percent, points_diff
from reports import goals
from reports.facts import Facts

Pieces = tuple[str, ...]


class Figure(str):
    """A piece that is a number."""

    __slots__ = ()
    is_figure = True


def verdict(facts: Facts) -> Pieces:
    """`中期应完成 224 项任务点，已完成 217 项，中期任务完成率 96.88%，高于 95% 线；…；自评 86 分（良）。`"""
    clauses = [tasks_clause(facts), money_clause(facts), indicator_clause(facts), score_clause(facts)]
    pieces: list[str] = ["含待审（非正式数字）："] if facts.pending else []
    for clause in filter(None, clauses):
        pieces += [*clause, "；"]
    return (*pieces[:-1], "。")


def plain(pieces: Pieces) -> str:
    return "".join(pieces)


def tasks_clause(facts: Facts) -> Pieces:
    progress, label = facts.task_figures.progress, facts.window.label
    if not progress.total:
        return ("任务书还没有任务点",)
    rate = progress.due_rate
    if rate is None:
        return (f"截至 {day(facts.as_of)} 还没有到期的任务点，", *early(progress.early))
    done = ("已完成 ", Figure(count(progress.due_done)), f" 项，{label}任务完成率 ", Figure(percent(rate)))
    return (f"{label}应完成 ", Figure(count(progress.due)), " 项任务点，", *done, beside(rate, goals.TASKS))


def early(number: int) -> Pieces:
    return ("已提前完成 ", Figure(count(number)), " 项") if number else ("也没有提前完成的",)


def beside(rate: Fraction, line: Fraction) -> str:
    """How a rate lies to its line."""
    if rate < line:
        return f"，低于 {percent(line)} 线 {points_diff(line - rate).lstrip('+')} 点"
    return f"，{'高于' if rate > line else '刚好达到'} {percent(line)} 线"


def below_only(rate: Fraction, line: Fraction) -> str:
    return beside(rate, line) if rate < line else ""


def money_clause(facts: Facts) -> Pieces:
    window = facts.funding.get("window")
    if not facts.amounts:
        return ("还没有经费记录",)
    rate = window.receipt_rate
    if rate is None:
        return (no_receipt_rate(window),)
    partly = "（部分未知）" if window.partly_unknown & {"budget", "received"} else ""
    return (
        "资金到位率 ",
        Figure(percent(rate)),
        partly + below_only(rate, goals.RECEIPTS),
        *weak_sources(facts),
        *spending(window.spent_of_received),
    )


def no_receipt_rate(money: Execution) -> str:
    amounts = {"预算": money.budget, "到位资金": money.received}
    unknown = "和".join(name for name, amount in amounts.items() if amount is None)
    return f"{unknown}未知，资金到位率无法计算" if unknown else "统计时段内预算为 0，资金到位率无从谈起"


def weak_sources(facts: Facts) -> Pieces:
    """The sources below the line; where there is only one source, it is the total already named."""
    sources = [
        (key.removeprefix("source:"), rate)
        for key, money in facts.funding.by_key.items()
        if key.startswith("source:") and (rate := money.receipt_rate) is not None
    ]
    weak = [(name, rate) for name, rate in sources if rate < goals.RECEIPTS]
    if not weak or len(sources) == 1:
        return ()
    named = [piece for name, rate in weak for piece in (f"、{name} ", Figure(percent(rate)))]
    return ("，其中" + named[0].lstrip("、"), *named[1:], " 偏低")


def spending(rate: Fraction | None) -> Pieces:
    """Spoken of only where too little is spent."""
    if rate is None or rate >= goals.SPENDING:
        return ()
    return ("，资金支出率 ", Figure(percent(rate)), beside(rate, goals.SPENDING))


def indicator_clause(facts: Facts) -> Pieces:
    counted = facts.indicators.get("*")
    if counted is None:
        return ()
    if counted.rate is None:
        return (f"{counted.count} 项绩效指标都没有可用的目标值，完成率无法计算",)
    unknown = f"（另有 {counted.unknown} 项无法判断）" if counted.unknown else ""
    said = unknown + below_only(counted.rate, goals.INDICATORS)
    return ("绩效指标完成率 ", Figure(percent(counted.rate)), said)


def score_clause(facts: Facts) -> Pieces:
    score = facts.score
    if score is None:
        return ("没有评分表，尚未评分",)
    if score.unmarked:
        marked = ("自评暂计 ", Figure(mark(score.total)), f" 分，还有 {score.unmarked} 项未评分")
        return (*marked, *vetoed(score))
    grade = f" 分（{score.grade}）" if score.grade else " 分"
    return (
        "自评 ",
        Figure(mark(score.total)),
        grade,
        *vetoed(score),
        *missing_to_next(score),
    )


def vetoed(score: Score) -> Pieces:
    names = "、".join(f"“{name}”" for name in score.vetoes)
    return (f"，触发否决项{names}，等级为{score.grade}",) if names else ()


def missing_to_next(score: Score) -> Pieces:
    band = next_band(score)
    if band is None or score.vetoes:
        return ()
    return (f"，距“{band.name}”还差 ", Figure(mark(band.lower - round_half_up(score.total, 2))), " 分")


def next_band(score: Score) -> Band | None:
    """The lowest band above the total; None at the top."""
    above = [band for band in score.bands if band.lower > round_half_up(score.total, 2)]
    return min(above, key=lambda band: band.lower, default=None)


def mark(value: Fraction | Decimal) -> str:
    """Marks are rounded to two decimals, as grades are."""
    return count(round_half_up(value, 2))
