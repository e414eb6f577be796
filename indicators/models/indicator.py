"""绩效指标 with its targets by year and its dated values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

from projects.fields import ExactDecimalField, not_negative
from projects.models import RELATIVE_UNITS, YEARS, EvidenceUse, Owned, Project, Reviewed, Task


class Nature(models.TextChoices):
    QUANTITATIVE = "quantitative", "定量"
    QUALITATIVE = "qualitative", "定性"


class Direction(models.TextChoices):
    HIGHER = "higher", "越高越好"
    LOWER = "lower", "越低越好"


class Accumulation(models.TextChoices):
    CUMULATIVE = "cumulative", "累计"
    YEARLY = "yearly", "当年"
    LATEST = "latest", "最新"


class Indicator(Owned):
    project = models.ForeignKey(Project, models.CASCADE, related_name="indicators", verbose_name="建设项目")
    code = models.CharField("指标编号", max_length=100)
    level1 = models.CharField("一级指标", max_length=100)
    level2 = models.CharField("二级指标", max_length=100)
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="indicators", verbose_name="建设任务"
    )
    name = models.CharField("指标名称", max_length=1000)
    unit = models.CharField("单位", max_length=50, blank=True)
    nature = models.CharField("性质", max_length=15, choices=Nature, default=Nature.QUANTITATIVE)
    direction = models.CharField("方向", max_length=10, choices=Direction, default=Direction.HIGHER)
    accumulation = models.CharField(
        "累计方式", max_length=12, choices=Accumulation, default=Accumulation.CUMULATIVE
    )
    final_target = ExactDecimalField("期满目标", null=True, blank=True, validators=[not_negative])
    midterm_target = ExactDecimalField("中期目标", null=True, blank=True, validators=[not_negative])
    target_text = models.TextField("目标表述", blank=True)
    definition = models.TextField("口径说明", blank=True)
    data_source = models.TextField("数据来源", blank=True)
    evidence_required = models.TextField("佐证要求", blank=True)
    is_counted = models.BooleanField("纳入统计", default=True)
    position = models.PositiveIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "绩效指标"
        ordering = ("project_id", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("project", "code"), name="indicator_code_once"),
            models.CheckConstraint(
                condition=(models.Q(final_target__isnull=True) | models.Q(final_target__gte=0))
                & (models.Q(midterm_target__isnull=True) | models.Q(midterm_target__gte=0)),
                name="indicator_targets_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def planned(self) -> Decimal | None:
        """What its shares are to add up to."""
        return self.final_target

    def is_split(self) -> bool:
        return bool(self.shares.all())

    @property
    def adds_up(self) -> bool:
        """Whether what several units reach is added: rates are not, nor what should be low."""
        return self.unit.strip() not in RELATIVE_UNITS and self.direction != Direction.LOWER

    @property
    def reports(self) -> Any:
        """What was filled in about it, decided or not."""
        return self.values


class IndicatorTarget(models.Model):
    """The target of one year."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="targets", verbose_name="绩效指标")
    year = models.PositiveSmallIntegerField("年度", validators=YEARS)
    value = ExactDecimalField("目标值", validators=[not_negative])

    class Meta:
        verbose_name = verbose_name_plural = "年度目标"
        ordering = ("indicator_id", "year")
        constraints = [
            models.UniqueConstraint(fields=("indicator", "year"), name="indicator_target_once_a_year"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="indicator_target_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}"


class IndicatorValue(Reviewed):
    """指标完成: the value of an indicator on a date. A correction is a new row."""

    SUBJECT = "indicator"
    DATE = "measured_on"
    PROJECT, DEPARTMENT, TASK = "indicator__project", "indicator__department", "indicator__task"
    CONTENT = ("measured_on", "value", "ratio", "note")

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="values", verbose_name="绩效指标")
    measured_on = models.DateField("统计日期")
    value = ExactDecimalField("完成值", null=True, blank=True, validators=[not_negative])
    ratio = ExactDecimalField("完成比例", null=True, blank=True, validators=[not_negative])
    note = models.TextField("说明", blank=True)

    class Meta(Reviewed.Meta):
        verbose_name = verbose_name_plural = "指标完成"
        ordering = ("indicator_id", "-measured_on", "-id")
        constraints = [
            *Reviewed.Meta.constraints,
            models.CheckConstraint(
                condition=(models.Q(value__isnull=True) | models.Q(value__gte=0))
                & (models.Q(ratio__isnull=True) | models.Q(ratio__gte=0)),
                name="indicator_value_not_negative",
            ),
        ]
        indexes = [models.Index(fields=("indicator", "state"), name="indicator_value_state")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.measured_on:%Y-%m-%d}"


class IndicatorEvidence(EvidenceUse):
    TARGET = "indicator"

    indicator = models.ForeignKey(
        Indicator, models.CASCADE, related_name="evidence_uses", verbose_name="绩效指标"
    )

    class Meta:
        verbose_name = verbose_name_plural = "指标佐证"
        constraints = [
            models.UniqueConstraint(fields=("evidence", "indicator"), name="indicator_evidence_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator} ← {self.evidence}"
