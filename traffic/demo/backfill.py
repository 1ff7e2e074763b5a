"""Writes planned stays as if they had happened: tickets, fees, payments and gate events.

Rows are written in bulk. Tickets are opened first and changed afterwards, so that the triggers write the history and
update counters and sums.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import connection

from accounts.models import User
from billing.models import Charge
from common.plates import normalise, skeleton
from lots.models import Lot
from tickets.fees import Fee, fee_of
from tickets.models import ProofKind, StayProof, Ticket, TicketStatus
from tickets.numbers import new_number
from traffic.demo.personas import DRIVER_PLATE, People
from traffic.demo.planning import PlannedStay

DESK_SHARE = 0.35
REVIEWS_PER_LOT = 2
DEBTS_PER_LOT = 1

_CHANGE = """
UPDATE tickets_ticket SET status = new.status, changed_at = new.changed_at, changed_why = new.changed_why,
    changed_by_id = new.changed_by_id, paid_at = new.paid_at, exit_at = new.exit_at, exit_plate = new.exit_plate,
    closed_reason = new.closed_reason, charge_id = new.charge_id,
    level_id = new.level_id, spot_id = new.spot_id, spot_type = new.spot_type
FROM jsonb_to_recordset(%s) AS new (
    id bigint, status text, changed_at timestamptz, changed_why text, changed_by_id bigint, paid_at timestamptz,
    exit_at timestamptz, exit_plate text, closed_reason text, charge_id bigint, level_id bigint, spot_id bigint,
    spot_type text
) WHERE tickets_ticket.id = new.id
"""


@dataclass(slots=True)
class Visit:
    """A stay in the making; `end` is "" while inside, else the reason it closed with, or "review"."""

    stay: PlannedStay
    ticket: Ticket
    end: str = ""
    fee: Fee | None = None
    paid_at: datetime | None = None
    at_desk: bool = False
    place: dict[str, Any] = field(default_factory=dict)


def write_stays(
    lot: Lot, stays: Iterable[PlannedStay], *, people: People, now: datetime, random: Random
) -> list[Visit]:
    """Write a lot's stays up to `now` and return them as visits, not paid yet."""
    visits = []
    for round_of_stays in _one_of_each_plate(stays):
        opened = [_visit(lot, stay, now, random) for stay in round_of_stays]
        Ticket.objects.bulk_create([visit.ticket for visit in opened], batch_size=1000)
        _prove(opened, people.driver)
        _set_ends(opened, random)
        visits += opened
        _assess(opened)
        _change(_paid(visit, people.attendant) for visit in opened if visit.paid_at)
        _change(_ended(visit) for visit in opened if visit.end)
    return visits


def _one_of_each_plate(stays: Iterable[PlannedStay]) -> Iterator[list[PlannedStay]]:
    """Split stays into rounds without repeated plates, so that all stays of a round can be inside at once."""
    rounds: list[list[PlannedStay]] = []
    seen: dict[str, int] = {}
    for stay in sorted(stays, key=lambda stay: stay.entry_at):
        turn = seen[stay.car.plate] = seen.get(stay.car.plate, -1) + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(stay)
    yield from rounds


def new_ticket(lot: Lot, stay: PlannedStay, random: Random, **fields: Any) -> Ticket:
    """Return the ticket of a car that has come in; nothing is written."""
    plate = normalise(stay.car.plate) or ""
    return Ticket(
        lot=lot,
        number=new_number(random.randrange),
        token=secrets.token_urlsafe(16),
        status=TicketStatus.ACTIVE,
        plate=stay.car.plate,
        plate_normalised=plate,
        plate_skeleton=skeleton(plate),
        vehicle_type=stay.car.vehicle_type,
        electric=stay.car.electric,
        permit=stay.car.permit,
        priced_as=stay.bay.spot_type,
        multiplier=Decimal(1),
        entry_at=stay.entry_at,
        tariff=lot.tariffs.all()[0],
        changed_at=stay.entry_at,
        changed_why="entered",
        **fields,
    )


def _visit(lot: Lot, stay: PlannedStay, now: datetime, random: Random) -> Visit:
    ticket = new_ticket(lot, stay, random)
    place = {"level_id": stay.bay.level_id, "spot_id": stay.bay.spot_id, "spot_type": stay.bay.spot_type}
    visit = Visit(stay, ticket, place=place)
    if stay.exit_at > now:
        ticket.level_id, ticket.spot_id, ticket.spot_type = place["level_id"], place["spot_id"], place["spot_type"]
    else:
        visit.end = "left"
    return visit


