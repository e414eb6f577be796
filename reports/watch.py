"""今日要盯的十件事: the points that need somebody now, most urgent first. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from projects.progress import PointFact
from projects.templatetags.numbers import percent
from reports.facts import Facts

SOON = timedelta(days=30)
MOST = 10
NUMERALS = "零一两三四五六七八九十"
OVERDUE, TODAY, DUE_SOON, PARTIAL = range(4)


@dataclass(frozen=True, slots=True)
class Watched:
    """`days` since the deadline where overdue, until it where due soon."""

    urgency: int
    days: int
    point: PointFact

    @property
    def when(self) -> str:
        return {
            OVERDUE: f"已逾期 {self.days} 天",
            TODAY: "当日到期",
            DUE_SOON: f"还有 {self.days} 天到期",
            PARTIAL: "尚未到期",
        }[self.urgency]

    @property
    def is_overdue(self) -> bool:
        return self.urgency == OVERDUE

    @property
    def tone(self) -> str:
        """Class of its colour."""
        return ("ink-bad", "ink-warn", "ink-idle", "ink-idle")[self.urgency]

    @property
    def done(self) -> str:
        """How far it is, in words."""
        if self.point.r:
            return f"完成 {percent(self.point.r)}"
        if self.point.entry is None:
            return "未填报"
        return "未填报比例" if self.point.r is None else "填报为零"

    @property
    def who(self) -> str:
        return " · ".join(filter(None, (self.point.department, self.point.person))) or "未落实责任部门"


def watched(facts: Facts) -> list[Watched]:
    """Every point that is overdue, due within 30 days or only partly done, most urgent first.

    Also points of earlier years than the window: somebody still has to do them.
    """
    return sorted(
        (Watched(*urgency, point) for point in facts.points for urgency in urgencies(point, facts.as_of)),
        key=lambda item: (
            item.urgency,
            -item.days if item.urgency == OVERDUE else item.days,
            item.point.due_on,
        ),
    )


def heading(number: int, *, is_today: bool) -> str:
    """`今日要盯的八件事`: as many as are shown, of the day that is asked about."""
    day = "今日" if is_today else "当日"
    return f"{day}要盯的{NUMERALS[number]}件事" if number else f"{day}没有要盯的事"


def urgencies(point: PointFact, as_of: date) -> Iterator[tuple[int, int]]:
    """(urgency, days), once or not at all."""
    if point.capped == 1:
        return
    days = (point.due_on - as_of).days
    if days < 0:
        yield OVERDUE, -days
    elif days == 0:
        yield TODAY, 0
    elif point.due_on <= as_of + SOON:
        yield DUE_SOON, days
    elif point.r:
        yield PARTIAL, days
