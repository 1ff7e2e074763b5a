"""What a stay costs and what is still owed for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.models import Tariff
from billing.pricing import (
    Price,
    PriceLine,
    kept_discounts,
    lower_price,
    price_lost_ticket,
    price_overstay,
    price_reservation,
    price_stay,
    tax_within,
)
from billing.tariffs import rules_of
from lots.calendar import holidays_of, zone_of
from tickets.models import Ticket, TicketStatus


@dataclass(frozen=True, slots=True)
class Fee:
    """A stay's price at one instant, tax included in `total`, and what of it is `owed`; minor units of `currency`.

    The total includes `untaxed` lines: cash rounding, and change that could not be given. `tax` is the tax at
    `tax_percent` in the price less `credited`. `why_free` says why nothing is owed: grace, paid,
    waived, reservation.
    """

    total: int
    credited: int
    tax: int
    tax_percent: Decimal
    owed: int
    currency: str
    lines: list[dict[str, Any]]
    why_free: str | None
    untaxed: int = 0

    @property
    def charged(self) -> int:
        """Return the price less credits: the amount that includes `tax`."""
        return self.total - self.credited

    def as_json(self) -> dict[str, Any]:
        """Return the fee as the API and the lanes show it."""
        return {"amount": self.owed, "currency": self.currency, "lines": self.lines, "tax": self.tax}


def fee_of(ticket: Ticket, at: datetime) -> Fee:
    """Return the fee of a stay that ended at `at`, less what was captured and credited."""
    return fee_at_price(ticket, price_of(ticket, at), at)


def price_of(ticket: Ticket, at: datetime) -> Price:
    """Return the price of a stay that ended at `at`, which payments don't change but discounts do."""
    at = max(at, ticket.entry_at)
    price = _price(ticket, at)
    return _lowered(ticket, price, at) if ticket.discounts else price


def undiscounted_price(ticket: Ticket, at: datetime) -> Price:
    """Return the price that a stay would have without its discounts."""
    return _price(ticket, max(at, ticket.entry_at))


def _lowered(ticket: Ticket, price: Price, at: datetime) -> Price:
    """Lower a stay's price by its discounts."""
    tariff = tariff_of(ticket)
    if tariff is None:
        return price
    zone = zone_of(ticket.lot)
    return lower_price(
        price,
        kept_discounts(ticket.discounts),
        rules_of(tariff),
        span=(ticket.entry_at.astimezone(zone), at.astimezone(zone)),
        earlier=lambda minutes: _price(ticket, max(ticket.entry_at, at - timedelta(minutes=minutes))),
    )


def fee_at_price(ticket: Ticket, price: Price, at: datetime) -> Fee:
    """Return the fee of a stay whose price at `at` is known."""
    charge = ticket.charge
    credited = min(charge.credited_amount, price.total) if charge else 0
    moved = charge.moved_amount if charge else 0
    untaxed = charge.untaxed_amount if charge else 0
    owed = 0 if _within_exit_grace(ticket, at) else max(0, price.total + untaxed - moved)
    percent = _tax_percent(ticket)
    return Fee(
        total=price.total + untaxed,
        credited=credited,
        tax=tax_within(price.total - credited, percent),
        tax_percent=percent,
        owed=owed,
        currency=ticket.lot.currency,
        lines=[line.as_json() for line in price.lines] + (charge.untaxed_lines() if charge and untaxed else []),
        untaxed=untaxed,
        why_free=None if owed else _why_free(ticket, price.total),
    )


def exit_grace_of(ticket: Ticket) -> timedelta:
    """Return how long a car may take to leave after paying."""
    minutes = rules_of(ticket.tariff).exit_grace_minutes if ticket.tariff else 0
    return timedelta(minutes=minutes)


def leave_by(ticket: Ticket) -> datetime | None:
    """Return until when a paid car may leave without paying more."""
    return ticket.paid_at + exit_grace_of(ticket) if ticket.paid_at and ticket.status == TicketStatus.PAID else None


def _within_exit_grace(ticket: Ticket, at: datetime) -> bool:
    until = leave_by(ticket)
    return until is not None and at <= until


def _why_free(ticket: Ticket, total: int) -> str:
    if ticket.charge is not None and ticket.charge.credited_amount and ticket.charge.is_waived:
        return "waived"
    if ticket.reservation_id is not None:
        return "reservation"
    return "paid" if total else "grace"


def tariff_of(ticket: Ticket) -> Tariff | None:
    """Return the tariff that prices a stay: that of its booking, else its own."""
    return ticket.reservation.tariff if ticket.reservation is not None else ticket.tariff


def _tax_percent(ticket: Ticket) -> Decimal:
    tariff = tariff_of(ticket)
    return rules_of(tariff).tax_percent if tariff is not None else Decimal(0)


def _price(ticket: Ticket, at: datetime) -> Price:
    if ticket.tariff is None:
        return Price(total=0, tax=0, lines=())
    rules, zone = rules_of(ticket.tariff), zone_of(ticket.lot)
    if ticket.lost:
        return price_lost_ticket(rules, entry=ticket.entry_at, exit=at)
    if ticket.reservation is not None:
        return _reservation_price(ticket, at)
    return price_stay(
        rules,
        entry=ticket.entry_at,
        exit=at,
        spot_type=ticket.priced_as,
        timezone=zone,
        holidays=holidays_of(ticket.lot, ticket.entry_at, at),
        multiplier=ticket.multiplier,
        grace=not ticket.no_grace,
    )


def _reservation_price(ticket: Ticket, at: datetime) -> Price:
    """Price a booked stay: what the booking's own charge leaves of its price, and the time beyond it."""
    booking, lot = ticket.reservation, ticket.lot
    assert booking is not None  # noqa: S101 asked by the only caller
    rules, zone = rules_of(booking.tariff), zone_of(lot)
    terms: dict[str, Any] = {
        "spot_type": booking.spot_type,
        "timezone": zone,
        "holidays": holidays_of(lot, min(booking.starts_at, ticket.entry_at), max(booking.ends_at, at)),
        "multiplier": booking.multiplier,
    }
    beyond = price_overstay(
        rules,
        start=booking.starts_at,
        end=booking.ends_at,
        entry=ticket.entry_at,
        exit=at,
        early_grace_minutes=booking.early_grace_minutes,
        late_grace_minutes=booking.late_grace_minutes,
        **terms,
    )
    rest = booking.price_amount - (booking.charge.due_amount if booking.charge else 0)
    if rest <= 0:
        return beyond
    discounts = kept_discounts(booking.discounts)
    booked = price_reservation(rules, start=booking.starts_at, end=booking.ends_at, discounts=discounts, **terms)
    lines = booked.lines
    if booked.total != rest:  # agreed to before the lot's holidays changed, or partly charged by itself
        lines = (PriceLine("period", "Booked time", booking.starts_at, booking.ends_at, rest),)
    total = rest + beyond.total
    return Price(total=total, tax=tax_within(rest, rules.tax_percent) + beyond.tax, lines=lines + beyond.lines)
