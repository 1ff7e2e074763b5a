from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        """Register the checks of the payment settings and the attachments of documents."""
        from billing import checks  # noqa: F401 - registers by being imported
        from billing.documents import document_kinds, mails  # noqa: F401 - the same, of mails and what is attached
