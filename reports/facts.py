"""The one seam: `gather(project, as_of) → Facts`. Pages, checks, reports and the API read nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from funding.execution import AmountFact, FundingFigures, funding_figures
from funding.facts import amount_facts
from indicators import facts as indicator_records
from indicators.attainment import (
    Attainment,
    AttainmentCount,
    counts_by_key,
    final_attainment,
    window_attainment,
)
from indicators.development import ComparisonFact, VisionFact
from indicators.landmarks import OutcomeFact, OutcomeFigures, outcome_figures
from indicators.satisfaction import SatisfactionFact, satisfaction_rate
from indicators.scoring import (
    Composite,
    Scope,
    Score,
    composite_of,
    grade_of,
    lowest_grade,
    mark_items,
    veto_holds,
)
from projects.facts import adjustments, point_facts, task_facts
from projects.models import Project, ReportingWindow, WindowKind
from projects.original import CURRENT, ORIGINAL, Adjustment, as_stood
from projects.progress import ExtraFact, PointFact, TaskFact, TaskFigures, task_figures
from reports.figures import Amount, percent_lookup


@dataclass(frozen=True, slots=True)
class Window:
    """The window a question is asked in: from `start` to the as-of date, judged by the rules of `kind`."""

    kind: str
    start: date
    cutoff: date
    name: str = ""

    @property
    def label(self) -> str:
        """年度, 中期 or 期满: labels and targets follow the kind."""
        return str(WindowKind(self.kind).label)


@dataclass(frozen=True)
class Facts:
    """Everything that is known of one project as of one date, with the figures derived from it."""

    project: Project
    window: Window
    as_of: date
    known_at: datetime | None
    pending: bool
    basis: str
    # The changes of the task book in force, known by then, whether they hold as of the date or not.
    adjustments: tuple[Adjustment, ...]
    tasks: tuple[TaskFact, ...]
    points: tuple[PointFact, ...]
    extras: tuple[ExtraFact, ...]
    attainments: tuple[Attainment, ...]
    outcomes: tuple[OutcomeFact, ...]
    amounts: tuple[AmountFact, ...]
    satisfaction: tuple[SatisfactionFact, ...]
    task_figures: TaskFigures
    outcome_figures: OutcomeFigures
    funding: FundingFigures

    @property
    def is_original(self) -> bool:
        """Whether the task book is the one that was signed, as if nothing had been adjusted."""
        return self.basis == ORIGINAL

    @property
    def adjusted(self) -> int:
        """How many changes of the task book hold as of the date."""
        return sum(each.holds(self.as_of, self.known_at) for each in self.adjustments)

    @cached_property
    def score(self) -> Score | None:
        return own_score(self)

    @cached_property
    def composite(self) -> Composite | None:
        """Read only where asked: it gathers the facts of every group."""
        return composite(self)

    @cached_property
    def indicators(self) -> dict[str, AttainmentCount]:
        """Counts against the target of the window, by key (FIGURES.md, Indicators)."""
        return counts_by_key(self.attainments)

    @cached_property
    def final_attainments(self) -> tuple[Attainment, ...]:
        """Every indicator against the target of the whole project."""
        return tuple(final_attainment(a.indicator, self.as_of) for a in self.attainments)

    @cached_property
    def final_indicators(self) -> dict[str, AttainmentCount]:
        return counts_by_key(self.final_attainments)

    @cached_property
    def areas(self) -> tuple[TaskFact, ...]:
        return tuple(task for task in self.tasks if task.parent_id is None)

    @cached_property
    def visions(self) -> tuple[VisionFact, ...]:
        """Read only where asked: of all pages, the report alone needs them."""
        areas = {task.id: task.area for task in self.tasks}
        return tuple(indicator_records.vision_facts(self.project, areas))

    @cached_property
    def comparisons(self) -> tuple[ComparisonFact, ...]:
        """Read only where asked, too."""
        return tuple(indicator_records.comparison_facts(self.project))

    def is_due(self, point: PointFact) -> bool:
        return point.is_due(self.window.start, self.as_of)

    def rate(self, method: str, scope: Scope) -> Fraction | None:
        """The rate an automatic scoring item follows (FIGURES.md, Satisfaction, score)."""
        if method == "indicator_rate":
            counted = self.indicators.get(scope.indicator_key)
            return counted.rate if counted else None
        if method in ("task_rate", "overall_rate"):
            progress = self.task_figures.by_area[scope.area] if scope.area else self.task_figures.progress
            return progress.due_rate if method == "task_rate" else progress.overall_rate
        if method == "satisfaction":
            return satisfaction_rate(self.satisfaction, self.as_of.year)
        if method == "outcome_rate":
            return self.outcome_figures.rate(scope.area)
        money = self.funding.get(f"task:{scope.area}" if scope.area else "window")
        rate: Fraction | None = getattr(money, method)
        return rate


def main_window(project: Project) -> Window:
    """The window of the coming report; without one, the whole construction period as a mid-term window."""
    window = project.main if hasattr(project, "main") else project.windows.filter(is_main=True).first()
    if window is None:
        years = date(project.start_year, 1, 1), date(project.end_year, 12, 31)
        return Window(WindowKind.MIDTERM, *years)
    return as_window(window)


def as_window(record: ReportingWindow) -> Window:
    return Window(record.kind, record.start, record.cutoff, record.name)


def gather(
    project: Project,
    as_of: date | None = None,
    known_at: datetime | None = None,
    *,
    pending: bool = False,
    window: Window | None = None,
    basis: str = CURRENT,
) -> Facts:
    """The facts of a project as of a date (default: the cut-off of its window, never today).

    `known_at` asks what was approved by then; `pending` also counts what waits for review (含待审),
    which is never official. `window` asks in another window than the main one.

    `basis` is the task book: as adjusted by the changes that hold as of the date ("current"), or as it was
    signed ("original").
    """
    window = window or main_window(project)
    as_of = as_of or window.cutoff
    changes = adjustments(project)
    original = as_stood(changes, as_of, known_at, basis)
    tasks, extras = task_facts(project, window.start, as_of, known_at, pending=pending, original=original)
    areas = {task.id: task.area for task in tasks}
    ledger = indicator_records.ledger(project, areas, known_at, pending=pending)
    points = point_facts(project, tasks, ledger.by_point, as_of, known_at, pending=pending, original=original)
    indicators = indicator_records.indicator_facts(
        project, areas, ledger.by_indicator, known_at, pending=pending, original=original
    )
    amounts = amount_facts(project)
    targets = indicator_records.target_facts(project, areas, original)
    outcomes = indicator_records.counting_for(ledger.outcomes, targets)
    return Facts(
        project=project,
        window=window,
        as_of=as_of,
        known_at=known_at,
        pending=pending,
        basis=basis,
        adjustments=tuple(each for each in changes if each.is_known(known_at)),
        tasks=tuple(tasks),
        points=tuple(points),
        extras=tuple(extras),
        attainments=tuple(window_attainment(i, window.kind, window.start, as_of) for i in indicators),
        outcomes=outcomes,
        amounts=tuple(amounts),
        satisfaction=tuple(indicator_records.satisfaction_facts(project)),
        task_figures=task_figures(tasks, points, extras, window.start, as_of),
        outcome_figures=outcome_figures(targets, outcomes, as_of),
        funding=funding_figures(amounts, window.start, as_of),
    )


def own_score(facts: Facts) -> Score | None:
    """The score of one project by its own scheme; None without one."""
    scheme = indicator_records.scheme(facts.project)
    if not scheme.items:
        return None
    areas = {task.code: task.area for task in facts.tasks}
    marks = mark_items(scheme.items, areas, facts.rate)
    roots = [mark for mark in marks if mark.depth == 0]
    total = sum((mark.mark or Fraction(0) for mark in roots), Fraction(0))
    unmarked = sum(mark.unmarked for mark in roots)
    figure = percent_lookup(facts, {"total": Amount(total), "unmarked": Amount(unmarked)})
    held = [veto for veto in scheme.vetoes if veto_holds(veto, figure)]
    own_grade = None if unmarked else grade_of(total, scheme.bands)
    return Score(
        marks=marks,
        total=total,
        full=sum((mark.full for mark in roots), Fraction(0)),
        unmarked=unmarked,
        grade=lowest_grade([own_grade, *(veto.grade for veto in held)], scheme.bands),
        weight=facts.project.composite_weight,
        vetoes=tuple(veto.name for veto in held),
        bands=scheme.bands,
    )


def composite(facts: Facts) -> Composite | None:
    """The composite score over a school project and its groups, each as of the same date.

    None at group level and without a scoring scheme. A school weight of 100 leaves the groups out.
    """
    own = facts.score
    if own is None or not facts.project.is_school:
        return None
    parts: list[tuple[Score | None, Decimal | None]] = [(own, own.weight)]
    if own.weight is not None and own.weight != 100:
        for group in Project.objects.groups_of(facts.project).with_window():
            theirs = gather(group, facts.as_of, facts.known_at, pending=facts.pending, basis=facts.basis)
            parts.append((theirs.score, group.composite_weight))
    total = composite_of(parts)
    return Composite(total, None if total is None else grade_of(total, own.bands))
