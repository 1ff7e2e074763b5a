"""A driver who has agreed that a vehicle is charged automatically, and its lanes."""

import datetime as dt
from typing import Any

from django.utils.timezone import now

from billing.models import AutomaticPayment
from tests.factories import make_agreement, make_proof, make_saved_method, make_ticket, make_user, make_vehicle
from tests.gates.lanes import Lanes
from tickets.models import Ticket, TicketStatus

PLATE = "ZH 314159"
FEE = 900


class AgreedCar:
    """A driver's car that has been inside for two hours and a half: CHF 9.00 are owed, up to CHF 50.00 agreed to."""

    def __init__(self, card: str = "tok_ok", *, limit: int = 5000, plate: str = PLATE, **lot: Any) -> None:
        self.plate = plate
        self.lanes = Lanes(**{"spots": {"regular": 5}} | lot)
        self.lot = self.lanes.lot
        self.driver = make_user(password="long-enough-words")
        self.vehicle = make_vehicle(self.driver, plate)
        self.card = make_saved_method(self.driver, card)
        self.agreement: AutomaticPayment = make_agreement(self.vehicle, self.card, limit)
        self.proven = prove_earlier(self.driver, self.lot, plate)

    def comes_in(self, plate: str = "", *, hours: float = 2.5, **read: Any) -> Ticket:
        answer = self.lanes.entry.read(plate or self.plate, **read)
        assert answer["action"] == "open", answer
        ticket = Ticket.objects.get(number=answer["ticket"]["number"])
        Ticket.objects.filter(pk=ticket.pk).update(entry_at=now() - dt.timedelta(hours=hours))
        ticket.refresh_from_db()
        return ticket

    def leaves(self, plate: str | None = "", **read: Any) -> str:
        answer = self.lanes.exit.read(self.plate if plate == "" else plate, **read)
        return f"{answer['action']}/{answer['reason']}"


def prove_earlier(driver: Any, lot: Any, plate: str = PLATE) -> Ticket:
    """Let an account have proven an earlier stay of a plate."""
    entry_at = now() - dt.timedelta(days=3)
    ended = {"status": TicketStatus.CLOSED, "exit_at": entry_at + dt.timedelta(minutes=5), "closed_reason": "grace"}
    ticket = make_ticket(lot, plate, entry_at, **ended)
    make_proof(ticket, driver)
    return ticket
