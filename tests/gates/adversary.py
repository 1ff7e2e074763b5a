"""A game against the lanes: cars that misread, swap, scan, pay, back out and wait, and what must hold whatever they do.

The model knows the truth: which car stands where, which plate it wears, which barrier it drove through. The lanes know
what cameras and controllers told them. Time is the server's, passed to the services.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from billing.models import Debt
from common.errors import DomainError
from devices.keys import find_device
from gates.models import GateEvent
from gates.reads.body import ReadBody, read_of
from gates.reads.releasing import release_waiting_car
from gates.services import answer_read, confirm_silent_passages
from gates.services.passages import Passage, confirm_passage
from lots.models import Gate, Lot
from tests.factories import make_device, make_gate, make_lot
from tests.gates.lanes import undone
from tests.invariants import issue_documents
from tickets.models import OPEN, Ticket
from tickets.paying import pay_ticket
from tickets.services import end_exit_graces
from verification import INVARIANTS, prove

START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
PLATES = ("ZH123456", "ZHI23456", "GE77001")  # the first two look alike
GRACE = dt.timedelta(minutes=10)
PASSING = dt.timedelta(seconds=10)
LONGEST_WAIT = dt.timedelta(seconds=120)
CHECKED = [one for one in INVARIANTS if one.number <= 8]

SEEN = st.sampled_from(["exact", "exact", "exact", "unsure", "alike", "cut off", "other", "candidate", "nothing"])
SCANNED = st.sampled_from(["nothing", "nothing", "own", "another's", "junk"])
WAITS = st.sampled_from([3, 12, 31, 60, 125, 185, 900, 7_200])
LOOKS = st.lists(st.tuples(SEEN, SCANNED, st.sampled_from([3, 3, 12, 31, 125])), min_size=1, max_size=4)
HOW = st.sampled_from(["passed", "passed", "silence", "backed_out", "fault"])
CLOCKS = st.sampled_from(["now", "minutes ago", "yesterday", "in an hour", "2000", "2076"])
NUMBERS = st.integers(0, 9)


@dataclass
class Arrival:
    """One car before one barrier, with the answers it has had there."""

    gate: Gate
    since: dt.datetime
    vehicle_ref: str | None
    answers: list[dict[str, Any]] = field(default_factory=list)
    asked: dict[tuple[str | None, str | None], dt.datetime] = field(default_factory=dict)
    opened_at: dt.datetime | None = None
    seen: set[str] = field(default_factory=set)
    plates: set[str | None] = field(default_factory=set)
    read_at: list[dt.datetime] = field(default_factory=list)
    owing: int | None = None
    """The ticket of exactly its plate that owed when an exit read that plate."""

    @property
    def is_plain(self) -> bool:
        """Whether its reads are of one car by the rule "one car, several readings"."""
        took = self.read_at[-1] - self.read_at[0]
        if len(self.plates) == 1 and None not in self.plates:
            return True
        if self.vehicle_ref is not None:
            return took <= dt.timedelta(minutes=5)
        return self.seen <= {"exact", "unsure", "alike"} and took <= dt.timedelta(seconds=30)

    @property
    def event_ids(self) -> list[str]:
        return [answer["event_id"] for answer in self.answers]


@dataclass
class Car:
    """A car: the plate it wears, whether it is inside, the ticket its driver holds."""

    plate: str
    inside: bool = False
    arrival: Arrival | None = None
    number: str | None = None


class World:
    """A lot with lanes that confirm passages and lanes that don't, and one edge box at all of them."""

    def __init__(self, tracking: str) -> None:
        self.lot: Lot = make_lot(tracking=tracking, spots={"regular": 6})
        self.entries = [make_gate(self.lot, "entry", confirms_passage=confirms) for confirms in (False, True)]
        self.exits = [make_gate(self.lot, "exit", confirms_passage=confirms) for confirms in (False, True, True)]
        _, key = make_device(self.entries[0], kind="edge")
        device = find_device(key)
        assert device is not None
        self.device = device


