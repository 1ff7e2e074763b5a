"""What each change of mind about a booking costs. Amounts are in minor units, with tax."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from billing.pricing import NO_DISCOUNTS, Discounts, Price, TariffRules, price_overstay, price_reservation
from billing.pricing.rules import USUAL_VEHICLE
from common.money import round_half_up
from reservations.booked_time import BookedTime

OVERSTAYS = (30, 60, 120, 240)
"""For how many minutes too late a preview shows the fee."""
NO_SHOWS_THAT_BLOCK = 3
NO_SHOWS_WITHIN = timedelta(days=90)
BLOCKED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingTerms:
    """The minutes and percentages that were agreed to with a booking."""

    cancel_minutes: int
    late_cancel_percent: int
    no_show_minutes: int
    no_show_percent: int
    early_grace_minutes: int
    late_grace_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What the price of a booking depends on beside its period; `holidays` are local dates."""

    rules: TariffRules
    spot_type: str
    timezone: ZoneInfo
    holidays: Collection[date]
    multiplier: Decimal = Decimal(1)
    vehicle_type: str = USUAL_VEHICLE
    discounts: Discounts = NO_DISCOUNTS

    def price(self, time: BookedTime) -> Price:
        """Return the price of a booked period. Raises what `price_reservation` raises."""
        return price_reservation(
            self.rules,
            start=time.start,
            end=time.end,
            spot_type=self.spot_type,
            vehicle_type=self.vehicle_type,
            timezone=self.timezone,
            holidays=self.holidays,
            multiplier=self.multiplier,
            discounts=self.discounts,
        )

    def beyond(self, time: BookedTime, terms: BookingTerms, *, entry: datetime, left_at: datetime) -> int:
        """Return the fee of a stay for the time outside its booking."""
        price = price_overstay(
            self.rules,
            start=time.start,
            end=time.end,
            entry=entry,
            exit=left_at,
            spot_type=self.spot_type,
            vehicle_type=self.vehicle_type,
            timezone=self.timezone,
            holidays=self.holidays,
            multiplier=self.multiplier,
            early_grace_minutes=terms.early_grace_minutes,
            late_grace_minutes=terms.late_grace_minutes,
        )
        return price.total


@dataclass(frozen=True, slots=True)
class FeeBeyond:
    """The fee for coming or leaving so many minutes outside the booked period."""

    minutes: int
    fee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPolicy:
    """What a booking's changes of mind cost.

    Between `early_from` and `late_until` the car may stand there without more to pay; the lane opens from
    `arrive_from` on. `early` is the fee for coming then, None when that is free.
    """

    cancel_free_until: datetime
    late_cancel_fee: int
    no_show_at: datetime
    no_show_fee: int
    arrive_from: datetime
    early_from: datetime
    late_until: datetime
    early: FeeBeyond | None
    overstay: tuple[FeeBeyond, ...]


def policy_of(  # noqa: PLR0913 - each one decides a fee, and all are named
    priced: Priced,
    time: BookedTime,
    terms: BookingTerms,
    *,
    price: int,
    cancel_free_until: datetime,
    early_minutes: int,
) -> BookingPolicy:
    """Return what the changes of mind about a booking of this price cost."""
    arrive_from = time.start - timedelta(minutes=early_minutes)
    early = priced.beyond(time, terms, entry=arrive_from, left_at=time.end)
    return BookingPolicy(
        cancel_free_until=cancel_free_until,
        late_cancel_fee=share_of(price, terms.late_cancel_percent),
        no_show_at=missed_at(time, terms.no_show_minutes),
        no_show_fee=share_of(price, terms.no_show_percent),
        arrive_from=arrive_from,
        early_from=time.start - timedelta(minutes=terms.early_grace_minutes),
        late_until=time.end + timedelta(minutes=terms.late_grace_minutes),
        early=FeeBeyond(early_minutes, early) if early else None,
        overstay=tuple(
            FeeBeyond(minutes, priced.beyond(time, terms, entry=time.start, left_at=_after(time.end, minutes)))
            for minutes in OVERSTAYS
        ),
    )


def share_of(price: int, percent: int) -> int:
    """Return a percentage of a price, rounded half up."""
    return round_half_up(Fraction(price * percent, 100))


def free_until(start: datetime, cancel_minutes: int) -> datetime:
    """Return until when cancelling is free."""
    return start - timedelta(minutes=cancel_minutes)


def cancel_fee(price: int, percent: int, cancel_free_until: datetime, *, at: datetime) -> int:
    """Return what cancelling costs at an instant."""
    return 0 if at <= cancel_free_until else share_of(price, percent)


def changed_price(before: int, after: int, cancel_free_until: datetime, *, at: datetime) -> int:
    """Return the price of a booking after a change at an instant: once cancelling costs, it falls no more.

    Else a late change to something cheap would be the way around the fee.
    """
    return after if at <= cancel_free_until else max(before, after)


def missed_at(time: BookedTime, no_show_minutes: int) -> datetime:
    """Return when a driver who has not come counts as a no-show: at the booking's end at the latest."""
    return min(_after(time.start, no_show_minutes), time.end)


def blocked_until(missed: Iterable[datetime], *, at: datetime) -> datetime | None:
    """Return until when so many no-shows block new bookings; None when they don't at `at`."""
    times = sorted(missed)
    runs = zip(times, times[NO_SHOWS_THAT_BLOCK - 1 :], strict=False)
    until = max((last + BLOCKED_FOR for first, last in runs if last - first <= NO_SHOWS_WITHIN), default=at)
    return until if until > at else None


def _after(instant: datetime, minutes: int) -> datetime:
    return instant + timedelta(minutes=minutes)
