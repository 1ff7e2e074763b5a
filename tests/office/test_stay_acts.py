"""What an admin does to a stay on its page: move, price again, note; the whole of it in one column."""

import datetime as dt
import re
from uuid import uuid4

import pytest
from django.utils.timezone import now

from common.errors import DomainError
from tests.at_once import at_once, meeting
from tests.entrance.sessions import client_of
from tests.factories import (
    HOURLY,
    LONG_AGO,
    make_lot,
    make_reservation,
    make_tariff,
    make_ticket,
    make_user,
)
from tests.invariants import broken
from tickets.fees import fee_of
from tickets.models import StayAct, Ticket, TicketStatus
from tickets.paying import pay_ticket
from tickets.services import Place, amending, move_stay, resolution, state_of_stay

pytestmark = pytest.mark.django_db


class Stay:
    """A car in the first bay of a lot, and the lot's admin."""

    def __init__(self, **lot):
        self.lot = make_lot(**{"spots": {"regular": 4}} | lot)
        self.ticket = make_ticket(self.lot, "ZH 1")
        self.admin = make_user("admin", self.lot.operator, name="Anna Keller")
        self.client = client_of(self.admin)

    def now(self):
        return Ticket.objects.get(pk=self.ticket.pk)

    def page(self):
        return self.client.get(f"/manage/stays/{self.ticket.number}/").content.decode().replace("\xa0", " ")

    def send(self, act, prefix, **values):
        sent = {"why": "seen on the round", "key": uuid4(), "seen": state_of_stay(self.now())} | values
        data = {f"{prefix}-{name}": value for name, value in sent.items()}
        return self.client.post(f"/manage/stays/{self.ticket.number}/{act}/", data)

    def move(self, place, **values):
        return self.send("move", "move", place=place, **values)

    def pay(self):
        card = {"method": "card", "token": "tok_ok", "amount": None, "idempotency_key": "a", "receipt_email": ""}
        pay_ticket(ticket=self.ticket, at=now(), by_number=False, **card)

    def correct_tariff(self, price):
        """Supersede the lot's tariff by one with another price an hour."""
        old = self.lot.tariffs.get()
        old.superseded_at = now()
        old.save()
        band = {"from": "00:00", "to": "24:00", "price": price, "increment_minutes": 60}
        rules = HOURLY | {"plans": [{"name": "Hourly", "bands": [band]}]}
        return make_tariff(self.lot, rules, revision=2, valid_from=LONG_AGO)


@pytest.fixture
def stay():
    return Stay()


def test_car_is_moved_and_its_first_place_is_free(stay):
    first = stay.ticket.spot
    key = uuid4()
    for _ in range(2):
        assert stay.move("r0-3", key=key).status_code == 302

    assert stay.now().spot.number == "R0-3"
    first.refresh_from_db()
    assert (first.stay, stay.now().spot.stay) == (None, stay.ticket.pk)
    assert StayAct.objects.get().by == stay.admin
    assert f"moved from {first.number} to R0-3 (Anna Keller): seen on the round" in stay.page()
    assert broken() == []


def test_place_that_is_not_free_is_refused_in_words(stay):
    other = make_ticket(stay.lot, "ZH 2", spot=stay.lot.spots.get(number="R0-2"))
    stay.lot.spots.filter(number="R0-3").update(maintenance=True)
    start = now() - dt.timedelta(minutes=5)
    make_reservation(stay.lot, spot=stay.lot.spots.get(number="R0-4"), starts_at=start)

    for place, said in {
        "R0-2": f"Another stay is in spot R0-2: {other.number}.",
        "R0-3": "Spot R0-3 is out of use.",
        "R0-4": "Spot R0-4 is held for a booking.",
        "Z9": "has no spot Z9.",
    }.items():
        assert said in stay.move(place).content.decode()
    assert not StayAct.objects.exists()


def test_sensor_that_sees_a_car_there_stands_in_no_way(stay):
    stay.lot.spots.filter(number="R0-3").update(observed_occupied=True)

    assert stay.move("R0-3").status_code == 302