class Adversary(RuleBasedStateMachine):
    """The moves of a game, and the invariants after each and at its end."""

    worlds: list[World]
    most_idle = 1_000
    played: Counter[str]
    """Of all games: their number, departures, those of cars that owed, and the games with such a one."""

    def __init__(self) -> None:
        super().__init__()
        self.game = undone()
        self.game.__enter__()
        self.at = START
        self.cars = [Car(plate) for plate in PLATES]
        self.departures: list[Arrival] = []
        self.entered: list[Arrival] = []
        self.idle = 0
        """Moves since a car drove."""
        self.random = Random(0)

    @initialize(number=st.integers(0, 1), inside=st.integers(0, len(PLATES)))
    def choose_a_lot(self, number: int, inside: int) -> None:
        """Begin with some cars that came in hours ago, each by its own plate."""
        self.world = self.worlds[number]
        for car in self.cars[:inside]:
            answer = self.send(self.world.entries[0], car.plate, self.at, None, None)
            car.inside, car.number = True, answer["ticket"]["number"]
            self.at += dt.timedelta(hours=1)

    # --- moves

    @precondition(lambda self: self.driving())
    @rule(number=NUMBERS, lane=NUMBERS, named=st.booleans(), seen=SEEN, scanned=SCANNED)
    def come(self, number: int, lane: int, named: bool, seen: str, scanned: str) -> None:
        self.idle = 0
        cars = self.driving()
        car = cars[number % len(cars)]
        lanes = self.world.exits if car.inside else self.world.entries
        gate = lanes[lane % len(lanes)]
        if all(one.arrival is None or one.arrival.gate != gate for one in self.cars):
            car.arrival = Arrival(gate, self.at, str(self.new_id()) if named else None)
            self.see(car, seen, scanned)

    @precondition(lambda self: self.driving())
    @rule(
        number=NUMBERS, lane=NUMBERS, named=st.booleans(), looks=LOOKS, pays=st.booleans(), how=HOW, told=NUMBERS,
        clock=CLOCKS,
    )  # fmt: skip
    def cross(
        self, *, looks: list[tuple[str, str, int]], pays: bool, how: str, told: int, clock: str, **where: Any
    ) -> None:
        """A whole visit to a lane at once: most games would hardly get a car in and out by single moves."""
        car = self.look(looks, **where)
        if pays and car.arrival is not None and car.arrival.opened_at is None:
            self.pay(number=self.cars.index(car), card="tok_ok")
            self.see(car, "exact", "nothing")
        if car.arrival is not None:
            self.go_on(number=self.waiting().index(car), named=told, how=how, clock=clock)

    def look(self, looks: list[tuple[str, str, int]], **where: Any) -> Car:
        """Come to a lane, and be read there several times."""
        cars, (seen, scanned, _later) = self.driving(), looks[0]
        car = cars[where["number"] % len(cars)]
        self.come(**where, seen=seen, scanned=scanned)
        for seen, scanned, later in looks[1:]:
            self.wait(seconds=later)
            if car.arrival is not None:
                self.see(car, seen, scanned)
        return car

    @precondition(lambda self: self.waiting() and self.idle < self.most_idle)
    @rule(number=NUMBERS, seen=SEEN, scanned=SCANNED)
    def read_again(self, number: int, seen: str, scanned: str) -> None:
        self.idle += 1
        self.see(self.pick(number), seen, scanned)

    def see(self, car: Car, seen: str, scanned: str) -> None:
        arrival = car.arrival
        assert arrival is not None
        at_exit = arrival.gate.direction == "exit"
        ticket = self.scan(car, scanned) if at_exit else None
        arrival.seen.add(seen)
        arrival.read_at.append(self.at)
        plate = self.seen_as(car, seen)
        if at_exit and seen == "exact" and arrival.owing is None:
            arrival.owing = self.owing(car)
        answer = self.send(arrival.gate, plate, self.at, ticket, arrival.vehicle_ref, seen=seen, car=car)
        arrival.answers.append(answer)
        arrival.plates.add(plate)
        self.never_trapped(arrival, answer, plate, ticket)
        if answer["action"] == "open":
            arrival.opened_at = self.at
            if not at_exit and answer["ticket"]:
                car.number = answer["ticket"]["number"]
        elif arrival.gate.direction == "entry" and answer["action"] == "deny":
            arrival.opened_at = None

    @precondition(lambda self: self.waiting())
    @rule(number=NUMBERS, named=NUMBERS, how=HOW, clock=CLOCKS)
    def go_on(self, number: int, named: int, how: str, clock: str) -> None:
        """Drive through or back, or be left standing by a barrier that fails; a report names any of the reads."""
        car = self.pick(number)
        arrival = car.arrival
        assert arrival is not None
        self.idle = 0
        if arrival.opened_at is None:
            if how == "backed_out":
                car.arrival = None
            return
        if not arrival.gate.confirms_passage:
            self.pass_barrier(car)  # nothing sees a car turn back here, so it counts as passed
            return
        if how != "silence":
            self.report(arrival, how, named, clock)
        match how:
            case "fault":
                arrival.opened_at = None
            case "backed_out":
                car.arrival = None
            case _:
                self.pass_barrier(car)

    @precondition(lambda self: self.waiting() and self.idle < self.most_idle)
    @rule(lane=NUMBERS)
    def ask_as_barrier(self, lane: int) -> None:
        """A barrier asks what it has to do, and may be told to open: for the car that stands there, or one that has gone."""
        self.idle += 1
        gate = self.world.exits[lane % len(self.world.exits)]
        released = release_waiting_car(gate, device=self.world.device.device, at=self.at)
        arrival = next((car.arrival for car in self.waiting() if car.arrival and car.arrival.gate == gate), None)
        if released is not None and arrival is not None:
            arrival.answers.append(released.answer)
            arrival.asked.clear()
            arrival.opened_at = self.at

    @precondition(lambda self: self.idle < self.most_idle)
    @rule(number=NUMBERS, card=st.sampled_from(["tok_ok", "tok_ok", "tok_declined", "tok_partial_400"]))
    def pay(self, number: int, card: str) -> None:
        self.idle += 1
        held = self.cars[number % len(self.cars)].number
        ticket = Ticket.objects.select_related("lot", "charge", "tariff").filter(number=held).first()
        if ticket is None:
            return
        with suppress(DomainError):  # nothing is owed, or a person has to look at it
            pay_ticket(
                ticket=ticket,
                method="card",
                token=card,
                amount=None,
                idempotency_key=str(self.new_id()),
                at=self.at,
                by_number=False,
            )

    @precondition(lambda self: self.idle < self.most_idle)
    @rule(seconds=WAITS)
    def wait(self, seconds: int) -> None:
        """Let time pass; where nobody confirms, a car does not stand below an open barrier for long."""
        self.idle += 1
        if dt.timedelta(seconds=seconds) > PASSING:
            for car in self.cars:
                arrival = car.arrival
                if arrival is not None and arrival.opened_at is not None and not arrival.gate.confirms_passage:
                    self.pass_barrier(car)
        self.at += dt.timedelta(seconds=seconds)
        confirm_silent_passages(at=self.at)
        end_exit_graces(at=self.at)

    @precondition(lambda self: self.idle < self.most_idle)
    @rule(number=NUMBERS, lane=NUMBERS, clock=CLOCKS)
    def record(self, number: int, lane: int, clock: str) -> None:
        """A box that was cut off sends a record, of whatever time its clock shows."""
        self.idle += 1
        lanes = [*self.world.entries, *self.world.exits]
        plate = self.cars[number % len(self.cars)].plate
        self.send(lanes[lane % len(lanes)], plate, self.clock(clock), None, None, offline=True)

    @precondition(lambda self: self.idle < self.most_idle)
    @rule(number=NUMBERS)
    def swap_plates(self, number: int) -> None:
        self.idle += 1
        one, other = self.cars[number % 3], self.cars[(number + 1) % 3]
        if one.arrival is None and other.arrival is None:
            one.plate, other.plate = other.plate, one.plate

    # --- what must hold

    @invariant()
    def one_arrival_has_one_open_stay(self) -> None:
        for arrival in (*self.entered, *(car.arrival for car in self.cars if car.arrival is not None)):
            if arrival.gate.direction != "entry" or not arrival.answers or not arrival.is_plain:
                continue
            events = GateEvent.objects.filter(event_id__in=arrival.event_ids)
            # A plate that exactly is a stay from before it came is another car by the rule, whatever the camera says.
            open_stays = {event.ticket_id for event in events.filter(ticket__status__in=OPEN)}
            open_stays -= set(Ticket.objects.filter(entry_at__lt=arrival.since).values_list("pk", flat=True))
            assert len(open_stays) <= 1 or self.is_listed(arrival, *open_stays), f"{open_stays} for one car"

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.end()
        finally:
            self.game.__exit__(None, None, None)

    def end(self) -> None:
        """Wait for what is still to be said, and look at the whole game."""
        self.at += dt.timedelta(minutes=10)
        confirm_silent_passages(at=self.at)
        for arrival in self.entered:
            self.has_a_stay(arrival)
        for arrival in self.departures:
            self.is_settled(arrival)
        owing = sum(arrival.owing is not None for arrival in self.departures)
        event("departures", len(self.departures))
        event("departures of cars that owed", owing)
        self.played.update(games=1, departures=len(self.departures), owing=owing, with_owing=owing > 0)
        self.no_ticket_lets_two_out()
        issue_documents()
        broken = [f"{one.invariant.name}: {one.rows}" for one in prove(CHECKED) if not one.holds]
        assert not broken, broken

    def has_a_stay(self, arrival: Arrival) -> None:
        tickets = GateEvent.objects.filter(event_id__in=arrival.event_ids, ticket__isnull=False)
        assert tickets.exclude(ticket__status="void").exists() or self.is_listed(arrival), "no stay for a car inside"

    def is_settled(self, arrival: Arrival) -> None:
        """A car whose own plate was seen and owed has paid, owes a debt, or is on a list."""
        if arrival.owing is None:
            return
        ticket = Ticket.objects.select_related("charge").get(pk=arrival.owing)
        charge = ticket.charge
        settled = ticket.status == "closed" and charge is not None and charge.captured_amount > 0
        owes = charge is not None and Debt.objects.filter(charge=charge).exists()
        assert settled or owes or self.is_listed(arrival, ticket.pk), f"{ticket.number} left: {ticket.status}"

    def no_ticket_lets_two_out(self) -> None:
        used: dict[int | None, list[Arrival]] = {}
        for arrival in self.departures:
            if arrival.seen <= {"exact"} and not (self.is_listed(arrival) or self.is_taken_for_another(arrival)):
                events = GateEvent.objects.filter(event_id__in=arrival.event_ids, action="open")
                used.setdefault(events.latest("id").ticket_id, []).append(arrival)
        assert None not in used, f"a car left without a stay, unlisted: {self.told(used[None][0])}"
        shared = [list(map(self.told, arrivals)) for arrivals in used.values() if len(arrivals) > 1]
        assert not shared, f"a ticket let several out: {shared}"

    def is_taken_for_another(self, arrival: Arrival) -> bool:
        """Return whether it came, with a plate alike, before the car that drove out there just now had time to."""
        first = GateEvent.objects.get(event_id=arrival.event_ids[0]).first
        at_once = first is not None and arrival.since - first.at <= PASSING
        return at_once and not arrival.gate.confirms_passage

    def never_trapped(self, arrival: Arrival, answer: dict[str, Any], plate: str | None, ticket: str | None) -> None:
        """Check that no question about a stay, or about a car without one, is asked for two minutes or longer."""
        if arrival.gate.direction != "exit":
            return
        if answer["action"] == "open":
            arrival.asked.clear()
            return
        stay = answer["ticket"] and answer["ticket"]["number"]
        mixed = plate if answer["reason"] == "ambiguous" and ticket is not None else None
        first = arrival.asked.setdefault((stay, mixed), self.at)
        waited = self.at - first
        assert waited < LONGEST_WAIT or waited > dt.timedelta(minutes=15), f"a car is trapped: {self.told(arrival)}"

    def told(self, arrival: Arrival) -> list[str]:
        """Return what a lane read of a car, and what it answered."""
        events = {str(one.event_id): one for one in GateEvent.objects.filter(event_id__in=arrival.event_ids)}
        ordered = [(events[answer["event_id"]], answer) for answer in arrival.answers]
        return [
            f"{one.received_at:%H:%M:%S} {arrival.gate}: {one.plate}, ticket {one.read.get('ticket_number')}"
            f" -> {answer['action']}/{answer['reason']} of {answer['ticket'] and answer['ticket']['number']}"
            for one, answer in ordered
        ]

    def is_listed(self, arrival: Arrival, *tickets: int | None) -> bool:
        """Return whether the operator sees it: among the exceptions, or as a stay in review."""
        own = GateEvent.objects.filter(event_id__in=arrival.event_ids)
        known = {event.ticket_id for event in own if event.ticket_id} | {one for one in tickets if one}
        if Ticket.objects.filter(pk__in=known, status="review").exists():
            return True
        # A read that repeats what a record has opened is listed by that record.
        repeated = [event.first_id for event in own if event.first_id]
        told = GateEvent.objects.filter(first__in=own) | own | GateEvent.objects.filter(pk__in=repeated)
        about = GateEvent.objects.filter(ticket__in=known, at__gte=arrival.since - dt.timedelta(minutes=5))
        return any(event.flags for event in told) or (bool(tickets) and any(event.flags for event in about))

    # --- how it is done

    def new_id(self) -> uuid.UUID:
        """Return one that is the same each time a game is played: what happened at once is ordered by them."""
        return uuid.UUID(int=self.random.getrandbits(128))

    def driving(self) -> list[Car]:
        return [car for car in self.cars if car.arrival is None]

    def waiting(self) -> list[Car]:
        return [car for car in self.cars if car.arrival is not None]

    def pick(self, number: int) -> Car:
        cars = self.waiting()
        return cars[number % len(cars)]

    def seen_as(self, car: Car, seen: str) -> str | None:
        match seen:
            case "alike":
                return car.plate.replace("I", "L").replace("1", "L", 1)
            case "cut off":
                return car.plate[:-1]
            case "other":
                return "BE55555"
            case "candidate":
                return f"{car.plate[:-2]}XX"
            case "nothing":
                return None
        return car.plate

    def scan(self, car: Car, scanned: str) -> str | None:
        others = [one.number for one in self.cars if one is not car and one.number]
        match scanned:
            case "own":
                return car.number
            case "another's":
                return others[0] if others else None
            case "junk":
                return "junk"
        return None

    def owing(self, car: Car) -> int | None:
        """Return the open ticket of exactly this plate that owes at least an hour."""
        old = Ticket.objects.filter(lot=self.world.lot, plate_normalised=car.plate, entry_at__lt=self.at - GRACE)
        ticket = old.open().exclude(charge__captured_amount__gt=0).first()
        return None if ticket is None else ticket.pk

    def send(
        self,
        gate: Gate,
        plate: str | None,
        captured_at: dt.datetime,
        ticket: str | None,
        vehicle_ref: str | None,
        *,
        seen: str = "exact",
        car: Car | None = None,
        offline: bool = False,
    ) -> dict[str, Any]:
        candidates = [{"plate": car.plate}] if car is not None and seen == "candidate" else []
        body = ReadBody(
            event_id=self.new_id(),
            plate=plate,
            confidence=0.4 if seen in {"unsure", "nothing"} else 0.95,
            captured_at=captured_at.isoformat(),
            ticket_number=ticket,
            vehicle_ref=vehicle_ref,
            candidates=candidates,
            offline=offline,
        )
        return answer_read(device=self.world.device, code=gate.code, read=read_of(body), received_at=self.at)

    def report(self, arrival: Arrival, outcome: str, named: int, clock: str) -> None:
        opened = [answer["event_id"] for answer in arrival.answers if answer["action"] == "open"]
        passage = Passage(self.new_id(), uuid.UUID(opened[named % len(opened)]), outcome, self.clock(clock))
        confirm_passage(device=self.world.device.device, gate_id=arrival.gate.pk, passage=passage, received_at=self.at)

    def pass_barrier(self, car: Car) -> None:
        arrival, car.arrival = car.arrival, None
        assert arrival is not None
        if arrival.gate.direction == "entry":
            car.inside = True
            self.entered.append(arrival)
        else:
            car.inside = False
            self.departures.append(arrival)

    def clock(self, shown: str) -> dt.datetime:
        match shown:
            case "minutes ago":
                return self.at - dt.timedelta(minutes=4)
            case "yesterday":
                return self.at - dt.timedelta(days=1)
            case "in an hour":
                return self.at + dt.timedelta(hours=1)
            case "2000" | "2076":
                return dt.datetime(int(shown), 1, 1, tzinfo=dt.UTC)
        return self.at


def worlds() -> Iterator[World]:
    """The lots of all games: each game is rolled back."""
    for tracking in ("spots", "levels"):
        yield World(tracking)
