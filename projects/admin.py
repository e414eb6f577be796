"""The back office for the task book, people and evidence."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet, TextField
from django.forms import BaseInlineFormSet, Textarea
from django.http import HttpRequest

from projects.models import (
    Delivery,
    Department,
    Entry,
    Evidence,
    ExtraAchievement,
    Institution,
    Job,
    Membership,
    Message,
    MessageSwitch,
    PointEvidence,
    PointShare,
    ProfessionalGroup,
    Project,
    ReportingWindow,
    ReviewLog,
    Round,
    RoundDeadline,
    State,
    StoredFile,
    Task,
    TaskPoint,
    User,
)
from projects.review import VERBS

# What the log calls the steps of review
OWNERS = ("department", "co_departments", "person", "assignee")


class ReadOnly:
    """For records that only the application itself writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HeldAdmin(admin.ModelAdmin):
    """For what the numbers of a report rest on: shown as long as a window of the project is locked, and
    written on our own pages alone, where the guard knows days and exceptions."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not is_held(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_held(obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if is_held(obj):
            raise PermissionDenied(f"“{obj.project}”有已锁定的统计时段，请在系统页面中填报，或先解除锁定。")
        super().save_model(request, obj, form, change)


def is_held(record: Any) -> bool:
    return record is not None and record.project.windows.filter(locked_at__isnull=False).exists()


class OwnedAdmin(HeldAdmin):
    """What is to be done stands in the form before who does it."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return sorted(super().get_fields(request, obj), key=lambda field: field in OWNERS)


class MembershipInline(admin.StackedInline):
    model = Membership
    fk_name = "user"
    extra = 0
    fields = ("institution", "role", "department", "project", "tasks")
    autocomplete_fields = ("institution", "department", "project", "tasks")


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "name", "roles", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "memberships__role", "memberships__institution")
    search_fields = ("username", "name", "email")
    filter_horizontal = ()
    inlines = (MembershipInline,)
    # Neither Django's groups nor its permissions are used: what a person may do, the roles say.
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "email", "is_active", "is_superuser")}),
        ("消息提醒", {"fields": ("wecom_id", "dingtalk_id")}),
        ("时间", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "name", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships")

    @admin.display(description="角色")
    def roles(self, user: User) -> str:
        return "、".join(dict.fromkeys(each.get_role_display() for each in user.memberships.all()))


@admin.register(Institution)
class InstitutionAdmin(admin.ModelAdmin):
    search_fields = ("name",)


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):
    list_display = ("name", "institution", "kind", "head")
    list_filter = ("institution",)
    list_select_related = ("institution",)
    search_fields = ("name", "head")
    autocomplete_fields = ("institution",)


@admin.register(ProfessionalGroup)
class ProfessionalGroupAdmin(admin.ModelAdmin):
    list_display = ("name", "institution")
    list_filter = ("institution",)
    list_select_related = ("institution",)
    search_fields = ("name",)
    autocomplete_fields = ("institution",)


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
    list_select_related = ("institution",)
    search_fields = ("code", "name")
    autocomplete_fields = ("institution", "group")
    inlines = (WindowInline,)


@admin.register(Task)
class TaskAdmin(HeldAdmin):
    list_display = ("code", "name", "project", "parent", "lead")
    list_filter = ("project",)
    list_select_related = ("project", "parent", "lead")
    search_fields = ("code", "name")
    autocomplete_fields = ("project", "parent", "lead")


class PointShareInline(admin.StackedInline):
    model = PointShare
    extra = 0
    autocomplete_fields = ("department", "assignee", "reported_by")


