"""The back office's pages about what steers the project: changes of the task book, locks, follow-ups."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import QuerySet
from django.http import HttpRequest

from projects.admin import ReadOnly
from projects.models import (
    Alert,
    Bulletin,
    ChangeRequest,
    ChangeStep,
    FollowUp,
    TaskPoint,
    WindowException,
    WindowLog,
)


class ChangeStepInline(ReadOnly, admin.TabularInline):
    model = ChangeStep
    extra = 0
    fields = ("at", "by", "from_state", "to_state", "comment")


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnly, admin.ModelAdmin):
    # Its steps change the task book and are logged: they are taken on the pages, not typed.
    list_display = (
        "changed",
        "field",
        "old_value",
        "new_value",
        "state",
        "asked_by",
        "asked_on",
        "in_force_on",
    )
    list_filter = ("state", "project")
    list_select_related = ("asked_by",)
    search_fields = ("reason", "old_value", "new_value", "approval_no")
    date_hierarchy = "asked_on"
    inlines = (ChangeStepInline,)
    fieldsets = (
        ("调整内容", {"fields": ("project", "content_type", "object_id", "field", "old_value", "new_value")}),
        ("申请", {"fields": ("reason", "file", "asked_by", "asked_on")}),
        ("办理", {"fields": ("state", "deliberated_on", "reported_on")}),
        (
            "批复/备案",
            {
                "fields": (
                    *("approved_on", "approval_no", "approval_file"),
                    *("in_force_on", "decided_at", "written_at"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChangeRequest]:
        targets = GenericPrefetch("target", [TaskPoint.objects.select_related("task")])
        return super().get_queryset(request).prefetch_related(targets)

    @admin.display(description="调整对象")
    def changed(self, request: ChangeRequest) -> str:
        return str(request.target or "已不存在")


@admin.register(WindowException)
class WindowExceptionAdmin(admin.ModelAdmin):
    list_display = ("user", "window", "until", "reason", "granted_by", "granted_on")
    list_filter = ("window__project",)
    list_select_related = ("user", "window", "granted_by")
    search_fields = ("reason", "user__name", "user__username")
    autocomplete_fields = ("user", "points", "granted_by")


@admin.register(WindowLog)
class WindowLogAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "window", "verb", "by", "reason")
    list_filter = ("verb", "window__project")
    list_select_related = ("window", "by")
    search_fields = ("reason", "by__name", "by__username")
    date_hierarchy = "at"


@admin.register(FollowUp)
class FollowUpAdmin(admin.ModelAdmin):
    list_display = ("what", "department", "assignee", "due_on", "done_on", "asked_by", "project")
    list_filter = ("project", "department")
    list_select_related = ("department", "assignee", "asked_by", "project")
    search_fields = ("what",)
    date_hierarchy = "due_on"
    autocomplete_fields = ("project", "department", "assignee", "asked_by")


@admin.register(Bulletin)
class BulletinAdmin(admin.ModelAdmin):
    list_display = ("period", "title", "published_on", "project")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("period", "title", "text")
    autocomplete_fields = ("project",)


@admin.register(Alert)
class AlertAdmin(admin.ModelAdmin):
    list_display = ("level", "message", "rule", "ref", "raised_on", "closed_on", "project")
    list_filter = ("level", "project", ("closed_on", admin.EmptyFieldListFilter))
    list_select_related = ("project",)
    search_fields = ("message", "rule", "ref")
    date_hierarchy = "raised_on"
    autocomplete_fields = ("project",)
