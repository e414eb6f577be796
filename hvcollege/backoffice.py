"""The back office (Django's admin) shows the records of every college, so it is for those who run the server.

A college's own administrators do their work on the ordinary pages, which separate the colleges.
"""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest


class BackOffice(AdminSite):
    site_header = site_title = "建设项目管理后台"
    index_title = "数据维护"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)
