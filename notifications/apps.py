from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        """Register the checks of the providers, the kinds of messages, and what hears of bounces."""
        from notifications import checks, own_kinds, reports  # noqa: F401 - registers by being imported
