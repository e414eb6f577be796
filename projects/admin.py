"""The back office for the task book, people and evidence."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from projects.models import (
    Department,
    Entry,
    Evidence,
    ExtraAchievement,
    Institution,
    Job,
    Membership,
    PointEvidence,
    ProfessionalGroup,
    Project,
    ReportingWindow,
    ReviewLog,
    StoredFile,
    Task,
    TaskPoint,
    User,
)


class ReadOnly:
    """For records that only the application itself writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    model = Membership
    fk_name = "user"
    extra = 0
    autocomplete_fields = ("institution", "department", "project", "tasks")


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "name", "email", "is_active", "is_staff")
    search_fields = ("username", "name", "email")
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("个人信息", {"fields": ("name", "email")}),
        ("权限", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("时间", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "name", "password1", "password2")}),
    )


@admin.register(Institution)
class InstitutionAdmin(admin.ModelAdmin):
    search_fields = ("name",)


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):
    list_display = ("name", "institution", "kind", "head")
    list_filter = ("institution",)
    search_fields = ("name", "head")
    autocomplete_fields = ("institution",)


@admin.register(ProfessionalGroup)
class ProfessionalGroupAdmin(admin.ModelAdmin):
    list_display = ("name", "institution")
    search_fields = ("name",)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "role", "department", "institution", "project")
    list_filter = ("role", "institution")
    list_select_related = ("user", "department", "institution", "project")
    search_fields = ("user__name", "user__username")
    autocomplete_fields = ("user", "institution", "department", "project", "tasks")


class WindowInline(admin.TabularInline):
    model = ReportingWindow
    extra = 0


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "institution", "level", "start_year", "end_year")
    list_filter = ("level", "institution")
    search_fields = ("code", "name")
    autocomplete_fields = ("institution", "group")
    inlines = (WindowInline,)


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "project", "parent", "lead")
    list_filter = ("project",)
    list_select_related = ("project", "parent", "lead")
    search_fields = ("code", "name")
    autocomplete_fields = ("project", "parent", "lead")


@admin.register(TaskPoint)
class TaskPointAdmin(admin.ModelAdmin):
    list_display = ("code", "text", "planned", "unit", "due_on", "department", "person")
    list_filter = ("task__project", "year", "department")
    list_select_related = ("task", "department")
    search_fields = ("text", "task__code", "person")
    autocomplete_fields = ("task", "department", "co_departments", "assignee")


@admin.register(Entry)
class EntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("point", "effective_on", "quantity", "ratio", "state", "author", "decided_at")
    list_filter = ("state", "point__task__project")
    list_select_related = ("point__task", "author")
    search_fields = ("description", "point__text")
    date_hierarchy = "effective_on"


@admin.register(ExtraAchievement)
class ExtraAchievementAdmin(admin.ModelAdmin):
    list_display = ("task", "year", "seq", "content", "achieved_on", "state")
    list_filter = ("task__project", "state")
    list_select_related = ("task",)
    search_fields = ("content",)
    autocomplete_fields = ("task", "author")


@admin.register(ReviewLog)
class ReviewLogAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "by", "verb", "from_state", "to_state", "comment")
    list_filter = ("verb",)
    list_select_related = ("by",)


class PointEvidenceInline(admin.TabularInline):
    model = PointEvidence
    extra = 0
    autocomplete_fields = ("point",)


@admin.register(Evidence)
class EvidenceAdmin(admin.ModelAdmin):
    list_display = ("title", "file_name", "issuer", "document_no", "issued_on", "project")
    list_filter = ("project",)
    search_fields = ("title", "file_name", "document_no")
    autocomplete_fields = ("project",)
    readonly_fields = ("file",)
    inlines = (PointEvidenceInline,)


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("sha256", "content_type", "size", "institution", "uploaded_by", "uploaded_at")


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("id", "kind", "state", "progress", "total", "attempts", "requested_by", "created_at")
    list_filter = ("kind", "state")
