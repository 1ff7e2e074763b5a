from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"

    def ready(self) -> None:
        """Register what is attached to mails about exports."""
        from exports import export_mails  # noqa: F401 - registers by being imported
