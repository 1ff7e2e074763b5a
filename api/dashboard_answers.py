"""How a lot's figures look to programs: of today, and of its last days."""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from analytics.attention import Finding, attention_of
from analytics.figures import Figures, figures_of
from analytics.lot_money import average_ticket, captured_to_date, takings_by_day
from analytics.lot_traffic import Traffic, traffic_by_day, traffic_by_hour
from analytics.scope import Scope
from billing.books.spans import DAYS_A_WEEK, Span
from billing.books.takings import Takings
from common.errors import InvalidValueError
from common.web.attention_links import attention_link
from lots.access import LotName
from lots.availability import availability
from lots.calendar import local_day, zone_of
from lots.models import Lot

USUAL_PERIOD = "7d"
MOST_DAYS = 366
_PERIOD = re.compile(r"([1-9][0-9]{0,2})([dwm])", re.ASCII)
_MONTHS_A_YEAR = 12
_SEVERITIES = {"stop": "critical", "warn": "warning"}


def dashboard_json(lot: Lot, at: datetime) -> dict[str, Any]:
    """Return a lot's figures of today."""
    name = LotName.of(lot)
    scope, today = Scope((name,), name), local_day(lot, at)
    figures, places, attention = figures_of(scope, at), availability(lot, at=at), attention_of(scope, at)
    return {
        "lot": lot.slug,
        "as_of": at,
        "availability": places,
        "revenue": figures.revenue,
        "vehicles": {"entered": figures.cars_in, "left": figures.cars_out},
        "average_stay_minutes": _minutes(figures.average_stay),
        "by_hour": _hours(figures, traffic_by_hour(name, today, at)),
        "occupancy": _occupancy(places),
        "revenue_to_date": {"currency": lot.currency} | asdict(captured_to_date(name, today)),
        "average_ticket": {"amount": average_ticket(name, at), "currency": lot.currency},
        "peak_hour": _peak_hour(figures),
        "turnover": round(figures.cars_in / places["total"], 2) if places["total"] else None,
        "alerts": {severity: _counted(attention)[severity] for severity in _SEVERITIES.values()},
        "attention": [
            {
                "kind": found.kind,
                "severity": _SEVERITIES[found.tone],
                "text": found.text,
                "href": attention_link(found.kind, lot=found.lot, flag=found.flag),
            }
            for found in attention
        ],
    }


def analytics_json(lot: Lot, period: str, at: datetime) -> dict[str, Any]:
    """Return a lot's figures of the days of a period until now. Raises InvalidValueError for an unknown period."""
    name, span = LotName.of(lot), span_of(period, local_day(lot, at))
    traffic, takings = traffic_by_day(name, span, at), takings_by_day(name, span)
    places = availability(lot, at=at)["total"]
    days = [(day, traffic.get(day, Traffic()), takings.get(day, Takings())) for day in span.days()]
    whole = sum((cars for _day, cars, _money in days), Traffic()), sum((money for *_, money in days), Takings())
    return {
        "lot": lot.slug,
        "as_of": at.astimezone(zone_of(lot)),
        "timezone": lot.timezone,
        "period": period,
        "from": span.first,
        "to": span.last,
        "currency": lot.currency,
        "days": [{"day": day} | _figures(cars, money, places) for day, cars, money in days],
        "totals": _figures(*whole, places),
    }


def span_of(period: str, today: date) -> Span:
    """Return the days of a period such as `7d`, `4w` or `3m` that ends today. Raises InvalidValueError."""
    parts = _PERIOD.fullmatch(period)
    if parts is None:
        raise InvalidValueError(_("Give a number of days, weeks or months, such as 7d, 4w or 3m."), path="period")
    number, unit = int(parts[1]), parts[2]
    if unit == "m":
        first = _months_before(today, number) + timedelta(days=1) if number <= _MONTHS_A_YEAR else date.min
    else:
        first = today - timedelta(days=number * (DAYS_A_WEEK if unit == "w" else 1) - 1)
    if (today - first).days >= MOST_DAYS:
        raise InvalidValueError(_("A period has %(days)s days at most.") % {"days": MOST_DAYS}, path="period")
    return Span(first, today)


def _months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, or the last one that it has."""
    year, month = divmod(day.year * _MONTHS_A_YEAR + day.month - 1 - months, _MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _figures(cars: Traffic, money: Takings, places: int) -> dict[str, Any]:
    return {
        "entries": cars.came,
        "exits": cars.gone,
        "occupancy_high": cars.most_inside,
        "occupancy_high_percent": _percent(cars.most_inside, places),
        "average_stay_minutes": _minutes(cars.average_stay),
        "captured": money.captured,
        "refunded": money.refunded,
        "net": money.net,
    }


def _hours(figures: Figures, traffic: Mapping[int, Traffic]) -> list[dict[str, Any]]:
    return [
        {
            "hour": one.hour,
            "cars": one.cars,
            "cars_yesterday": one.cars_yesterday,
            "cars_left": traffic[one.hour].gone if one.hour in traffic else 0,
            "most_inside": traffic[one.hour].most_inside if one.hour in traffic else None,
        }
        for one in figures.hours
    ]


def _peak_hour(figures: Figures) -> dict[str, int] | None:
    """Return the hour in which most cars came, the first of several."""
    peak = max(figures.hours, key=lambda one: one.cars)
    return {"hour": peak.hour, "cars": peak.cars} if peak.cars else None


def _occupancy(places: Mapping[str, Any]) -> dict[str, Any]:
    levels = sorted(((int(number), counted) for number, counted in places["by_level"].items()), reverse=True)
    return _occupied(places) | {
        "by_level": [{"level": number} | _occupied(counted) for number, counted in levels],
        "by_type": [{"spot_type": kind} | _occupied(counted) for kind, counted in places["by_type"].items()],
    }


def _occupied(counted: Mapping[str, int]) -> dict[str, Any]:
    total, occupied = counted["total"], counted["occupied"]
    return {"total": total, "occupied": occupied, "percent": _percent(occupied, total)}


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _counted(attention: list[Finding]) -> Counter[str]:
    return Counter(_SEVERITIES[found.tone] for found in attention)


def _minutes(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds()) // 60
