"""Findings are computed anew each time; what is stored is who lets one stand, and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from projects.models import Project


class Waiver(models.Model):
    """情况说明: the finding of `rule` at `ref` stands, for a written reason. It survives every new check."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="waivers", verbose_name="建设项目")
    rule = models.CharField("校核规则", max_length=100)
    ref = models.CharField("位置", max_length=300, blank=True)
    reason = models.TextField("情况说明")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="说明人")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "情况说明"
        ordering = ("project_id", "-at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("project", "rule", "ref"),
                name="waiver_once",
                violation_error_message="这个问题已有情况说明。",
            ),
            models.CheckConstraint(
                condition=~models.Q(rule="") & ~models.Q(reason=""), name="waiver_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.ref}"
