"""What the pages of this app read of `reports.facts.Facts`.

The facts join all apps and lie above this one, so `settings.GATHER` names the function that gathers them;
every number of these pages comes from there, as on all other pages.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from projects.models import Project
from projects.original import CURRENT
from projects.progress import PointFact, TaskFact, TaskFigures

if TYPE_CHECKING:
    from collections.abc import Sequence


class Window(Protocol):
    @property
    def start(self) -> date: ...
    @property
    def cutoff(self) -> date: ...
    @property
    def label(self) -> str:
        """年度, 中期 or 期满."""


class Gathered(Protocol):
    """A project as of a date, as far as its task points go."""

    @property
    def project(self) -> Project: ...
    @property
    def window(self) -> Window: ...
    @property
    def as_of(self) -> date: ...
    @property
    def pending(self) -> bool: ...
    @property
    def is_original(self) -> bool: ...
    @property
    def adjusted(self) -> int:
        """How many changes of the task book hold as of the date."""

    @property
    def tasks(self) -> Sequence[TaskFact]: ...
    @property
    def points(self) -> Sequence[PointFact]: ...
    @property
    def task_figures(self) -> TaskFigures: ...


def gathered(
    project: Project, as_of: date | None = None, *, pending: bool = False, basis: str = CURRENT
) -> Gathered:
    """The facts of a project as of a date (default: the cut-off of its window)."""
    gather = import_string(settings.GATHER)
    return cast(Gathered, gather(project, as_of, pending=pending, basis=basis))


def outside(window: Window, as_of: date) -> str:
    """What a date outside the window means for its figures, else empty."""
    label = window.label
    if as_of < window.start:
        return f"截至日期早于{label}统计开始日 {window.start}：统计时段还没有开始，没有应完成的任务点。"
    if as_of > window.cutoff:
        target = f" {as_of.year} 年的" if label == "年度" else label
        return (
            f"截至日期晚于{label}统计截止日 {window.cutoff}，仍按{label}口径计算："
            f"任务点和经费统计到 {as_of}，指标与{target}目标相比。"
        )
    if as_of.year < window.cutoff.year and label != "年度":
        return (
            f"截至日期早于{label}统计截止日 {window.cutoff}：指标的完成值统计到 {as_of}，与{label}目标相比。"
        )
    return ""


def point_of(facts: Gathered, pk: int) -> PointFact:
    return next(point for point in facts.points if point.id == pk)


def lineage(tasks: Sequence[TaskFact], task_id: int | None) -> list[TaskFact]:
    """A task with the tasks above it, from the root down."""
    by_id = {task.id: task for task in tasks}
    path: list[TaskFact] = []
    while task_id is not None:
        path.insert(0, by_id[task_id])
        task_id = by_id[task_id].parent_id
    return path
