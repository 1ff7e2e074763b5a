"""The revenue of some lots over days, as `GET /revenue-summary` answers it; the figures are those of the books."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from analytics.scope import Scope
from billing.books.spans import Span
from billing.books.takings import BookScope, Takings, broken_down, by_time, outstanding_at
from common.errors import InvalidValueError

MOST_DAYS = 1_100
FIGURES = ("charged", "credited", "captured", "refunded", "net", "tax", "stays")


def span_of(since: date | None, until: date | None, scope: Scope, at: datetime) -> Span:
    """Return the days that are asked for: today on the clock of the first lot, where an end is left out.

    Raises InvalidValueError for an end before the begin, or for too many days.
    """
    today = at.astimezone(ZoneInfo(scope.shown[0].timezone)).date()
    last = until or max(today, since or today)
    span = Span(since or min(last, today), last)
    if not 1 <= span.length <= MOST_DAYS:
        raise InvalidValueError(
            _("Ask for 1 to %(most)s days, the first one before the last one.") % {"most": MOST_DAYS}, path="to"
        )
    return span


def revenue_json(scope: Scope, span: Span, group_by: str) -> dict[str, Any]:
    """Return the takings of each day, lot or method, their sums by currency, and what is open at the end."""
    place = BookScope(tuple(scope.ids))
    rows = sorted(_rows(place, span, group_by), key=lambda row: (row[0], row[1]))
    totals: dict[str, Takings] = defaultdict(Takings)
    for _key, currency, takings in rows:
        totals[currency] += takings
    return {
        "from": span.first,
        "to": span.last,
        "group_by": group_by,
        "lots": [lot.slug for lot in scope.shown],
        "rows": [{"key": key, **_figures(currency, takings)} for key, currency, takings in rows],
        "totals": [_figures(currency, totals[currency]) for currency in sorted(totals)],
        "outstanding": [
            {"currency": currency, "amount": amount}
            for currency, amount in sorted(outstanding_at(place, span.last).items())
        ],
    }


def _rows(place: BookScope, span: Span, group_by: str) -> Iterable[tuple[str, str, Takings]]:
    if group_by == "day":
        days = by_time(place, span).days
        return [(day.isoformat(), currency, takings) for (currency, day), takings in days.items()]
    found = (one for one in broken_down(place, span) if one.dimension == group_by)
    return [(one.slug if group_by == "lot" else one.key, one.currency, one.takings) for one in found]


def _figures(currency: str, takings: Takings) -> dict[str, Any]:
    return {"currency": currency} | {name: getattr(takings, name) for name in FIGURES}
