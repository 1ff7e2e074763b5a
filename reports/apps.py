from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        """Register what is told to many people, and the kinds of its messages."""
        from reports import daily_reminders, left_out, reminder_kinds  # noqa: F401 - registers by being imported
