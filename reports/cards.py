"""The five cards of the overview. Pure: Facts → texts ready to read, and exact rates for the bars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from indicators.scoring import Score
from projects.numbers import ratio
from projects.templatetags.numbers import UNKNOWN, count, money, percent, points_diff
from reports import goals
from reports.dashboard import outcome_levels
from reports.facts import Facts
from reports.verdict import mark, missing_to_next, next_band, plain


@dataclass(frozen=True, slots=True)
class Line:
    """A further number of a card, with its own bar where it is a rate."""

    label: str
    value: str
    of: str = ""
    rate: Fraction | None = None
    target: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A key figure. `section` names the page that proves it; `tone` of the note: ok, warn, bad or ""."""

    section: str
    label: str
    value: str
    unit: str = ""
    of: str = ""
    rate: Fraction | None = None
    target: Fraction | None = None
    note: str = ""
    tone: str = ""
    lines: tuple[Line, ...] = ()


def cards(facts: Facts) -> tuple[Card, ...]:
    return (
        task_card(facts),
        indicator_card(facts),
        money_card(facts),
        outcome_card(facts),
        score_card(facts),
    )


def judged(card: Card, unknown: str) -> Card:
    """The card with what its rate means beside its target; `unknown` says why there is no rate."""
    if card.rate is None or card.target is None:
        return replace(card, note=unknown)
    if card.rate < card.target:
        short = points_diff(card.target - card.rate).lstrip("+")
        return replace(card, note=f"低于目标 {percent(card.target)}，差 {short} 点", tone="bad")
    word = "高于" if card.rate > card.target else "达到"
    return replace(card, note=f"{word}目标 {percent(card.target)}", tone="ok")


def split(value: str) -> tuple[str, str]:
    """`96.88%` → number and unit, which is written smaller."""
    return (value[:-1], "%") if value.endswith("%") else (value, "")


def task_card(facts: Facts) -> Card:
    tasks = facts.task_figures.progress
    early = f"，含提前 {tasks.early}" if tasks.early else ""
    overall = Line(
        "总体完成率",
        percent(tasks.overall_rate),
        f"{count(tasks.done)} / {tasks.total}{early}",
        tasks.overall_rate,
    )
    value, unit = split(percent(tasks.due_rate))
    card = Card(
        "reports:tasks",
        f"{facts.window.label}任务完成率",
        value,
        unit,
        of=f"{count(tasks.due_done)} / {tasks.due} 个任务点",
        rate=tasks.due_rate,
        target=goals.TASKS,
        lines=(overall,) if tasks.total else (),
    )
    return judged(card, "没有到期的任务点")


def indicator_card(facts: Facts) -> Card:
    counted = facts.indicators.get("*")
    if counted is None:
        return Card("reports:indicators", "绩效指标完成率", UNKNOWN, note="没有纳入统计的指标")
    value, unit = split(percent(counted.rate))
    met = Line("完全达标", f"{counted.met} 项", f"其中超额 {counted.over} 项")
    unknown = (Line("无法判断", f"{counted.unknown} 项", "不计入分母"),) if counted.unknown else ()
    card = Card(
        "reports:indicators",
        "绩效指标完成率",
        value,
        unit,
        of=f"{count(counted.equivalent)} / {counted.count - counted.unknown} 项",
        rate=counted.rate,
        target=goals.INDICATORS,
        lines=(met, *unknown),
    )
    return judged(card, "没有可用的目标值")


def money_card(facts: Facts) -> Card:
    window = facts.funding.get("window")
    value, unit = split(percent(window.receipt_rate))
    spent = Line(
        "资金支出率（占到位）",
        percent(window.spent_of_received),
        f"{money(window.spent)} / {money(window.received)}",
        window.spent_of_received,
        goals.SPENDING,
    )
    card = Card(
        "reports:funding",
        "资金到位率",
        value,
        unit,
        of=f"{money(window.received)} / {money(window.budget)} 万元",
        rate=window.receipt_rate,
        target=goals.RECEIPTS,
        lines=(spent,) if window.is_known else (),
    )
    return judged(card, "预算或到位资金未知" if facts.amounts else "还没有经费记录")


def outcome_card(facts: Facts) -> Card:
    reached = sum(target.is_reached for target in facts.outcome_figures.progress)
    kinds = len(facts.outcome_figures.progress)
    levels = outcome_levels(facts)
    lines = tuple(
        Line(row.level, f"{count(row.done)} / {count(row.target)} {row.unit}") for row in levels[:3]
    )
    if not kinds:
        number = sum(outcome.counts(facts.as_of) for outcome in facts.outcomes)
        return Card("reports:outcomes", "标志性成果", count(number), "项", note="没有成果目标，只计台账项数")
    return Card(
        "reports:outcomes",
        "标志性成果达标",
        count(reached),
        "个",
        of=f"共 {kinds} 个期满目标",
        rate=ratio(reached, kinds),
        target=elapsed(facts),
        note=f"竖线为建设期时间进度 {percent(elapsed(facts))}",
        lines=lines,
    )


def score_card(facts: Facts) -> Card:
    score = facts.score
    if score is None:
        return Card("reports:score", "自评得分", UNKNOWN, note="没有评分表")
    band = next_band(score)
    note, tone = score_note(score)
    return Card(
        "reports:score",
        "自评得分（暂计）" if score.unmarked else "自评得分",
        mark(score.total),
        "分",
        of="，".join(filter(None, (score.grade, f"满分 {mark(score.full)}"))),
        rate=ratio(score.total, score.full),
        target=ratio(band.lower, score.full) if band else None,
        note=note,
        tone=tone,
    )


def score_note(score: Score) -> tuple[str, str]:
    """What to know about the score, and its tone."""
    if score.vetoes:
        return f"触发否决项：{'、'.join(score.vetoes)}", "bad"
    if score.unmarked:
        return f"还有 {score.unmarked} 项未评分", "warn"
    missing = plain(missing_to_next(score)).lstrip("，")
    return (missing, "warn") if missing else ("已是最高等级", "ok")


def elapsed(facts: Facts) -> Fraction | None:
    """Share of the construction period that has passed."""
    first, last = date(facts.project.start_year, 1, 1), date(facts.project.end_year, 12, 31)
    days = (min(max(facts.as_of, first), last) - first).days + (facts.as_of >= first)
    return ratio(days, (last - first).days + 1)
