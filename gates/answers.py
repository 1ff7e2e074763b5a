"""What a lane is told: the JSON of an answer, and of the rows in it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from common.money import format_money
from gates.decision import Action, Decision, Direction, Reason
from gates.messages import LaneWords, lane_message
from lots.calendar import opens_at
from lots.models import Gate
from tickets.fees import Fee
from tickets.models import Ticket


def build_answer(  # noqa: PLR0913 - the parts of one answer
    *,
    event_id: UUID,
    gate: Gate,
    decision: Decision,
    ticket: Ticket | None,
    fee: Fee | None,
    at: datetime,
    place: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the body that answers a read at `at`; `fee` is what the lane may show.

    `place` is where the car stands, for a ticket that comes without its spot and level.
    """
    spot = place or (_place(ticket) if ticket is not None else None)
    return {
        "event_id": str(event_id),
        "action": decision.action.value,
        "reason": decision.reason.value,
        "ticket": ticket_json(ticket) if ticket is not None else None,
        "spot": spot,
        "fee": fee.as_json() if fee is not None else None,
        "message": _message(gate, decision, spot, fee, at),
        "replayed": False,
    }


def repeat_answer(answer: dict[str, Any], *, event_id: UUID, replayed: bool) -> dict[str, Any]:
    """Return an earlier answer as the answer to this event."""
    return {**answer, "event_id": str(event_id), "replayed": replayed}


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket as devices see it; the link is secret to whoever holds the ticket."""
    return {
        "number": ticket.number,
        "entry_time": instant(ticket.entry_at),
        "exit_time": instant(ticket.exit_at) if ticket.exit_at else None,
        "status": ticket.status,
        "plate": ticket.plate_normalised,
        "link": f"{settings.PUBLIC_URL}/t/{ticket.token}",
    }


def instant(at: datetime) -> str:
    """Return an instant in RFC 3339 with its offset."""
    return at.isoformat()


def shows_fee(decision: Decision) -> bool:
    """Say whether the lane shows an amount: asked for, or left owing, and not above the lot's limit."""
    return decision.amount_due > 0 and decision.show_fee and decision.action in (Action.PAY, Action.OPEN, Action.ATTEND)


def _message(gate: Gate, decision: Decision, spot: dict[str, Any] | None, fee: Fee | None, at: datetime) -> str:
    opens = opens_at(gate.lot, at) if decision.reason is Reason.CLOSED else None
    words = LaneWords(
        spot=spot["number"] if spot else None,
        level=spot["level_name"] if spot else None,
        fee=format_money(fee.owed, fee.currency) if fee else None,
        opens=f"{opens:%H:%M}" if opens else None,
    )
    return lane_message(decision, Direction(gate.direction), words)


def place_json(
    *, level: int, level_name: str, spot_type: str | None, number: str | None, zone: str | None
) -> dict[str, Any]:
    """Return a place as devices see it; without a number and zone where cars are only counted."""
    return {"number": number, "level": level, "level_name": level_name, "zone": zone, "type": spot_type}


def _place(ticket: Ticket) -> dict[str, Any] | None:
    if ticket.exit_at is not None or ticket.level is None:
        return None
    level, spot = ticket.level, ticket.spot
    return place_json(
        level=level.number,
        level_name=level.name,
        spot_type=ticket.spot_type,
        number=spot.number if spot else None,
        zone=spot.zone.name if spot else None,
    )
