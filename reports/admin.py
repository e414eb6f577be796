"""The back office for reports, their texts and versions, and for figures printed elsewhere."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from projects.admin import ReadOnly
from reports.models import (
    ColumnMapping,
    Conversion,
    Intake,
    LedgerMapping,
    Narrative,
    PrintedFigure,
    Report,
    Snapshot,
    Waiver,
)


@admin.register(PrintedFigure)
class PrintedFigureAdmin(admin.ModelAdmin):
    list_display = ("key", "printed", "place", "project")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("key", "place")
    autocomplete_fields = ("project",)


@admin.register(Intake)
class IntakeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("file_name", "state", "project", "institution", "by", "at", "decided_by", "decided_at")
    list_filter = ("state", "institution")
    list_select_related = ("project", "institution", "by", "decided_by")
    search_fields = ("file_name", "sha256")
    date_hierarchy = "at"


@admin.register(Conversion)
class ConversionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("file_name", "kind", "state", "project", "institution", "by", "at")
    list_filter = ("kind", "state", "institution")
    list_select_related = ("project", "institution", "by")
    search_fields = ("file_name", "sha256")
    date_hierarchy = "at"


@admin.register(ColumnMapping)
class ColumnMappingAdmin(admin.ModelAdmin):
    """To forget what was said: the next file with these headings is asked about again."""

    list_display = ("__str__", "kind", "institution", "by", "at")
    list_filter = ("kind", "institution")
    list_select_related = ("institution", "by")
    readonly_fields = ("institution", "kind", "digest", "headings", "columns", "unit", "by", "at")


@admin.register(LedgerMapping)
class LedgerMappingAdmin(admin.ModelAdmin):
    list_display = ("value", "task_code", "source", "is_left_out", "project")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("value",)
    autocomplete_fields = ("project",)


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):
    list_display = ("title", "kind", "as_of", "known_at", "state", "created_by", "created_at", "project")
    list_filter = ("state", "kind", "project")
    list_select_related = ("project", "created_by")
    search_fields = ("title",)
    autocomplete_fields = ("project", "created_by")
    readonly_fields = ("state",)


@admin.register(Narrative)
class NarrativeAdmin(admin.ModelAdmin):
    list_display = ("section", "report", "project", "author", "updated_at")
    list_filter = ("project", "report")
    list_select_related = ("report", "project", "author")
    search_fields = ("section", "text")
    autocomplete_fields = ("report", "project", "author")


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("report", "number", "as_of", "sha256", "finalised_at", "finalised_by", "supersedes")
    list_filter = ("report__project",)
    list_select_related = ("report", "finalised_by", "supersedes__report")
    search_fields = ("report__title", "sha256")
    # Thousands of lines of JSON, which nobody reads here.
    exclude = ("document",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Snapshot]:
        return super().get_queryset(request).defer("document", "supersedes__document")


@admin.register(Waiver)
class WaiverAdmin(admin.ModelAdmin):
    list_display = ("rule", "ref", "reason", "by", "at", "project")
    list_filter = ("project", "rule")
    list_select_related = ("by", "project")
    search_fields = ("rule", "ref", "reason")
    autocomplete_fields = ("project", "by")
