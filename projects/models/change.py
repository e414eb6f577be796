"""任务书调整申请: the task book is a contract; it changes only by a request that was approved."""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import and_
from typing import Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models

from projects.models.evidence import StoredFile
from projects.models.plan import Project, TaskPoint

# What can be changed: records of the task book, also those of the apps above this one.
CHANGEABLE = ("taskpoint", "indicator", "outcometarget", "task")
# Instead of a field: the whole record shall go.
DELETION = "deletion"
STEP_DAYS = ("asked_on", "deliberated_on", "reported_on", "approved_on")


def in_order(earlier: str, later: str) -> models.Q:
    """The first day is not after the second, as far as both are known."""
    return (
        models.Q(**{f"{earlier}__isnull": True})
        | models.Q(**{f"{later}__isnull": True})
        | models.Q(**{f"{earlier}__lte": models.F(later)})
    )


class ChangeRequestQuerySet(models.QuerySet["ChangeRequest"]):
    def to_come(self) -> Self:
        """Approved, and not yet written into the record."""
        return self.filter(decided_at__isnull=False, written_at__isnull=True)


class ChangeRequest(models.Model):
    """One changed value of one record, the old beside the new, as text.

    `field` is the name of the record's field, `targets.2024` for the target of one year of an indicator,
    or DELETION. It is decided at `decided_at`; the record itself is changed when the day `in_force_on` comes,
    at `written_at`. Figures as of a day go by `in_force_on` alone.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "校内申请"
        DELIBERATED = "deliberated", "校内审议"
        REPORTED = "reported", "已上报"
        APPROVED = "approved", "已批复/备案"
        REFUSED = "refused", "不同意"
        WITHDRAWN = "withdrawn", "已撤回"

    OPEN = (State.REQUESTED, State.DELIBERATED, State.REPORTED)

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="change_requests", verbose_name="建设项目"
    )
    content_type = models.ForeignKey(
        ContentType,
        models.PROTECT,
        limit_choices_to={"app_label__in": ("projects", "indicators"), "model__in": CHANGEABLE},
        related_name="+",
        verbose_name="调整对象类型",
    )
    object_id = models.PositiveBigIntegerField("调整对象编号", help_text="记录在后台网址中的编号。")
    target = GenericForeignKey()
    field = models.CharField(
        "调整内容",
        max_length=100,
        help_text="字段名，如 planned；某年度目标写作 targets.2024；删除整条写作 deletion。",
    )
    old_value = models.TextField("原值", blank=True)
    new_value = models.TextField("新值", blank=True)
    reason = models.TextField("调整理由")
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申请材料"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人"
    )
    asked_on = models.DateField("申请日期")

    state = models.CharField("状态", max_length=15, choices=State, default=State.REQUESTED)
    deliberated_on = models.DateField("校内审议日期", null=True, blank=True)
    reported_on = models.DateField("上报日期", null=True, blank=True)
    approved_on = models.DateField("批复/备案日期", null=True, blank=True)
    approval_no = models.CharField("批复/备案文号", max_length=200, blank=True)
    approval_file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批复/备案文件"
    )
    in_force_on = models.DateField("生效日期", null=True, blank=True)
    decided_at = models.DateTimeField("批复/备案的记录时间", null=True, blank=True)
    written_at = models.DateTimeField("写入任务书的时间", null=True, blank=True)

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务书调整申请"
        ordering = ("project_id", "-asked_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(field="") & ~models.Q(reason=""), name="change_says_what_and_why"
            ),
            models.CheckConstraint(
                condition=models.Q(field=DELETION) | ~models.Q(old_value=models.F("new_value")),
                name="change_changes_something",
                violation_error_message="新值与原值相同。",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | (models.Q(approved_on__isnull=False) & ~models.Q(approval_no="")),
                name="change_approval_documented",
                violation_error_message="已批复/备案的申请须写明批复/备案日期和文号。",
            ),
            models.CheckConstraint(
                condition=models.Q(in_force_on__isnull=True) | models.Q(state="approved"),
                name="change_in_force_needs_approval",
                violation_error_message="未经批复/备案的申请不能生效。",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True)
                | models.Q(state="approved", in_force_on__isnull=False),
                name="change_written_is_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(written_at__isnull=True) | models.Q(decided_at__isnull=False),
                name="change_written_is_decided",
            ),
            models.UniqueConstraint(
                fields=("content_type", "object_id", "field"),
                condition=models.Q(state__in=("requested", "deliberated", "reported")),
                name="change_open_once",
                violation_error_message="这项内容已有正在办理的调整申请。",
            ),
            models.CheckConstraint(
                condition=reduce(and_, (in_order(*pair) for pair in combinations(STEP_DAYS, 2))),
                name="change_dates_in_order",
                violation_error_message="申请、审议、上报、批复/备案的日期须依次不早于前一步。",
            ),
        ]
        indexes = [models.Index(fields=("content_type", "object_id"), name="change_target")]

    def __str__(self) -> str:
        return f"{self.target or '已不存在'}：{self.field}"

    def clean(self) -> None:
        """The database cannot see through a generic reference: the record must be there, in this project."""
        record = self.target
        owner = record.task if isinstance(record, TaskPoint) else record
        if getattr(owner, "project_id", None) != self.project_id:
            raise ValidationError("本项目中没有这条调整对象。")


class ChangeStep(models.Model):
    """One step of a request: who, when, from which state to which, and why."""

    request = models.ForeignKey(
        ChangeRequest, models.PROTECT, related_name="steps", verbose_name="任务书调整申请"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="操作人")
    at = models.DateTimeField("时间")
    from_state = models.CharField("原状态", max_length=15, blank=True, choices=ChangeRequest.State)
    to_state = models.CharField("新状态", max_length=15, choices=ChangeRequest.State)
    comment = models.TextField("说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "调整办理记录"
        ordering = ("request_id", "id")

    def __str__(self) -> str:
        return f"{self.by} → {self.get_to_state_display()}"
