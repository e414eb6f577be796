"""The back office for figures printed elsewhere."""

from __future__ import annotations

from django.contrib import admin

from reports.models import PrintedFigure


@admin.register(PrintedFigure)
class PrintedFigureAdmin(admin.ModelAdmin):
    list_display = ("key", "printed", "place", "project")
    list_filter = ("project",)
    search_fields = ("key", "place")
    autocomplete_fields = ("project",)
