"""The tables of the overview: areas, heat map, departments, outcomes by level. Pure: Facts → rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from funding.execution import Execution
from indicators.landmarks import NO_UNIT
from indicators.scoring import Mark, Score
from projects.numbers import exact_sum, ratio, round_half_up
from projects.progress import Progress, Ratio
from projects.templatetags.numbers import UNKNOWN, count, percent
from reports import goals
from reports.facts import Facts

LEVELS = ("国家级", "国际组织", "省级", "市级", "校级")
ROWS = 8


@dataclass(frozen=True, slots=True)
class AreaRow:
    task_id: int
    code: str
    name: str
    lead: str
    progress: Progress
    money: Execution

    @property
    def undone(self) -> Ratio:
        return self.progress.due - self.progress.due_done

    @property
    def is_low(self) -> bool:
        return is_low(self.progress.due_rate)


def is_low(rate: Fraction | None) -> bool:
    return rate is not None and rate < goals.TASKS


def area_rows(facts: Facts) -> tuple[AreaRow, ...]:
    by_area, money = facts.task_figures.by_area, facts.funding
    return tuple(
        AreaRow(task.id, task.code, task.name, task.lead, by_area[task.code], money.get(f"task:{task.code}"))
        for task in facts.areas
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """One area in one year. `css` is its class: lv3 all done, lv2 above the line, lv0 below, nd not due.

    `is_future`: nothing of the whole year is due; telephones leave such years out.
    """

    css: str
    text: str
    small: str = ""
    is_future: bool = False


@dataclass(frozen=True, slots=True)
class HeatRow:
    area: AreaRow
    cells: tuple[Cell, ...]
    total: Cell


@dataclass(frozen=True, slots=True)
class HeatMap:
    years: tuple[tuple[int, bool], ...]  # (year, whether some of it is due)
    rows: tuple[HeatRow, ...]
    sums: tuple[Cell, ...]
    total: Cell


def heat_map(facts: Facts, areas: Sequence[AreaRow]) -> HeatMap:
    cells = facts.task_figures.by_area_year
    years = list(facts.task_figures.by_year)
    sums = [sum((cells[key] for key in cells if key[1] == year), Progress()) for year in years]
    future = {year for year, total in zip(years, sums, strict=True) if not total.due}
    return HeatMap(
        years=tuple((year, year not in future) for year in years),
        rows=tuple(
            HeatRow(
                area,
                tuple(cell(cells.get((area.code, year)), year in future) for year in years),
                total_cell(area.progress),
            )
            for area in areas
        ),
        sums=tuple(total_cell(total) if total.due else cell(total, True) for total in sums),
        total=total_cell(facts.task_figures.progress),
    )


def cell(done: Progress | None, is_future: bool = False) -> Cell:
    if done is None:
        return Cell("none", "", is_future=is_future)
    rate = done.due_rate
    if rate is None:
        early = f"提前 {done.early}" if done.early else ""
        return Cell("nd", str(done.total), early, is_future)
    css = "lv3" if rate == 1 else "lv0" if is_low(rate) else "lv2"
    return Cell(css, done_of(done), percent(rate))


def total_cell(done: Progress) -> Cell:
    rate = done.due_rate
    if rate is None:
        return Cell("tot", "", UNKNOWN)
    return Cell("tot lo" if is_low(rate) else "tot", done_of(done), percent(rate))


def done_of(done: Progress) -> str:
    """Two decimals: a cell has no room for more."""
    return f"{count(round_half_up(done.due_done, 2))}/{done.due}"


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """Due points a department answers for; `others` > 0 makes it the row of all the rest."""

    name: str
    due: int
    done: Ratio
    others: int = 0

    @property
    def rate(self) -> Fraction | None:
        return ratio(self.done, self.due)

    @property
    def is_low(self) -> bool:
        return is_low(self.rate)


def department_rows(facts: Facts, limit: int = ROWS) -> tuple[DepartmentRow, ...]:
    """Departments with due points, lowest first; beyond `limit` the rest is one row."""
    due: dict[str, list[Ratio]] = defaultdict(list)
    for point in facts.points:
        if facts.is_due(point):
            due[point.department].append(point.capped)
    rows = [DepartmentRow(name, len(done), exact_sum(done)) for name, done in due.items()]
    rows.sort(key=lambda row: (row.rate or 0, -row.due, row.name))
    if len(rows) <= limit + 1:
        return tuple(rows)
    rest = rows[limit:]
    others = DepartmentRow("", sum(r.due for r in rest), exact_sum(r.done for r in rest), len(rest))
    return (*rows[:limit], others)


@dataclass(frozen=True, slots=True)
class LevelRow:
    """Targets of one level and unit with what was achieved.

    `others` counts the ledger rows of the level that no target asks for; they stand with its first unit.
    """

    level: str
    unit: str
    kinds: int
    reached: int
    target: Decimal
    done: Decimal
    others: int = 0

    @property
    def rate(self) -> Fraction | None:
        return ratio(self.done, self.target)


def outcome_levels(facts: Facts) -> tuple[LevelRow, ...]:
    """By level, highest first, never added over units."""
    figures = facts.outcome_figures
    others: dict[str, int] = defaultdict(int)
    for outcome in figures.others:
        others[outcome.level] += 1
    rows = [
        LevelRow(level, unit, s.kinds, s.reached, s.target, s.done, others.pop(level, 0))
        for level, units in figures.targets.items()
        for unit, s in units.items()
    ]
    rows += [LevelRow(level, NO_UNIT, 0, 0, Decimal(0), Decimal(0), n) for level, n in others.items()]
    return tuple(sorted(rows, key=lambda row: level_rank(row.level)))


def level_rank(level: str) -> tuple[int, bool]:
    """National first; “at least” stands before its own level; unknown levels come last."""
    base = level.removesuffix("以上")
    return (LEVELS.index(base) if base in LEVELS else len(LEVELS), not level.endswith("以上"))


def losses(score: Score | None, limit: int = ROWS) -> tuple[Mark, ...]:
    """The single items that cost most marks."""
    if score is None:
        return ()
    parents = {mark.item.parent_id for mark in score.marks}
    lost = [mark for mark in score.marks if mark.item.id not in parents and mark.lost > 0]
    return tuple(sorted(lost, key=lambda mark: -mark.lost)[:limit])


@dataclass(frozen=True, slots=True)
class SatisfactionRow:
    """What one group said, by year; `change` is in percentage points between its last two known years."""

    who: str
    percents: tuple[Decimal | None, ...]
    change: Decimal | None
    required: Decimal

    @property
    def latest(self) -> Decimal | None:
        return next((value for value in reversed(self.percents) if value is not None), None)

    @property
    def is_low(self) -> bool:
        return self.latest is not None and self.latest < self.required

    @property
    def is_falling(self) -> bool:
        return self.change is not None and self.change < -goals.FALL

    @property
    def change_as_ratio(self) -> Decimal | None:
        """1 = 100 points, as the filters want differences."""
        return None if self.change is None else self.change / 100


def satisfaction_table(facts: Facts) -> tuple[tuple[int, ...], tuple[SatisfactionRow, ...]]:
    """Years up to the as-of date, and one row per group, in file order."""
    known = [result for result in facts.satisfaction if result.year <= facts.as_of.year]
    years = tuple(sorted({result.year for result in known}))
    by_who: dict[str, dict[int, Decimal | None]] = defaultdict(dict)
    required: dict[str, Decimal] = {}
    for result in sorted(known, key=lambda result: result.year):
        required[result.who] = result.required
    for result in known:
        by_who[result.who][result.year] = result.percent
    return years, tuple(
        satisfaction_row(who, [percents.get(year) for year in years], required[who])
        for who, percents in by_who.items()
    )


def satisfaction_row(who: str, percents: Sequence[Decimal | None], required: Decimal) -> SatisfactionRow:
    values = [value for value in percents if value is not None]
    change = values[-1] - values[-2] if len(values) > 1 else None
    return SatisfactionRow(who, tuple(percents), change, required)