def _prove(visits: Iterable[Visit], driver: User) -> None:
    """Prove the demo driver's stays, as if they had opened each ticket's link on the way in."""
    StayProof.objects.bulk_create(
        StayProof(ticket=visit.ticket, driver=driver, kind=ProofKind.TOKEN, proven_at=visit.stay.entry_at)
        for visit in visits
        if _is_drivers(visit)
    )


def _is_drivers(visit: Visit) -> bool:
    return visit.stay.car.plate == DRIVER_PLATE


def _set_ends(visits: Sequence[Visit], random: Random) -> None:
    """Choose how the cars left: most paid, a few left unseen or without paying."""
    gone = [visit for visit in visits if visit.end]
    for visit in gone:
        visit.end, visit.fee = _settled(visit, random)
    strangers = [visit for visit in gone if visit.end == "paid" and not _is_drivers(visit)]
    odd = strangers[-(REVIEWS_PER_LOT + DEBTS_PER_LOT) :] if len(strangers) > 100 else []  # noqa: PLR2004 the long round
    for visit, end in zip(odd, ["review"] * REVIEWS_PER_LOT + ["owed"] * DEBTS_PER_LOT, strict=False):
        visit.end, visit.paid_at = end, None
        visit.fee = None if end == "review" else fee_of(visit.ticket, visit.stay.exit_at)


def _settled(visit: Visit, random: Random) -> tuple[str, Fee | None]:
    """Choose how and when a visit is paid: in advance (desk or phone), or at the lane. Short stays are free."""
    visit.at_desk = random.random() < DESK_SHARE
    lead = timedelta(seconds=random.randrange(90, 540) if visit.at_desk else random.randrange(20, 45))
    paid_at = visit.stay.exit_at - lead
    fee = fee_of(visit.ticket, paid_at)
    if fee.total == 0 or paid_at <= visit.stay.entry_at:
        return "grace", None
    visit.paid_at = paid_at
    return "paid", fee


def _assess(visits: Sequence[Visit]) -> None:
    """Write the charge of every visit that has a fee."""
    owing = [(visit, visit.fee) for visit in visits if visit.fee is not None]
    charges = [
        Charge(
            lot=visit.ticket.lot,
            tariff=visit.ticket.tariff,
            label=f"Parking {visit.ticket.number}",
            currency=fee.currency,
            due_amount=fee.total,
            tax_percent=fee.tax_percent,
            lines=fee.lines,
            created_at=visit.paid_at or visit.stay.exit_at,
            assessed_at=visit.paid_at or visit.stay.exit_at,
            settled_at=visit.paid_at,
        )
        for visit, fee in owing
    ]
    for (visit, _), charge in zip(owing, Charge.objects.bulk_create(charges, batch_size=1000), strict=True):
        visit.ticket.charge = charge


def _paid(visit: Visit, attendant: User) -> dict[str, Any]:
    return _row(
        visit,
        status=TicketStatus.PAID,
        changed_at=visit.paid_at,
        changed_why="paid",
        changed_by_id=attendant.pk if visit.at_desk else None,
    )


def _ended(visit: Visit) -> dict[str, Any]:
    exit_at = visit.stay.exit_at
    if visit.end == "review":
        why = "the same plate came in again"
        return _row(visit, status=TicketStatus.REVIEW, changed_at=exit_at, changed_why=why) | visit.place
    return visit.place | _row(
        visit,
        status=TicketStatus.CLOSED,
        changed_at=exit_at,
        changed_why=f"{visit.end} at the exit",
        exit_at=exit_at,
        exit_plate=visit.ticket.plate,
        closed_reason=visit.end,
    )


def _row(visit: Visit, **changes: Any) -> dict[str, Any]:
    return {
        "id": visit.ticket.pk,
        "charge_id": visit.ticket.charge_id,
        "closed_reason": "",
        "paid_at": visit.paid_at,
    } | {name: value.isoformat() if isinstance(value, datetime) else value for name, value in changes.items()}


def _change(rows: Iterable[dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, [json.dumps(list(rows), default=str)])
