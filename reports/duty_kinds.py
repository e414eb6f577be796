"""The kinds of rows that 分工 gives to people: how each is found, and what is said of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from indicators.models import Indicator, IndicatorShare, OutcomeTarget, SatisfactionResult
from projects.adjustable import FIELDS
from projects.models import FollowUp, PointShare, Project, TaskPoint


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rows: `project` and `task` are the ways from one to these ("" without a task)."""

    name: str
    label: str
    model: Any
    project: str
    task: str
    # Of a row: number, words, year and the address of its page.
    about: Callable[[Any], tuple[str, str, int | None, str]]
    # A share stays with its department: to move it is to split anew.
    moves: bool = True
    # The ways to the day when it left the task book, and to the day when it was done: nobody's task any more.
    removed: str = ""
    done: str = ""
    # Whether its page shows the row; a follow-up has none yet.
    has_page: bool = True

    @property
    def model_name(self) -> str:
        return str(self.model._meta.model_name)

    @property
    def is_task_book(self) -> bool:
        """Whether the task book says which department answers for a row."""
        return any(field.name == "department" for field in FIELDS.get(self.model_name, ()))

    def rows(self) -> QuerySet[Any]:
        related = ["department", "assignee", *([self.task] if self.task else [])]
        return self.model.objects.select_related(self.project, *related)

    def of(self, project: Project) -> QuerySet[Any]:
        return self.rows().filter(**{self.project: project}, **self.undone())

    def in_force(self) -> dict[str, Any]:
        """The condition on rows that are still to be filled."""
        return {f"{self.removed}__isnull": True} if self.removed else {}

    def undone(self) -> dict[str, Any]:
        """The condition on rows that can still be given away: who did what stays as it was."""
        return {f"{self.done}__isnull": True} if self.done else {}


def about_point(point: TaskPoint) -> tuple[str, str, int | None, str]:
    return point.code, point.text, point.year, reverse("projects:point", args=[point.pk])


def about_indicator(indicator: Indicator) -> tuple[str, str, int | None, str]:
    return indicator.code, indicator.name, None, reverse("reports:shares", args=["indicator", indicator.pk])


def about_target(target: OutcomeTarget) -> tuple[str, str, int | None, str]:
    return target.code, target.name, None, reverse("reports:outcomes", args=[target.project_id])


def about_point_share(share: PointShare) -> tuple[str, str, int | None, str]:
    point = share.point
    return point.code, point.text, point.year, reverse("reports:shares", args=["point", point.pk])


def about_indicator_share(share: IndicatorShare) -> tuple[str, str, int | None, str]:
    return about_indicator(share.indicator)


def about_satisfaction(result: SatisfactionResult) -> tuple[str, str, int | None, str]:
    address = reverse("reports:satisfaction", args=[result.project_id])
    return "", f"{result.who}满意度", result.year, address


def about_follow_up(follow_up: FollowUp) -> tuple[str, str, int | None, str]:
    return "", follow_up.what, None, reverse("reports:overview", args=[follow_up.project_id])


OWN: dict[str, Any] = {"removed": "removed_on"}
KINDS = (
    Kind("point", "任务点", TaskPoint, "task__project", "task", about_point, **OWN),
    Kind("indicator", "绩效指标", Indicator, "project", "task", about_indicator, **OWN),
    Kind("target", "成果目标", OutcomeTarget, "project", "task", about_target, **OWN),
    Kind(
        *("pointshare", "任务点分解", PointShare, "point__task__project", "point__task", about_point_share),
        moves=False,
        removed="point__removed_on",
    ),
    Kind(
        *("indicatorshare", "指标分解", IndicatorShare, "indicator__project", "indicator__task"),
        about_indicator_share,
        moves=False,
        removed="indicator__removed_on",
    ),
    Kind("satisfaction", "满意度", SatisfactionResult, "project", "", about_satisfaction),
    Kind("followup", "督办事项", FollowUp, "project", "", about_follow_up, done="done_on", has_page=False),
)
BY_NAME = {kind.name: kind for kind in KINDS}
