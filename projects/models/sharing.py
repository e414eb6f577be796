"""分解下达: a point or an indicator split into shares of several departments."""

from __future__ import annotations

from django.db import models

from projects.fields import ExactDecimalField, not_negative
from projects.models.organisation import Department
from projects.models.plan import TaskPoint


class Share(models.Model):
    """What one department takes over; `target` None: the share is not a number."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="承担部门")
    target = ExactDecimalField("承担目标", null=True, blank=True, validators=[not_negative])

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(target__isnull=True) | models.Q(target__gte=0),
                name="%(class)s_target_not_negative",
            ),
        ]


class PointShare(Share):
    """A department's share of the planned quantity of a point."""

    point = models.ForeignKey(TaskPoint, models.CASCADE, related_name="shares", verbose_name="任务点")

    class Meta(Share.Meta):
        verbose_name = verbose_name_plural = "任务点分解"
        ordering = ("point_id", "id")
        constraints = [
            *Share.Meta.constraints,
            models.UniqueConstraint(fields=("point", "department"), name="point_share_once"),
        ]

    def __str__(self) -> str:
        return f"{self.point} · {self.department}"
