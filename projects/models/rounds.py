"""填报批次: when the college asks its departments for progress, about what, and until when."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from projects.models.plan import YEARS, Project, Task


class Round(models.Model):
    """One asking for progress, e.g. 2023年第四季度进展.

    Its scope is a span of years (None: all years) within some tasks and all below them (none: all tasks).
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="rounds", verbose_name="建设项目")
    name = models.CharField("名称", max_length=200)
    opens_on = models.DateField("开始日期")
    closes_on = models.DateField("截止日期", help_text="填报人最迟提交的日期。")
    first_year = models.PositiveSmallIntegerField(
        "起始年度", null=True, blank=True, validators=YEARS, help_text="与结束年度都不填，即为全部年度。"
    )
    last_year = models.PositiveSmallIntegerField("结束年度", null=True, blank=True, validators=YEARS)
    tasks = models.ManyToManyField(
        Task, blank=True, related_name="+", verbose_name="建设任务", help_text="不选，即为全部任务。"
    )
    asks_progress = models.BooleanField("填写进展", default=True)
    asks_problems = models.BooleanField("填写问题", default=True)
    asks_help = models.BooleanField("填写需要的支持", default=True)
    asks_expected_completion = models.BooleanField("填写预计完成情况", default=True)
    allows_zero_report = models.BooleanField(
        "允许零报告", default=True, help_text="没有新进展的，可以只报“本批次无进展”。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "填报批次"
        ordering = ("project_id", "-opens_on", "-id")
        constraints = [
            models.UniqueConstraint(fields=("project", "name"), name="round_name_once"),
            models.CheckConstraint(
                condition=models.Q(opens_on__lte=models.F("closes_on")),
                name="round_dates_in_order",
                violation_error_message="截止日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=models.Q(first_year__isnull=True, last_year__isnull=True)
                | models.Q(
                    first_year__isnull=False, last_year__isnull=False, first_year__lte=models.F("last_year")
                ),
                name="round_years_in_order",
                violation_error_message="起始年度和结束年度须同时填写，且起始年度不晚于结束年度。",
            ),
            models.CheckConstraint(
                condition=models.Q(asks_progress=True)
                | models.Q(asks_problems=True)
                | models.Q(asks_help=True)
                | models.Q(asks_expected_completion=True),
                name="round_asks_something",
                violation_error_message="至少选择一项要填写的内容。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoundDeadline(models.Model):
    """Until when one level of review (1 is the first) has to be done with a round."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="deadlines", verbose_name="填报批次")
    level = models.PositiveSmallIntegerField(
        "审核层级", validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    closes_on = models.DateField("审核截止日期")

    class Meta:
        verbose_name = verbose_name_plural = "审核截止日期"
        ordering = ("round_id", "level")
        constraints = [
            models.UniqueConstraint(fields=("round", "level"), name="round_deadline_once_per_level"),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=4), name="round_deadline_level"
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.level} 级审核 {self.closes_on:%Y-%m-%d}"

    def clean(self) -> None:
        """Nobody can be done with reviewing before the fillers are done."""
        opens = self.round.closes_on
        if self.closes_on and opens and self.closes_on < opens:
            raise ValidationError({"closes_on": "审核截止日期不能早于填报截止日期。"})


class ZeroReport(models.Model):
    """零报告: nothing new to say of a point or an indicator in a round: filled, without a value."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="zero_reports", verbose_name="填报批次")
    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    target = GenericForeignKey()
    note = models.TextField("说明", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="填报人")
    at = models.DateTimeField("填报时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "零报告"
        ordering = ("round_id", "id")
        constraints = [
            models.UniqueConstraint(fields=("round", "content_type", "object_id"), name="zero_report_once")
        ]

    def __str__(self) -> str:
        return f"{self.round} 零报告"
