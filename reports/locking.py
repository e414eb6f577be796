"""What neither a workbook nor taking it back may change: days up to the cut-off of a window that is final."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from funding.models import Amount, BudgetLine
from indicators.models import IndicatorValue, Outcome, OutcomeIndicator, OutcomePoint, SatisfactionResult
from projects.guard import Guard, NotWritable
from projects.models import Entry, ExtraAchievement, TaskPoint
from projects.workbook.book import Book, Key, Values
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Fault
from projects.workbook.sheet import RECORD
from reports.parsing import BY_TITLE
from reports.trace import LABELS, Trace, instance

# The column that says of which day a row speaks, by the model of its sheet.
DATED: dict[type[Any], str] = {
    model: model.DATE for model in (Entry, ExtraAchievement, IndicatorValue, Outcome)
}


def due_day(values: Values) -> tuple[str, date]:
    """Of a row of the task book: when its point is due."""
    return ("due_on", values["due_on"]) if values.get("due_on") else ("year", date(values["year"], 12, 31))


def survey_day(values: Values) -> tuple[str, date]:
    """Of a survey: the end of its year."""
    return "year", date(values["year"], 12, 31)


def money_day(values: Values) -> tuple[str, date]:
    """Of an amount: its day, else the beginning of the last year it is for."""
    if values.get("dated_on"):
        return "dated_on", values["dated_on"]
    return "years", date(values["years"][1], 1, 1)


# By the model of its sheet: the column that says of which day a row speaks, and the day. What such a row was
# before speaks of a day too.
SPOKEN: dict[type[Any], Callable[[Values], tuple[str, date]]] = {
    TaskPoint: due_day,
    SatisfactionResult: survey_day,
    BudgetLine: money_day,
}
# What belongs to a record that speaks of a day, by the field that leads there.
LINKS: dict[type[Any], str] = {
    OutcomePoint: "outcome",
    OutcomeIndicator: "outcome",
    TaskPoint.co_departments.through: "taskpoint",
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
        if sheet.model not in DATED and sheet.model not in SPOKEN:
            continue
        known = sound(table)
        changes = sheet.compare(known, book)
        for row in (*changes.new, *changes.changed):
            name, day = spoken_of(sheet.model, row)
            if refusal := guard.lock(None, day):
                yield table.fault(row, name, str(refusal), EXPECTED)
        if len(known.rows) == len(table.rows):
            yield from removal_faults(title, changes.removed, guard)


def spoken_of(model: type[Any], row: Row) -> tuple[str, date]:
    """The column and the day that count for locks: the earlier of what the row says and what stands."""
    if name := DATED.get(model):
        return name, row.values[name]
    name, day = SPOKEN[model](row.values)
    stands = row.values.get(RECORD)
    return name, min(day, SPOKEN[model](stands)[1]) if stands else day


def removal_faults(title: str, removed: Iterable[Key], guard: Guard) -> Iterator[Fault]:
    """Amounts of earlier imports that the file no longer has: (years, source, task) of each."""
    for years, source, *_ in removed:
        if refusal := guard.lock(None, date(years[1], 1, 1)):
            span = "-".join(str(year) for year in sorted(set(years)))
            message = f"文件中没有以前导入的“{span} {source or ''}”一行，导入会删去它。{refusal}"
            yield Fault(title, "", "", message, EXPECTED)


def refuse_taking_back(done: Trace, guard: Guard) -> None:
    """NotWritable where an import that is to be taken back wrote something in a locked window."""
    for label, model in LABELS.items() if guard.windows else ():
        rows = (*done.made[label].values(), *done.before[label].values(), *done.after[label].values())
        for day in days_of(model, [instance(model, values) for values in rows]):
            if refusal := guard.lock(None, day):
                raise NotWritable(f"不能撤销这次导入。{refusal}")


def days_of(model: type[Any], records: Iterable[Any]) -> Iterator[date]:
    """The days of which some records speak; those that link others speak of the day of these."""
    if name := LINKS.get(model):
        linked = {getattr(record, f"{name}_id") for record in records}
        model = model._meta.get_field(name).related_model
        records = model._default_manager.in_bulk(linked).values()
    if name := DATED.get(model):
        yield from (getattr(record, name) for record in records)
    elif issubclass(model, Amount):
        for each in records:
            yield money_day({"dated_on": each.dated_on, "years": (each.first_year, each.last_year)})[1]
    elif spoken := SPOKEN.get(model):
        yield from (spoken(vars(record))[1] for record in records)
