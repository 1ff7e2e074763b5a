from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"

    def ready(self) -> None:
        """Register the mails about exports, and what is attached to them."""
        from exports import export_mails, export_messages  # noqa: F401 - registers by being imported
