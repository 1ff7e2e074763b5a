"""The driver's own pages: which stays show, what they add up to, and the driver's vehicles."""

import datetime as dt
import re
from collections import defaultdict
from itertools import product
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from accounts.models import Vehicle
from accounts.services import MOST_VEHICLES
from billing.models import Payment, PaymentMethod, PaymentState
from common.money import format_money
from driver.own_spending import spending_of, spent_lately
from reports.month_spending import month_sums
from tests.factories import (
    make_charge,
    make_lot,
    make_operator,
    make_proof,
    make_reservation,
    make_ticket,
    make_user,
    make_vehicle,
)
from tickets.fees import fee_of
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def driver(client):
    driver = make_user(password="s3cret-words")
    client.force_login(driver)
    return driver


@pytest.fixture
def lot():
    return make_lot(name="Central", spots={"regular": 40})


def own(driver, plate="ZH 123456", *, hours_ago=100):
    return make_vehicle(driver, plate, added_at=now() - hours_ago * HOUR)


def parked(driver, lot, plate="ZH 123456", entry_at=None, **fields):
    ticket = make_ticket(lot, plate, entry_at, **fields)
    make_proof(ticket, driver)
    return ticket


def ended(driver, lot, plate="ZH 123456", *, hours_ago=3, hours=2, paid=600, **fields):
    entry_at = now() - hours_ago * HOUR
    charge = make_charge(lot, max(paid, 1), at=entry_at)
    if paid:
        Payment.objects.create(
            charge=charge,
            method=PaymentMethod.CASH,
            state=PaymentState.CAPTURED,
            amount=paid,
            captured_amount=paid,
            idempotency_key=f"test-{charge.pk}",
            created_at=entry_at,
            finished_at=entry_at,
        )
    leaves = {"exit_at": entry_at + hours * HOUR, "status": TicketStatus.CLOSED, "closed_reason": "paid"}
    return parked(driver, lot, plate, entry_at, charge=charge, **leaves | fields)


def present(client):
    return client.get("/me/").context["present"]


def test_proven_stay_shows_where_since_when_and_what_is_owed(client, driver, lot):
    ticket = parked(driver, lot, entry_at=now() - 2 * HOUR - dt.timedelta(minutes=5))
    response = client.get("/me/")
    page = response.content.decode()
    assert [(stay.ticket, stay.fee.owed, stay.place) for stay in response.context["present"]] == [
        (ticket, 900, "R0-1, Ground")
    ]
    assert "You are parked" in page
    assert "Central" in page
    assert f'href="/pay/{ticket.token}/"' in page


def test_other_and_void_stays_stay_hidden(client, driver, lot):
    make_ticket(lot, "VD 4711")
    parked(driver, lot, status=TicketStatus.VOID)
    response = client.get("/me/")
    assert response.context["present"] == []
    assert list(response.context["past"]) == []


def test_paid_stay_says_until_when_to_leave(client, driver, lot):
    parked(driver, lot, status=TicketStatus.PAID, paid_at=now())
    page = client.get("/me/").content.decode()
    assert "Paid. Drive out by" in page
    assert re.search(r"1[45]\xa0min left\.", page)
    assert "After that" in page
    assert "Pay now" not in page


def test_history_lists_what_was_paid(client, driver, lot):
    ended(driver, lot, hours_ago=5, paid=700)
    [stay] = client.get("/me/").context["past"]
    assert (stay.paid_amount, stay.length) == (700, 2 * HOUR)


def test_stay_in_review_is_marked(client, driver, lot):
    parked(driver, lot, status=TicketStatus.REVIEW)
    assert "In review" in client.get("/me/").content.decode()


