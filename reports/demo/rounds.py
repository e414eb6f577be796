"""The rounds of the demo: one a quarter, since the college began to work in the app; the last one is open."""

from __future__ import annotations

from datetime import date, timedelta

from projects.models import Project, Round, RoundDeadline

NUMERALS = "一二三四"
REVIEW_DAYS = 7


def ask(project: Project, first: date, today: date) -> None:
    quarter = first.year * 4 + (first.month - 1) // 3
    while (opens := first_day(quarter)) <= today:
        made = Round.objects.create(
            project=project,
            name=f"{opens.year}年第{NUMERALS[quarter % 4]}季度进展",
            opens_on=opens,
            closes_on=first_day(quarter + 1) - timedelta(days=1),
            first_year=project.start_year,
            last_year=max(project.start_year, min(opens.year, project.end_year)),
        )
        RoundDeadline.objects.create(
            round=made, level=1, closes_on=made.closes_on + timedelta(days=REVIEW_DAYS)
        )
        quarter += 1


def first_day(quarter: int) -> date:
    """Of a quarter counted from the year 0."""
    return date(quarter // 4, quarter % 4 * 3 + 1, 1)
