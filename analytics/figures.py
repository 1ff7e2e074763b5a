"""Today's figures: occupied spots, revenue, cars in and out, length of stay, and arrivals by hour.

Today is each lot's own day. Amounts in different currencies are never added up.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from analytics.remembering import remembered
from analytics.scope import Scope
from analytics.sql import DAYS, fetch
from common.web.charts import BarChart, Point, bar_chart
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS

HOURS_PER_DAY = 24
PULSE_SECONDS = 4
"""How often a page refreshes the figures."""
MOST_LOTS = 12
"""How many lots get their own line; of more, the fullest are shown."""

# One row for the total, one for each spot type, and one for each lot by name, or for each level from the top down.
_PLACES = """
SELECT named.label, named.slug, coalesce(named.is_closed, false) AS is_closed, counted.* FROM (
    SELECT lot_id, CASE WHEN %(by_level)s THEN level_id END AS level_id, spot_type, sum(total)::int AS total,
        sum(free)::int AS free, sum(occupied)::int AS occupied, sum(reserved)::int AS reserved,
        sum(maintenance)::int AS maintenance
    FROM lots_spotcount WHERE lot_id = ANY(%(lots)s::bigint[]) AND total > 0
    GROUP BY GROUPING SETS ((lot_id, CASE WHEN %(by_level)s THEN level_id END), (spot_type), ())
) counted LEFT JOIN LATERAL (
    SELECT level.name AS label, '' AS slug, level.number AS place, lot.is_closed
    FROM lots_level level JOIN lots_lot lot ON lot.id = level.lot_id WHERE level.id = counted.level_id
    UNION ALL
    SELECT lot.name, lot.slug, NULL, lot.is_closed FROM lots_lot lot
    WHERE lot.id = counted.lot_id AND counted.level_id IS NULL
) named ON true
ORDER BY named.place DESC NULLS LAST, named.label, counted.lot_id
"""

_REVENUE = (
    DAYS
    + """
SELECT charge.currency,
    coalesce(sum(payment.captured_amount) FILTER (WHERE payment.finished_at >= day.midnight), 0)::bigint AS today,
    coalesce(sum(payment.captured_amount) FILTER (WHERE payment.finished_at < day.midnight), 0)::bigint AS week_ago
FROM billing_payment payment
JOIN billing_charge charge ON charge.id = payment.charge_id
JOIN day ON day.lot_id = charge.lot_id
WHERE payment.state = 'captured'
    AND (payment.finished_at > %(at)s - interval '26 hours' OR payment.finished_at BETWEEN
        %(at)s - interval '194 hours' AND %(at)s - interval '166 hours')
    AND (payment.finished_at BETWEEN day.midnight AND %(at)s
        OR payment.finished_at BETWEEN day.week_ago AND day.week_ago_now)
GROUP BY charge.currency ORDER BY charge.currency
"""
)
# Counted lot by lot, so that each lot is an index lookup, however many stays there are.
_ARRIVALS = """
SELECT of_lot.is_today, of_lot.hour, sum(of_lot.cars)::int AS cars FROM day CROSS JOIN LATERAL (
    SELECT ticket.entry_at >= day.midnight AS is_today,
        extract(hour FROM ticket.entry_at AT TIME ZONE day.zone)::int AS hour, count(*) AS cars
    FROM tickets_ticket ticket
    WHERE ticket.lot_id = day.lot_id AND ticket.entry_at BETWEEN day.yesterday AND %(at)s AND ticket.status <> 'void'
    GROUP BY 1, 2
) of_lot GROUP BY 1, 2
"""
_DEPARTURES = """
SELECT coalesce(sum(of_lot.cars), 0)::int AS cars, sum(of_lot.stays) / nullif(sum(of_lot.cars), 0)::float8 AS stay
FROM day CROSS JOIN LATERAL (
    SELECT count(*) AS cars, sum(ticket.exit_at - ticket.entry_at) AS stays FROM tickets_ticket ticket
    WHERE ticket.lot_id = day.lot_id AND ticket.exit_at BETWEEN day.midnight AND %(at)s AND ticket.status = 'closed'
) of_lot
"""


@dataclass(slots=True)
class Places:
    """The spots of a lot, a level or a type, by state."""

    label: str
    slug: str = ""
    total: int = 0
    free: int = 0
    occupied: int = 0
    reserved: int = 0
    maintenance: int = 0
    is_closed: bool = False


@dataclass(slots=True)
class Occupancy:
    """Spots now: in total, by lot (or by level for one lot) and by type; `more` counts the lots without a row."""

    whole: Places = field(default_factory=lambda: Places(gettext("All lots")))
    rows: list[Places] = field(default_factory=list)
    types: list[Places] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True, slots=True)
class Revenue:
    """Money captured today, and a week ago until the same time; in minor units."""

    currency: str
    today: int
    week_ago: int

    @property
    def change_percent(self) -> int | None:
        """Return the change since a week ago in whole percent; None when there was nothing then."""
        return round(100 * (self.today - self.week_ago) / self.week_ago) if self.week_ago else None


@dataclass(frozen=True, slots=True)
class Hour:
    """Arrivals in one hour of today and of yesterday."""

    hour: int
    cars: int
    cars_yesterday: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Today's figures until now."""

    occupancy: Occupancy
    revenue: list[Revenue]
    cars_in: int
    cars_out: int
    average_stay: timedelta | None
    hours: list[Hour]
    present_hour: int

    @property
    def chart(self) -> BarChart:
        """Return the chart of today's arrivals by hour, with yesterday's as a line."""
        return bar_chart([_point(hour, so_far=hour.hour == self.present_hour) for hour in self.hours])