@admin.register(TaskPoint)
class TaskPointAdmin(OwnedAdmin):
    list_display = ("number", "text", "planned", "unit", "due_on", "department", "person")
    list_filter = ("task__project", "year", ("department", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("task", "department")
    search_fields = ("text", "task__code", "person")
    autocomplete_fields = ("task", "department", "co_departments", "assignee")
    inlines = (PointShareInline,)

    @admin.display(description="编号")
    def number(self, point: TaskPoint) -> str:
        return point.code


@admin.register(Entry)
class EntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("point", "effective_on", "quantity", "ratio", "state", "author", "decided_at")
    list_filter = (
        "state",
        "point__task__project",
        ("point__department", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("point__task", "author")
    search_fields = ("description", "point__text")
    date_hierarchy = "effective_on"


@admin.register(ExtraAchievement)
class ExtraAchievementAdmin(HeldAdmin):
    list_display = ("task", "year", "seq", "content", "achieved_on", "state")
    list_filter = ("task__project", "state")
    list_select_related = ("task",)
    search_fields = ("content",)
    autocomplete_fields = ("task",)
    # A state is decided, and the decision logged; it is not typed.
    readonly_fields = ("state", "author", "submitted_at", "decided_at", "revoked_at")


@admin.register(ReviewLog)
class ReviewLogAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "by", "on_behalf_of", "about", "done", "level", "old_state", "to_state", "comment")
    list_filter = ("to_state",)
    list_select_related = ("by", "on_behalf_of", "content_type")
    search_fields = ("comment", "by__name", "by__username")
    date_hierarchy = "at"
    fields = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewLog]:
        entries = GenericPrefetch("target", [Entry.objects.select_related("point__task")])
        return super().get_queryset(request).prefetch_related(entries)

    @admin.display(description="对象")
    def about(self, log: ReviewLog) -> str:
        name = log.target if isinstance(log.target, Entry) else log.object_id
        return f"{log.content_type.name} {name}"

    @admin.display(description="操作")
    def done(self, log: ReviewLog) -> str:
        return VERBS.get(log.verb, log.verb)

    @admin.display(description="原状态")
    def old_state(self, log: ReviewLog) -> str:
        return State(log.from_state).label if log.from_state else ""


class PointEvidenceInline(admin.TabularInline):
    model = PointEvidence
    extra = 0
    fields = ("point", "pages", "note")
    formfield_overrides = {TextField: {"widget": Textarea(attrs={"rows": 2, "cols": 40})}}
    autocomplete_fields = ("point",)


@admin.register(Evidence)
class EvidenceAdmin(admin.ModelAdmin):
    list_display = ("title", "file_name", "issuer", "document_no", "issued_on", "project")
    list_filter = ("project",)
    search_fields = ("title", "file_name", "document_no")
    list_select_related = ("project",)
    autocomplete_fields = ("project",)
    readonly_fields = ("file",)
    inlines = (PointEvidenceInline,)


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("names", "content_type", "size", "institution", "uploaded_by", "uploaded_at")
    list_filter = ("institution",)
    list_select_related = ("institution", "uploaded_by")
    search_fields = ("sha256", "uses__title", "uses__file_name")
    date_hierarchy = "uploaded_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StoredFile]:
        return super().get_queryset(request).prefetch_related("uses")

    @admin.display(description="文件名")
    def names(self, file: StoredFile) -> str:
        return "、".join(dict.fromkeys(use.file_name for use in file.uses.all())) or str(file)


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("id", "kind", "state", "progress", "total", "attempts", "requested_by", "created_at")
    list_filter = ("kind", "state")


@admin.register(Message)
class MessageAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("created_at", "kind", "user", "title", "read_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("title", "user__name", "user__username")
    date_hierarchy = "created_at"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("message", "to", "channel", "state", "attempts", "next_at", "sent_at")
    list_filter = ("state", "channel")
    list_select_related = ("message__user",)
    search_fields = ("message__title", "message__user__name")

    @admin.display(description="收件人")
    def to(self, delivery: Delivery) -> str:
        return str(delivery.message.user or "工作群")


@admin.register(MessageSwitch)
class MessageSwitchAdmin(admin.ModelAdmin):
    list_display = ("user", "kind", "channel", "is_on")
    list_filter = ("kind", "channel")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__username")
    autocomplete_fields = ("user",)


class DeadlineFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        """A higher level of review cannot be done before a lower one."""
        super().clean()
        rows = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data]
        ordered = sorted((row["level"], row["closes_on"]) for row in rows if not row.get("DELETE"))
        days = [day for _, day in ordered]
        if days != sorted(days):
            raise ValidationError("高一级的审核截止日期不能早于低一级。")


class DeadlineInline(admin.TabularInline):
    model = RoundDeadline
    formset = DeadlineFormSet
    extra = 0


@admin.register(Round)
class RoundAdmin(admin.ModelAdmin):
    list_display = ("name", "opens_on", "closes_on", "first_year", "last_year", "project")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("name",)
    date_hierarchy = "opens_on"
    autocomplete_fields = ("project", "tasks")
    inlines = (DeadlineInline,)


# Registers the rest, and needs what stands above.
from projects import reviewing_admin, steering_admin  # noqa: E402, F401
