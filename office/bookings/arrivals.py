"""Who is expected in the next hours, who is late, and how full tomorrow is already."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum
from django.http import HttpResponse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from analytics.scope import Scope
from common.web.htmx import live_response
from lots.access import LotName
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, SpotCount
from office.bookings.bookings_at_work import scope_asked, shown_bookings
from office.bookings.days_of_lots import HOUR, LotDay
from reservations.models import Reservation, ReservationStatus

AHEAD = timedelta(hours=6)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class BookedShare:
    """How many places of a type are booked at some time of an hour, and what share that is."""

    word: str
    booked: int
    percent: int


@dataclass(frozen=True, slots=True)
class BookedHour:
    """An hour of the lot's clock with what is booked of each type."""

    word: str
    shares: list[BookedShare]


@require_safe
@role_required(Role.ATTENDANT)
def arrivals(request: PersonRequest) -> HttpResponse:
    """Show who is late and who comes in the next hours; for one lot, how full tomorrow is. All is the live part."""
    scope, at = scope_asked(request), now()
    coming = expected(scope, at)
    lot = scope.only
    tomorrow = LotDay.after(lot, at) if lot else None
    places = places_by_type(lot) if lot else {}
    hours = booked_hours(lot, tomorrow, places) if lot and tomorrow else []
    context = {
        "scope": scope,
        "at": at,
        "late": [one for one in coming if one.starts_at <= at],
        "soon": [one for one in coming if one.starts_at > at],
        "lot": lot,
        "tomorrow": tomorrow,
        "kinds": [(SPOT_LABELS[kind], total) for kind, total in places.items()],
        "hours": hours,
        "tab": "arrivals",
    }
    source = [[one.pk, one.starts_at, one.starts_at <= at, one.plate, one.spot_id] for one in coming]
    told = [[[share.booked for share in hour.shares] for hour in hours], str(at)[:16]]
    return live_response(request, "office/bookings/arrivals.html#live", context, etag_source=[source, told])


def expected(scope: Scope, at: datetime) -> list[Reservation]:
    """Return the bookings whose car is late, or comes within the next hours."""
    coming = shown_bookings().filter(lot__in=scope.ids, status=ReservationStatus.CONFIRMED)
    return list(coming.filter(starts_at__lte=at + AHEAD, ends_at__gt=at).order_by("starts_at", "pk")[:MOST_SHOWN])


def places_by_type(lot: LotName) -> dict[SpotType, int]:
    """Return how many places of each type a lot has."""
    totals = SpotCount.objects.filter(lot=lot.pk, total__gt=0).order_by("spot_type").values_list("spot_type")
    places = dict(totals.annotate(places=Sum("total")))
    return {kind: places[kind] for kind in SpotType if kind in places}


def booked_hours(lot: LotName, day: LotDay, places: dict[SpotType, int]) -> list[BookedHour]:
    """Return how many places of each type are booked in each hour of a day; one statement."""
    live = Reservation.objects.live().filter(lot=lot.pk, starts_at__lt=day.end, ends_at__gt=day.start)
    times: dict[str, list[tuple[datetime, datetime]]] = {}
    for spot_type, start, end in live.values_list("spot_type", "starts_at", "ends_at"):
        times.setdefault(spot_type, []).append((start, end))

    def share(kind: SpotType, start: datetime) -> BookedShare:
        booked = sum(since < start + HOUR and until > start for since, until in times.get(kind, []))
        return BookedShare(str(SPOT_LABELS[kind]), booked, min(100, round(100 * booked / places[kind])))

    return [BookedHour(f"{hour:%H:%M}", [share(kind, hour) for kind in places]) for hour in day.hours()]
