"""One row of 我的任务, of whatever kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

GROUPS = {
    "returned": "已退回",
    "missing": "未填报",
    "draft": "草稿",
    "submitted": "已提交",
    "locked": "已锁定",
    "done": "已完成",
    "not_due": "未到期",
}
# Something is to be done with these.
OPEN = ("returned", "missing", "draft")


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a kind of row; `type` is number, percent, date or text."""

    name: str
    label: str
    type: str


@dataclass(frozen=True, slots=True)
class Returned:
    """The decision that gave a row back, and whether the row still says what was given back."""

    by: str
    at: str
    comment: str
    since: datetime
    is_same: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """`values` are as typed, by name of the columns of its kind; `last` is the value that counts so far.

    `seen` is the version to hand back when writing; `locked` says why it cannot be written, or is empty.
    """

    key: str
    kind: str
    group: str
    code: str
    text: str
    values: Mapping[str, str]
    seen: str
    unit: str = ""
    planned: str = ""
    task: str = ""
    department: str = ""
    person: str = ""
    due_on: date | None = None
    internal_due_on: date | None = None
    days_late: int = 0
    href: str = ""
    last: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    returned: Returned | None = None
    locked: str = ""
    is_zero_reported: bool = False
    # Whether the running round asks for it, and so for the fields that the round names.
    is_asked: bool = False
    # What the outcome ledger counts: filled in without being typed.
    linked: str = ""
    # Whether it is what was given back: not a word and no material is new.
    is_unchanged: bool = False
    # What would be said to it if it were handed in as it is saved; by field, "" for the whole.
    lacks: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def wanted_by(self) -> date | None:
        """The earlier of 截止日期 and 内控完成日期."""
        return min((day for day in (self.due_on, self.internal_due_on) if day), default=None)

    @property
    def is_open(self) -> bool:
        """Whether something is to be done with it."""
        return self.group in OPEN

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
