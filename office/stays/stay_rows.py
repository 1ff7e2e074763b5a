"""Queries of the stay pages: search, and everything about one stay."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Person
from accounts.models import Role, User
from analytics.long_stays import is_long, usual_lengths
from analytics.scope import Scope
from billing.models import Debt, Payment
from lots.access import lots_visible_to
from lots.calendar import zone_of
from office.stays.evidence import Evidence, evidence_of
from tickets.models import Ticket, TicketQuerySet
from tickets.numbers import InvalidNumberError, parse_number
from tickets.queries import with_fee_parts


@dataclass(frozen=True, slots=True)
class StayFile:
    """Everything about one stay; `drivers` are those who proved that it is theirs."""

    ticket: Ticket
    zone: ZoneInfo
    drivers: list[User]
    evidence: list[Evidence]
    payments: list[Payment]
    debt: Debt | None


def long_among(stays: Iterable[Ticket], at: datetime) -> dict[int, timedelta]:
    """Return those of some stays that are unusually long, by key, each with how long is usual at its lot."""
    rows = list(stays)
    usual = usual_lengths(sorted({ticket.lot_id for ticket in rows}), at)
    return {ticket.pk: usual[ticket.lot_id] for ticket in rows if is_long(ticket, usual[ticket.lot_id], at)}


def stays_in_review(scope: Scope) -> TicketQuerySet:
    """Return the stays in review, the longest waiting first."""
    return with_fee_parts().filter(lot__in=scope.ids).in_review().order_by("changed_at", "pk")


def load_stay(user: Person, number: str) -> Ticket:
    """Return a stay at one of the person's lots; raises Http404 for any other."""
    try:
        parsed = parse_number(number)
    except InvalidNumberError as error:
        raise Http404(_("There is no such stay.")) from error
    lots = lots_visible_to(user, Role.ADMIN)
    ticket = with_fee_parts().filter(number=parsed, lot__in=lots).select_related("changed_by").first()
    if ticket is None:
        raise Http404(_("There is no such stay."))
    return ticket


def stays_numbered(user: Person, numbers: list[str]) -> list[Ticket]:
    """Return the stays at the person's lots among those with these numbers, the oldest first."""
    known = {parsed for number in numbers if (parsed := _parsed(number))}
    stays = with_fee_parts().filter(number__in=known, lot__in=lots_visible_to(user, Role.ADMIN))
    return list(stays.order_by("entry_at", "pk"))


def _parsed(number: str) -> str:
    try:
        return parse_number(number)
    except InvalidNumberError:
        return ""


def file_of(ticket: Ticket) -> StayFile:
    """Load everything about a stay; at most nine queries."""
    payments = Payment.objects.filter(charge=ticket.charge_id).select_related("receipt", "taken_by")
    paid = list(payments) if ticket.charge_id else []
    debt = Debt.objects.filter(charge=ticket.charge_id).first() if ticket.charge_id else None
    return StayFile(
        ticket=ticket,
        zone=zone_of(ticket.lot),
        drivers=[proof.driver for proof in ticket.proofs.select_related("driver").order_by("pk")],
        evidence=evidence_of(ticket, paid, debt),
        payments=paid,
        debt=debt,
    )
