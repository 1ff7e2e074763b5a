"""What people did with a booking, kept in the transaction of what they did."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import User
from reservations.models import ActKind, BookingAct, Reservation

TOLD = ("starts_at", "ends_at", "plate", "spot_type", "price_amount")


def changes_between(before: Reservation, after: Reservation) -> dict[str, list[Any]]:
    """Return what differs between a booking as it was and as it is, by field; a particular place by its `spot`."""
    changes = {
        name: [_as_json(getattr(before, name)), _as_json(getattr(after, name))]
        for name in TOLD
        if getattr(before, name) != getattr(after, name)
    }
    if before.spot_id != after.spot_id:
        changes["spot"] = [before.spot.number if before.spot else None, after.spot.number if after.spot else None]
    return changes


def keep_act(  # noqa: PLR0913 - the facts of one row
    booking: Reservation,
    kind: ActKind,
    *,
    by: User | None,
    at: datetime,
    why: str = "",
    changes: dict[str, list[Any]] | None = None,
) -> None:
    """Record what `by` (None: who booked) did with a booking."""
    keep_acts([BookingAct(booking=booking, kind=kind, by=by, at=at, why=why, changes=changes or {})])


def keep_acts(acts: Iterable[BookingAct]) -> None:
    """Record several acts in one statement."""
    BookingAct.objects.bulk_create(acts)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
