"""Finalised versions of a report: written once, never changed, never deleted."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from reports.models.report import Report


class Frozen(Exception):
    """Somebody tried to change or delete a finalised version."""

    def __init__(self) -> None:
        super().__init__("定稿版本不能修改或删除；要更正，请另出新版本。")


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    """Adds only. Whatever changes many rows at once goes through `update` or `delete`."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise Frozen

    def delete(self) -> NoReturn:
        raise Frozen

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Could overwrite rows on conflict, and versions come one by one."""
        raise Frozen


class Snapshot(models.Model):
    """定稿版本: the built document as JSON with its SHA-256, and all that is needed to build it again.

    A correction is a new version that names the one it supersedes. Everything it refers to is protected,
    so that no cascade takes it away either.
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="snapshots", verbose_name="自评报告")
    number = models.PositiveIntegerField("版本号", validators=[MinValueValidator(1)])
    as_of = models.DateField("截至日期")
    known_at = models.DateTimeField("审核时点")
    document: models.JSONField[Any, Any] = models.JSONField("报告内容")
    sha256 = models.CharField("校验码", max_length=64)
    finalised_at = models.DateTimeField("定稿时间")
    finalised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="定稿人"
    )
    reason = models.TextField(
        "带问题定稿的理由", blank=True, help_text="有未解决的校核问题时必填，存为内部附件，不进入报告。"
    )
    supersedes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name="所更正的版本",
    )

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "定稿版本"
        ordering = ("report_id", "-number")
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=("report", "number"), name="snapshot_number_once"),
            models.CheckConstraint(
                condition=models.Q(number=1, supersedes__isnull=True)
                | models.Q(number__gt=1, supersedes__isnull=False),
                name="snapshot_correction_names_superseded",
            ),
            models.CheckConstraint(condition=~models.Q(sha256=""), name="snapshot_has_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.report} 第 {self.number} 版"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert only: a made-up instance with the key of a stored one is refused by the database."""
        if not self._state.adding:
            raise Frozen
        super().save(force_insert=True, using=kwargs.get("using"))

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Frozen

    def clean(self) -> None:
        if self.supersedes and self.supersedes.report_id != self.report_id:
            raise ValidationError("所更正的版本不属于这份报告。")
