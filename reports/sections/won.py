"""What the tasks of an area won, in the last column beside their points."""

from __future__ import annotations

from collections.abc import Sequence

from indicators.landmarks import NO_UNIT, OutcomeFact
from projects.progress import PointFact
from reports.document import Column, Ref, Row, Runs, plain_text
from reports.facts import Facts
from reports.sections.numbers import count
from reports.sections.words import joined
from reports.writing import beside

WON = Column("标志性成果", 5, droppable=True)
# More characters than this do not stand well in a narrow cell: they are left to the list of outcomes.
MOST = 60


def with_won(facts: Facts, groups: Sequence[tuple[Sequence[PointFact], Sequence[Row]]]) -> list[Row]:
    """The rows of each task and what it won; one cell for all where something belongs to the whole area."""
    area = groups[0][0][0].area
    own = [each for each in facts.outcomes if each.area == area and each.counts(facts.as_of)]
    tasks = [{point.task_id for point in points} for points, _ in groups]
    by_task = [[each for each in own if each.task_id in ids] for ids in tasks]
    if sum(map(len, by_task)) < len(own):
        return beside([row for _, rows in groups for row in rows], told(facts, own))
    return [
        row for (_, rows), won in zip(groups, by_task, strict=True) for row in beside(rows, told(facts, won))
    ]


def told(facts: Facts, outcomes: Sequence[OutcomeFact]) -> Runs:
    """In lines, `（1）教学成果奖（2项）。`"""
    whole = joined((told_one(facts, at, each) for at, each in enumerate(outcomes, 1)), "\n")
    return whole if sum(len(plain_text(run)) for run in whole) <= MOST else ("见", Ref("outcome-list"))


def told_one(facts: Facts, at: int, outcome: OutcomeFact) -> Runs:
    targets = (each.target for each in facts.outcome_figures.progress)
    unit = next((target.unit for target in targets if target.id == outcome.target), NO_UNIT)
    number = count(outcome.quantity, "outcomes", "by_row", outcome.code, "quantity")
    several = ("（", number, f"{unit}）") if outcome.quantity != 1 else ()
    return (f"（{at}）{outcome.name}", *several, "。")
