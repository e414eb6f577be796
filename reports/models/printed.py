"""Figures as printed elsewhere, to be checked against ours."""

from __future__ import annotations

from django.db import models

from projects.models import Project


class PrintedFigure(models.Model):
    """原报告数: a figure as printed at one place of a report."""

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="printed_figures", verbose_name="建设项目"
    )
    key = models.CharField("指标键", max_length=300)
    printed = models.CharField("印刷值", max_length=200)
    place = models.CharField("位置", max_length=300)
    position = models.PositiveIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "原报告数"
        ordering = ("project_id", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("project", "key", "place"), name="printed_figure_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}：{self.printed}"