def test_counted_car_moves_to_another_level():
    stay = Stay(tracking="levels", levels=2, spots={"regular": 1})
    upper = stay.lot.levels.get(number=1)

    assert stay.move(f"{upper.pk}:regular").status_code == 302
    assert stay.now().level == upper
    assert [count.free for count in stay.lot.counts.order_by("level__number")] == [1, 0]
    assert stay.move("7:regular").status_code == 422


@pytest.mark.parametrize("act", ["move", "price", "plate"])
def test_page_that_is_out_of_date_is_refused_and_shown_again(stay, act):
    stay.correct_tariff(500)
    seen = state_of_stay(stay.now())
    stay.move("R0-2")
    response = {
        "move": lambda: stay.move("R0-3", seen=seen),
        "price": lambda: stay.send("price", "price", seen=seen),
        "plate": lambda: stay.client.post(
            f"/manage/stays/{stay.ticket.number}/plate/", {"plate": "ZH 9", "key": uuid4(), "seen": seen}
        ),
    }[act]()

    text = response.content.decode()
    assert response.status_code == 409
    assert "Somebody has changed this stay meanwhile." in text
    assert f'value="{state_of_stay(stay.now())}"' in text
    assert (stay.now().spot.number, stay.now().plate, StayAct.objects.count()) == ("R0-2", "ZH 1", 1)


def test_stay_is_priced_again_by_the_corrected_tariff(stay):
    assert "Price again" not in stay.page()
    new = stay.correct_tariff(500)
    assert re.search(r"it costs CHF\s1[05]\.00 until now", re.sub("<[^>]*>", "", stay.page()))

    assert stay.send("price", "price").status_code == 302
    assert stay.now().tariff == new
    assert fee_of(stay.now(), stay.ticket.entry_at + dt.timedelta(hours=2)).owed == 1000
    assert "priced by Standard (2) instead of Standard (1) (Anna Keller): seen on the round" in stay.page()
    assert stay.send("price", "price").status_code == 409


def test_paid_stay_is_not_priced_again(stay):
    stay.correct_tariff(500)
    stay.pay()

    assert stay.now().status == TicketStatus.PAID
    assert "Price again" not in stay.page()
    assert stay.send("price", "price").status_code == 409


def test_note_is_added_to_a_stay_that_has_ended(stay):
    Ticket.objects.update(status="closed", exit_at=now(), closed_reason="paid")
    assert stay.send("note", "note", why=" ").status_code == 422
    assert stay.send("note", "note", why="Scratch at the pillar").status_code == 302

    page = stay.page()
    assert "note by Anna Keller: Scratch at the pillar" in page
    assert "Move to another place" not in page
    assert stay.move("R0-3").status_code == 409


def test_page_shows_the_fee_so_far_and_money_in_the_order_of_time(stay):
    assert "Fee so far" in stay.page()
    stay.pay()
    stay.send("note", "note", why="asked for a receipt")

    page = stay.page()
    places = [page.index(text) for text in ("made for a test", "Card: CHF", "asked for a receipt")]
    assert places == sorted(places)


def test_form_of_another_stay_is_refused(stay):
    key = uuid4()
    stay.send("note", "note", key=key)
    first, stay.ticket = stay.ticket, make_ticket(stay.lot, "ZH 2")

    assert stay.send("note", "note", key=key).status_code == 409
    assert StayAct.objects.get().ticket == first


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False])
def test_two_cars_moved_into_one_place_at_once(is_locked, monkeypatch):
    """Without the lot's lock both find the place free, and the second fails without a word to its person."""
    stay = Stay()
    cars = [stay.ticket, make_ticket(stay.lot, "ZH 2")]
    spot = stay.lot.spots.get(number="R0-4")
    place = Place(level_id=spot.level_id, spot_type=spot.spot_type, spot_id=spot.pk)
    if not is_locked:
        monkeypatch.setattr(resolution, "lock_lot", lambda _pk: None)
        monkeypatch.setattr(amending, "_place_said", meeting(amending._place_said))

    def move(car):
        return move_stay(
            ticket=car, place=place, seen=state_of_stay(car), at=now(), why="round", by=stay.admin, key=uuid4()
        )

    results = at_once([lambda car=car: move(car) for car in cars])

    failed = [result for result in results if isinstance(result, Exception)]
    assert [isinstance(one, DomainError) for one in failed] == [is_locked]
    assert Ticket.objects.filter(spot=spot).count() == 1
