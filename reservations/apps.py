from django.apps import AppConfig


class ReservationsConfig(AppConfig):
    name = "reservations"

    def ready(self) -> None:
        """Say what the documents of a booking say."""
        from reservations import booking_documents  # noqa: F401
