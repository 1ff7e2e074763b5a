"""Keeps the demo alive: now and then a car enters, pays or leaves through the HTTP gate endpoint."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import uuid4

import structlog
from django.db import OperationalError, close_old_connections
from django.db.models import Sum
from django.utils.timezone import now

from devices.models import Device
from devices.services import roll_device_key
from lots.calendar import zone_of
from lots.gate_rules import Direction
from lots.models import Lot
from reservations.models import Reservation, ReservationStatus
from tickets.models import Ticket
from traffic.client import KeyedLane, NoAnswerError, Server
from traffic.demo.booked_month import GUESTS_AT
from traffic.demo.gate_events import CAMERA
from traffic.demo.loading import CHARACTERS, OPERATOR
from traffic.demo.rhythm import draw_car, occupied_share
from traffic.simulation.misreading import misread, read_well

logger = structlog.get_logger(__name__)

CARS_A_MINUTE = 6
FULLEST_SHARE, EMPTIEST_SHARE = 0.85, 0.25
STEERED = 0.85
"""The share of cars that steer the lot to its planned occupancy; the others keep both lanes busy."""
MISREAD_SHARE = 0.02
AHEAD_SHARE = 0.4
OLDEST = 40
GOOD_CARD = "tok_ok"
SECONDS_TO_PAY = (4.0, 12.0)


@dataclass(slots=True)
class LiveDemo:
    """The cars of the demo's lots, one after the other; `sleep` waits between steps.

    It reads from the database who is inside, so it can be stopped and started at any time.
    """

    server: Server
    random: Random
    sleep: Callable[[float], None] = time.sleep
    lanes: dict[int, dict[str, list[KeyedLane]]] = field(default_factory=dict)

    def take_cameras(self) -> None:
        """Replace the keys of the demo's cameras; only this process knows the new ones."""
        cameras = Device.objects.filter(lot__operator__slug=OPERATOR, name=CAMERA, revoked_at=None)
        for camera in cameras.select_related("gate"):
            issued = roll_device_key(device=camera, at=now())
            of_lot = self.lanes.setdefault(camera.lot_id, {direction: [] for direction in Direction})
            of_lot[camera.gate.direction].append(KeyedLane(camera.gate.code, issued.key))

    def run(self) -> None:
        """Run forever; wait while the web server or the database is down."""
        while True:
            self.sleep(self.random.expovariate(CARS_A_MINUTE / 60))
            try:
                close_old_connections()
                self.turn()
            except (NoAnswerError, OperationalError) as error:
                logger.warning("live_demo_waits", error=str(error)[:200])

    def turn(self) -> None:
        """Let one car enter or leave a lot: a guest whose booked time has come before all others."""
        guest = self._expected()
        if guest is not None:
            self._read(self._lane(guest.lot, Direction.ENTRY), plate=guest.plate, confidence=0.95)
            return
        lots = Lot.objects.filter(operator__slug=OPERATOR, slug__in=CHARACTERS, pk__in=self.lanes)
        counted: list[Any] = list(
            lots.annotate(taken=Sum("counts__occupied"), places=Sum("counts__total")).order_by("pk")
        )
        lot = self.random.choices(counted, weights=[CHARACTERS[lot.slug].bustle for lot in counted])[0]
        if self._comes(lot, lot.taken / lot.places):
            self._enter(lot)
        else:
            self._leave(lot)

    def _expected(self) -> Reservation | None:
        """Return a guest's booking that has begun and whose car has not come."""
        begun = Reservation.objects.filter(lot__in=self.lanes, email__endswith=GUESTS_AT, starts_at__lte=now())
        return begun.filter(status=ReservationStatus.CONFIRMED).select_related("lot").order_by("starts_at").first()

    def _comes(self, lot: Lot, share: float) -> bool:
        """Steer towards the usual occupancy for this time of day, and never to full or empty."""
        if not EMPTIEST_SHARE < share < FULLEST_SHARE:
            return share <= EMPTIEST_SHARE
        wanted = share < occupied_share(CHARACTERS[lot.slug], now().astimezone(zone_of(lot)))
        return wanted if self.random.random() < STEERED else not wanted

    def _enter(self, lot: Lot) -> None:
        car = draw_car(self.random)
        read = misread if self.random.random() < MISREAD_SHARE else read_well
        plate, confidence = read(car.plate, self.random)
        vehicle = {"vehicle_type": car.vehicle_type, "electric": car.electric, "permit": car.permit}
        self._read(self._lane(lot, Direction.ENTRY), plate=plate, confidence=confidence, **vehicle)

    def _leave(self, lot: Lot) -> None:
        ticket = self._who_leaves(lot)
        if ticket is None:
            return
        lane = self._lane(lot, Direction.EXIT)
        seen = {"plate": ticket.plate, "ticket_number": None if ticket.plate else ticket.number}
        if self.random.random() < AHEAD_SHARE:
            self._pay(ticket)
        answer = self._read(lane, confidence=0.95, **seen)
        if answer["action"] == "pay":
            self._pay(ticket)
            if self.server.status(ticket.token) != "closed":
                self._read(lane, confidence=0.95, **seen)

    def _who_leaves(self, lot: Lot) -> Ticket | None:
        """Choose one whose booking is over, else of those inside longest without one.

        A camera has read them on entry, and no driver has claimed them.
        """
        came_by_camera = Ticket.objects.open().filter(lot=lot, proofs=None, events__device__name=CAMERA).distinct()
        over = came_by_camera.filter(reservation__ends_at__lte=now()).first()
        oldest = list(came_by_camera.filter(reservation=None).order_by("entry_at")[:OLDEST])
        return over or (self.random.choice(oldest) if oldest else None)

    def _pay(self, ticket: Ticket) -> None:
        self.sleep(self.random.uniform(*SECONDS_TO_PAY))
        self.server.pay(ticket.token, card=GOOD_CARD, key=str(uuid4()))

    def _lane(self, lot: Lot, direction: str) -> KeyedLane:
        return self.random.choice(self.lanes[lot.pk][direction])

    def _read(self, lane: KeyedLane, **seen: Any) -> dict[str, Any]:
        captured = {"event_id": str(uuid4()), "captured_at": datetime.now(UTC).isoformat()}
        answer = self.server.read(lane, captured | seen)
        logger.debug("live_demo_read", gate=lane.gate, action=answer["action"], reason=answer["reason"])
        return answer
