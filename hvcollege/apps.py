from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "hvcollege"
    verbose_name = "平台"

    def ready(self) -> None:
        from hvcollege import checks  # noqa: F401  registers the system checks
