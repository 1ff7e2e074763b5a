"""What a lane is answered: the JSON of an answer, and of the rows in it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from common.money import format_money
from common.translation import in_languages
from gates.decision import Action, Decision, Direction, Reason
from gates.messages import LaneWords, lane_message
from lots.calendar import opens_at
from lots.displays import languages_of
from lots.models import Gate
from lots.picking import PickedPlace
from tickets.fees import Fee
from tickets.links import ticket_link
from tickets.models import Ticket


def build_answer(  # noqa: PLR0913 - the parts of one answer
    *,
    event_id: UUID,
    gate: Gate,
    decision: Decision,
    ticket: Ticket | None,
    fee: Fee | None,
    at: datetime,
    place: dict[str, Any] | None,
) -> dict[str, Any]:
    """Return the body that answers a read at `at`; `fee` is what the lane may show, `place` where the car stands."""
    return {
        "event_id": str(event_id),
        "action": decision.action.value,
        "reason": decision.reason.value,
        "ticket": ticket_json(ticket) if ticket is not None else None,
        "spot": place,
        "fee": fee.as_json() if fee is not None else None,
        "message": _message(gate, decision, place, fee, at),
        "replayed": False,
    }


def repeat_answer(answer: dict[str, Any], *, event_id: UUID, replayed: bool) -> dict[str, Any]:
    """Return an earlier answer as the answer to this event."""
    return {**answer, "event_id": str(event_id), "replayed": replayed}


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket as devices see it; only the holder of the ticket may know the link."""
    return {
        "number": ticket.number,
        "entry_time": instant(ticket.entry_at),
        "exit_time": instant(ticket.exit_at) if ticket.exit_at else None,
        "status": ticket.status,
        "plate": ticket.plate_normalised,
        "link": ticket_link(ticket.token),
    }


def instant(at: datetime) -> str:
    """Return an instant in RFC 3339 with its offset."""
    return at.isoformat()


def shows_fee(decision: Decision) -> bool:
    """Return whether the lane shows an amount: asked for, or left owing, and not above the lot's limit."""
    return decision.amount_due > 0 and decision.show_fee and decision.action in (Action.PAY, Action.OPEN, Action.ATTEND)


def _message(gate: Gate, decision: Decision, spot: dict[str, Any] | None, fee: Fee | None, at: datetime) -> str:
    opens = opens_at(gate.lot, at) if decision.reason is Reason.CLOSED else None
    languages = languages_of(gate.lot)
    words = LaneWords(
        spot=spot["number"] if spot else None,
        level=spot["level_name"] if spot else None,
        fee=format_money(fee.owed, fee.currency, languages[0]) if fee else None,
        opens=f"{opens:%H:%M}" if opens else None,
    )
    return in_languages(lane_message(decision, Direction(gate.direction), words), languages)


def place_json(place: PickedPlace) -> dict[str, Any]:
    """Return a place as devices see it; without a number and zone where cars are only counted."""
    return {
        "number": place.number,
        "level": place.level,
        "level_name": place.level_name,
        "zone": place.zone,
        "type": place.spot_type,
    }


def place_of(ticket: Ticket) -> dict[str, Any] | None:
    """Return where a stay's car stands as devices see it; None without a place, and of a stay that has ended."""
    level, spot = ticket.level, ticket.spot
    if level is None or ticket.exit_at is not None:
        return None
    return {
        "number": spot.number if spot else None,
        "level": level.number,
        "level_name": level.name,
        "zone": spot.zone.name if spot else None,
        "type": ticket.spot_type,
    }