def test_history_turns_pages_and_is_found_by_lot_plate_and_day(client, driver, lot):
    for number in range(21):
        ended(driver, lot, hours_ago=number + 3, paid=0)
    other = ended(driver, make_lot(name="Lakeside", timezone="Asia/Tokyo"), "VD 4711", hours=1)
    late = dt.datetime(2026, 3, 31, 15, 30, tzinfo=dt.UTC)  # in Tokyo it is April
    Ticket.objects.filter(pk=other.pk).update(entry_at=late, exit_at=late + HOUR)
    make_ticket(lot, "BE 1")
    assert len(client.get("/me/").context["past"]) == 5
    pages = [client.get("/me/history/"), client.get("/me/history/?page=2")]
    assert [len(page.context["past"]) for page in pages] == [20, 2]
    assert client.get("/me/history/?page=nonsense").status_code == 200
    for query, count in (
        (f"lot={other.lot.slug}", 1),
        ("plate=VD4711", 1),
        ("since=2026-04-01&until=2026-04-01", 1),
        ("until=2026-03-31", 0),
        ("q=lake", 1),
        (f"q={other.number}", 1),
        ("q=vd-47", 1),
        ("q=be+1", 0),
    ):
        assert client.get(f"/me/history/?{query}").context["page"].paginator.count == count, query
    for wrong in ("since=never", "since=2026-04-02&until=2026-04-01", "lot=nowhere", "plate=BE1"):
        assert client.get(f"/me/history/?{wrong}").status_code == 422


QUERIES = {
    "/me/": 13,
    "/me/history/": 7,
    "/me/spending/": 4,
    "/me/account/": 3,
    "/me/account/data/": 49,
    "/me/account/delete/": 15,
}


def test_pages_take_as_many_queries_for_many_rows_as_for_one(client, driver, lot):
    client.post("/accounts/reauthenticate/", {"password": "s3cret-words"})
    own(driver)
    ended(driver, lot)
    parked(driver, lot, "ZH 5")
    booked = {"driver": driver, "status": "cancelled", "cancelled_at": now()}
    make_reservation(lot, "ZH 6", **booked)
    assert {page: queries_of(client, page) for page in QUERIES} == QUERIES
    own(driver, "VD 4711")
    parked(driver, lot, "VD 4711")
    for number in range(4):
        ended(driver, make_lot(), hours_ago=number + 6)
        make_reservation(lot, "ZH 6", **booked)
    assert {page: queries_of(client, page) for page in QUERIES} == QUERIES


def queries_of(client, page):
    with CaptureQueriesContext(connection) as taken:
        answer = client.get(page)
        assert b"".join(answer.streaming_content) if answer.streaming else answer.content
    return len(taken)


def test_month_adds_up_by_currency_on_each_lots_own_clock(driver):
    zurich = make_lot()
    berlin = make_lot(make_operator(currency="EUR"))
    auckland = make_lot(timezone="Pacific/Auckland")
    noon = dt.datetime(2026, 3, 31, 12, 30, tzinfo=dt.UTC)
    for lot, leaves, paid in (
        (zurich, dt.datetime(2026, 3, 1, 0, 30, tzinfo=dt.UTC), 100),
        (zurich, dt.datetime(2026, 2, 28, 22, 59, tzinfo=dt.UTC), 1),
        (zurich, dt.datetime(2026, 2, 28, 23, 30, tzinfo=dt.UTC), 200),
        (berlin, dt.datetime(2026, 3, 9, 12, 0, tzinfo=dt.UTC), 400),
        # At noon UTC on the last of March it is April in Auckland already.
        (auckland, dt.datetime(2026, 3, 30, 12, 0, tzinfo=dt.UTC), 5000),
        (auckland, dt.datetime(2026, 3, 31, 12, 10, tzinfo=dt.UTC), 10),
    ):
        _ended_at(driver, lot, leaves, paid)
    sums = month_sums(driver, noon)
    assert [(one.name, one.stays, one.length, one.paid_amount) for one in sums] == [
        ("CHF", 3, 3 * HOUR, 310),
        ("EUR", 1, HOUR, 400),
    ]


