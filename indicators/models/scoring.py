"""评分表, 等级 and 否决项: the scoring scheme is data."""

from __future__ import annotations

from django.db import models

from projects.fields import ExactDecimalField, not_negative
from projects.models import Project


class Method(models.TextChoices):
    SUM = "sum", "合计"
    TASK_RATE = "task_rate", "任务完成率"
    OVERALL_RATE = "overall_rate", "总体完成率"
    INDICATOR_RATE = "indicator_rate", "指标完成率"
    RECEIPT_RATE = "receipt_rate", "资金到位率"
    SPENT_OF_RECEIVED = "spent_of_received", "资金支出率"
    SPENT_OF_BUDGET = "spent_of_budget", "预算执行率"
    SATISFACTION = "satisfaction", "满意度"
    OUTCOME_RATE = "outcome_rate", "成果完成率"
    MANUAL = "manual", "人工"


class ScoringItem(models.Model):
    project = models.ForeignKey(
        Project, models.CASCADE, related_name="scoring_items", verbose_name="建设项目"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级评分项"
    )
    code = models.CharField("评分编号", max_length=100)
    name = models.CharField("评分项", max_length=500)
    full_mark = ExactDecimalField("分值", null=True, blank=True, validators=[not_negative])
    weight = ExactDecimalField("权重", null=True, blank=True, validators=[not_negative])
    scale = ExactDecimalField("分制", null=True, blank=True, validators=[not_negative])
    method = models.CharField("计分方式", max_length=20, choices=Method)
    scope = models.CharField("范围", max_length=300, blank=True)
    self_mark = ExactDecimalField("自评得分", null=True, blank=True, validators=[not_negative])
    deduction_reason = models.TextField("扣分原因", blank=True)
    meaning = models.TextField("内涵说明", blank=True)
    position = models.PositiveIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "评分项"
        ordering = ("project_id", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("project", "code"), name="scoring_code_once"),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="scoring_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class GradeBand(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="grade_bands", verbose_name="建设项目")
    name = models.CharField("等级", max_length=50)
    lower = ExactDecimalField("下限", validators=[not_negative])

    class Meta:
        verbose_name = verbose_name_plural = "等级"
        ordering = ("project_id", "-lower")
        constraints = [
            models.UniqueConstraint(fields=("project", "name"), name="grade_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Veto(models.Model):
    """否决项: a condition on a figure, or (empty condition) a hand-set trigger, that caps the grade."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="vetoes", verbose_name="建设项目")
    code = models.CharField("编号", max_length=100)
    name = models.CharField("名称", max_length=500)
    condition = models.CharField("条件", max_length=300, blank=True)
    is_triggered = models.BooleanField("触发", null=True, blank=True)
    grade = models.ForeignKey(GradeBand, models.PROTECT, related_name="vetoes", verbose_name="结果等级")
    position = models.PositiveIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "否决项"
        ordering = ("project_id", "position", "id")
        constraints = [models.UniqueConstraint(fields=("project", "code"), name="veto_code_once")]

    def __str__(self) -> str:
        return self.name
