"""Corrections of what is inside where only cars are counted."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import ConflictError, FieldError, InvalidValueError
from lots.models import CountCorrection, Level, Lot, SpotCount
from lots.services.locks import assert_lot_locked, lock_lot


class SpotsAreKnownError(ConflictError):
    """The lot knows every spot: its counts follow from them."""

    code = "spots_are_known"


class CarsKnownInsideError(ConflictError):
    """Fewer cars were given than there are stays."""

    code = "cars_known_inside"


class CarsCounted(NamedTuple):
    """How many cars of a type somebody counted on a level, and why."""

    level: Level
    spot_type: str
    inside: int
    reason: str


@transaction.atomic
def correct_count(*, lot: Lot, counted: CarsCounted, by: User, at: datetime) -> CountCorrection | None:
    """Record how many cars are inside; None when as many were counted already.

    Stays are not touched: the difference is cars that no stay knows. Raises SpotsAreKnownError, CarsKnownInsideError
    for fewer cars than stays, and InvalidValueError for more than there are open spots.
    """
    lock_lot(lot.pk)
    if lot.counts_spots:
        raise SpotsAreKnownError(_("Every spot of this lot is known. Correct the spot or the stay instead."))
    count = SpotCount.objects.filter(lot=lot, level=counted.level, spot_type=counted.spot_type).first()
    if count is None:
        raise InvalidValueError(_("No such spots are counted on this level."), path="spot_type")
    known, most = count.occupied - count.uncounted, count.total - count.reserved - count.maintenance
    if counted.inside < known:
        message = _(
            "%(known)d cars are known to be inside. End the stays of those that left; then the count follows."
        ) % {"known": known}
        raise CarsKnownInsideError(message, errors=[FieldError("inside", message)])
    if counted.inside > most:
        raise InvalidValueError(_("Only %(most)d spots are open there.") % {"most": most}, path="inside")
    return _record(count, counted.inside, reason=counted.reason, by=by, at=at)


def reset_counts(*, at: datetime) -> int:
    """Forget cars that no stay knows, in lots that do so at an hour of their day; return how many counters changed.

    A counter that somebody corrected since that hour is left to the next day. Idempotent; what was missed is caught up.
    """
    lots = Lot.objects.exclude(counts_reset_hour=None).filter(
        Exists(SpotCount.objects.filter(lot=OuterRef("pk"), uncounted__gt=0))
    )
    return sum(_reset(lot, at) for lot in lots.order_by("pk"))


@transaction.atomic
def _reset(lot: Lot, at: datetime) -> int:
    lock_lot(lot.pk)
    lot.refresh_from_db(fields=["counts_reset_hour", "timezone"])
    if lot.counts_reset_hour is None:
        return 0
    since = _last_reset(ZoneInfo(lot.timezone), lot.counts_reset_hour, at)
    corrected = CountCorrection.objects.filter(
        lot=lot, level=OuterRef("level"), spot_type=OuterRef("spot_type"), at__gte=since
    )
    due = SpotCount.objects.filter(lot=lot, uncounted__gt=0).exclude(Exists(corrected))
    reason = _("Every day at %(hour)02d:00") % {"hour": lot.counts_reset_hour}
    return sum(
        _record(count, count.occupied - count.uncounted, reason=reason, by=None, at=at) is not None for count in due
    )


def _last_reset(zone: ZoneInfo, hour: int, at: datetime) -> datetime:
    """Return when it was last this hour on the clock of `zone`."""
    today = at.astimezone(zone).date()
    days = (datetime.combine(day, time(hour), zone).astimezone(UTC) for day in (today, today - timedelta(days=1)))
    return next(instant for instant in days if instant <= at)


def _record(count: SpotCount, inside: int, *, reason: str, by: User | None, at: datetime) -> CountCorrection | None:
    """Write a correction, with which the database moves the counter; the lot's lock is held."""
    assert_lot_locked(count.lot_id)
    if inside == count.occupied:
        return None
    return CountCorrection.objects.create(
        lot_id=count.lot_id,
        level_id=count.level_id,
        spot_type=count.spot_type,
        added=inside - count.occupied,
        inside=inside,
        reason=reason,
        by=by,
        is_reset=by is None,
        at=at,
    )
