"""分解下达: a point or an indicator split into shares of several departments."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from projects.fields import ExactDecimalField, not_negative
from projects.models.organisation import Department
from projects.models.plan import Project, TaskPoint


class Share(models.Model):
    """What one department takes over; `target` None: the share is not a number.

    What it reports (cumulative to `reported_on`) is for the lead, who confirms the total: no figure counts
    it. `SUBJECT` is its foreign key to what it is a share of.
    """

    SUBJECT: ClassVar[str]

    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="承担部门")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="填报账号",
    )
    target = ExactDecimalField("承担目标", null=True, blank=True, validators=[not_negative])
    quantity = ExactDecimalField("完成数量", null=True, blank=True, validators=[not_negative])
    reported_on = models.DateField("完成日期", null=True, blank=True)
    description = models.TextField("完成情况", blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="填报人",
    )
    reported_at = models.DateTimeField("填报时间", null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(target__isnull=True) | models.Q(target__gte=0),
                name="%(class)s_target_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__isnull=True) | models.Q(quantity__gte=0),
                name="%(class)s_quantity_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.department}"

    @property
    def subject(self) -> Any:
        """The point or the indicator that it is a share of."""
        return getattr(self, self.SUBJECT)

    @property
    def project(self) -> Project:
        found: Project = self.subject.project
        return found

    def owners(self) -> set[int | None]:
        return {self.department_id}


class PointShare(Share):
    """A department's share of the planned quantity of a point."""

    SUBJECT = "point"

    point = models.ForeignKey(TaskPoint, models.CASCADE, related_name="shares", verbose_name="任务点")

    class Meta(Share.Meta):
        verbose_name = verbose_name_plural = "任务点分解"
        ordering = ("point_id", "id")
        constraints = [
            *Share.Meta.constraints,
            models.UniqueConstraint(fields=("point", "department"), name="point_share_once"),
        ]
