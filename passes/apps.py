from django.apps import AppConfig


class PassesConfig(AppConfig):
    name = "passes"

    def ready(self) -> None:
        """Connect the receivers, and say what the documents and messages of a pass say."""
        from passes import pass_documents, pass_kinds, settled_periods  # noqa: F401
