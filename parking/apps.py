from django.apps import AppConfig


class ParkingConfig(AppConfig):
    name = "parking"

    def ready(self) -> None:
        """Make our Celery app the current one before any task is sent, and add the user to logs."""
        from django_structlog.signals import bind_extra_request_metadata

        import parking.celery  # noqa: F401
        from common.web.privacy import bind_address

        bind_extra_request_metadata.connect(bind_address)
