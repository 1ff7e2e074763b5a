from django.apps import AppConfig


class PassesConfig(AppConfig):
    name = "passes"

    def ready(self) -> None:
        """Connect the receivers, and say what the documents of a pass say."""
        from passes import pass_documents, settled_periods  # noqa: F401
