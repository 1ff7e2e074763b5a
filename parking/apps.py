from django.apps import AppConfig


class ParkingConfig(AppConfig):
    name = "parking"

    def ready(self) -> None:
        """Make our task queue the current one before any task is sent."""
        import parking.celery  # noqa: F401
