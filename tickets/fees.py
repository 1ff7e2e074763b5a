"""What a stay costs and what is still owed for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.models import Tariff
from billing.pricing import (
    PassHours,
    Price,
    PriceLine,
    TariffRules,
    kept_discounts,
    lower_price,
    price_lost_ticket,
    price_outside_pass,
    price_overstay,
    price_reservation,
    price_stay,
    tax_within,
)
from billing.tariffs import rules_of
from lots.calendar import holidays_of, local_day, zone_of
from passes.cover import hours_of
from passes.models import Pass
from passes.queries import entries_for
from reservations.models import Reservation
from tickets.models import Ticket, TicketStatus

NOTHING = Price(total=0, tax=0)


@dataclass(frozen=True, slots=True)
class Fee:
    """A stay's price at one instant, tax included in `total`, and what of it is `owed`; minor units of `currency`.

    The total includes `untaxed` lines: cash rounding, and change that could not be given. `tax` is the tax at
    `tax_percent` in the price less `credited`. `why_free` says why nothing is owed: grace, paid,
    waived, reservation, pass.
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
    at, tariff = max(at, ticket.entry_at), tariff_of(ticket)
    if tariff is None:
        return _price(ticket, at)
    return _lowered(ticket, rules_of(tariff), at, lambda until: _price(ticket, until))


def undiscounted_price(ticket: Ticket, at: datetime) -> Price:
    """Return the price that a stay would have without its discounts."""
    return _price(ticket, max(at, ticket.entry_at))


def _lowered(ticket: Ticket, rules: TariffRules, at: datetime, price_until: Callable[[datetime], Price]) -> Price:
    """Return a stay's price until `at`, lowered by its discounts."""
    price = price_until(at)
    if not ticket.discounts:
        return price
    zone = zone_of(ticket.lot)
    return lower_price(
        price,
        kept_discounts(ticket.discounts),
        rules,
        span=(ticket.entry_at.astimezone(zone), at.astimezone(zone)),
        earlier=lambda minutes: price_until(max(ticket.entry_at, at - timedelta(minutes=minutes))),
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


def time_left(until: datetime | None, at: datetime) -> timedelta:
    """Return how long a paid car still has to drive out; nothing where its time is over, or it has none."""
    return max(until - at, timedelta()) if until else timedelta()


def _within_exit_grace(ticket: Ticket, at: datetime) -> bool:
    until = leave_by(ticket)
    return until is not None and at <= until


def _why_free(ticket: Ticket, total: int) -> str:
    if ticket.charge is not None and ticket.charge.credited_amount and ticket.charge.is_waived:
        return "waived"
    if ticket.reservation_id is not None:
        return "reservation"
    if ticket.held_pass_id is not None and not total:
        return "pass"
    return "paid" if total else "grace"


def tariff_of(ticket: Ticket) -> Tariff | None:
    """Return the tariff that prices a stay: that of its booking, else its own."""
    return ticket.reservation.tariff if ticket.reservation is not None else ticket.tariff


def _tax_percent(ticket: Ticket) -> Decimal:
    tariff = tariff_of(ticket)
    return rules_of(tariff).tax_percent if tariff is not None else Decimal(0)


def amount_by(ticket: Ticket, rules: TariffRules, at: datetime) -> int:
    """Return what a stay that ended at `at` would have cost by other rules, from its entry or booking on.

    Its discounts lower what they lowered: of a booking that was charged by itself only the time beyond it.
    """
    booking, at = ticket.reservation, max(at, ticket.entry_at)
    if booking is None or ticket.lost:
        return _lowered(ticket, rules, at, lambda until: _price_by(ticket, rules, until)).total
    terms, discounts = _booking_terms(ticket, booking, at), kept_discounts(booking.discounts)
    booked = price_reservation(rules, start=booking.starts_at, end=booking.ends_at, discounts=discounts, **terms)
    apart, joined = (booked, NOTHING) if booking.charge_id is not None else (NOTHING, booked)

    def price_until(until: datetime) -> Price:
        beyond = _beyond(ticket, booking, rules, until, terms)
        return Price(joined.total + beyond.total, joined.tax + beyond.tax)

    return apart.total + _lowered(ticket, rules, at, price_until).total


def priced_at(ticket: Ticket) -> datetime:
    """Return the instant at which the price of a stay that left was fixed: its payment, where it left in time after."""
    left_at = ticket.exit_at or ticket.entry_at
    return ticket.paid_at if ticket.paid_at is not None and ticket.closed_reason == "paid" else left_at


def _price(ticket: Ticket, at: datetime) -> Price:
    if ticket.tariff is None:
        return NOTHING
    if ticket.reservation is not None and not ticket.lost:
        return _reservation_price(ticket, ticket.reservation, at)
    return _price_by(ticket, rules_of(ticket.tariff), at)


def _price_by(ticket: Ticket, rules: TariffRules, at: datetime) -> Price:
    if ticket.lost:
        return price_lost_ticket(rules, entry=ticket.entry_at, exit=at)
    terms: dict[str, Any] = {
        "entry": ticket.entry_at,
        "exit": at,
        "spot_type": ticket.priced_as,
        "vehicle_type": ticket.vehicle_type,
        "timezone": zone_of(ticket.lot),
        "holidays": holidays_of(ticket.lot, ticket.entry_at, at),
        "multiplier": ticket.multiplier,
    }
    if ticket.held_pass is not None:
        return price_outside_pass(rules, hours=_covered(ticket, ticket.held_pass), **terms)
    return price_stay(rules, grace=not ticket.no_grace, stays_before=ticket.stays_before, **terms)


def _covered(ticket: Ticket, held_pass: Pass) -> PassHours:
    """Return when its pass covers a stay; one that needs an entry for each day covers those that it has."""
    entries = entries_for(held_pass, ticket.pk)
    return hours_of(held_pass, entry_day=local_day(ticket.lot, ticket.entry_at), entries=entries)


def _booking_terms(ticket: Ticket, booking: Reservation, at: datetime) -> dict[str, Any]:
    return {
        "spot_type": booking.spot_type,
        "vehicle_type": booking.vehicle_type,
        "timezone": zone_of(ticket.lot),
        "holidays": holidays_of(ticket.lot, min(booking.starts_at, ticket.entry_at), max(booking.ends_at, at)),
        "multiplier": booking.multiplier,
    }


def _beyond(ticket: Ticket, booking: Reservation, rules: TariffRules, at: datetime, terms: dict[str, Any]) -> Price:
    return price_overstay(
        rules,
        start=booking.starts_at,
        end=booking.ends_at,
        entry=ticket.entry_at,
        exit=at,
        early_grace_minutes=booking.early_grace_minutes,
        late_grace_minutes=booking.late_grace_minutes,
        **terms,
    )


def _reservation_price(ticket: Ticket, booking: Reservation, at: datetime) -> Price:
    """Price a booked stay: what the booking's own charge leaves of its price, and the time beyond it."""
    rules, terms = rules_of(booking.tariff), _booking_terms(ticket, booking, at)
    beyond = _beyond(ticket, booking, rules, at, terms)
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
