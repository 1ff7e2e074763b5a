"""How much the bays of a level were used over some days: on the plan and as a table."""

from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from analytics.use_of_bays import BayUse, use_of_bays
from billing.books.spans import Span
from common.time import midnight_of
from common.web.htmx import page_response
from common.web.paging import page_of
from lots.access import get_managed_lot
from lots.calendar import local_day, zone_of
from lots.models import Lot, Spot
from lots.queries import spots_on
from office.lots.floor import DrawnBay, lay_out
from office.lots.pages import get_level, level_tabs, row_of
from office.revenue.asking import named, span_of

STEPS = 8
"""How many steps of the accent there are, beside that of a bay that was never used."""
USUAL_DAYS = 7
_HOUR = timedelta(hours=1)


class UsedBay(NamedTuple):
    """A row of the table: a bay, and how much of the time it was occupied."""

    spot: Spot
    use: BayUse
    percent: int
    hours: float


@require_safe
@role_required(Role.ADMIN)
def level_use(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """Show the share of the days `?from=` … `?to=` in which each bay was occupied; the last week without any."""
    lot = get_managed_lot(request, slug)
    level, at = get_level(lot, number), now()
    span, refused = _asked(request.GET, lot, at)
    zone = zone_of(lot)
    end = min(at, midnight_of(span.last + timedelta(days=1), zone))
    used = use_of_bays(level, midnight_of(span.first, zone), end)
    rows = [_row(spot, used.get(spot.pk, BayUse())) for spot in spots_on(level)]
    floor = lay_out(row_of(lot, level).zones, {row.spot: _drawn(row) for row in rows})
    context = {
        "lot": lot,
        "level": level,
        "floor": floor,
        "tabs": level_tabs(lot, level, "use"),
        "span": span,
        "refused_span": refused,
        "shortcuts": _shortcuts(span, local_day(lot, at)),
        "page": page_of(sorted(rows, key=lambda row: -row.use.share), request),
        "unused": sum(not row.use.occupied for row in rows),
        "total": len(rows),
    }
    return page_response(request, "office/lots/use.html", context)


def _asked(query: QueryDict, lot: Lot, at: datetime) -> tuple[Span, str]:
    """Return the days that an address asks for, or the last week with what is wrong with them."""
    today = local_day(lot, at)
    week = Span(today - timedelta(days=USUAL_DAYS - 1), today)
    if not {"from", "to", "period"} & {*query}:
        return week, ""
    try:
        span = span_of(query, today)
    except ValueError as error:
        return week, str(error)
    return (span, "") if span.first <= today else (week, _("These days are still to come."))


def _shortcuts(span: Span, today: date) -> list[dict[str, Any]]:
    spans = {
        _("Today"): Span(today, today),
        _("7 days"): Span(today - timedelta(days=6), today),
        _("4 weeks"): Span(today - timedelta(days=27), today),
    }
    return [
        {"label": label, "href": f"?{urlencode(named(days))}", "current": days == span} for label, days in spans.items()
    ]


def _row(spot: Spot, use: BayUse) -> UsedBay:
    return UsedBay(spot, use, round(100 * use.share), round(use.occupied / _HOUR, 1))


def _drawn(row: UsedBay) -> DrawnBay:
    spot, share = row.spot, row.use.share
    said = f"{spot.get_spot_type_display()}, {row.percent} %"
    heat = min(STEPS, ceil(share * STEPS))
    return DrawnBay(spot.pk, spot.number, "available", "regular", said, share=row.percent, heat=heat)
