from django.apps import AppConfig


class ReservationsConfig(AppConfig):
    name = "reservations"

    def ready(self) -> None:
        """Connect the receivers, and say what the documents of a booking say."""
        from reservations import booking_documents, money_receivers  # noqa: F401
