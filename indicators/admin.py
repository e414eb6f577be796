"""The back office for indicators, outcomes, satisfaction and scoring."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms import modelform_factory
from django.http import HttpRequest

from indicators.models import (
    Comparison,
    GradeBand,
    Indicator,
    IndicatorShare,
    IndicatorTarget,
    IndicatorValue,
    LedgerNumber,
    Outcome,
    OutcomeIndicator,
    OutcomePoint,
    OutcomeTarget,
    SatisfactionResult,
    ScoringItem,
    Veto,
    Vision,
)
from projects.admin import HeldAdmin, OwnedAdmin, ReadOnly
from projects.models import State


class YearTargetInline(admin.TabularInline):
    model = IndicatorTarget
    extra = 0


class IndicatorShareInline(admin.StackedInline):
    model = IndicatorShare
    extra = 0
    autocomplete_fields = ("department", "assignee", "reported_by")


@admin.register(Indicator)
class IndicatorAdmin(OwnedAdmin):
    list_display = ("code", "level2", "name", "unit", "midterm_target", "final_target", "is_counted")
    list_filter = ("project", "level2", "is_counted")
    search_fields = ("code", "name")
    autocomplete_fields = ("project", "task", "department", "co_departments", "assignee")
    inlines = (YearTargetInline, IndicatorShareInline)


@admin.register(IndicatorValue)
class IndicatorValueAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("indicator", "measured_on", "value", "ratio", "state", "decided_at")
    list_filter = ("state", "indicator__project")
    list_select_related = ("indicator",)


@admin.register(OutcomeTarget)
class OutcomeTargetAdmin(OwnedAdmin):
    list_display = ("code", "name", "level", "target", "unit", "task")
    list_filter = ("project", "level")
    list_select_related = ("task",)
    search_fields = ("code", "name")
    autocomplete_fields = ("project", "task", "department", "co_departments", "assignee")


class PointLinkInline(admin.TabularInline):
    model = OutcomePoint
    form = modelform_factory(OutcomePoint, fields="__all__", labels={"point": "任务点"})
    extra = 0
    autocomplete_fields = ("point",)


class IndicatorLinkInline(admin.TabularInline):
    model = OutcomeIndicator
    form = modelform_factory(OutcomeIndicator, fields="__all__", labels={"indicator": "绩效指标"})
    extra = 0
    autocomplete_fields = ("indicator",)


@admin.register(Outcome)
class OutcomeAdmin(HeldAdmin):
    list_display = (
        "code",
        "name",
        "state",
        "level",
        "quantity",
        "awarded_on",
        "target",
        "first_project_code",
    )
    list_filter = ("project", "state", "level", "kind")
    list_select_related = ("target",)
    search_fields = ("code", "name", "document_no")
    date_hierarchy = "awarded_on"
    autocomplete_fields = ("project", "department", "task", "target", "supported_target")
    # A state is decided, and the decision logged; it is not typed.
    readonly_fields = ("state", "passed", "author", "submitted_at", "decided_at", "revoked_at")
    inlines = (PointLinkInline, IndicatorLinkInline)

    def save_model(self, request: HttpRequest, obj: Outcome, form: Any, change: bool) -> None:
        """What is added here goes through review like everything else."""
        if not change:
            obj.state = State.DRAFT
        super().save_model(request, obj, form, change)


@admin.register(LedgerNumber)
class LedgerNumberAdmin(admin.ModelAdmin):
    list_display = ("project", "last")
    list_select_related = ("project",)
    autocomplete_fields = ("project",)


@admin.register(SatisfactionResult)
class SatisfactionResultAdmin(HeldAdmin):
    list_display = ("who", "year", "percent", "target", "sample", "surveyor", "project")
    list_select_related = ("project",)
    autocomplete_fields = ("project", "department", "assignee")
    list_filter = ("project", "year")


@admin.register(ScoringItem)
class ScoringItemAdmin(HeldAdmin):
    list_display = ("code", "name", "method", "scope", "full_mark", "weight", "self_mark")
    list_filter = ("project", "method")
    search_fields = ("code", "name")
    autocomplete_fields = ("project", "parent")


@admin.register(GradeBand)
class GradeBandAdmin(HeldAdmin):
    list_display = ("name", "lower", "project")
    list_select_related = ("project",)
    autocomplete_fields = ("project",)
    list_filter = ("project",)


@admin.register(Veto)
class VetoAdmin(HeldAdmin):
    list_display = ("code", "name", "condition", "is_triggered", "grade", "project")
    list_select_related = ("project",)
    autocomplete_fields = ("project",)
    list_filter = ("project",)


@admin.register(Comparison)
class ComparisonAdmin(HeldAdmin):
    list_display = ("code", "dimension", "name", "before", "now", "benchmark", "project")
    list_select_related = ("project",)
    autocomplete_fields = ("project",)
    list_filter = ("project", "dimension")
    search_fields = ("name",)


@admin.register(Vision)
class VisionAdmin(HeldAdmin):
    list_display = ("code", "text", "degree", "project")
    list_select_related = ("project",)
    autocomplete_fields = ("project", "task")
    list_filter = ("project",)
