"""How the college steers its project: follow-ups, bulletins and alerts."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from projects.models.organisation import Department
from projects.models.plan import Project


class FollowUp(models.Model):
    """督办: something a department or a person has to do by a day, because someone said so."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="follow_ups", verbose_name="建设项目")
    what = models.TextField("督办事项")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任部门"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="责任人",
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="交办人"
    )
    asked_on = models.DateField("交办日期")
    due_on = models.DateField("完成期限")
    done_on = models.DateField("办结日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "督办"
        ordering = ("project_id", "due_on", "id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(department__isnull=False) | models.Q(assignee__isnull=False),
                name="follow_up_has_owner",
                violation_error_message="须写明责任部门或责任人。",
            ),
            models.CheckConstraint(
                condition=models.Q(asked_on__lte=models.F("due_on")),
                name="follow_up_due_after_asked",
                violation_error_message="完成期限不能早于交办日期。",
            ),
            models.CheckConstraint(
                condition=models.Q(done_on__isnull=True) | models.Q(asked_on__lte=models.F("done_on")),
                name="follow_up_done_after_asked",
                violation_error_message="办结日期不能早于交办日期。",
            ),
            models.CheckConstraint(condition=~models.Q(what=""), name="follow_up_says_what"),
        ]

    def __str__(self) -> str:
        return self.what[:40]


class Bulletin(models.Model):
    """简报 of a period, e.g. 2023年第4期; a draft until it is published."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="bulletins", verbose_name="建设项目")
    period = models.CharField("期次", max_length=100)
    title = models.CharField("标题", max_length=300)
    text = models.TextField("正文")
    published_on = models.DateField("发布日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "简报"
        ordering = ("project_id", "-id")
        constraints = [models.UniqueConstraint(fields=("project", "period"), name="bulletin_once_a_period")]

    def __str__(self) -> str:
        return f"{self.period} {self.title}"


class Alert(models.Model):
    """预警: a rule holds for the record that `ref` names, until it is closed."""

    class Level(models.TextChoices):
        RED = "red", "红色"
        YELLOW = "yellow", "黄色"

    project = models.ForeignKey(Project, models.CASCADE, related_name="alerts", verbose_name="建设项目")
    rule = models.CharField("规则", max_length=100)
    level = models.CharField("级别", max_length=10, choices=Level)
    ref = models.CharField("对象", max_length=300, blank=True)
    message = models.TextField("说明")
    raised_on = models.DateField("预警日期")
    closed_on = models.DateField("解除日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "预警"
        ordering = ("project_id", "-raised_on", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("project", "rule", "ref"),
                condition=models.Q(closed_on__isnull=True),
                name="alert_open_once",
                violation_error_message="同一规则对同一对象已有未解除的预警。",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True) | models.Q(raised_on__lte=models.F("closed_on")),
                name="alert_dates_in_order",
                violation_error_message="解除日期不能早于预警日期。",
            ),
            models.CheckConstraint(condition=models.Q(level__in=("red", "yellow")), name="alert_level"),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.message[:40]}"
