"""Every row of a person's desk."""

from __future__ import annotations

from datetime import date

from projects.models import Project, User
from reports.desk.desk import Desk
from reports.desk.kinds import KINDS
from reports.desk.row import GROUPS, Row

ORDER = tuple(GROUPS)


def rows(user: User, project: Project, today: date) -> list[Row]:
    """What the person fills in the project: what was given back first, then the longest overdue."""
    return rows_of(Desk(user, project, today))


def rows_of(desk: Desk) -> list[Row]:
    found = [row for kind in KINDS for row in kind.rows(desk)]
    return sorted(found, key=lambda row: (ORDER.index(row.group), row.wanted_by or date.max))
