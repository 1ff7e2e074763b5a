"""What a lot offers a driver who arrives now: whether it is open, and its first price."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from billing.models import Tariff
from billing.pricing.errors import NoPlanError
from billing.pricing.periods import plan_in_force
from billing.pricing.rules import USUAL_VEHICLE
from billing.pricing.stays import make_stay
from billing.pricing.windows import DAY_SECONDS
from billing.tariffs import rules_of, tariffs_at
from lots.calendar import holidays_of, is_open, opens_at, zone_of
from lots.compatibility import SpotType
from lots.models import Lot


@dataclass(frozen=True, slots=True)
class PriceFrom:
    """The first price of a stay: `amount` in minor units for `minutes`, None if once, after `free_minutes`."""

    amount: int
    minutes: int | None
    free_minutes: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A lot, whether it admits walk-ins, when that changes, its tariff and first price (None without a tariff)."""

    lot: Any
    opened: bool
    changes_at: datetime | None
    tariff: Tariff | None
    price: PriceFrom | None


def offers_of(lots: Sequence[Any], at: datetime, spot_type: str = "") -> list[Offer]:
    """Return the lots' offers at an instant, in the same order; one query."""
    tariffs = tariffs_at(lots, at)
    return [_offer(lot, tariffs.get(lot.pk), at, spot_type or SpotType.REGULAR) for lot in lots]


def price_from(lot: Lot, tariff: Tariff, at: datetime, spot_type: str) -> PriceFrom | None:
    """Return the price of the first increment (or the first step above 0) of a stay that begins at `at`.

    None when the tariff can't price such a stay.
    """
    try:
        rules = rules_of(tariff)
        stay = make_stay(
            rules,
            entry=at,
            exit_=at,
            spot_type=spot_type,
            vehicle_type=USUAL_VEHICLE,
            timezone=zone_of(lot),
            holidays=holidays_of(lot, at, at),
            multiplier=Decimal(1),
            grace=True,
            free=True,
        )
        table = plan_in_force(stay, stay.priced_start, first=True)
    except NoPlanError:
        return None
    if table.plan.bands:
        band = table.stretch_at(stay.clock.local(stay.priced_start) % DAY_SECONDS).band
        return PriceFrom(band.price, None if band.once else band.increment_minutes, rules.free_minutes)
    step = next((step for step in table.plan.steps if step.price), table.plan.steps[-1])
    return PriceFrom(step.price, step.up_to_minutes, rules.free_minutes)


def _offer(lot: Any, tariff: Tariff | None, at: datetime, spot_type: str) -> Offer:
    return Offer(
        lot=lot,
        opened=is_open(lot, at),
        changes_at=opens_at(lot, at),
        tariff=tariff,
        price=None if tariff is None else price_from(lot, tariff, at, spot_type),
    )
