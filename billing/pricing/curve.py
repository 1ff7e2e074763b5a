"""What a stay costs as it grows longer: the engine's totals at many exits, without the lines that only people read."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing.pricing.price import ONE, total_of
from billing.pricing.rules import USUAL_VEHICLE, TariffRules
from billing.pricing.stays import make_stay


def price_curve(  # noqa: PLR0913 - each one decides the price, and all are named
    rules: TariffRules,
    *,
    entry: datetime,
    minutes: Sequence[int],
    spot_type: str,
    vehicle_type: str = USUAL_VEHICLE,
    timezone: ZoneInfo,
    holidays: Collection[date] = (),
    multiplier: Decimal = ONE,
) -> list[int]:
    """Return the total of a stay from `entry` for each of its lengths, as `price_stay` does.

    Raises what `price_stay` raises.
    """
    stay = make_stay(
        rules,
        entry=entry,
        exit_=entry,
        spot_type=spot_type,
        vehicle_type=vehicle_type,
        timezone=timezone,
        holidays=holidays,
        multiplier=multiplier,
        grace=True,
        free=True,
    )
    return [total_of(replace(stay, exit=stay.entry + length * 60)) for length in minutes]
