"""Periodic tasks of passes. Each does what is due by now, so a run that was missed is caught up by the next."""

from celery import shared_task
from django.utils.timezone import now

from passes import services


@shared_task
def begin_paid_passes() -> int:
    """Let the passes and periods begin that were paid for, and drafts lapse that were not."""
    return services.conclude_paid(at=now()) + services.lapse_unpaid(at=now())


@shared_task
def renew_passes() -> int:
    """Offer and bill the next periods of passes, charge saved cards, and tell the holders."""
    done = services.offer_renewals(at=now()) + services.bill_renewals(at=now())
    return done + services.remind_holders(at=now())


@shared_task
def end_passes() -> int:
    """End or suspend the passes whose time is over, and forget old files of holders."""
    return services.end_passes(at=now()) + services.clear_imports(at=now())


@shared_task
def import_holders() -> int:
    """Check and import the files of pass holders that wait."""
    return services.run_imports(at=now())
