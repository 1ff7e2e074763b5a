"""A guest's whole visit: finds the lot, books a bay, confirms, arrives, stays longer, pays, leaves and has a receipt."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from billing.documents.issuing import issue_receipts
from billing.models import Payment
from notifications.models import Message
from reservations.models import Reservation
from tests.factories import make_reservation, make_ticket
from tests.gates.lanes import Lanes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def confirming_link(live_server):
    link = Message.objects.get(template="booking_confirm").context["confirm_link"]
    return live_server.url + "/" + link.split("/", 3)[3]


def book_bay(live_server, page, flaws, found):
    """Book the third bay as a guest, with the phone and the address verified."""
    page.goto(live_server.url)
    page.get_by_role("link", name="Central", exact=True).click()
    found["lot"] = flaws(page)
    page.get_by_role("link", name="Book", exact=True).click()
    page.get_by_text("Choose a particular spot").click()
    found["book"] = flaws(page)
    page.get_by_role("radio", name="Any spot").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="R0-3", exact=True)).to_be_checked()
    page.get_by_label("Plate").fill("ZH 5")
    page.get_by_label("Email").fill("guest@example.com")
    page.get_by_label("Mobile phone").fill("+41 79 123 45 67")
    page.get_by_role("button", name="Book for").click()
    code = re.search(r"“(\d{6})", page.get_by_text("It would read").inner_text())[1]
    found["code"] = flaws(page)
    page.get_by_label("Code from our text").fill(code)
    page.get_by_role("button", name="Book for").click()
    expect(page.get_by_role("heading", name="Confirm your email address")).to_be_visible()
    page.goto(confirming_link(live_server))
    found["confirm"] = flaws(page)
    page.get_by_role("button", name="Yes, book it").click()
    expect(page.get_by_text("R0-3, Ground")).to_be_visible()
    found["booked"] = flaws(page)


def test_a_guest_books_parks_stays_longer_pays_and_leaves(live_server, page, flaws):
    lanes, found = Lanes(name="Central", slug="central", spots={"regular": 12, "ev": 2}, asks_phone=True), {}
    book_bay(live_server, page, flaws, found)

    answer = lanes.entry.read("ZH 5")
    assert (answer["reason"], answer["spot"]["number"]) == ("reservation", "R0-3")
    page.reload()
    expect(page.get_by_role("heading", name="You are parked until")).to_be_visible()
    found["parked"] = flaws(page)
    page.get_by_role("link", name="Stay longer").click()
    later = dt.datetime.fromisoformat(page.get_by_label("Until").input_value()) + dt.timedelta(hours=1)
    page.get_by_label("Until").fill(f"{later:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Show the difference").click()
    expect(page.get_by_text("CHF 3.00 more than before")).to_be_visible()
    found["longer"] = flaws(page)
    page.get_by_role("button", name="Change it so").click()
    expect(page.get_by_text("Your booking was changed.")).to_be_visible()
    page.get_by_role("button", name="Give my place back").click()
    expect(page.get_by_text("Others can have your place now")).to_be_visible()

    page.goto(f"{live_server.url}/pay/{answer['ticket']['number']}/")
    found["pay"] = flaws(page)
    page.get_by_role("button", name=re.compile(r"Pay .*9\.00")).click()
    expect(page.get_by_text(re.compile("drive out|leave", re.IGNORECASE)).first).to_be_visible()
    found["paid"] = flaws(page)
    assert lanes.exit.read("ZH 5")["action"] == "open"
    issue_receipts(list(Payment.objects.all()), at=dt.datetime.now(dt.UTC))
    page.goto(f"{live_server.url}/pay/{answer['ticket']['link'].rpartition('/')[2]}/receipt/")
    expect(page.get_by_text("9.00").first).to_be_visible()
    found["receipt"] = flaws(page)
    page.goto(f"{live_server.url}/bookings/{Reservation.objects.get().token}/")
    expect(page.get_by_role("heading", name="This booking is over")).to_be_visible()

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_a_driver_who_found_no_place_says_so_and_the_operator_sees_it(live_server, page, flaws):
    lanes, found = Lanes(name="Central", spots={"regular": 1}), {}
    now = dt.datetime.now(dt.UTC)
    booking = make_reservation(lanes.lot, "ZH 5", now, now + dt.timedelta(hours=2), spot=lanes.lot.spots.get())
    booking.place_lost_at = now
    booking.save()
    make_ticket(lanes.lot, "GE 1", now - dt.timedelta(hours=1), spot=booking.spot)
    page.goto(f"{live_server.url}/bookings/{booking.token}/")
    expect(page.get_by_role("heading", name="We have no place for you yet")).to_be_visible()
    found["lost"] = flaws(page)
    assert lanes.entry.read("ZH 5")["reason"] == "full"
    page.get_by_role("button", name="I could not park").click()
    expect(page.get_by_text("you get everything back by itself")).to_be_visible()
    found["said"] = flaws(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
