"""A driver scans the shop's code: once a stay, today, and by the ticket's number."""

import datetime as dt

import pytest
from django.test import Client

from merchants.models import Validation
from merchants.shop_codes import code_of_day
from tests.factories import make_lot, make_merchant, make_proof, make_ticket, make_user, make_validation_type

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot()


@pytest.fixture
def path(lot):
    kind = make_validation_type(make_merchant(lot, name="Kino"), name="Film", by_code=True, max_per_stay=5)
    return f"/v/{code_of_day(kind, at=dt.datetime.now(dt.UTC))}/"


def test_the_number_of_the_ticket_lowers_its_fee_once(lot, path):
    ticket = make_ticket(lot, "ZH 1")
    assert "Kino" in Client().get(path).content.decode()
    done = Client().post(path, {"number": ticket.number})
    assert done["Location"] == f"/pay/{ticket.number}/"
    assert Validation.objects.get().how == "code"
    again = Client().post(path, {"number": ticket.number})

    assert again.status_code == 422
    assert Validation.objects.count() == 1


def test_a_driver_takes_it_for_the_own_car_with_one_tap(lot, path):
    ticket, driver = make_ticket(lot, "ZH 1"), make_user()
    make_proof(ticket, driver)
    client = Client()
    client.force_login(driver)

    assert f'value="{ticket.number}"' in client.get(path).content.decode()


def test_a_plate_or_a_strangers_ticket_gets_nothing(lot, path):
    elsewhere = make_ticket(make_lot(), "ZH 9")
    make_ticket(lot, "ZH 1")

    assert Client().post(path, {"number": "ZH 1"}).status_code == 422
    assert Client().post(path, {"number": elsewhere.number}).status_code == 422
    assert Validation.objects.count() == 0


def test_a_code_that_was_made_up_is_gone(path):
    assert Client().get(path[:-3] + "x/").status_code == 404
