"""Queries of the stay pages: search, and everything about one stay."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Person
from accounts.models import Role, User
from analytics.scope import Scope
from billing.models import Debt, Payment
from common.plates import PlateError, normalise, skeleton
from gates.feed import Activity, activities
from gates.models import GateEvent
from lots.access import lots_visible_to
from lots.calendar import zone_of
from office.stays.stay_history import HistoryLine, history_of
from tickets.models import Ticket, TicketQuerySet
from tickets.numbers import InvalidNumberError, parse_number
from tickets.queries import with_fee_parts


@dataclass(frozen=True, slots=True)
class StayFile:
    """Everything about one stay; `drivers` are those who proved that it is theirs."""

    ticket: Ticket
    zone: ZoneInfo
    drivers: list[User]
    history: list[HistoryLine]
    events: list[Activity]
    payments: list[Payment]
    debt: Debt | None


def find_stays(scope: Scope, wanted: dict[str, Any]) -> TicketQuerySet:
    """Return the stays in the scope that match a valid StaysFilter, newest first.

    The days are days of entry, in each lot's timezone.
    """
    stays = with_fee_parts().filter(_entered(scope, wanted.get("since"), wanted.get("until")))
    if wanted.get("status"):
        stays = stays.filter(status=wanted["status"])
    if wanted.get("q"):
        stays = stays.filter(_named(wanted["q"]))
    return stays.order_by("-entry_at", "-pk")


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


def file_of(ticket: Ticket) -> StayFile:
    """Load everything about a stay; at most six queries."""
    events = GateEvent.objects.filter(ticket=ticket).select_related("lot", "gate", "person", "ticket__charge")
    payments = Payment.objects.filter(charge=ticket.charge_id).select_related("receipt", "taken_by")
    return StayFile(
        ticket=ticket,
        zone=zone_of(ticket.lot),
        drivers=[proof.driver for proof in ticket.proofs.select_related("driver").order_by("pk")],
        history=history_of(
            ticket.changes.select_related("by").order_by("id"),
            ticket.plate_corrections.select_related("by").order_by("id"),
        ),
        events=activities(events.order_by("id")),
        payments=list(payments) if ticket.charge_id else [],
        debt=Debt.objects.filter(charge=ticket.charge_id).first() if ticket.charge_id else None,
    )


def _named(text: str) -> Q:
    """Match a whole ticket number, or part of a plate; confusable characters count as equal."""
    try:
        return Q(number=parse_number(text))
    except InvalidNumberError:
        pass
    try:
        plate = normalise(text)
    except PlateError:
        plate = None
    return Q(plate_skeleton__contains=skeleton(plate)) if plate else Q(pk=None)


def _entered(scope: Scope, since: date | None, until: date | None) -> Q:
    """Match the scope's lots and the days of entry, with one condition per timezone."""
    zones: dict[str, list[int]] = {}
    for lot in scope.shown:
        zones.setdefault(lot.timezone, []).append(lot.pk)
    matches = Q(pk=None)
    for zone, lot_ids in zones.items():
        within = Q(lot__in=lot_ids)
        if since:
            within &= Q(entry_at__gte=_midnight(since, zone))
        if until and until < date.max:
            within &= Q(entry_at__lt=_midnight(until + timedelta(days=1), zone))
        matches |= within
    return matches


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZoneInfo(zone))
