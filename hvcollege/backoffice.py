"""The back office (Django's admin) shows the records of every college, so it is for those who run the server.

A college's own administrators do their work on the ordinary pages, which separate the colleges.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

# What belongs together on the front page, whichever app keeps it.
GROUPS = {
    "院校与人员": "Institution Department ProfessionalGroup User Membership",
    "任务书": "Project Task TaskPoint ChangeRequest",
    "填报与审核": "Round WindowException WindowLog Entry IndicatorValue ExtraAchievement ReviewLog "
    "ReviewLevel Delegation ReviewPhrase",
    "佐证材料": "Evidence StoredFile",
    "指标与成果": "Indicator OutcomeTarget Outcome LedgerNumber SatisfactionResult Comparison Vision",
    "评分": "ScoringItem GradeBand Veto",
    "经费": "FundingSource BudgetLine Receipt Expenditure",
    "报告与校核": "Report Narrative Snapshot PrintedFigure Waiver",
    "督办与预警": "FollowUp Alert Bulletin",
    "消息提醒": "Message Delivery MessageSwitch",
    "系统运行": "Intake Conversion ColumnMapping LedgerMapping Job AccessAttempt AccessLog",
}


class BackOffice(AdminSite):
    site_header = site_title = "建设项目管理后台"
    index_title = "数据维护"
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """On the ordinary page; there is one place to log in."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("只有平台管理员能进入管理后台。")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        apps = super().get_app_list(request, app_label)
        return apps if app_label else grouped(apps)


def grouped(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The kinds of records of Django's list of apps, in our groups and in their order."""
    found = {kind["object_name"]: kind for app in apps for kind in app["models"]}
    front = reverse("admin:index")
    return [
        {
            "name": title,
            "app_label": f"group-{number}",
            "app_url": f"{front}#group-{number}",
            "has_module_perms": True,
            "models": [found[name] for name in names.split()],
        }
        for number, (title, names) in enumerate(GROUPS.items())
    ]
