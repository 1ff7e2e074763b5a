"""Prices by the type of the vehicle: everywhere the same for one car."""

import pytest
from django.utils.timezone import now

from reservations.models import Reservation
from tests.api.bookings_sent import PATH, at, post
from tests.driver.test_book import errors_of, submit, times
from tests.factories import HOURLY, make_charge, make_lot, make_reservation, make_ticket, make_user
from tests.gates.lanes import Lanes
from tests.reservations.bookings import HOUR, MINUTE, NOW, booked
from tickets.fees import price_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
ALL_DAY = {"from": "00:00", "to": "24:00", "increment_minutes": 60}
BY_VEHICLE = HOURLY | {
    "grace_minutes": 0,
    "plans": [
        {"bands": [{**ALL_DAY, "price": 300}]},
        {"priority": 1, "vehicle_types": ["large"], "bands": [{**ALL_DAY, "price": 1000}]},
        {"priority": 1, "vehicle_types": ["motorcycle"], "bands": [{**ALL_DAY, "price": 100}]},
    ],
}
ANY_SPOT = {"large": 4}


@pytest.mark.parametrize(
    ("shown", "fee"), [({}, 600), ({"vehicle_type": "truck"}, 2000), ({"vehicle_type": "bike"}, 200)]
)
def test_lane_asks_what_the_vehicle_pays_that_came_in_whatever_the_exit_sees(shown, fee):
    lanes = Lanes(spots=ANY_SPOT, tariff=BY_VEHICLE)
    lanes.entry.read(**shown)

    assert lanes.exit.read(minute=90, vehicle_type="compact")["fee"]["amount"] == fee
    assert price_of(Ticket.objects.get(), now() + 90 * MINUTE).total == fee


def test_quote_asks_for_the_vehicle_where_prices_are_by_vehicle(client):
    make_lot(slug="central", spots=ANY_SPOT, tariff=BY_VEHICLE)
    make_lot(slug="hourly")
    stay = {"entry": "2026-03-02T08:00:00+01:00", "exit": "2026-03-02T10:30:00+01:00"}
    path = "/api/v1/lots/central/quote"
    totals = [
        client.post(path, stay | vehicle, content_type="application/json").json()["total"]
        for vehicle in ({}, {"vehicle_type": "large"}, {"vehicle_type": "motorcycle"}, {"vehicle_type": "compact"})
    ]
    assert totals == [900, 3000, 300, 900]
    asked = {"entry": "2026-03-02T08:00", "exit": "2026-03-02T10:30", "spot_type": "large"}
    page = client.get("/lots/central/", asked | {"vehicle_type": "large"})
    assert page.context["answer"].total == 3000
    assert client.get("/lots/central/", asked).context["answer"].total == 900
    assert client.get("/lots/central/", asked | {"vehicle_type": "tank"}).status_code == 422
    assert "vehicle_type" not in client.get("/lots/hourly/").context["form"].fields


def test_booking_costs_what_its_vehicle_costs_from_the_preview_on(client):
    lot = make_lot(slug="central", spots=ANY_SPOT, tariff=BY_VEHICLE)
    body = {"lot": "central", "spot_type": "large", "start": at(0), "end": at(2)}
    of_large = body | {"vehicle_type": "large"}
    assert [post(client, asked, path=f"{PATH}/quote").json()["price"] for asked in (body, of_large)] == [600, 2000]
    booking = booked(lot, spot_type="large", vehicle_type="large")
    assert booking.price_amount == 2000
    assert booked(lot, plate="ZH 2", spot_type="large").price_amount == 600


def test_stay_beyond_a_booking_costs_what_the_booked_vehicle_costs():
    lot = make_lot(spots=ANY_SPOT, tariff=BY_VEHICLE)
    kind = {"spot_type": "large", "vehicle_type": "large"}
    booking = make_reservation(lot, starts_at=NOW, price_amount=1000, charge=make_charge(lot, 1000), **kind)
    make_ticket(lot, entry_at=NOW, reservation=booking, vehicle_type="compact")
    assert price_of(Ticket.objects.get(), NOW + 3 * HOUR).total == 2000


def test_page_books_a_dearer_vehicle_only_after_it_has_shown_its_price(client):
    make_lot(name="Central", slug="central", spots=ANY_SPOT, tariff=BY_VEHICLE)
    client.force_login(make_user())
    of_large = {"spot_type": "large", "vehicle_type": "large"}
    assert client.get("/book/central/", times() | {"spot_type": "large"}).context["chosen"].price.total == 600

    answer = submit(client, **of_large)

    assert (answer.status_code, answer.context["chosen"].price.total) == (422, 2000)
    assert "__all__" in errors_of(answer)
    submit(client, **of_large, amount=2000)
    assert Reservation.objects.get().price_amount == 2000
