from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        """Register checks of payment settings and what documents attach; drop kept tariffs that change."""
        from billing import checks  # noqa: F401 - registers by being imported
        from billing.documents import document_kinds, mails  # noqa: F401 - the same, of mails and what is attached
        from billing.models import Tariff
        from common.two_level_cache import dropped_by_changes_of

        dropped_by_changes_of(Tariff)
