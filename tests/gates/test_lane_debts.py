"""Debts that lanes make: the plate as it was read when the car came in, and why it left owing, in one wording."""

import datetime as dt
import uuid

import pytest

from accounts.models import BlockedPlate
from billing.models import Debt
from tests.factories import make_ticket
from tests.gates.lanes import Lane, Lanes, at
from tests.gates.test_lane_payments import pay
from tests.gates.test_passages import tell
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

PLATE, ALIKE = "zh 12-34", "ZH1Z34"


@pytest.fixture
def lanes():
    lanes = Lanes()
    make_ticket(lanes.lot, PLATE, entry_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2, minutes=30))
    return lanes


def debt():
    return Debt.objects.values_list("plate", "plate_normalised", "reason").get()


@pytest.mark.parametrize("read", [PLATE, "ZH 1234", ALIKE])
def test_nobody_came_when_the_car_waited(lanes, read):
    lanes.exit.read(read, minute=-1.2)
    lanes.exit.read(read, minute=1.5)

    assert debt() == (PLATE, "ZH1234", "nobody answered at the exit")


def test_card_was_declined_twice(lanes):
    lanes.exit.read("ZH 1234", minute=-1)
    for key in ("one", "two"):
        pay("tok_declined", key)
    lanes.exit.read("ZH 1234", minute=0.2)

    assert debt() == (PLATE, "ZH1234", "card declined twice")


def test_lettering_instead_of_a_plate_at_the_exit_owes_nothing_and_stops_nobody(lanes):
    number = Ticket.objects.get().number
    for minute in (-1.2, 1.5):
        answer = lanes.exit.read("KEBABHAUS AM BAHNHOF 20", ticket_number=number, minute=minute)

    assert (answer["action"], answer["reason"]) == ("open", "owed")
    assert debt() == (PLATE, "ZH1234", "nobody answered at the exit")


def test_car_left_while_nobody_could_ask(lanes):
    lanes.exit.read("ZH 1234", captured_at=at(-1), offline=True)

    assert debt() == (PLATE, "ZH1234", "left without paying")


def test_stay_without_a_plate_owes_by_the_plate_that_was_read_at_the_exit(lanes):
    Ticket.objects.update(plate=None, plate_normalised=None, plate_skeleton=None)
    number = Ticket.objects.get().number
    for minute in (-1.2, 1.5):
        lanes.exit.read("be 7-7", ticket_number=number, minute=minute)

    assert debt() == ("be 7-7", "BE77", "nobody answered at the exit")


@pytest.mark.parametrize(
    ("tokens", "why"),
    [
        ([], "nobody answered at the exit"),
        (["tok_declined"] * 2, "card declined twice"),
        (["tok_partial_400"], "card paid only a part"),
    ],
)
def test_promise_that_is_kept_says_the_same(lanes, tokens, why):
    gate = Lane(lanes.lot, "exit", confirms_passage=True)
    gate.read("ZH 1234", minute=-1.2)
    for token in tokens:
        pay(token, str(uuid.uuid4()))
    opened = gate.read("ZH 1234", minute=1.5)
    assert opened["reason"] == "owed"
    assert tell(gate, opened["event_id"], "passed").status_code == 200

    assert debt() == (PLATE, "ZH1234", why)


def test_block_of_too_many_debts_shows_the_plate_as_it_was_read():
    lanes = Lanes(spots={"regular": 1})
    for hours in (12, 9, 6):
        lanes.entry.read(PLATE, captured_at=at(-60 * hours), offline=True)
        lanes.exit.read("ZH1234", captured_at=at(-60 * hours + 90), offline=True)

    assert BlockedPlate.objects.get().plate == PLATE
