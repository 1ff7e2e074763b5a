"""A week of a tariff: which plan and which band price a car that arrives at each time of each day."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from billing.pricing.errors import NoPlanError
from billing.pricing.periods import plan_in_force
from billing.pricing.plans import Band, Plan
from billing.pricing.rules import USUAL_VEHICLE, SpecialDays, TariffRules
from billing.pricing.stays import Stay, make_stay
from billing.pricing.timetable import PlanTable
from billing.pricing.windows import DAY_MINUTES, EVENT, HOLIDAY

_MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WeekStretch:
    """A part of a day, in minutes after midnight, whose arrivals have one plan and, unless it has steps, one band."""

    opens: int
    closes: int
    plan: Plan
    band: Band | None


def week_of(
    rules: TariffRules, spot_type: str, *, vehicle_type: str = USUAL_VEHICLE, first: bool = True
) -> dict[str, tuple[WeekStretch, ...]]:
    """Return the stretches of each weekday, and of each other kind of day that a plan names.

    They hold for the first period of a stay, or for later ones; times that no plan prices are left out.
    """
    days = {kind: _MONDAY.date() + timedelta(days=number) for number, kind in enumerate(rules.kinds_of_day)}
    named = [replace(one, dates=(days[one.name],) if one.name in days else ()) for one in rules.special_days]
    # A name that no plan uses is a day of the kind `event`.
    events = [SpecialDays("", (days[EVENT],))] if EVENT in days else []
    stay = make_stay(
        replace(rules, special_days=(*named, *events)),
        entry=_MONDAY,
        exit_=_MONDAY,
        spot_type=spot_type,
        vehicle_type=vehicle_type,
        timezone=UTC,
        holidays=[days[HOLIDAY]] if HOLIDAY in days else [],
        multiplier=Decimal(1),
        grace=False,
        free=False,
    )
    return {
        day: tuple(_stretches(stay, stay.entry + number * DAY_MINUTES * 60, first=first))
        for number, day in enumerate(days)
    }


def _stretches(stay: Stay, midnight: int, *, first: bool) -> Iterator[WeekStretch]:
    """Yield the stretches of a day, neighbours that are priced alike as one."""
    running: WeekStretch | None = None
    for opens, closes in pairwise([*_edges(stay.rules), DAY_MINUTES]):
        found = _found(stay, midnight, opens, first=first)
        if running is not None and found is not None and (running.plan, running.band) == found:
            running = WeekStretch(running.opens, closes, *found)
            continue
        if running is not None:
            yield running
        running = None if found is None else WeekStretch(opens, closes, *found)
    if running is not None:
        yield running


def _found(stay: Stay, midnight: int, minute: int, *, first: bool) -> tuple[Plan, Band | None] | None:
    try:
        table: PlanTable = plan_in_force(stay, midnight + minute * 60, first=first)
    except NoPlanError:
        return None
    return table.plan, table.stretch_at(minute * 60).band if table.stretches else None


def _edges(rules: TariffRules) -> list[int]:
    windows = [*(plan.entry for plan in rules.plans), *(band.window for plan in rules.plans for band in plan.bands)]
    return sorted({0, *(edge % DAY_MINUTES for window in windows for edge in (window.opens, window.closes))})