@remembered(seconds=PULSE_SECONDS)
def figures_of(scope: Scope, at: datetime) -> Figures:
    """Return today's figures of the lots in the scope, in four queries."""
    parameters = {"lots": scope.ids, "at": at}
    arrivals = {(row.is_today, row.hour): row.cars for row in fetch(DAYS + _ARRIVALS, parameters)}
    departures = fetch(DAYS + _DEPARTURES, parameters)[0]
    return Figures(
        occupancy=occupancy_of(scope),
        revenue=revenue_of(scope, at),
        cars_in=sum(cars for (is_today, _), cars in arrivals.items() if is_today),
        cars_out=departures.cars,
        average_stay=departures.stay,
        hours=[Hour(h, arrivals.get((True, h), 0), arrivals.get((False, h), 0)) for h in range(HOURS_PER_DAY)],
        present_hour=at.astimezone(ZoneInfo(scope.zone)).hour,
    )


def revenue_of(scope: Scope, at: datetime) -> list[Revenue]:
    """Return the money captured today by currency, with 0 for a currency of the lots without payments."""
    taken = {row.currency: Revenue(*row) for row in fetch(_REVENUE, {"lots": scope.ids, "at": at})}
    currencies = sorted({lot.currency for lot in scope.shown} | taken.keys())
    return [taken.get(currency) or Revenue(currency, 0, 0) for currency in currencies]


def occupancy_of(scope: Scope) -> Occupancy:
    """Count spots by state: by lot (or by level for one lot) and by type; one query."""
    found, types = Occupancy(), dict[str, Places]()
    for row in fetch(_PLACES, {"lots": scope.ids, "by_level": scope.only is not None}):
        places = Places(
            *(row.label or "", row.slug or "", row.total, row.free),
            *(row.occupied, row.reserved, row.maintenance, row.is_closed),
        )
        if row.spot_type is not None:
            places.label = str(SPOT_LABELS[SpotType(row.spot_type)])
            types[row.spot_type] = places
        elif row.label is None:
            places.label, found.whole = found.whole.label, places
        else:
            found.rows.append(places)
    found.types = [types[kind] for kind in SpotType if kind in types]
    if scope.only is None and len(found.rows) > MOST_LOTS:
        found.more = len(found.rows) - MOST_LOTS
        found.rows = sorted(found.rows, key=_free_share)[:MOST_LOTS]
    return found


def _free_share(places: Places) -> float:
    return places.free / places.total


def _point(hour: Hour, *, so_far: bool) -> Point:
    said = (
        gettext("%(cars)s in so far, %(before)s yesterday") if so_far else gettext("%(cars)s in, %(before)s yesterday")
    )
    display = said % {"cars": hour.cars, "before": hour.cars_yesterday}
    return Point(f"{hour.hour:02d}", hour.cars, display, hour.cars_yesterday, so_far)
