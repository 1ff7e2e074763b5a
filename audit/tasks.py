"""Regular work of the audit."""

from celery import shared_task

from audit.services import chain_entries


@shared_task
def chain_changes() -> int:
    """Chain what was kept since."""
    return chain_entries()
