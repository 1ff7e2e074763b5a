from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        """Connect the receivers."""
        from tickets import receivers  # noqa: F401
