"""Passes that end by themselves: on their last day, or suspended after the days of grace when nobody paid."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from lots.calendar import local_day
from passes.models import Pass, PassStatus
from passes.services.locking import lock_with_lots
from passes.services.paying import drop_period
from passes.services.states import change_state

UNPAID_FOR = timedelta(days=30)
"""How long a pass that was suspended unpaid can still be paid for; then it ends, and nothing is owed for it."""
BATCH = 500


def end_passes(*, at: datetime) -> int:
    """End the passes whose last day is over, suspend those that were not paid, and return how many changed."""
    # A zone is at most a day ahead of UTC.
    over = Pass.objects.filter(status__in=[PassStatus.ACTIVE, PassStatus.SUSPENDED], valid_until__lte=at.date())
    return sum(_end(held, at) for held in over.select_related("lot").order_by("valid_until", "pk")[:BATCH])


def _end(held: Pass, at: datetime) -> bool:
    return _end_locked(held, at) if _what_is_due(held, at) else False


def _what_is_due(held: Pass, at: datetime) -> str:
    """Return the state that a pass is to have by now; empty when it stays as it is."""
    today = local_day(held.lot, at)
    if held.status == PassStatus.SUSPENDED and held.unpaid:
        is_given_up = held.stopped_at is not None and at >= held.stopped_at + UNPAID_FOR
        return PassStatus.EXPIRED if is_given_up else ""
    if today <= held.covers_until:
        return ""
    return PassStatus.SUSPENDED if held.renews and held.status == PassStatus.ACTIVE else PassStatus.EXPIRED


@transaction.atomic
def _end_locked(held_pass: Pass, at: datetime) -> bool:
    held = lock_with_lots(held_pass)
    if held.status not in {PassStatus.ACTIVE, PassStatus.SUSPENDED}:
        return False
    status = _what_is_due(held, at)
    if status == PassStatus.SUSPENDED:
        change_state(held, status, at=at, by=None, why="not paid", stopped_at=at, unpaid=True)
    elif status:
        for period in held.periods.filter(begun_at=None, dropped_at=None):
            drop_period(period, at=at, why=_("Pass ended"))
        change_state(held, status, at=at, by=None, why="ended")
    return bool(status)
