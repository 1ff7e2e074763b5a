"""Reservations: a spot for a vehicle over a period, what became of it, and places that are closed."""

from reservations.models.booking_history import (
    ActKind,
    BookingAct,
    NotParkedReport,
    NotParkedReportQuerySet,
    ReportOutcome,
)
from reservations.models.closed_places import Blackout, BlackoutQuerySet
from reservations.models.reservations import (
    EXPECTED,
    LIVE,
    NOT_STARTED,
    Reservation,
    ReservationQuerySet,
    ReservationStatus,
)

__all__ = [
    "EXPECTED",
    "LIVE",
    "NOT_STARTED",
    "ActKind",
    "Blackout",
    "BlackoutQuerySet",
    "BookingAct",
    "NotParkedReport",
    "NotParkedReportQuerySet",
    "ReportOutcome",
    "Reservation",
    "ReservationQuerySet",
    "ReservationStatus",
]
