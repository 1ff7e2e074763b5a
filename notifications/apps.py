from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        """Register the check of the provider of texts."""
        from notifications import checks  # noqa: F401 - registers by being imported
