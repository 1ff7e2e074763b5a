from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        """Register the checks of the payment settings."""
        from billing import checks  # noqa: F401 - registers by being imported
