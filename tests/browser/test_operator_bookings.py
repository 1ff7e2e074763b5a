"""An operator moves a booking on the timeline with the keyboard alone, and closes a level for an event."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from playwright.sync_api import expect

from reservations.models import Blackout
from reservations.queries import in_the_way
from tests.factories import make_lot, make_reservation, make_ticket, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_booking_is_moved_with_the_keyboard_and_a_level_is_closed(live_server, page, flaws):
    lot = make_lot(name="Tower", levels=2, spots={"regular": 4})
    zone = ZoneInfo(lot.timezone)
    day = dt.datetime.now(zone).date() + dt.timedelta(days=1)
    start = dt.datetime.combine(day, dt.time(9), zone)
    ground = lot.levels.get(number=0)
    first, second = lot.spots.filter(level=ground).order_by("ordinal")[:2]
    booking = make_reservation(lot, "ZH 314", start, start + dt.timedelta(hours=3), spot=first)
    pinned = make_reservation(lot, "GE 7", start, spot=second, asked_for=True, email="caller@example.com")
    make_ticket(lot, "AG 1", spot=lot.spots.filter(level=ground).order_by("ordinal")[3])
    client = Client()
    client.force_login(make_user("admin", lot.operator, name="Anna Keller"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])

    page.goto(f"{live_server.url}/manage/bookings/timeline/?lot={lot.slug}&day={day}")
    assert flaws(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_label("Move ZH 314").focus()
    page.keyboard.press("Space")
    page.get_by_label("To spot").focus()
    page.keyboard.type("R0-3")
    page.get_by_role("button", name="Move").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("ZH 314 is booked on R0-3 now.")).to_be_visible()
    booking.refresh_from_db()
    assert booking.spot.number == "R0-3"

    page.locator("[draggable]", has_text="ZH 314").drag_to(page.locator("tr[data-bay=R1-2] th"))
    expect(page.get_by_text("ZH 314 is booked on R1-2 now.")).to_be_visible()

    page.get_by_role("link", name="Blackouts").click()
    page.get_by_role("link", name="Close places").click()
    page.get_by_label("From").fill(f"{day}T08:00")
    page.get_by_label("Until").fill(f"{day}T20:00")
    page.get_by_label("Level").select_option("Ground")
    page.get_by_label("Why?").fill("Flea market")
    page.get_by_role("button", name="Show who stands in the way").click()
    expect(page.get_by_text("caller@example.com")).to_be_visible()
    assert flaws(page) == []
    page.get_by_role("button", name="Close them").click()
    expect(page.get_by_role("heading", name="Flea market")).to_be_visible()
    assert flaws(page) == []
    assert in_the_way(Blackout.objects.get()) == [pinned]

    page.goto(f"{live_server.url}/manage/bookings/arrivals/?lot={lot.slug}")
    assert flaws(page) == []
    page.goto(f"{live_server.url}/manage/bookings/{pinned.pk}/")
    expect(page.get_by_text("Its place is closed in this time.")).to_be_visible()
    assert flaws(page) == []
