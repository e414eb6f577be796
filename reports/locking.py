"""What a workbook may no longer change: days up to the cut-off of a window whose report is final."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from indicators.models import IndicatorValue, Outcome
from projects.guard import Guard
from projects.models import Entry, ExtraAchievement
from projects.workbook.book import Book
from projects.workbook.columns import Table
from projects.workbook.faults import Fault
from reports.parsing import BY_TITLE

# The column that says of which day a row speaks, by the model of its sheet.
DATED: dict[type[Any], str] = {
    model: model.DATE for model in (Entry, ExtraAchievement, IndicatorValue, Outcome)
}
EXPECTED = "锁定时段以后的日期，或先由项目办解除锁定"


def lock_faults(book: Book, sound: Callable[[Table], Table], today: date | None) -> Iterator[Fault]:
    """Rows that would add or change something in a locked window; without a day no exception holds.

    `sound` leaves out the rows that have other faults.
    """
    if book.project is None:
        return
    guard = Guard(book.by if today else None, book.project, today or date.min)
    if not guard.windows:
        return
    for title, table in book.tables.items():
        sheet = BY_TITLE[title]
        if name := DATED.get(sheet.model):
            changes = sheet.compare(sound(table), book)
            for row in (*changes.new, *changes.changed):
                if refusal := guard.lock(None, row.values[name]):
                    yield table.fault(row, name, str(refusal), EXPECTED)
