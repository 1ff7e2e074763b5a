from django.apps import AppConfig


class ReservationsConfig(AppConfig):
    name = "reservations"

    def ready(self) -> None:
        """Connect the receivers, and say what the documents and messages of a booking say."""
        from reservations import booking_documents, booking_kinds, money_receivers  # noqa: F401
