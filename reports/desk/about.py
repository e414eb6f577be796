"""What stands beside one row: what the task book says of it, its evidence, what happened to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from indicators import ledger_words
from indicators.models import Indicator, IndicatorShare, IndicatorValue, Outcome
from projects import review, sharing
from projects.history import LABELS, Event, badge_of, latest_first, name_of, removals
from projects.models import PointShare, ReviewLog, TaskPoint
from projects.notes import REMOVED, notes_about
from projects.numbers import plain
from projects.permissions import visible_entries
from projects.reviewing import Panel
from projects.templatetags.numbers import day, percent
from projects.views.files import file_rows
from projects.views.points import named, timeline
from reports.desk.desk import Desk
from reports.ledger_history import events


@dataclass(frozen=True, slots=True)
class About:
    """`quote` is what the task book says; `facts` are label and words; `prove` names what evidence is of."""

    quote: str
    facts: list[tuple[str, str]]
    files: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    prove: tuple[str, int] | None = None
    # What the shares come to, in words, where it is split.
    split: str = ""


def about(desk: Desk, target: Any) -> About:
    """What is shown of a target, of whatever kind."""
    if isinstance(target, TaskPoint):
        return about_point(desk, target)
    if isinstance(target, Indicator):
        return about_indicator(desk, target)
    if isinstance(target, PointShare):
        return shared(desk, about_point(desk, target.point), target)
    if isinstance(target, IndicatorShare):
        return shared(desk, about_indicator(desk, target.indicator), target)
    if isinstance(target, Outcome):
        return about_outcome(desk, target)
    return About(str(target), [], events=noted(target))


def about_point(desk: Desk, point: TaskPoint) -> About:
    entries = list(visible_entries(desk.user, desk.project).filter(point=point).select_related("author"))
    planned = (
        "任务书没有计划数量" if point.planned is None else f"{plain(point.planned)} {point.unit}".strip()
    )
    return About(
        quote=point.text,
        facts=said(
            ("所属任务", desk.task_names.get(point.task_id, "")),
            ("计划数量", planned or "任务书没有计划数量"),
            ("截止日期", day(point.due_on)),
            ("内控完成日期", day(point.internal_due_on) if point.internal_due_on else ""),
            ("责任部门", str(point.department or "")),
            ("佐证要求", point.evidence_required),
        ),
        files=file_rows(point),
        events=timeline(point, entries, Panel(desk.project, desk.today)),
        prove=("point", point.pk),
        split=split_words(point),
    )


def about_indicator(desk: Desk, indicator: Indicator) -> About:
    targets = indicator.targets.order_by("year")
    years = "，".join(f"{each.year} 年 {plain(each.value)}" for each in targets)
    return About(
        quote=indicator.name,
        facts=said(
            ("口径说明", indicator.definition),
            ("目标表述", indicator.target_text),
            ("年度目标", years),
            ("期满目标", "" if indicator.final_target is None else plain(indicator.final_target)),
            ("单位", indicator.unit),
            ("性质", f"{indicator.get_nature_display()}，{indicator.get_direction_display()}"),
            ("累计方式", indicator.get_accumulation_display()),
            ("数据来源", indicator.data_source),
            ("责任部门", str(indicator.department or "")),
            ("佐证要求", indicator.evidence_required),
        ),
        files=file_rows(indicator),
        events=value_events(desk, indicator),
        prove=("indicator", indicator.pk),
        split=split_words(indicator),
    )


def about_outcome(desk: Desk, outcome: Outcome) -> About:
    logs = list(review.logs_of([outcome]).select_related("by", "on_behalf_of").order_by("id"))
    told = events(outcome, logs, Panel(desk.project, desk.today))
    return About(
        quote="",
        facts=said(*ledger_words.told(outcome).items()),
        files=file_rows(outcome),
        events=latest_first([*told, *noted(outcome)]),
        prove=("outcome", outcome.pk),
    )


def split_words(subject: Any) -> str:
    """`2 / 3 个部门已填报，合计 12 项`; empty when nobody shares it."""
    shares = sharing.shares_of(subject)
    if not shares:
        return ""
    total = sharing.total_of(subject, shares)
    amount = "" if total.quantity is None else f"，合计 {sharing.amount(total.quantity, subject)}"
    return f"{total.reported} / {len(shares)} 个部门已填报{amount}"


def shared(desk: Desk, whole: About, share: Any) -> About:
    """A share beside what it is a part of; evidence and history are its own."""
    target = "" if share.target is None else plain(share.target)
    return About(whole.quote, said(("分解目标", target), *whole.facts), events=noted(share))


def said(*facts: tuple[str, str]) -> list[tuple[str, str]]:
    """Those that say something."""
    return [(label, words) for label, words in facts if words]


def value_events(desk: Desk, indicator: Indicator) -> list[Event]:
    """What was reported of an indicator and decided about it, the newest first; who fills it sees the drafts
    of colleagues, too."""
    values = list(indicator.values.select_related("author"))
    logs: dict[int, list[ReviewLog]] = defaultdict(list)
    for log in review.logs_of(values).select_related("by").order_by("id"):
        logs[log.object_id].append(log)
    people = {value.author for value in values} | {log.by for some in logs.values() for log in some}
    names = named(indicator, people)
    levels = Panel(desk.project, desk.today).chain
    found = [
        event for value in values for event in events_of(value, logs[value.pk], names, levels, indicator)
    ]
    return latest_first([*found, *removals(indicator)])


def events_of(
    value: IndicatorValue, logs: Iterable[ReviewLog], names: Any, levels: Any, indicator: Indicator
) -> Iterator[Event]:
    content = {"headline": headline(value, indicator), "text": value.note}
    told = False
    for log in logs:
        yield Event(
            badge_of(log, levels),
            name_of(log.by, names),
            log.at,
            label=LABELS.get(log.verb, ""),
            comment=log.comment,
            **({} if told else content),
        )
        told = True
    if not told:
        yield Event(value.state, name_of(value.author, names), value.created_at, **content)


def headline(value: IndicatorValue, indicator: Indicator) -> str:
    parts = [] if value.value is None else [f"{plain(value.value)} {indicator.unit}".strip()]
    parts += [] if value.ratio is None else [f"完成比例 {percent(value.ratio)}"]
    return "，".join([*parts, f"统计日期 {day(value.measured_on)}"])


def noted(record: Any) -> list[Event]:
    """What is edited in place keeps a note of each change."""
    return [
        Event("approved", str(log.user), log.action_time, label="已修改", text=log.change_message)
        for log in notes_about(record).exclude(change_message__startswith=REMOVED)
    ]
