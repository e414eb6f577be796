"""Background jobs. This row is the truth; Celery only carries its id to a worker."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Func, OuterRef, Q, Subquery

if TYPE_CHECKING:
    from projects.models.organisation import User


class JobQuerySet(models.QuerySet["Job"]):
    def open(self) -> JobQuerySet:
        return self.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING))

    def visible_to(self, user: User) -> JobQuerySet:
        """What a person asked for; a job shows what its handler was told, so nobody else's."""
        return self.filter(requested_by=user)

    def abandoned(self, at: dt.datetime) -> JobQuerySet:
        """Open jobs whose message was lost or whose worker has gone silent."""
        return self.open().filter(lease_until__lt=at)

    def ended_before(self, at: dt.datetime) -> JobQuerySet:
        return self.filter(state__in=(Job.State.DONE, Job.State.FAILED), finished_at__lt=at)

    def with_ahead(self) -> JobQuerySet:
        """Each with `ahead`, the number of open jobs that come before it: running, or waiting longer."""
        earlier = Q(state=Job.State.RUNNING) | Q(pk__lt=OuterRef("pk"))
        others = Job.objects.open().filter(earlier).exclude(pk=OuterRef("pk")).order_by()
        return self.annotate(ahead=Subquery(others.annotate(n=Func("pk", function="COUNT")).values("n")))

    def held_by(self, owner: str) -> JobQuerySet:
        """The job a worker runs, as long as nobody took it over."""
        return self.filter(owner=owner, state=Job.State.RUNNING)


class Job(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"

    kind = models.CharField("类型", max_length=50)
    payload: models.JSONField[Any, Any] = models.JSONField("参数", default=dict, blank=True)
    key = models.CharField(
        "去重键", max_length=200, blank=True, help_text="同一去重键同时只有一个未结束的任务。"
    )
    project = models.ForeignKey(
        "projects.Project",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name="建设项目",
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name="发起人",
    )

    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    progress = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("总数", default=0, help_text="0 表示未知。")
    message = models.CharField("进展", max_length=200, blank=True)
    result: models.JSONField[Any, Any] = models.JSONField("结果", default=dict, blank=True)
    error = models.TextField("失败原因", blank=True)

    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    owner = models.CharField("执行者", max_length=100, blank=True)
    # Until then the present carrier is trusted: the message while queued, the worker while running.
    lease_until = models.DateTimeField("租约到期")

    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("key",),
                condition=Q(state__in=("queued", "running")) & ~Q(key=""),
                name="job_one_open_per_key",
            )
        ]
        indexes = [
            models.Index(
                fields=("lease_until",), condition=Q(state__in=("queued", "running")), name="job_open_lease"
            ),
            models.Index(fields=("project", "-id"), name="job_of_project"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def percent(self) -> int | None:
        """Whole percent done, rounded down, for a progress bar; None while the total is unknown."""
        return min(100, self.progress * 100 // self.total) if self.total else None

    @property
    def folder(self) -> Path:
        """Where the files it makes are kept."""
        return Path(settings.JOBS_DIR) / str(self.pk)
