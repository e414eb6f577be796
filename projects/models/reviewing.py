"""How review is organised: the levels of a project, who stands in for whom, and the usual words."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from projects.models.organisation import Institution, Role
from projects.models.plan import Project

# Whoever may be asked to review, in the usual order: 部门, 建设组, 项目办, 学校.
REVIEWING_ROLES = (Role.HEAD, Role.LEADER, Role.OFFICE, Role.PRINCIPAL)


class ReviewLevel(models.Model):
    """Who reviews at one level (1 is the first). Levels without a row follow `reviewing.CHAINS`."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="levels", verbose_name="建设项目")
    level = models.PositiveSmallIntegerField(
        "审核层级", validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    role = models.CharField(
        "由谁审核", max_length=20, choices=[(role.value, role.label) for role in REVIEWING_ROLES]
    )

    class Meta:
        verbose_name = verbose_name_plural = "审核层级"
        ordering = ("project_id", "level")
        constraints = [
            models.UniqueConstraint(fields=("project", "level"), name="review_level_once"),
            models.UniqueConstraint(fields=("project", "role"), name="review_role_once"),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=4), name="review_level_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.level} 级 {self.get_role_display()}"


class Delegation(models.Model):
    """委托代审: while `absent` is away, `substitute` reviews in their place, first and last day included."""

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="delegations", verbose_name="院校"
    )
    absent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="委托人"
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="代审人"
    )
    since = models.DateField("开始日期")
    until = models.DateField("结束日期")
    reason = models.CharField("事由", max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="设置人"
    )
    made_at = models.DateTimeField("设置时间", auto_now_add=True)
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "委托代审"
        ordering = ("-since", "-id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(since__lte=models.F("until")),
                name="delegation_dates_in_order",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=~models.Q(absent=models.F("substitute")),
                name="delegation_to_another",
                violation_error_message="代审人不能是委托人自己。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absent} → {self.substitute}"


class ReviewPhrase(models.Model):
    """常用意见: words that reviewers of a college use again and again."""

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="review_phrases", verbose_name="院校"
    )
    text = models.CharField("常用意见", max_length=200)
    position = models.PositiveIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "常用意见"
        ordering = ("institution_id", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("institution", "text"), name="review_phrase_once"),
            models.CheckConstraint(condition=~models.Q(text=""), name="review_phrase_has_text"),
        ]

    def __str__(self) -> str:
        return self.text
