from django.apps import AppConfig


class ParkingConfig(AppConfig):
    name = "parking"

    def ready(self) -> None:
        """Make our Celery app the current one before any task is sent, and connect the receivers."""
        from django_structlog.signals import bind_extra_request_metadata

        import parking.celery  # noqa: F401
        from analytics import alert_kinds  # noqa: F401 - registers by being imported
        from common.web.privacy import bind_address
        from entrance import log_in_log, new_devices, session_ends  # noqa: F401 - the same

        bind_extra_request_metadata.connect(bind_address)
