"""消息提醒: what a person is told, by which ways it went out, and which of them the person wants."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models


class Kind(models.TextChoices):
    RETURNED = "returned", "填报被退回"
    REVOKED = "revoked", "通过被撤销"
    HANDED = "handed", "任务分配给我"
    EXCEPTION = "exception", "锁定后允许我填报"
    CHANGE = "change", "任务书调整办理"
    DUE = "due", "即将截止"
    OVERDUE = "overdue", "逾期未填"
    REVIEW = "review", "待我审核"
    JOB = "job", "后台任务完成"
    # To the group of the college, not to a person.
    GROUP = "group", "工作群通报"


PERSONAL = tuple(kind for kind in Kind if kind != Kind.GROUP)


class Channel(models.TextChoices):
    WECOM = "wecom", "企业微信"
    DINGTALK = "dingtalk", "钉钉"
    EMAIL = "email", "邮件"
    WECOM_ROBOT = "wecom_robot", "企业微信群机器人"
    DINGTALK_ROBOT = "dingtalk_robot", "钉钉群机器人"


PERSONAL_CHANNELS = (Channel.WECOM, Channel.DINGTALK, Channel.EMAIL)


class MessageQuerySet(models.QuerySet["Message"]):
    def of(self, user: Any) -> MessageQuerySet:
        return self.filter(user=user)

    def unread(self) -> MessageQuerySet:
        return self.filter(read_at=None)


class Message(models.Model):
    """One thing said to one person (or to the group), once: `key` tells it from all others.

    `url` is the page of the very row it is about; `rows` are several of them, each with text and url.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="told",
        verbose_name="收件人",
    )
    project = models.ForeignKey(
        "projects.Project",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="建设项目",
    )
    kind = models.CharField("类型", max_length=20, choices=Kind)
    key = models.CharField("去重键", max_length=200, unique=True)
    title = models.CharField("标题", max_length=100)
    text = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=300, help_text="本站内的地址，以 / 开头。")
    rows: models.JSONField[Any, Any] = models.JSONField("条目", default=list, blank=True)
    created_at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) ^ models.Q(kind="group"),
                name="message_to_one_or_to_the_group",
            ),
            models.CheckConstraint(condition=models.Q(url__startswith="/"), name="message_url_is_ours"),
        ]
        indexes = [
            models.Index(fields=("user", "-id"), name="message_of_user"),
            models.Index(fields=("user",), condition=models.Q(read_at=None), name="message_unread"),
        ]

    def __str__(self) -> str:
        return self.title


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, at: datetime) -> DeliveryQuerySet:
        """What waits to be sent and may be tried by now, the oldest first."""
        waiting = self.filter(state=Delivery.State.WAITING, next_at__lte=at)
        return waiting.order_by("next_at", "id")


class Delivery(models.Model):
    """One message on one way out: when it is tried next, how often it was, what came back."""

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"

    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries", verbose_name="消息")
    channel = models.CharField("渠道", max_length=20, choices=Channel)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    next_at = models.DateTimeField("下次尝试")
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    error = models.TextField("失败原因", blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息发送"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("message", "channel"), name="delivery_once_per_channel"),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False) | ~models.Q(state="sent"),
                name="delivery_sent_when",
            ),
        ]
        indexes = [
            models.Index(fields=("next_at",), condition=models.Q(state="waiting"), name="delivery_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.get_state_display()}"


class MessageSwitch(models.Model):
    """What a person decided about one kind of message on one way out; without a row the usual holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="message_switches", verbose_name="用户"
    )
    kind = models.CharField("类型", max_length=20, choices=Kind)
    channel = models.CharField("渠道", max_length=20, choices=Channel)
    is_on = models.BooleanField("接收")

    class Meta:
        verbose_name = verbose_name_plural = "消息开关"
        ordering = ("user_id", "kind", "channel")
        constraints = [
            models.UniqueConstraint(fields=("user", "kind", "channel"), name="message_switch_once")
        ]

    def __str__(self) -> str:
        words = "接收" if self.is_on else "不接收"
        return f"{self.get_kind_display()}：{self.get_channel_display()}{words}"
