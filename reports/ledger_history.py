"""What happened to a row of the ledger, as its page and 我的任务 tell it."""

from __future__ import annotations

from collections.abc import Sequence

from indicators.models import Outcome
from projects import history
from projects.models import ReviewLog
from projects.reviewing import Panel


def events(outcome: Outcome, logs: Sequence[ReviewLog], panel: Panel) -> list[history.Event]:
    """Each step of its review, who entered it, and what evidence was taken away."""
    names: dict[int, str] = {}
    found = [
        history.Event(
            state=history.badge_of(log, panel.chain),
            who=history.name_of(log.by, names) + (f"（代{log.on_behalf_of}）" if log.on_behalf_of else ""),
            at=log.at,
            label=history.LABELS.get(log.verb, ""),
            comment=log.comment,
        )
        for log in logs
    ]
    who = str(outcome.author or "工作簿导入")
    entered = history.Event("draft", who, outcome.created_at, label="登记")
    return [*found, entered, *history.removals(outcome)]
