"""What happened to a task point, newest first: submissions with their content, decisions with their words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model

from projects.models import Entry, ReviewLog, State, TaskPoint, User
from projects.notes import REMOVED, notes_about
from projects.numbers import plain
from projects.progress import completion_ratio
from projects.review import GIVING_BACK
from projects.reviewing import PASSED, Level
from projects.templatetags.numbers import day, percent

# What is shown of a step that has no badge of its own.
LABELS = {
    "withdraw": "已撤回",
    "revoke": "已撤销通过",
    "import": "工作簿导入",
    "skip": "跳过一级",
    "own": "免审一级",
    "edit": "修改了退回的内容",
    "correct": "更正",
    "ask": "请求项目办退回",
}
# The steps at which the content of an entry was put before others.
TELLING = ("submit", "import")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline; `state` is the key of its badge."""

    state: str
    who: str
    at: datetime
    label: str = ""
    comment: str = ""
    headline: str = ""
    text: str = ""


def removals(subject: Model) -> list[Event]:
    """Each piece of evidence that was taken away from it: which, by whom and when."""
    found = notes_about(subject).filter(change_message__startswith=REMOVED)
    label = REMOVED.rstrip("：")
    return [
        Event("draft", str(log.user), log.action_time, label, text=log.change_message.removeprefix(REMOVED))
        for log in found
    ]


def latest_first(found: Iterable[Event]) -> list[Event]:
    return sorted(found, key=lambda event: event.at, reverse=True)


def events(
    point: TaskPoint,
    entries: Iterable[Entry],
    logs: Mapping[int, list[ReviewLog]],
    names: Mapping[int, str],
    levels: Sequence[Level] = (),
) -> list[Event]:
    """Everything about the given entries; `logs` by entry, `names` by user id, `levels` of the project."""
    found = [
        event for entry in entries for event in events_of(point, entry, logs.get(entry.pk, []), names, levels)
    ]
    return latest_first([*found, *removals(point)])


def events_of(
    point: TaskPoint,
    entry: Entry,
    logs: list[ReviewLog],
    names: Mapping[int, str],
    levels: Sequence[Level] = (),
) -> Iterator[Event]:
    # A withdrawn entry that is submitted again says the same: once is enough.
    told = last_telling(logs)
    for log in sorted(logs, key=lambda log: log.pk):
        yield Event(
            state=badge_of(log, levels),
            who=name_of(log.by, names) + (f"（代{log.on_behalf_of}）" if log.on_behalf_of else ""),
            at=log.at,
            label=LABELS.get(log.verb, ""),
            comment=log.comment,
            **(content(point, entry) if log is told else {}),
        )
    if told is None:
        yield Event(entry.state, name_of(entry.author, names), entry.created_at, **content(point, entry))


def badge_of(log: ReviewLog, levels: Sequence[Level]) -> str:
    """That of its new state; what was approved at a level below the last one shows which."""
    passing = log.verb in ("approve", "own") and log.to_state == State.SUBMITTED
    role = next((level.role for level in levels if level.number == log.level), None)
    return PASSED[role] if passing and role else log.to_state


def last_telling(logs: Iterable[ReviewLog]) -> ReviewLog | None:
    return max((log for log in logs if log.verb in TELLING), key=lambda log: log.pk, default=None)


def comments(records: Iterable[Entry]) -> dict[int, ReviewLog]:
    """By entry the decision that gave it back."""
    logs = ReviewLog.objects.filter(
        content_type__app_label="projects",
        content_type__model="entry",
        object_id__in=[record.pk for record in records],
        verb__in=GIVING_BACK,
    )
    return {log.object_id: log for log in logs.select_related("by").order_by("id")}


def name_of(user: User | None, names: Mapping[int, str]) -> str:
    return names.get(user.pk, str(user)) if user else "系统"


def content(point: TaskPoint, entry: Entry) -> dict[str, str]:
    return {"headline": headline(point, entry), "text": "\n".join(sentences(entry))}


def headline(point: TaskPoint, entry: Entry) -> str:
    """`1 部 / 计划 1 部，完成度 100%，完成日期 2023-12-22`."""
    parts = []
    if entry.quantity is not None:
        planned = "" if point.planned is None else f" / 计划 {plain(point.planned)} {point.unit}".rstrip()
        parts.append(f"{plain(entry.quantity)} {point.unit}".rstrip() + planned)
    done = completion_ratio(point.planned, entry.quantity, entry.ratio)
    parts.append(f"完成度 {percent(done)}" if done is not None else "未填报比例")
    parts.append(f"完成日期 {day(entry.effective_on)}")
    return "，".join(parts)


def sentences(entry: Entry) -> Iterator[str]:
    if entry.description:
        yield entry.description
    if entry.reason or entry.reason_kind:
        kind = f"（{entry.reason_kind}）" if entry.reason_kind else ""
        yield f"未完成原因{kind}：{entry.reason or '未说明'}"
    if entry.expected_on:
        yield f"预计完成日期：{day(entry.expected_on)}"
    if entry.next_step:
        yield f"下一步措施：{entry.next_step}"
    if entry.problems:
        yield f"存在问题：{entry.problems}"
    if entry.help_needed:
        yield f"需要的支持：{entry.help_needed}"
