"""What was done: entries, extra achievements, and the log of every decision about them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models

from projects.fields import ExactDecimalField, not_negative
from projects.models.plan import YEARS, Project, Task, TaskPoint
from projects.querysets import EntryQuerySet


class State(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    RETURNED = "returned", "已退回"
    APPROVED = "approved", "已通过"


class Reviewed(models.Model):
    """A record that counts only while approved: decided by `known_at` and not revoked by then.

    `SUBJECT` is its foreign key to what it reports on (empty: it is that itself), `DATE` the day it speaks
    of, `CONTENT` what people enter; `PROJECT`, `DEPARTMENT` and `TASK` lead to where it belongs, as lookups.
    """

    SUBJECT: ClassVar[str] = ""
    DATE: ClassVar[str] = ""
    CONTENT: ClassVar[tuple[str, ...]] = ()
    PROJECT: ClassVar[str] = "project"
    DEPARTMENT: ClassVar[str] = "department"
    TASK: ClassVar[str] = "task"

    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    passed = models.PositiveSmallIntegerField(
        "已审层级", default=0, help_text="提交后已通过的审核层级数；全部通过后为已通过。"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="填报人",
    )
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    decided_at = models.DateTimeField("通过时间", null=True, blank=True)
    revoked_at = models.DateTimeField("撤销通过时间", null=True, blank=True)
    log = GenericRelation("projects.ReviewLog")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="approved", decided_at__isnull=False) | ~models.Q(state="approved"),
                name="%(app_label)s_%(class)s_approved_when",
            ),
        ]

    @property
    def subject(self) -> Any:
        """What it reports on: a point, an indicator; a ledger row is its own subject."""
        return getattr(self, self.SUBJECT) if self.SUBJECT else self

    @property
    def dated(self) -> date:
        """The day it speaks of."""
        day: date = getattr(self, self.DATE)
        return day


class Entry(Reviewed):
    """完成情况填报: the state of a point on a date, cumulative to it. Never overwritten once submitted."""

    SUBJECT = "point"
    DATE = "effective_on"
    PROJECT, DEPARTMENT, TASK = "point__task__project", "point__department", "point__task"
    CONTENT = (
        *("effective_on", "quantity", "ratio", "description", "reason", "reason_kind", "expected_on"),
        *("next_step", "problems", "help_needed"),
    )

    point = models.ForeignKey(TaskPoint, models.PROTECT, related_name="entries", verbose_name="任务点")
    effective_on = models.DateField("完成日期")
    quantity = ExactDecimalField("完成数量", null=True, blank=True, validators=[not_negative])
    ratio = ExactDecimalField("完成比例", null=True, blank=True, validators=[not_negative])
    description = models.TextField("实际完成情况", blank=True)
    reason = models.TextField("未完成原因", blank=True)
    reason_kind = models.CharField("原因类别", max_length=100, blank=True)
    expected_on = models.DateField("预计完成日期", null=True, blank=True)
    next_step = models.TextField("下一步措施", blank=True)
    problems = models.TextField("存在问题", blank=True)
    help_needed = models.TextField("需要的支持", blank=True)
    report_wording = models.TextField("报告表述", blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta(Reviewed.Meta):
        verbose_name = verbose_name_plural = "完成情况填报"
        ordering = ("point_id", "-effective_on", "-id")
        constraints = [
            *Reviewed.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(quantity__isnull=True) | models.Q(quantity__gte=0),
                name="entry_quantity_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(ratio__isnull=True) | models.Q(ratio__gte=0),
                name="entry_ratio_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=("point", "state"), name="entry_point_state"),
            models.Index(
                models.F("point"),
                models.F("effective_on").desc(),
                models.F("id").desc(),
                name="entry_as_of",
                condition=models.Q(state="approved"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.effective_on:%Y-%m-%d}"


class ExtraAchievement(Reviewed):
    """任务书外新增成果: done, though no point planned it."""

    DATE = "achieved_on"
    PROJECT, DEPARTMENT = "task__project", "task__lead"
    CONTENT = ("task_id", "year", "seq", "achieved_on", "content", "is_early")

    task = models.ForeignKey(Task, models.PROTECT, related_name="extras", verbose_name="建设任务")
    year = models.PositiveSmallIntegerField("年度", validators=YEARS)
    seq = models.CharField("序号", max_length=50)
    achieved_on = models.DateField("完成日期")
    content = models.TextField("内容")
    is_early = models.BooleanField("提前完成", null=True, blank=True)

    # It is nobody's by name: it is found beside the task book.
    assignee_id = None

    class Meta(Reviewed.Meta):
        verbose_name = verbose_name_plural = "任务书外新增成果"
        ordering = ("task__position", "task_id", "year", "id")
        constraints = [
            *Reviewed.Meta.constraints,
            models.UniqueConstraint(fields=("task", "year", "seq"), name="extra_key_once"),
        ]

    def __str__(self) -> str:
        return self.content[:40]

    @property
    def project(self) -> Project:
        return self.task.project

    def owners(self) -> set[int | None]:
        return {self.task.lead_id}


class ReviewLog(models.Model):
    """Append-only: who moved which record from which state to which, and why."""

    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    target = GenericForeignKey()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="操作人",
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="代",
    )
    verb = models.CharField("操作", max_length=20)
    level = models.PositiveSmallIntegerField("审核层级", null=True, blank=True)
    from_state = models.CharField("原状态", max_length=10, blank=True)
    to_state = models.CharField("新状态", max_length=10, choices=State)
    comment = models.TextField("意见", blank=True)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "审核记录"
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=("content_type", "object_id"), name="review_log_target")]

    def __str__(self) -> str:
        return f"{self.by or '—'} → {self.get_to_state_display()}"
