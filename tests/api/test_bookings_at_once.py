"""The same requests for bookings at the same moment: each counts once."""

import pytest

from billing.models import Payment
from reservations.models import Reservation
from tests.api.bookings_sent import at, book, cancel, patch, post, wanted
from tests.at_once import at_once
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_operator, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 16


def test_same_request_sixteen_times_at_once_books_once():
    make_lot(slug="central")
    clients = [client_of(person) for person in [make_user()] * TIMES]

    answers = at_once([lambda client=client: post(client, wanted(), key="a key") for client in clients])

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Reservation.objects.count() == 1


@pytest.mark.parametrize("prepay", ["hold", "capture"])
def test_same_request_sixteen_times_at_once_pays_once(prepay):
    make_lot(slug="central", prepay=prepay)
    clients = [client_of(person) for person in [make_user()] * TIMES]
    body = wanted(payment={"token": "tok_ok"})

    answers = at_once([lambda client=client: post(client, body, key="a key") for client in clients])

    # Whoever finds the first one still running is told so.
    assert {answer.status_code for answer in answers} <= {201, 202, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"payment_running"}
    assert post(clients[0], body, key="a key").status_code == 201
    assert (Reservation.objects.count(), Payment.objects.count()) == (1, 1)
    assert broken() == []


def test_last_places_go_to_exactly_as_many_people():
    make_lot(slug="central", spots={"regular": 3})
    clients = [client_of(make_user()) for _ in range(TIMES)]

    answers = at_once(
        [
            lambda client=client, number=number: post(client, wanted(plate=f"ZH {number}"))
            for number, client in enumerate(clients)
        ]
    )

    refused = [answer.json()["code"] for answer in answers if answer.status_code == 409]
    assert refused == ["no_availability"] * (TIMES - 3)
    assert Reservation.objects.count() == 3


def test_cancelling_many_times_at_once_gives_the_money_back_once():
    make_lot(slug="central", prepay="capture")
    client = client_of(make_user())
    booking = book(client, payment={"token": "tok_ok"})
    clients = [client_of(person) for person in [Reservation.objects.get().driver] * 2 * TIMES]

    answers = at_once([lambda one=one: cancel(one, booking) for one in clients])

    assert {answer.status_code for answer in answers} == {200}
    said = cancel(client, booking).json()
    assert (said["status"], said["paid"], said["refunded"]) == ("cancelled", 0, 600)
    assert broken() == []


def test_same_change_at_once_is_made_once():
    make_lot(slug="central")
    client = client_of(make_user())
    booking = book(client)
    clients = [client_of(person) for person in [Reservation.objects.get().driver] * TIMES]

    answers = at_once([lambda one=one: patch(one, booking, end=at(4)) for one in clients])

    assert sorted(answer.json()["difference"] for answer in answers) == [0] * (TIMES - 1) + [600]
    assert Reservation.objects.get().sequence == 1


@pytest.mark.parametrize("who", ["driver", "caller"])
def test_one_key_in_many_lots_at_once_books_in_one_of_them(who):
    operator = make_operator()
    lots = [make_lot(operator, slug=f"lot-of-{number}") for number in range(8)]
    person = make_user("attendant", operator)
    clients = [client_of(person) for _ in lots]
    as_whom = {"driver": None} if who == "caller" else {}

    answers = at_once(
        [
            lambda lot=lot, one=one: post(one, wanted(lot=lot.slug, plate=f"ZH {lot.pk}", **as_whom), key="a key")
            for lot, one in zip(lots, clients, strict=True)
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 7
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"idempotency_key_reused"}
    assert Reservation.objects.count() == 1
