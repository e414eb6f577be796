"""满意度, 发展对比 and 愿景目标."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from projects.fields import ExactDecimalField, not_negative
from projects.models import YEARS, Department, Project, Task


class SatisfactionResult(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="satisfaction", verbose_name="建设项目")
    who = models.CharField("对象", max_length=100)
    year = models.PositiveSmallIntegerField("年度", validators=YEARS)
    percent = ExactDecimalField("满意度（%）", null=True, blank=True, validators=[not_negative])
    target = ExactDecimalField("目标值（%）", null=True, blank=True, validators=[not_negative])
    sample = models.PositiveIntegerField("样本量", null=True, blank=True)
    surveyor = models.CharField("调查机构", max_length=300, blank=True)
    source = models.CharField("数据来源", max_length=500, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="填报部门"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="填报账号",
    )
    position = models.PositiveIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "满意度"
        ordering = ("project_id", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("project", "who", "year"), name="satisfaction_once"),
            models.CheckConstraint(
                condition=models.Q(percent__isnull=True) | models.Q(percent__gte=0, percent__lte=100),
                name="satisfaction_percent_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.who} {self.year}"

    def owners(self) -> set[int | None]:
        return {self.department_id}


class Comparison(models.Model):
    """发展对比: before, now and the benchmark college. Values are text, e.g. 达标 or 12.5."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="comparisons", verbose_name="建设项目")
    code = models.CharField("编号", max_length=100)
    dimension = models.CharField("维度", max_length=200, blank=True)
    name = models.CharField("观测指标", max_length=500)
    unit = models.CharField("单位", max_length=50, blank=True)
    definition = models.TextField("口径", blank=True)
    moment = models.CharField("数据时点", max_length=100, blank=True)
    before = models.CharField("建设前值", max_length=200, blank=True)
    now = models.CharField("本校现值", max_length=200, blank=True)
    benchmark_name = models.CharField("标杆院校", max_length=200, blank=True)
    benchmark = models.CharField("标杆值", max_length=200, blank=True)
    source = models.CharField("数据来源", max_length=500, blank=True)
    position = models.PositiveIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "发展对比"
        ordering = ("project_id", "position", "id")
        constraints = [models.UniqueConstraint(fields=("project", "code"), name="comparison_code_once")]

    def __str__(self) -> str:
        return self.name


class Vision(models.Model):
    """愿景目标 and how far it came true."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="visions", verbose_name="建设项目")
    code = models.CharField("编号", max_length=100)
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="visions", verbose_name="建设任务"
    )
    text = models.TextField("目标表述")
    result = models.TextField("实现情况", blank=True)
    degree = models.CharField("实现程度", max_length=200, blank=True)
    position = models.PositiveIntegerField("顺序", default=0)
    # It is the department's that leads its task, nobody's in particular.
    assignee_id = None
    # Whoever leads the project writes it, too (`leading.can_write`).
    IS_CHAPTER = True

    class Meta:
        verbose_name = verbose_name_plural = "愿景目标"
        ordering = ("project_id", "position", "id")
        constraints = [models.UniqueConstraint(fields=("project", "code"), name="vision_code_once")]

    def __str__(self) -> str:
        return self.text[:40]

    def owners(self) -> set[int | None]:
        return {self.task.lead_id if self.task else None}
