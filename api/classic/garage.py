"""The calls of the classic API, made of the services that lanes, desks and pages use."""

from datetime import datetime, timedelta
from typing import Annotated, Any, cast
from uuid import uuid4

from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Router, Status

from analytics.figures import figures_of
from analytics.scope import Scope
from api.classic.access import Caller, lane_of
from api.classic.schemas import (
    ArrivingIn,
    ClassicActivityOut,
    ClassicStatusOut,
    ClassicTicketOut,
    GarageStatsOut,
    LeavingIn,
)
from api.classic.words import method_of, said_method, said_vehicle, vehicle_of
from billing.models import PaymentState
from billing.quoting import Wish, quote
from common.errors import ConflictError, DomainError, InvalidValueError
from common.plates import normalise
from common.time import truncate
from gates.decision import Action, Reason
from gates.feed import activities, events_of
from gates.reads import ReadBody
from gates.services import check_in, check_out
from lots.access import LotName
from lots.availability import availability
from lots.gate_rules import Direction
from lots.models import Lot
from tickets.models import Ticket, TicketStatus
from tickets.numbers import InvalidNumberError, parse_number
from tickets.queries import TicketNotFoundError, with_fee_parts

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MOST_ACTIVITIES = 100
REFUSALS = {
    Reason.FULL: gettext_lazy("The garage is full."),
    Reason.CLOSED: gettext_lazy("The garage is closed."),
    Reason.BLOCKED: gettext_lazy("This license plate is blocked."),
}
router = Router(by_alias=True)


class NotAdmittedError(ConflictError):
    """The garage doesn't let the car in."""

    code = "not_admitted"


@router.get("/status", response=ClassicStatusOut)
def get_classic_status(request: HttpRequest) -> dict[str, str]:  # noqa: ARG001  the framework passes it
    """Answer that the service works."""
    return {"status": "ok"}


@router.get("/garage/stats", response=GarageStatsOut)
def get_garage_stats(request: HttpRequest) -> dict[str, int]:
    """Return the places of the garage, and today's figures until now."""
    lot, at = _caller(request).lot, now()
    name = LotName.of(lot)
    places, figures = availability(lot, at=at), figures_of(Scope((name,), name), at)
    total, free = places["total"], places["free"]
    free_percent = round(100 * free / total) if total else 0
    return {
        "total_spaces": total,
        "occupied_spaces": total - free,
        "available_spaces": free,
        "occupied_spaces_percentage": 100 - free_percent if total else 0,
        "available_spaces_percentage": free_percent,
        "hourly_rate": _price_of_an_hour(lot, at),
        "todays_revenue": next(one.today for one in figures.revenue if one.currency == lot.currency),
        "vehicles_processed_today": figures.cars_out,
        "average_stay_time": (figures.average_stay or timedelta()) // MINUTE,
    }


@router.post("/tickets", response={201: ClassicTicketOut})
def post_classic_ticket(request: HttpRequest, body: ArrivingIn) -> Status[dict[str, Any]]:
    """Let a car in: it gets a place and a ticket, unless the garage is full or closed, or the car is inside already."""
    caller, at = _caller(request), now()
    gate = lane_of(caller.lot, Direction.ENTRY)
    plate = body.license_plate.strip()
    if normalise(plate, path="licensePlate") is None:
        raise InvalidValueError(_("A license plate has letters or digits."), path="licensePlate")
    kind, electric = vehicle_of(body.vehicle_type or "")
    read = ReadBody(event_id=uuid4(), plate=plate, vehicle_type=kind.value, electric=electric)
    event = check_in(gate=gate, device=caller.machine_at(gate, at), body=read, at=at)
    if event.action != Action.OPEN or event.ticket is None:
        why = REFUSALS.get(Reason(event.reason)) or _("An attendant has to let this car in.")
        raise NotAdmittedError(str(why))
    return Status(201, _ticket(_stay(caller.lot, event.ticket.number)))


@router.get("/tickets/{ticket_number}", response=ClassicTicketOut)
def get_classic_ticket(request: HttpRequest, ticket_number: str) -> dict[str, Any]:
    """Return a stay by the number of its ticket."""
    return _ticket(_stay(_caller(request).lot, ticket_number))


@router.put("/tickets/{ticket_number}/exit", response=ClassicTicketOut)
def put_exit(request: HttpRequest, ticket_number: str, body: LeavingIn) -> dict[str, Any]:
    """Take the fee of a stay, let its car out, and return the completed stay."""
    caller, at = _caller(request), truncate(now())
    method = method_of(body.payment_method)
    ticket = _stay(caller.lot, ticket_number)
    gate = lane_of(caller.lot, Direction.EXIT)
    check_out(ticket=ticket, gate=gate, device=caller.machine_at(gate, at), method=method, at=at)
    return _ticket(_stay(caller.lot, ticket_number))


@router.get("/activities", response=list[ClassicActivityOut])
def get_classic_activities(request: HttpRequest, limit: Annotated[int, Query(ge=1)] = 10) -> list[dict[str, Any]]:
    """Return what happened last at the gates, newest first; at most 100."""
    events = list(events_of([_caller(request).lot.pk])[: min(limit, MOST_ACTIVITIES)])
    return [
        {
            "id": line.id,
            "type": event.gate.direction,
            "ticket_number": line.ticket,
            "license_plate": line.plate,
            "description": line.words,
            "amount": line.amount,
            "timestamp": line.at,
        }
        for event, line in zip(events, activities(events), strict=True)
    ]


def _caller(request: HttpRequest) -> Caller:
    return cast("Caller", request.auth)  # type: ignore[attr-defined]  # set by the framework


def _price_of_an_hour(lot: Lot, at: datetime) -> int:
    """Return what a stay of one hour from now costs, in cents; 0 while the lot has no prices."""
    start = truncate(at)
    try:
        return quote(lot, Wish(entry=start, exit=start + HOUR)).total
    except DomainError:
        return 0


def _stay(lot: Lot, number: str) -> Ticket:
    """Return a stay of the garage by the number of its ticket. Raises TicketNotFoundError, also for a void one."""
    try:
        found = with_fee_parts().filter(lot=lot, number=parse_number(number)).exclude(status=TicketStatus.VOID).first()
    except InvalidNumberError:
        found = None
    if found is None:
        raise TicketNotFoundError(_("There is no ticket with this number."))
    return found


def _ticket(ticket: Ticket) -> dict[str, Any]:
    charge, left_at = ticket.charge, ticket.exit_at
    paid = (
        charge.payments.filter(state=PaymentState.CAPTURED).order_by("-finished_at", "-pk").first() if charge else None
    )
    return {
        "id": ticket.pk,
        "ticket_number": ticket.number,
        "license_plate": ticket.plate,
        "vehicle_type": said_vehicle(ticket.vehicle_type, electric=ticket.electric),
        "entry_time": ticket.entry_at,
        "exit_time": left_at,
        "duration_minutes": None if left_at is None else (left_at - ticket.entry_at) // MINUTE,
        "amount_paid": charge.captured_amount - charge.refunded_amount if charge else 0,
        "status": "completed" if ticket.status == TicketStatus.CLOSED else "active",
        "payment_method": said_method(paid.method) if paid else None,
    }
