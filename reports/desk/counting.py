"""How many rows of a person's desk are open, for 待办 on every page (projects.todo)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from projects.models import Project, User
from reports.desk.row import Row
from reports.desk.rows import rows


def open_rows(user: User, project: Project, today: date) -> Mapping[str, int]:
    """By group; all of them together are what 我的任务 says is still to be filled."""
    return by_group(rows(user, project, today))


def by_group(rows: Iterable[Row]) -> Mapping[str, int]:
    return dict(Counter(row.group for row in rows if row.is_open))
