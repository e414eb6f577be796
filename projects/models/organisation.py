"""Who takes part: institutions, departments, professional groups, users and their roles."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models

from projects.querysets import MembershipQuerySet


class Institution(models.Model):
    """A college. Everything a user sees belongs to exactly one."""

    name = models.CharField("学校名称", max_length=200, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "院校"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="departments", verbose_name="院校"
    )
    name = models.CharField("部门名称", max_length=200)
    kind = models.CharField("类型", max_length=100, blank=True)
    head = models.CharField("负责人", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "部门"
        ordering = ("institution_id", "name")
        constraints = [
            models.UniqueConstraint(fields=("institution", "name"), name="department_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="department_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ProfessionalGroup(models.Model):
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="professional_groups", verbose_name="院校"
    )
    name = models.CharField("专业群名称", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "专业群"
        ordering = ("institution_id", "name")
        constraints = [
            models.UniqueConstraint(fields=("institution", "name"), name="professional_group_once")
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    name = models.CharField("姓名", max_length=100, blank=True)
    must_change_password = models.BooleanField(
        "须先修改密码", default=False, help_text="别人设的密码：登录后必须先改成自己的。"
    )
    wecom_id = models.CharField(
        "企业微信账号", max_length=64, blank=True, help_text="企业微信通讯录中的账号（UserID）。"
    )
    dingtalk_id = models.CharField(
        "钉钉账号", max_length=64, blank=True, help_text="钉钉通讯录中的员工 UserID。"
    )

    class Meta(AbstractUser.Meta):
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.name


class Role(models.TextChoices):
    FILLER = "filler", "填报人"
    HEAD = "head", "部门负责人"
    LEADER = "leader", "建设组长"
    GROUP_LEADER = "group_leader", "专业群负责人"
    FINANCE = "finance", "财务"
    OFFICE = "office", "项目办"
    PRINCIPAL = "principal", "校领导"
    ADMIN = "admin", "管理员"
    EXPERT = "expert", "评审专家"
    AUTHORITY = "authority", "主管部门"


class Membership(models.Model):
    """One role of one user in one institution; a person may hold several."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name="用户"
    )
    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="memberships", verbose_name="院校"
    )
    role = models.CharField("角色", max_length=20, choices=Role)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="部门"
    )
    project = models.ForeignKey(
        "projects.Project", models.CASCADE, null=True, blank=True, related_name="+", verbose_name="限于项目"
    )
    tasks = models.ManyToManyField("projects.Task", blank=True, related_name="+", verbose_name="限于任务")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成员与角色"
        constraints = [
            models.UniqueConstraint(
                fields=("user", "institution", "role", "department", "project"), name="membership_once"
            ),
            models.UniqueConstraint(
                fields=("user", "institution", "role", "project"),
                condition=models.Q(department__isnull=True),
                name="membership_once_in_project",
            ),
            models.UniqueConstraint(
                fields=("user", "institution", "role", "department"),
                condition=models.Q(project__isnull=True),
                name="membership_once_in_department",
            ),
            models.UniqueConstraint(
                fields=("user", "institution", "role"),
                condition=models.Q(department__isnull=True, project__isnull=True),
                name="membership_once_in_institution",
            ),
            models.CheckConstraint(
                condition=~models.Q(role__in=("filler", "head")) | models.Q(department__isnull=False),
                name="membership_department_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
