from django.apps import AppConfig
from django.db.backends.signals import connection_created


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        """Say with each write to an audited table who acts, and let tasks be named."""
        from celery.signals import task_postrun, task_prerun

        from audit.acting import begin_task, end_task
        from audit.telling import tell_writes

        connection_created.connect(tell_writes, dispatch_uid="audit")
        task_prerun.connect(begin_task, dispatch_uid="audit")
        task_postrun.connect(end_task, dispatch_uid="audit")
