from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class WiringConfig(AppConfig):
    name = "hvcollege"
    verbose_name = "平台"

    def ready(self) -> None:
        from hvcollege import checks  # noqa: F401  registers the system checks


class BackOfficeConfig(AdminConfig):
    default_site = "hvcollege.backoffice.BackOffice"


class LogInGuardConfig(AxesConfig):
    verbose_name = "登录安全"
