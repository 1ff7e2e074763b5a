"""Cuts a stay into periods and finds the plan of each."""

from collections.abc import Iterator

from billing.pricing.errors import NoPlanError
from billing.pricing.stays import Stay
from billing.pricing.timetable import PlanTable
from billing.pricing.windows import DAY_SECONDS
from common.words import text as _


def cut_periods(stay: Stay) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each period, from the priced start to the exit."""
    start = stay.priced_start
    if stay.rules.one_period and start < stay.exit:
        yield start, stay.exit
        return
    cuts = _elapsed_days(start) if stay.rules.day_starts_at is None else _local_days(stay, start)
    while start < stay.exit:
        end = min(next(cuts), stay.exit)
        yield start, end
        start = end


def _elapsed_days(start: int) -> Iterator[int]:
    while True:
        start += DAY_SECONDS
        yield start


def _local_days(stay: Stay, start: int) -> Iterator[int]:
    """Yield the start of each local day after `start`; a day that the zone skipped is left out."""
    second = (stay.rules.day_starts_at or 0) * 60
    day = stay.clock.local(start) // DAY_SECONDS - 1
    while True:
        cut = stay.clock.first_instant(day * DAY_SECONDS + second)
        if cut > start:
            yield cut
            start = cut
        day += 1


def plan_in_force(stay: Stay, instant: int, *, first: bool) -> PlanTable:
    """Return the plan of the period that starts at `instant`; `first` tells the stay's first period from later ones.

    Raises `NoPlanError`, which parsed rules rule out for the known spot and vehicle types.
    """
    day, second = divmod(stay.clock.local(instant), DAY_SECONDS)
    bit = stay.day_bit(day)
    for table in stay.rules.timetable.plans:
        plan = table.plan
        if (
            table.days & bit
            and plan.entry.holds(second)
            and (not plan.spot_types or stay.spot_type in plan.spot_types)
            and (not plan.vehicle_types or stay.vehicle_type in plan.vehicle_types)
            and plan.periods in ("any", "first" if first else "later")
        ):
            return table
    raise NoPlanError(_("No plan of the tariff covers this time, spot type and vehicle type."))
