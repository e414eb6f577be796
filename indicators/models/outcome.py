"""成果目标 and 成果台账: what was promised to be won, and each thing won, entered once."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from indicators.likeness import KEY_LENGTH, name_key, number_key
from indicators.models.indicator import Indicator
from indicators.querysets import OutcomeQuerySet
from projects.fields import ExactDecimalField, not_negative
from projects.models import Department, EvidenceUse, Owned, Project, Reviewed, State, Task, TaskPoint

NO_LEVEL = "未标级别"


class OutcomeTarget(Owned):
    project = models.ForeignKey(
        Project, models.CASCADE, related_name="outcome_targets", verbose_name="建设项目"
    )
    code = models.CharField("成果编号", max_length=100)
    task = models.ForeignKey(
        Task,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="outcome_targets",
        verbose_name="建设任务",
    )
    name = models.CharField("成果名称", max_length=1000)
    level = models.CharField(
        "级别", max_length=50, default=NO_LEVEL, help_text="“省级以上”等表示至少达到该级别。"
    )
    target = ExactDecimalField("目标数量", validators=[not_negative])
    unit = models.CharField("单位", max_length=50, default="项")
    target_text = models.TextField("目标表述", blank=True)
    position = models.PositiveIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "成果目标"
        ordering = ("project_id", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("project", "code"), name="outcome_target_code_once"),
            models.CheckConstraint(condition=models.Q(target__gte=0), name="outcome_target_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Outcome(Reviewed):
    """One row of the ledger: a prize, project, textbook, patent …, or a summary of several.

    What a workbook brings in counts at once; what a department enters counts once it is approved. Without
    `decided_at` it has counted from the beginning.
    """

    DATE = "awarded_on"
    CONTENT = (
        *("name", "level", "kind", "grade", "awarded_on", "quantity", "issuer", "document_no", "rank"),
        *("department_id", "task_id", "target_id", "first_project_code", "supported_target_id"),
        *("duplicate_reason", "revision"),
    )

    state = models.CharField("状态", max_length=10, choices=State, default=State.APPROVED)
    project = models.ForeignKey(Project, models.CASCADE, related_name="outcomes", verbose_name="建设项目")
    code = models.CharField("台账编号", max_length=100)
    name = models.CharField("名称", max_length=1000)
    level = models.CharField("级别", max_length=50, default=NO_LEVEL)
    kind = models.CharField("成果类别", max_length=100, blank=True)
    grade = models.CharField("等次", max_length=100, blank=True)
    awarded_on = models.DateField("获批日期")
    quantity = ExactDecimalField("数量", default=1, validators=[not_negative])
    issuer = models.CharField("颁发单位", max_length=300, blank=True)
    document_no = models.CharField("文号", max_length=300, blank=True)
    rank = models.CharField("本校位次", max_length=50, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="完成部门"
    )
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="outcomes", verbose_name="建设任务"
    )
    target = models.ForeignKey(
        OutcomeTarget,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="outcomes",
        verbose_name="计入的成果目标",
    )
    supported_target = models.ForeignKey(
        OutcomeTarget,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="supporting",
        verbose_name="仅引用的成果目标",
    )
    points = models.ManyToManyField(
        TaskPoint, through="OutcomePoint", related_name="outcomes", verbose_name="关联的任务点"
    )
    indicators = models.ManyToManyField(
        Indicator, through="OutcomeIndicator", related_name="outcomes", verbose_name="关联的指标"
    )
    # Kept as a code: the project where the outcome counts first may not be here yet.
    first_project_code = models.CharField("首计项目", max_length=100, blank=True)
    position = models.PositiveIntegerField("顺序", default=0)
    duplicate_reason = models.TextField(
        "重复登记理由", blank=True, help_text="台账中已有同名或同文号的成果时，说明为什么不是同一项。"
    )
    # Counts every change of what people enter, its links included.
    revision = models.PositiveIntegerField("修改次数", default=0, editable=False)
    name_key = models.CharField(max_length=KEY_LENGTH, blank=True, editable=False, db_index=True)
    number_key = models.CharField(max_length=KEY_LENGTH, blank=True, editable=False, db_index=True)
    # It is the department's that won it, nobody's in particular.
    assignee_id = None

    objects = OutcomeQuerySet.as_manager()

    class Meta(Reviewed.Meta):
        verbose_name = verbose_name_plural = "成果台账"
        ordering = ("project_id", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("project", "code"), name="outcome_code_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="outcome_quantity_not_negative"),
            models.CheckConstraint(
                condition=Q(target=None) | Q(supported_target=None), name="outcome_one_target"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

    def set_keys(self) -> None:
        """For finding near-duplicates; whoever writes many rows at once calls it for each."""
        self.name_key, self.number_key = name_key(self.name), number_key(self.document_no)

    def owners(self) -> set[int | None]:
        return {self.department_id}


class OutcomePoint(models.Model):
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="point_links")
    point = models.ForeignKey(TaskPoint, models.CASCADE, related_name="outcome_links")
    counts = models.BooleanField("计入", default=True, help_text="否：仅引用，作为支撑，不计数量。")

    class Meta:
        verbose_name = verbose_name_plural = "成果关联任务点"
        constraints = [models.UniqueConstraint(fields=("outcome", "point"), name="outcome_point_once")]

    def __str__(self) -> str:
        return f"{self.outcome} → {self.point}"


class OutcomeIndicator(models.Model):
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="indicator_links")
    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="outcome_links")
    counts = models.BooleanField("计入", default=True, help_text="否：仅引用，作为支撑，不计数量。")

    class Meta:
        verbose_name = verbose_name_plural = "成果关联指标"
        constraints = [
            models.UniqueConstraint(fields=("outcome", "indicator"), name="outcome_indicator_once")
        ]

    def __str__(self) -> str:
        return f"{self.outcome} → {self.indicator}"


class OutcomeEvidence(EvidenceUse):
    TARGET = "outcome"

    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="evidence_uses", verbose_name="成果")

    class Meta:
        verbose_name = verbose_name_plural = "成果佐证"
        constraints = [models.UniqueConstraint(fields=("evidence", "outcome"), name="outcome_evidence_once")]

    def __str__(self) -> str:
        return f"{self.outcome} ← {self.evidence}"


class LedgerNumber(models.Model):
    """The last 台账编号 given out in a project: a number is never given twice, also when its row is gone."""

    project = models.OneToOneField(
        Project, models.CASCADE, primary_key=True, related_name="ledger_number", verbose_name="建设项目"
    )
    last = models.PositiveIntegerField("最后编号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "台账编号"

    def __str__(self) -> str:
        return f"{self.project} {self.last}"
