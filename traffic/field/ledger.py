"""What was recorded of a field run: stays with their money, and what an operator is shown of each event."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from billing.pricing import price_stay
from billing.tariffs import rules_of
from devices.models import Device
from gates.models import GateEvent
from lots.calendar import holidays_of, zone_of
from lots.models import Lot
from tickets.models import Ticket, TicketStatus

Pricing = Callable[[str, datetime, datetime], int]
"""Price a stay at a lot from entry to exit, in minor units."""


@dataclass(frozen=True, slots=True)
class StayOnRecord:
    """A stay as it was recorded; `captured` and `owing` in minor units, `skeleton` empty without a plate."""

    number: str
    skeleton: str
    status: str
    entry_at: datetime
    exit_at: datetime | None
    captured: int
    owing: int


@dataclass(frozen=True, slots=True)
class FieldLedger:
    """The stays, and of each event that the list of exceptions shows, its flags."""

    stays: tuple[StayOnRecord, ...]
    flags: Mapping[UUID, tuple[str, ...]]


def ledger_of(devices: Iterable[Device]) -> FieldLedger:
    """Read what the devices of a run left on record."""
    events = GateEvent.objects.filter(device__in=devices)
    keys = events.filter(ticket__isnull=False).order_by().values("ticket")
    rows = Ticket.objects.filter(pk__in=keys).exclude(status=TicketStatus.VOID)
    listed = events.filter(~Q(flags=[]) | Q(skew_seconds__isnull=False)).values_list("event_id", "flags")
    return FieldLedger(
        stays=tuple(_on_record(ticket) for ticket in rows.select_related("charge__debt")),
        flags={event_id: tuple(flags) for event_id, flags in listed},
    )


def _on_record(ticket: Ticket) -> StayOnRecord:
    charge, debt = ticket.charge, getattr(ticket.charge, "debt", None)
    return StayOnRecord(
        number=ticket.number,
        skeleton=ticket.plate_skeleton or "",
        status=ticket.status,
        entry_at=ticket.entry_at,
        exit_at=ticket.exit_at,
        captured=charge.captured_amount - charge.refunded_amount if charge else 0,
        owing=debt.amount if debt else 0,
    )


def pricing_of(slugs: Iterable[str]) -> Pricing:
    """Return what prices a car's real time by the tariff that each lot has now."""
    lots = {lot.slug: lot for lot in Lot.objects.filter(slug__in=list(slugs))}
    rules = {slug: rules_of(lot.tariffs.current().latest("valid_from")) for slug, lot in lots.items()}

    def price(slug: str, entry: datetime, exit_: datetime) -> int:
        lot = lots[slug]
        return price_stay(
            rules[slug],
            entry=entry,
            exit=max(entry, exit_),
            spot_type="regular",
            timezone=zone_of(lot),
            holidays=holidays_of(lot, entry, exit_),
        ).total

    return price
