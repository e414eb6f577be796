"""A report in the making, and the texts that people write for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from projects.models import Project, ReportingWindow


class Report(models.Model):
    """自评报告: a kind of report on a project as of a date, with what was approved at `known_at` (None: now).

    `kind` is the identifier of one of the report kinds, e.g. `school-midterm`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        IN_REVIEW = "in_review", "送审"
        FINAL = "final", "定稿"
        HANDED_IN = "handed_in", "报送"

    project = models.ForeignKey(Project, models.CASCADE, related_name="reports", verbose_name="建设项目")
    kind = models.CharField("报告类型", max_length=50)
    title = models.CharField("标题", max_length=300)
    window = models.ForeignKey(
        ReportingWindow,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name="统计时段",
    )
    as_of = models.DateField("截至日期")
    known_at = models.DateTimeField(
        "审核时点", null=True, blank=True, help_text="只计此时已通过的填报；不填，即为生成时。"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="建立人"
    )
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "自评报告"
        ordering = ("project_id", "-as_of", "-id")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind="") & ~models.Q(title=""), name="report_has_kind_and_title"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Narrative(models.Model):
    """文字材料 for one section: of one report, or of the project for every report that has the section."""

    report = models.ForeignKey(
        Report, models.CASCADE, null=True, blank=True, related_name="narratives", verbose_name="自评报告"
    )
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="narratives", verbose_name="建设项目"
    )
    section = models.CharField("章节", max_length=100)
    text = models.TextField("正文", blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="撰写人"
    )
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "文字材料"
        ordering = ("project_id", "report_id", "section")
        constraints = [
            # Where the report or the project is NULL, the constraint says nothing: each does its half.
            models.UniqueConstraint(fields=("report", "section"), name="narrative_once_in_report"),
            models.UniqueConstraint(fields=("project", "section"), name="narrative_once_in_project"),
            models.CheckConstraint(
                condition=models.Q(report__isnull=True, project__isnull=False)
                | models.Q(report__isnull=False, project__isnull=True),
                name="narrative_of_report_or_project",
                violation_error_message="文字材料属于一份报告或一个项目，两者只填一个。",
            ),
            models.CheckConstraint(condition=~models.Q(section=""), name="narrative_has_section"),
        ]

    def __str__(self) -> str:
        return f"{self.report or self.project} · {self.section}"
