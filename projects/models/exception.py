"""锁定与例外: who locked a window and unlocked it, and who may still write into a locked one."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from projects.models.plan import ReportingWindow, TaskPoint


class WindowException(models.Model):
    """One person may still fill these points of a locked window, up to and including `until`, unless it was
    ended before.

    Without points: whatever the person fills.
    """

    window = models.ForeignKey(
        ReportingWindow, models.CASCADE, related_name="exceptions", verbose_name="统计时段"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="允许填报的人"
    )
    points = models.ManyToManyField(
        TaskPoint,
        blank=True,
        related_name="+",
        verbose_name="任务点",
        help_text="不选，即为其负责填报的全部内容。",
    )
    reason = models.TextField("理由")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="批准人"
    )
    granted_on = models.DateField("批准日期")
    until = models.DateField("有效期至")
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "锁定例外"
        ordering = ("window_id", "-until", "-id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(granted_on__lte=models.F("until")),
                name="exception_dates_in_order",
                violation_error_message="有效期不能早于批准日期。",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="exception_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.user} 至 {self.until:%Y-%m-%d}"


class WindowLog(models.Model):
    """锁定记录: who locked a window, or unlocked it, and why."""

    class Verb(models.TextChoices):
        LOCK = "lock", "锁定"
        UNLOCK = "unlock", "解除锁定"

    window = models.ForeignKey(
        ReportingWindow, models.CASCADE, related_name="lock_log", verbose_name="统计时段"
    )
    verb = models.CharField("操作", max_length=10, choices=Verb)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="操作人")
    at = models.DateTimeField("时间")
    reason = models.TextField("理由")

    class Meta:
        verbose_name = verbose_name_plural = "锁定记录"
        ordering = ("window_id", "-at", "-id")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="window_log_says_why"),
            models.CheckConstraint(condition=models.Q(verb__in=("lock", "unlock")), name="window_log_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.at:%Y-%m-%d}"
