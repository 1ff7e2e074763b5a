"""Prices the time of a stay beyond its booking."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing.pricing.lines import Price
from billing.pricing.price import ONE, metered_amount, with_tax, writer_for
from billing.pricing.rules import USUAL_VEHICLE, TariffRules
from billing.pricing.stays import make_stay, span_of


def price_overstay(  # noqa: PLR0913 - each one decides the price, and all are named
    rules: TariffRules,
    *,
    start: datetime,
    end: datetime,
    entry: datetime,
    exit: datetime,  # noqa: A002
    spot_type: str,
    timezone: ZoneInfo,
    holidays: Collection[date] = (),
    multiplier: Decimal = ONE,
    vehicle_type: str = USUAL_VEHICLE,
    early_grace_minutes: int = 10,
    late_grace_minutes: int = 10,
) -> Price:
    """Price the time of a stay outside its booking `[start, end)`, by the booking's rules and multiplier.

    Time before or after within its grace is free; beyond the grace all of it counts. Packages, the minimum and an early
    exit don't matter; tax is computed on the difference. Raises what `price_stay` raises.
    """
    booked = make_stay(
        rules,
        entry=start,
        exit_=end,
        spot_type=spot_type,
        vehicle_type=vehicle_type,
        timezone=timezone,
        holidays=holidays,
        multiplier=multiplier,
        grace=False,
        free=False,
    )
    came, left = span_of(entry, exit)
    early, late = booked.entry - came, left - booked.exit
    widened = replace(
        booked,
        entry=came if early > early_grace_minutes * 60 else booked.entry,
        exit=left if late > late_grace_minutes * 60 else booked.exit,
    )
    if widened == booked:
        return Price(0, 0)
    amount = max(0, metered_amount(widened) - metered_amount(booked))
    writer = writer_for(widened)
    lines = [writer.line("period", "Beyond the booked time", (widened.entry, widened.exit), amount)]
    return with_tax(widened, amount, lines, writer)
