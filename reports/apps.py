from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        """Register what is told to many people and the kinds of its messages, and note what tasks do."""
        from reports import (  # noqa: F401 - register by being imported
            daily_reminders,
            left_out,
            monthly_reports,
            reminder_kinds,
            task_log,
        )

        task_log.listen()
