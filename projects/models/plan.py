"""The task book: project, reporting windows, task tree and yearly task points."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from projects.fields import ExactDecimalField, not_negative
from projects.models.organisation import Department, Institution, ProfessionalGroup
from projects.querysets import ProjectQuerySet, TaskPointQuerySet

# Units whose numbers are not added over departments.
RELATIVE_UNITS = frozenset({"%", "％", "‰", "百分点", "比例", "率"})
YEARS = (MinValueValidator(1990), MaxValueValidator(2100))


class Owned(models.Model):
    """Who answers for a point, an indicator or an outcome target."""

    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任部门"
    )
    co_departments = models.ManyToManyField(Department, blank=True, related_name="+", verbose_name="协同部门")
    person = models.CharField("责任人", max_length=100, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="填报账号",
    )
    removed_on = models.DateField(
        "调出日期",
        null=True,
        blank=True,
        editable=False,
        help_text="经批复/备案调出任务书的日期；从这一天起不再统计，记录保留。",
    )

    class Meta:
        abstract = True

    def owners(self) -> set[int | None]:
        """The departments that answer for it: the responsible one and those that assist. Once it is split,
        these report on their shares and the responsible one on the whole. Of many, prefetch
        `co_departments` and `shares`."""
        assisting = {department.pk for department in self.co_departments.all()}
        return {self.department_id} | (set() if assisting and self.is_split() else assisting)

    def is_split(self) -> bool:
        return False


class Level(models.TextChoices):
    SCHOOL = "school", "学校"
    GROUP = "group", "专业群"


class Project(models.Model):
    """One construction project (建设项目) of one programme, at school or group level."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="projects", verbose_name="院校")
    code = models.CharField("项目编号", max_length=100, unique=True)
    name = models.CharField("项目名称", max_length=300)
    programme = models.CharField("计划类别", max_length=200, blank=True)
    level = models.CharField("建设层面", max_length=10, choices=Level)
    group = models.ForeignKey(
        ProfessionalGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name="专业群",
    )
    # The parent may be imported later, so its code is kept, not a reference to it.
    parent_code = models.CharField("上级项目编号", max_length=100, blank=True)
    start_year = models.PositiveSmallIntegerField("建设起始年", validators=YEARS)
    end_year = models.PositiveSmallIntegerField("建设结束年", validators=YEARS)
    composite_weight = ExactDecimalField("综合权重（%）", null=True, blank=True, validators=[not_negative])
    document_no = models.CharField("立项文号", max_length=200, blank=True)
    basis_documents = models.TextField("依据文件", blank=True)
    report_title = models.CharField("报告标题", max_length=300, blank=True)
    compiled_on = models.DateField("编制日期", null=True, blank=True)
    area_term = models.CharField("一级任务统称", max_length=100, blank=True)
    leader = models.CharField("项目负责人", max_length=100, blank=True)
    percent_places = models.PositiveSmallIntegerField(
        "百分比小数位", default=2, validators=[MaxValueValidator(4)]
    )
    review_levels = models.PositiveSmallIntegerField(
        "审核层级数", default=1, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建设项目"
        ordering = ("institution_id", "level", "code")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(start_year__lte=models.F("end_year")), name="project_years_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(composite_weight__isnull=True) | models.Q(composite_weight__gte=0),
                name="project_weight_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(review_levels__gte=1, review_levels__lte=4),
                name="project_review_levels",
            ),
            models.CheckConstraint(condition=~models.Q(code=""), name="project_has_code"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_school(self) -> bool:
        return self.level == Level.SCHOOL

    @property
    def term(self) -> str:
        """The project's own name for its root tasks, e.g. 十大建设任务."""
        return self.area_term or "建设任务"


class WindowKind(models.TextChoices):
    ANNUAL = "annual", "年度"
    MIDTERM = "midterm", "中期"
    FINAL = "final", "期满"


class ReportingWindow(models.Model):
    """统计时段: from `start` to `cutoff`, both included. The main one is that of the coming report."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="windows", verbose_name="建设项目")
    name = models.CharField("名称", max_length=100, blank=True)
    kind = models.CharField("类型", max_length=10, choices=WindowKind, default=WindowKind.MIDTERM)
    start = models.DateField("开始日期")
    cutoff = models.DateField("截止日期")
    is_main = models.BooleanField("当前统计时段", default=False)
    locked_at = models.DateTimeField(
        "锁定时间", null=True, blank=True, help_text="报告定稿后，时段内的数据不能再填报。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "统计时段"
        ordering = ("project_id", "-is_main", "start", "cutoff")
        constraints = [
            models.UniqueConstraint(fields=("project", "name"), name="window_name_once"),
            models.UniqueConstraint(
                fields=("project",), condition=models.Q(is_main=True), name="window_one_main"
            ),
            models.CheckConstraint(
                condition=models.Q(start__lte=models.F("cutoff")), name="window_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.get_kind_display()}（{self.start:%Y-%m-%d} 至 {self.cutoff:%Y-%m-%d}）"


class Task(models.Model):
    """建设任务: a node of a tree of any depth; a task without parent is an area (一级任务)."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="tasks", verbose_name="建设项目")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级任务"
    )
    code = models.CharField("任务编号", max_length=100)
    name = models.CharField("任务名称", max_length=1000)
    lead = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="牵头部门"
    )
    school_leader = models.CharField("分管校领导", max_length=100, blank=True)
    team_leader = models.CharField("建设组长", max_length=100, blank=True)
    effect = models.TextField("成效", blank=True)
    position = models.PositiveIntegerField("顺序", default=0)
    # Its text is the department's that leads it, nobody's in particular.
    assignee_id = None

    class Meta:
        verbose_name = verbose_name_plural = "建设任务"
        ordering = ("project_id", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("project", "code"), name="task_code_once"),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="task_not_its_own_parent",
            ),
            models.CheckConstraint(condition=~models.Q(code=""), name="task_has_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def owners(self) -> set[int | None]:
        return {self.lead_id}


class TaskPoint(Owned):
    """任务点: what one task promises for one year."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="points", verbose_name="建设任务")
    year = models.PositiveSmallIntegerField("年度", validators=YEARS)
    seq = models.CharField("序号", max_length=50)
    text = models.TextField("任务点")
    planned = ExactDecimalField("计划数量", null=True, blank=True, validators=[not_negative])
    unit = models.CharField("单位", max_length=50, blank=True)
    due_on = models.DateField("截止日期")
    internal_due_on = models.DateField("内控完成日期", null=True, blank=True)
    evidence_required = models.TextField("佐证要求", blank=True)
    position = models.PositiveIntegerField("顺序", default=0)

    objects = TaskPointQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务点"
        ordering = ("task__position", "task_id", "year", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("task", "year", "seq"), name="point_key_once"),
            models.CheckConstraint(
                condition=models.Q(planned__isnull=True) | models.Q(planned__gte=0),
                name="point_planned_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def project(self) -> Project:
        return self.task.project

    @property
    def reports(self) -> Any:
        """What was filled in about it, decided or not."""
        return self.entries

    def is_split(self) -> bool:
        return bool(self.shares.all())

    @property
    def adds_up(self) -> bool:
        """Whether what several units reach is added: rates are not."""
        return self.unit.strip() not in RELATIVE_UNITS

    @property
    def code(self) -> str:
        """任务-年度-序号, e.g. 8-2-2023-03, as offices cite a point."""
        return point_code(self.task.code, self.year, self.seq)


def point_code(task_code: str, year: int, seq: str) -> str:
    return f"{task_code}-{year}-{seq.zfill(2) if seq.isdecimal() else seq}"
