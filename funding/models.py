"""Money in 万元: what was budgeted, what came in, what was spent. Rows add up."""

from __future__ import annotations

from django.db import models

from projects.fields import ExactDecimalField, not_negative
from projects.models import YEARS, Project, Task


class FundingSource(models.Model):
    project = models.ForeignKey(
        Project, models.CASCADE, related_name="funding_sources", verbose_name="建设项目"
    )
    name = models.CharField("资金来源", max_length=200)
    position = models.PositiveIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "资金来源"
        ordering = ("project_id", "position", "id")
        constraints = [models.UniqueConstraint(fields=("project", "name"), name="funding_source_once")]

    def __str__(self) -> str:
        return self.name


class Amount(models.Model):
    """One amount of a year, or of a span of years that counts only as a whole.

    `amount` None means: there is such an amount, but it is not known. That is not the same as no row.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="%(class)ss", verbose_name="建设项目")
    first_year = models.PositiveSmallIntegerField("起始年度", validators=YEARS)
    last_year = models.PositiveSmallIntegerField("结束年度", validators=YEARS)
    source = models.ForeignKey(
        FundingSource,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name="资金来源",
    )
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name="建设任务"
    )
    amount = ExactDecimalField("金额（万元）", null=True, blank=True, validators=[not_negative])
    dated_on = models.DateField("日期", null=True, blank=True)
    category = models.CharField("支出类别", max_length=200, blank=True)
    document_no = models.CharField("文号", max_length=300, blank=True)
    summary = models.TextField("摘要", blank=True)
    is_imported = models.BooleanField("来自工作簿", default=False, editable=False)
    # Row of the workbook it came from: the amounts of one row are written back as one row.
    position = models.PositiveIntegerField("顺序", default=0, editable=False)

    class Meta:
        abstract = True
        ordering = ("project_id", "first_year", "last_year", "position", "id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0),
                name="%(class)s_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(first_year__lte=models.F("last_year")),
                name="%(class)s_years_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_year} {self.amount}"


class BudgetLine(Amount):
    class Meta(Amount.Meta):
        verbose_name = verbose_name_plural = "预算"


class Receipt(Amount):
    class Meta(Amount.Meta):
        verbose_name = verbose_name_plural = "到位"


class Expenditure(Amount):
    class Meta(Amount.Meta):
        verbose_name = verbose_name_plural = "支出"