def test_spending_is_what_the_rows_add_up_to(client, driver):
    random = Random(14)
    lots = [make_lot(make_operator(currency=currency), name=f"Lot {n} {currency}", timezone=zone) for n, (currency, zone) in
            enumerate(product(("CHF", "EUR", "JPY"), ("Europe/Zurich", "Pacific/Auckland", "America/Los_Angeles")))]  # fmt: skip
    at = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
    expected = defaultdict(lambda: [0, dt.timedelta(), 0])
    for number in range(60):
        lot, paid = random.choice(lots), random.choice((0, 1, 350, 99_999))
        leaves = at - dt.timedelta(minutes=random.randrange(14 * 30 * 24 * 60))
        if number % 3:
            _ended_at(driver, lot, leaves, paid)
            added = (1, HOUR, paid)
        else:
            charge = ended(make_user(), lot, paid=paid).charge
            booked = {"driver": driver, "status": "completed", "charge": charge}
            make_reservation(lot, "ZH 9", leaves - HOUR, leaves, **booked)
            added = (0, dt.timedelta(), paid)
        month = leaves.astimezone(ZoneInfo(lot.timezone)).strftime("%b %Y")
        for key in ((lot.currency, month), (lot.currency, lot.name)):
            expected[key] = [sum(pair, type(pair[0])()) for pair in zip(expected[key], added, strict=True)]
    shown = spending_of(spent_lately(driver, at), at)
    months = {
        (one.currency, month.name): [month.stays, month.length, month.paid_amount]
        for one in shown
        for month in one.months
    }
    assert len(months) == 36
    assert {key: sums for key, sums in months.items() if any(sums)} == {
        key: sums for key, sums in expected.items() if key in months and any(sums)
    }
    for one in shown:
        for sums in (one.months, one.lots):
            assert sum(part.stays for part in sums) == one.total.stays
            assert sum((part.length for part in sums), dt.timedelta()) == one.total.length
            assert sum(part.paid_amount for part in sums) == one.total.paid_amount
        assert [bar.display for bar in one.paid_by_lot.bars] == [
            format_money(sums.paid_amount, one.currency) for sums in one.lots
        ]
    assert client.get("/me/spending/").status_code == 200


def test_fee_says_when_it_rises_and_to_what(client, driver, lot):
    entry = now().replace(microsecond=0) - HOUR - dt.timedelta(minutes=40)
    parked(driver, lot, entry_at=entry)
    [stay] = client.get("/me/").context["present"]
    told = stay.next_fee
    assert told.owed > stay.fee.owed
    assert [fee_of(stay.ticket, told.until + dt.timedelta(seconds=seconds)).owed for seconds in (0, 1)] == [
        stay.fee.owed,
        told.owed,
    ]
    assert "until <strong>" in client.get("/me/").content.decode()


def test_parked_booking_can_be_extended(client, driver, lot):
    booking = make_reservation(lot, "ZH 8", now() - HOUR, now() + HOUR, driver=driver, status="active")
    parked(driver, lot, "ZH 8", reservation=booking)
    page = client.get("/me/").content.decode()
    assert "Booked until" in page
    assert f'href="/bookings/{booking.code}/change/">Extend' in page


def test_car_is_found_on_the_plan_of_its_level_by_its_driver_alone(client, driver, lot):
    ticket = parked(driver, lot)
    page = client.get(f"/me/stays/{ticket.number}/plan/").content.decode()
    assert page.count("bay-mine") == page.count("bay-occupied") == 1
    assert f'Your car: <span class="nowrap">{ticket.spot.number}</span>' in page
    other = make_ticket(lot, "BE 1")
    assert client.get(f"/me/stays/{other.number}/plan/").status_code == 404


def _ended_at(driver, lot, leaves, paid):
    ticket = ended(driver, lot, hours=1, paid=paid)
    Ticket.objects.filter(pk=ticket.pk).update(entry_at=leaves - HOUR, exit_at=leaves)


def test_empty_home_says_what_to_do(client, driver):
    page = client.get("/me/").content.decode()
    for words in ("You are not parked right now", "Already parked?", "No stays yet", "No stay has ended this month"):
        assert words in page


@pytest.mark.parametrize("role", ["admin", "attendant"])
def test_staff_without_vehicles_see_a_home_too(client, role):
    client.force_login(make_user(role))
    assert "You are not parked right now" in client.get("/me/").content.decode()


