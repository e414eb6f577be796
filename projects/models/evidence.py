"""Evidence (佐证材料): a file is stored once by its SHA-256 and used many times."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from projects.models.organisation import Institution
from projects.models.plan import Project, TaskPoint


class StoredFile(models.Model):
    """Bytes on disk. `name` in storage is derived from the digest, never from the upload."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="files", verbose_name="院校")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField("大小（字节）")
    content_type = models.CharField("类型", max_length=100)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        constraints = [models.UniqueConstraint(fields=("institution", "sha256"), name="file_stored_once")]

    def __str__(self) -> str:
        return self.sha256[:12]


class Evidence(models.Model):
    """One material with its metadata; the file may still be missing when only an index was imported."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="evidence", verbose_name="建设项目")
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="uses", verbose_name="文件"
    )
    file_name = models.CharField("文件名", max_length=255)
    title = models.CharField("材料名称", max_length=500)
    issuer = models.CharField("发文单位", max_length=200, blank=True)
    document_no = models.CharField("文号", max_length=200, blank=True)
    issued_on = models.DateField("成文日期", null=True, blank=True)
    points = models.ManyToManyField(
        TaskPoint, through="PointEvidence", related_name="evidence", verbose_name="佐证的任务点"
    )

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        ordering = ("project_id", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("project", "file_name", "title"), name="evidence_once_per_project"
            )
        ]

    def __str__(self) -> str:
        return self.title


class EvidenceUse(models.Model):
    """What a material proves: the pages that do, and a sentence why.

    `TARGET` is its foreign key to what is proved; that has its uses as `evidence_uses`.
    """

    TARGET: ClassVar[str] = ""

    evidence = models.ForeignKey(Evidence, models.CASCADE, verbose_name="佐证材料")
    pages = models.CharField("起止页码", max_length=50, blank=True)
    note = models.TextField("支撑说明", blank=True)
    # Links made before this was kept have none.
    linked_at = models.DateTimeField("关联时间", auto_now_add=True, null=True)

    class Meta:
        abstract = True

    @property
    def target(self) -> Any:
        """What is proved: a point, an indicator, a row of the ledger."""
        return getattr(self, self.TARGET)


class PointEvidence(EvidenceUse):
    TARGET = "point"

    point = models.ForeignKey(TaskPoint, models.CASCADE, related_name="evidence_uses", verbose_name="任务点")

    class Meta:
        verbose_name = verbose_name_plural = "任务点佐证"
        constraints = [models.UniqueConstraint(fields=("evidence", "point"), name="point_evidence_once")]

    def __str__(self) -> str:
        return f"{self.point} ← {self.evidence}"
