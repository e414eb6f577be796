"""Files of other shapes that were handed in to become workbooks, and what their columns mean to a college."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from projects.models import Institution, Job, Project

if TYPE_CHECKING:
    from projects.models import User


class FileKind(models.TextChoices):
    TASKBOOK = "taskbook", "Word 任务书"
    LEDGER = "ledger", "财务明细账"


class ColumnMapping(models.Model):
    """列对应: what a college said of tables with these headings, so that the next file needs no work."""

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="column_mappings", verbose_name="院校"
    )
    kind = models.CharField("文件种类", max_length=10, choices=FileKind)
    # Headings have any length; the digest of their fingerprint does not.
    digest = models.CharField("表头摘要", max_length=64)
    headings: models.JSONField[Any, Any] = models.JSONField("表头")
    columns: models.JSONField[Any, Any] = models.JSONField("各列的含义")
    unit = models.CharField("金额单位", max_length=10, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="保存人")
    at = models.DateTimeField("保存时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "列对应"
        constraints = [
            models.UniqueConstraint(fields=("institution", "kind", "digest"), name="column_mapping_once")
        ]

    def __str__(self) -> str:
        return "、".join(self.headings)


class LedgerMapping(models.Model):
    """账目对应: what a project of the finance office's books is in a construction project."""

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="ledger_mappings", verbose_name="建设项目"
    )
    value = models.CharField("财务项目", max_length=300)
    task_code = models.CharField("任务编号", max_length=100, blank=True)
    source = models.CharField("资金来源", max_length=200, blank=True)
    is_left_out = models.BooleanField("不属于本项目", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "账目对应"
        constraints = [models.UniqueConstraint(fields=("project", "value"), name="ledger_mapping_once")]

    def __str__(self) -> str:
        return self.value


class ConversionQuerySet(models.QuerySet["Conversion"]):
    def of(self, institutions: list[Institution], user: User) -> ConversionQuerySet:
        """Those of the colleges the user may import into; all of them for whoever is above the colleges."""
        return self if user.is_superuser else self.filter(institution__in=institutions)


class Conversion(models.Model):
    """转换记录: a file, the meaning of its columns, and the workbook that was made of it."""

    class State(models.TextChoices):
        WORKING = "working", "正在读取"
        REFUSED = "refused", "不能读取"
        ASKING = "asking", "待确认列"
        MADE = "made", "已生成"

    kind = models.CharField("文件种类", max_length=10, choices=FileKind)
    institution = models.ForeignKey(
        Institution, models.SET_NULL, null=True, related_name="conversions", verbose_name="院校"
    )
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, related_name="conversions", verbose_name="建设项目"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间", auto_now_add=True)
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("校验码", max_length=64)
    size = models.PositiveBigIntegerField("大小（字节）")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WORKING)
    # Kinds of tables: headings, where they are, samples, and what their columns mean.
    tables: models.JSONField[Any, Any] = models.JSONField("表格", default=list, blank=True)
    # What the rows name that must be matched with the project.
    values: models.JSONField[Any, Any] = models.JSONField("账目", default=list, blank=True)
    result: models.JSONField[Any, Any] = models.JSONField("结果", default=dict, blank=True)
    note = models.TextField("说明", blank=True)
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="后台任务"
    )

    objects = ConversionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "转换记录"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.file_name

    @property
    def folder(self) -> Path:
        return Path(settings.IMPORTS_DIR) / "conversions" / str(self.pk)

    @property
    def source(self) -> Path:
        """The file as it was handed in."""
        return self.folder / "source"

    @property
    def workbook(self) -> Path:
        return self.folder / "made.xlsx"

    @property
    def workbook_name(self) -> str:
        return f"{Path(self.file_name).stem}（待核对）.xlsx"
