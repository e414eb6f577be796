"""The back office's pages about how review is organised."""

from __future__ import annotations

from django.contrib import admin

from projects.models import Delegation, ReviewLevel, ReviewPhrase


@admin.register(ReviewLevel)
class ReviewLevelAdmin(admin.ModelAdmin):
    list_display = ("project", "level", "role")
    list_filter = ("project",)
    autocomplete_fields = ("project",)


@admin.register(Delegation)
class DelegationAdmin(admin.ModelAdmin):
    list_display = ("absent", "substitute", "since", "until", "ended_at", "made_by")
    list_select_related = ("absent", "substitute", "made_by")
    list_filter = ("institution",)
    search_fields = ("absent__name", "substitute__name", "reason")
    autocomplete_fields = ("institution", "absent", "substitute", "made_by")


@admin.register(ReviewPhrase)
class ReviewPhraseAdmin(admin.ModelAdmin):
    list_display = ("text", "institution", "position")
    list_filter = ("institution",)
    search_fields = ("text",)
    autocomplete_fields = ("institution",)