def test_home_refreshes_its_part_only_when_something_changed(client, driver, lot, monkeypatch):
    at = now()
    monkeypatch.setattr("driver.me.now", lambda: at)
    first = client.get("/me/", headers=HTMX)
    assert b"<html" not in first.content
    held = HTMX | {"If-None-Match": first["ETag"]}
    assert client.get("/me/", headers=held).status_code == 304
    parked(driver, lot)
    assert b"Pay now" in client.get("/me/", headers=held).content


@pytest.mark.parametrize("path", ["/me/", "/me/vehicles/", "/me/vehicles/1/", "/home/"])
def test_visitors_log_in_first(client, path):
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={path}")


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "/me/"), ("put", "/me/vehicles/"), ("put", "/me/stays/"), ("post", "/home/")],
)
def test_wrong_method_is_refused(client, driver, method, path):
    assert getattr(client, method)(path).status_code == 405


@pytest.mark.parametrize(("role", "page"), [("admin", "/manage/"), ("attendant", "/desk/"), (None, "/me/")])
def test_each_role_lands_on_its_first_page(client, role, page):
    client.force_login(make_user(role))
    response = client.get("/home/")
    assert (response.status_code, response["Location"]) == (302, page)


def test_vehicle_is_added_once(client, driver):
    sent = {"plate": "zh-123 456", "vehicle_type": "compact", "electric": "on"}
    assert client.post("/me/vehicles/", sent)["Location"] == "/me/vehicles/"
    vehicle = driver.vehicles.get()
    assert (vehicle.plate_normalised, vehicle.vehicle_type, vehicle.electric) == ("ZH123456", "compact", True)
    again = client.post("/me/vehicles/", sent)
    assert again.status_code == 422
    assert "You have this vehicle already" in again.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"plate": ""}, {"plate": "---"}, {"plate": "Z" * 16}, {"plate": "A\x07B"}, {"vehicle_type": "boat"}]
)
def test_wrong_vehicle_is_refused_and_stored_nowhere(client, driver, wrong):
    response = client.post("/me/vehicles/", {"plate": "ZH 1", "vehicle_type": "regular"} | wrong)
    assert response.status_code == 422
    assert not Vehicle.objects.exists()


def test_number_of_vehicles_is_limited(client, driver):
    for number in range(MOST_VEHICLES):
        make_vehicle(driver, f"ZH {number}")
    response = client.post("/me/vehicles/", {"plate": "VD 1", "vehicle_type": "regular"})
    assert response.status_code == 422
    assert driver.vehicles.count() == MOST_VEHICLES


def test_changed_plate_counts_as_added_now(client, driver):
    vehicle = own(driver, "VD 4711")
    sent = {"plate": "ZH 123456", "vehicle_type": "regular"}
    assert client.post(f"/me/vehicles/{vehicle.pk}/", sent).status_code == 302
    vehicle.refresh_from_db()
    assert now() - vehicle.added_at < HOUR


def test_vehicle_is_changed(client, driver):
    vehicle = own(driver)
    client.post(f"/me/vehicles/{vehicle.pk}/", {"plate": "zh123456", "vehicle_type": "large", "electric": "on"})
    vehicle.refresh_from_db()
    assert (vehicle.vehicle_type, vehicle.electric) == ("large", True)


def test_plate_of_another_own_vehicle_is_refused(client, driver):
    vehicle = own(driver)
    own(driver, "VD 4711")
    response = client.post(f"/me/vehicles/{vehicle.pk}/", {"plate": "VD 4711", "vehicle_type": "regular"})
    assert response.status_code == 422


def test_vehicle_is_removed_and_again_is_as_once(client, driver):
    vehicle = own(driver)
    for _ in range(2):
        assert client.post(f"/me/vehicles/{vehicle.pk}/remove/")["Location"] == "/me/vehicles/"
    assert not driver.vehicles.exists()


def test_vehicles_of_others_are_unknown(client, driver):
    other = make_vehicle(make_user(), "VD 4711")
    assert client.get(f"/me/vehicles/{other.pk}/").status_code == 404
    assert client.post(f"/me/vehicles/{other.pk}/", {"plate": "X", "vehicle_type": "regular"}).status_code == 404
    client.post(f"/me/vehicles/{other.pk}/remove/")
    assert Vehicle.objects.filter(pk=other.pk).exists()
