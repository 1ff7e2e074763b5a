"""The driver's own pages: which stays show, what they add up to, and the driver's vehicles."""

import datetime as dt

import pytest
from django.utils.timezone import now

from accounts.models import Vehicle
from accounts.services import MOST_VEHICLES
from billing.models import Payment, PaymentMethod, PaymentState
from driver.own_stays import month_sums, stays_of
from tests.factories import make_charge, make_lot, make_operator, make_proof, make_ticket, make_user, make_vehicle
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
    assert list(response.context["page"]) == []


def test_paid_stay_says_until_when_to_leave(client, driver, lot):
    parked(driver, lot, status=TicketStatus.PAID, paid_at=now())
    page = client.get("/me/").content.decode()
    assert "Paid. Drive out by" in page
    assert "Pay now" not in page


def test_history_lists_what_was_paid(client, driver, lot):
    ended(driver, lot, hours_ago=5, paid=700)
    [stay] = client.get("/me/").context["past"]
    assert (stay.paid_amount, stay.length) == (700, 2 * HOUR)


def test_stay_in_review_is_marked(client, driver, lot):
    parked(driver, lot, status=TicketStatus.REVIEW)
    assert "In review" in client.get("/me/").content.decode()


def test_history_turns_pages(client, driver, lot):
    for number in range(21):
        ended(driver, lot, hours_ago=number + 3, paid=0)
    first, second = client.get("/me/"), client.get("/me/?page=2")
    assert (len(first.context["past"]), len(second.context["past"])) == (20, 1)
    assert client.get("/me/?page=nonsense").status_code == 200


def test_home_takes_as_many_queries_for_many_stays_as_for_one(client, driver, lot, django_assert_num_queries):
    own(driver)
    ended(driver, lot)
    with django_assert_num_queries(11):
        client.get("/me/")
    own(driver, "VD 4711")
    parked(driver, lot)
    parked(driver, lot, "VD 4711")
    for number in range(4):
        ended(driver, lot, hours_ago=number + 6)
    with django_assert_num_queries(11):
        client.get("/me/")


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
    sums = month_sums(stays_of(driver), noon)
    assert [(one.currency, one.stays, one.length, one.paid_amount) for one in sums] == [
        ("CHF", 3, 3 * HOUR, 310),
        ("EUR", 1, HOUR, 400),
    ]


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
