"""Figures under their keys: those of FIGURES.md, and those of single records that have none there.

Single records continue the tree of FIGURES.md:

| key | numbers |
|---|---|
| `points.<任务点编号>` | `planned`, `quantity`, `r` of one task point |
| `tasks.by_area.<编号>.buckets.<状态>` | due points of an area by state |
| `tasks.states`, `tasks.by_area.<编号>.states` | `not_due`; of the due ones `zero`, `missing`, `unrated` |
| `tasks.by_area.<编号>.unfinished` | due points of an area that are not done |
| `tasks.by_area.<编号>.by_year.<年度>` | `total`, `due`, `due_done`, `due_rate` of an area in a year |
| `indicators.window.<二级指标>.missing`, `indicators.final…` | indicators that nobody has reported |
| `indicators.by_code.<指标编号>.window`, `.final` | `target`, `value`, `raw` of one indicator |
| `outcomes`, `outcomes.by_area.<编号>` | `kinds`, `reached`: targets, and those reached |
| `outcomes.by_target.<成果编号>` | `target`, `done`, `rate` of one outcome target |
| `outcomes.achieved.<级别>.kinds` | ledger rows of a level, over all units |
| `outcomes.by_row.<台账编号>` | `quantity` of one ledger row |
| `funding.<键>.budget_of_total`, `.received_of_total`, `.spent_of_total` | its share of the whole budget |
| `funding.<键>.missing` | what of its budget has not come in |
| `funding.all_years.source:<来源>` | a source over all years |
| `funding.span:<年>-<年>` | amounts of several years, known only together |
| `funding.without:source`, `funding.without:task` | what belongs to no source, no task |
| `funding.task:<编号>.year:<年>` | money of a task in a year |
| `satisfaction.<对象>.<年度>` | `percent`, `target`, `sample`; `satisfaction.<对象>.change` in points |
| `score.items.<评分编号>` | `weight`, `full`, `self_mark`, `mark`, `automatic` of one item; `score.full` |
| `tasks.areas`, `tasks.subtasks`, `visions.count`, `comparisons.count` | how many there are |
| `comparisons.<编号>` | `before`, `now`, `benchmark` as written down |
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from projects.numbers import Exact, plain, round_half_up
from projects.templatetags.numbers import UNKNOWN, signed
from reports.document import Column, Figure
from reports.facts import Facts


def key(*segments: object) -> str:
    """`tasks.by_area.3.due`; a segment that holds a dot stands in brackets: `tasks.by_area[A.1].due`."""
    return "".join(
        f"[{text}]" if set(text) & set(".[]") else f".{text}" for text in map(str, segments)
    ).removeprefix(".")


def number_column(title: str, weight: int = 3, *, droppable: bool = False) -> Column:
    return Column(title, weight, "number", droppable)


def count(value: Exact | None, *path: object) -> Figure:
    return Figure.count(key(*path), value)


def money(value: Exact | None, *path: object) -> Figure:
    return Figure.money(key(*path), value)


def rate(facts: Facts, value: Exact | None, *path: object) -> Figure:
    """A ratio (1 = 100 %) as percent, with the decimals the project asks for."""
    return Figure.of(key(*path), value, lambda ratio: percent_text(ratio, facts.project.percent_places))


def percent_text(ratio: Exact | None, places: int) -> str:
    if ratio is None:
        return UNKNOWN
    return signed(plain(round_half_up(Fraction(ratio) * 100, places))) + "%"


def rounded(facts: Facts, ratio: Fraction | None) -> Fraction | None:
    """A ratio as its figure prints it, so that a chart says the same."""
    if ratio is None:
        return None
    return Fraction(round_half_up(ratio * 100, facts.project.percent_places)) / 100


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one record, by the name they have there and in their key."""

    facts: Facts
    record: object
    path: tuple[object, ...]

    def count(self, name: str) -> Figure:
        return count(getattr(self.record, name), *self.path, name)

    def money(self, name: str) -> Figure:
        return money(getattr(self.record, name), *self.path, name)

    def rate(self, name: str) -> Figure:
        return rate(self.facts, getattr(self.record, name), *self.path, name)


def numbers(facts: Facts, record: object, *path: object) -> Numbers:
    return Numbers(facts, record, path)
