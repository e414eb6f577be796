"""The back office for money."""

from __future__ import annotations

from django.contrib import admin

from funding.models import BudgetLine, Expenditure, FundingSource, Receipt
from projects.admin import HeldAdmin


@admin.register(FundingSource)
class FundingSourceAdmin(HeldAdmin):
    list_display = ("name", "project")
    list_filter = ("project",)
    search_fields = ("name",)
    autocomplete_fields = ("project",)


@admin.register(BudgetLine, Receipt, Expenditure)
class AmountAdmin(HeldAdmin):
    list_display = ("first_year", "last_year", "source", "task", "amount", "dated_on", "is_imported")
    list_filter = ("project", "first_year", "source__name")
    list_select_related = ("source", "task")
    search_fields = ("summary", "document_no")
    autocomplete_fields = ("project", "source", "task")
