"""Workbooks that were handed in: what became of each, and by whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from projects.models import Institution, Job, Project

if TYPE_CHECKING:
    from projects.models import User


class IntakeQuerySet(models.QuerySet["Intake"]):
    def of(self, institutions: list[Institution], user: User) -> IntakeQuerySet:
        """Those of the colleges the user may import into; all of them for whoever is above the colleges."""
        return self if user.is_superuser else self.filter(institution__in=institutions)


class Intake(models.Model):
    """导入记录: a file, its preview, and whether it was taken in, given up or taken back.

    The file, the preview and what is needed to take the import back lie in `folder`.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "正在检查"
        REFUSED = "refused", "有问题"
        READY = "ready", "待确认"
        WRITING = "writing", "正在导入"
        DONE = "done", "已导入"
        STALE = "stale", "预览已失效"
        DROPPED = "dropped", "已放弃"
        UNDONE = "undone", "已撤销"

    institution = models.ForeignKey(
        Institution, models.SET_NULL, null=True, related_name="intakes", verbose_name="院校"
    )
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, related_name="intakes", verbose_name="建设项目"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间", auto_now_add=True)
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("校验码", max_length=64)
    size = models.PositiveBigIntegerField("大小（字节）")
    # The files of 佐证材料 that came with it, until it is decided on.
    files_name = models.CharField("佐证文件", max_length=255, blank=True)
    files_sha256 = models.CharField("佐证文件校验码", max_length=64, blank=True)
    files_size = models.PositiveBigIntegerField("佐证文件大小（字节）", default=0)
    approve = models.BooleanField("完成情况直接计为已通过", default=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.CHECKING)
    # counts by sheet, number of faults, notices
    result: models.JSONField[Any, Any] = models.JSONField("结果", default=dict, blank=True)
    note = models.TextField("说明", blank=True)
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="后台任务"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="确认人",
    )
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入记录"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.file_name

    @property
    def folder(self) -> Path:
        return Path(settings.IMPORTS_DIR) / str(self.pk)

    @property
    def source(self) -> Path:
        """The file as it was handed in."""
        return self.folder / "source"

    @property
    def files(self) -> Path | None:
        """The zip with the files of 佐证材料; None without one."""
        return self.folder / "files.zip" if self.files_name else None

    @property
    def does_nothing(self) -> bool:
        """Whether confirming it would change nothing: with `approve`, what waits for review is approved."""
        return bool(self.result.get("changes_nothing")) and not self.approve

    @property
    def new(self) -> int:
        return sum(counts["new"] for counts in self.result.get("counts", {}).values())

    @property
    def changed(self) -> int:
        return sum(counts["changed"] for counts in self.result.get("counts", {}).values())

    @property
    def marked(self) -> Path:
        """A copy of the file with its faults marked."""
        return self.folder / "marked.xlsx"

    @property
    def is_busy(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.WRITING)
