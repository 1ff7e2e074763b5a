from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        """Connect the receivers, and say what the documents and messages of a stay say."""
        from tickets import described, receivers, stay_kinds  # noqa: F401
