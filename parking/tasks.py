"""Periodic tasks that need more than one room: telling admins what needs them, and the nightly check of the data."""

from celery import shared_task
from django.utils.timezone import now

from accounts.sealed_factors import seal_factors_again
from analytics.alerts import alert_admins as plan_alerts
from analytics.silences import record_silences
from analytics.stream_alerts import tell_stuck_stream
from common.db.sealed_roll import seal_again
from verification.nightly import check_and_tell


@shared_task
def alert_admins() -> int:
    """Tell admins what needs them, programs of silent gates, and who runs the installation of a stuck stream."""
    at = now()
    record_silences(at=at)
    tell_stuck_stream(at=at)
    return plan_alerts(at=at)


@shared_task
def roll_field_keys() -> int:
    """Seal what an earlier key has sealed by the first one."""
    return seal_again() + seal_factors_again()


@shared_task
def verify_data() -> int:
    """Check the invariants, and tell those who run the installation when one is broken."""
    return check_and_tell(at=now())
