"""The page on which drivers find a lot: the period, the list, the map, and whatever people type."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils.timezone import now

from driver.drawn_map import DrawnMap
from lots.positions import Position
from tests.actions import listen
from tests.factories import make_lot, make_operator, make_reservation, make_ticket

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ZURICH = ZoneInfo("Europe/Zurich")


def ahead(hours=24, length=2):
    """A period some hours ahead, at full hours, on the clock in Zürich."""
    start = (now() + dt.timedelta(hours=hours)).replace(minute=0)
    ends = {"start": start, "end": start + dt.timedelta(hours=length)}
    return {name: f"{instant.astimezone(ZURICH):%Y-%m-%dT%H:%M}" for name, instant in ends.items()}


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\xa0", " ")


def names(response):
    return [card.offer.lot.slug for card in response.context["cards"]]


def test_find_shows_what_two_hours_from_now_cost_and_leave(client):
    lot = make_lot(name="Central Garage", spots={"regular": 7})
    make_ticket(lot)
    page = client.get("/")
    assert "Central Garage" in text_of(page)
    assert "CHF 6.00 2 h" in text_of(page)
    assert "6 left then Book" in text_of(page)
    fields = page.context["form"].data
    start, end = (dt.datetime.fromisoformat(fields[name]).replace(tzinfo=ZURICH) for name in ("start", "end"))
    assert end.astimezone(dt.UTC) - start.astimezone(dt.UTC) == dt.timedelta(hours=2)


def test_find_carries_period_and_kind_into_the_lots_page_and_the_booking(client):
    lot = make_lot(slug="central", spots={"regular": 2, "ev": 1})
    period = ahead()
    page = client.get("/", period | {"spot_type": "ev"})
    [card] = page.context["cards"]
    assert card.book in page.content.decode().replace("&amp;", "&")
    booking = client.get(card.book)
    assert booking.context["chosen"].price.total == card.offer.price == 600
    assert {name: booking.context["period"].data[name] for name in ("start", "end", "spot_type")} == period | {
        "spot_type": "ev"
    }
    there = client.get(card.page)
    assert ": 1 left · CHF 6.00" in text_of(there)
    assert card.book in there.content.decode().replace("&amp;", "&")
    assert lot.slug in client.get(f"/lots/{lot.slug}/?start=never").content.decode()


def test_find_counts_bookings_of_the_period(client):
    lot = make_lot(spots={"regular": 1}, booking_share_percent={"regular": 100})
    start = dt.datetime.fromisoformat(ahead()["start"]).replace(tzinfo=ZURICH)
    make_reservation(lot, starts_at=start, ends_at=start + dt.timedelta(hours=1), spot=lot.spots.get())
    assert "Full" in text_of(client.get("/", ahead()))
    assert "1 left – few" in text_of(client.get("/", ahead(30)))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "central"}, {"central"}),
        ({"q": "8302"}, {"airport"}),
        ({"spot_type": "ev"}, {"airport"}),
        ({"electric": "on"}, {"airport"}),
        ({"height": "2.10"}, {"airport"}),
        ({"height": "1.95"}, {"central", "airport"}),
        ({"covered": "on"}, {"central"}),
        ({"open": "on", **ahead(24, 24)}, {"airport"}),
        ({}, {"central", "airport"}),
    ],
)
def test_find_keeps_to_the_search(client, query, found):
    day = {"mon-sun": "06:00-20:00"}
    make_lot(slug="central", postal_code="8001", max_height_cm=200, amenities=["covered"], opening_hours=day)
    make_lot(slug="airport", postal_code="8302", spots={"regular": 1, "ev": 1})
    assert set(names(client.get("/", query))) == found


def test_find_near_a_position_lists_the_nearest_first_with_the_walk(client):
    make_lot(slug="airport", latitude=47.45, longitude=8.56)
    make_lot(slug="central", latitude=47.377, longitude=8.54)
    response = client.get("/", {"lat": "47.37", "lng": "8.54"})
    assert names(response) == ["central", "airport"]
    assert "0.8 km away · 11 min walk" in text_of(response)


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        (ahead(24, 0), "end", "The end is before the start"),
        (ahead(24, -3), "end", "The end is before the start"),
        (ahead(24, 0.2), "end", "at least 15 minutes"),
        (ahead(24, 31 * 24), "end", "at most 30 days"),
        (ahead(-3, 5), "start", "over already"),
        (ahead(95 * 24), "start", "90 days ahead"),
        ({"start": "soon", "end": ""}, "start", "Enter a date and a time"),
        ({"start": "0001-01-01T00:00"}, "start", "Enter a year from"),
        ({"end": "9999-12-31T23:59"}, "end", "Enter a year from"),
        ({"height": "nan"}, "height", "Enter a number"),
        ({"sort": "worst"}, "sort", "Select a valid choice"),
        ({"lat": "91", "lng": "8"}, "lat", "less than or equal to 90"),
        ({"q": "x" * 101}, "q", "at most 100 characters"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_typed_is_lost(client, typed, field, words):
    make_lot(slug="central")
    kept = {"q": "central", "spot_type": "regular", "covered": ""} | typed
    for headers in ({}, HTMX):
        response = client.get("/", kept, headers=headers)
        assert response.status_code == 422
        assert words in str(response.context["form"].errors[field])
        assert {name: response.context["form"].data[name] for name in kept} == kept
        assert "to correct" in text_of(response) or field == "lat"
    assert "Book at" not in response.content.decode() or field not in {"start", "end"}


def test_a_start_that_has_just_passed_is_now(client):
    make_lot()
    just = now().astimezone(ZURICH) - dt.timedelta(minutes=10)
    response = client.get("/", {"start": f"{just:%Y-%m-%dT%H:%M}"})
    assert response.status_code == 200
    assert response.context["cards"][0].offer.begins_now


def test_a_period_is_on_the_clock_of_each_lot(client):
    make_lot(name="a", timezone="Europe/Zurich")
    make_lot(name="b", timezone="America/New_York")
    period = ahead(48)
    here, there = (card.offer for card in client.get("/", period).context["cards"])
    assert there.time.start - here.time.start in {dt.timedelta(hours=5), dt.timedelta(hours=6), dt.timedelta(hours=7)}
    assert [card.book.partition("?")[2] for card in client.get("/", period).context["cards"]] == [
        f"start={period['start'].replace(':', '%3A')}&end={period['end'].replace(':', '%3A')}&spot_type=regular"
    ] * 2


@pytest.mark.parametrize(
    ("start", "end", "price"),
    [
        ("2026-10-25T01:30", "2026-10-25T03:30", 900),
        ("2026-10-25T02:45", "2026-10-25T02:15", 300),
        ("2026-03-29T01:30", "2026-03-29T03:30", 300),
        ("2026-03-29T01:30", "2026-03-29T02:30", None),
    ],
)
def test_nights_when_the_clock_is_changed(client, monkeypatch, start, end, price):
    monkeypatch.setattr("driver.find_page.now", lambda: dt.datetime.fromisoformat(f"{start[:8]}20T12:00:00+00:00"))
    make_lot()
    response = client.get("/", {"start": start, "end": end})
    assert response.context["cards"][0].offer.price == price
    assert ("skipped on that day" in str(response.context["form"].errors)) is (price is None)
    assert response.status_code == (422 if price is None else 200)


def test_find_says_what_to_do_when_nothing_matches(client):
    operator = make_operator()
    assert "There are no lots yet" in text_of(client.get("/"))
    make_lot(operator)
    page = client.get("/?q=nowhere").content.decode()
    assert "No lot matches your search" in page
    assert "Show all lots" in page
    assert "No lot matches your search" in client.get("/?q=%00").content.decode()


@pytest.mark.parametrize("page", ["-9", "0", "99999999999999999999", "٣", "x", ""])
def test_find_turns_pages_and_keeps_the_search(client, page):
    for _ in range(21):
        make_lot(spots={})
    first, second = client.get("/?height=1.9"), client.get("/?page=2")
    assert (len(names(first)), len(names(second))) == (20, 1)
    assert re.search(r'rel="next" href="\?height=1\.9&amp;page=2"', first.content.decode())
    assert len(names(client.get("/", {"page": page}))) in {20, 1}


def test_find_asks_the_database_as_often_for_many_lots_as_for_one(client):
    make_lot(latitude=47.0, longitude=8.0)
    few = len(listen(lambda: client.get("/?lat=47&lng=8")))
    for _ in range(5):
        make_lot(latitude=47.0, longitude=8.0)
    assert len(listen(lambda: client.get("/?lat=47&lng=8"))) == few <= 8


def test_find_refreshes_its_part_only_when_something_changed(client):
    lot = make_lot(latitude=47.0, longitude=8.0)
    period = ahead(1)
    first = client.get("/", period, headers=HTMX)
    assert b"<html" not in first.content
    assert b'id="find-drawn" hx-swap-oob="innerHTML"' in first.content
    again = client.get("/", period, headers=HTMX | {"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_ticket(lot)
    assert client.get("/", period, headers=HTMX | {"If-None-Match": first["ETag"]}).status_code == 200


def test_the_map_shows_what_is_listed_and_others_together(client):
    for number in range(26):
        make_lot(name=f"{number:02}", slug=f"lot-{number}", latitude=47.0 + number / 1000, longitude=8.0, spots={})
    response = client.get("/", {"lat": "47.0", "lng": "8.0"})
    pins = response.context["pins"]
    listed = [pin for pin in pins if pin.card]
    assert len(listed) == 20
    assert sum(pin.lots for pin in pins if not pin.card) <= 6
    assert all(0 <= pin.x <= 100 and 0 <= pin.y <= 100 for pin in listed)
    assert 'class="drawn-map-you"' in response.content.decode()


def test_pins_of_an_area_keep_to_the_search(client):
    for number in range(5):
        make_lot(name=f"Here {number}", latitude=47.0, longitude=8.0 + number / 100_000)
    make_lot(name="There", slug="there", latitude=47.9, longitude=8.9)
    url = reverse("driver:map_pins")
    whole = {"south": "46", "north": "48.5", "west": "7", "east": "10"}
    pins = client.get(url, whole).json()["pins"]
    assert [(pin["lots"], pin["href"].partition("?")[0]) for pin in pins] == [(5, "/"), (1, "/lots/there/")]
    assert [pin["name"] for pin in client.get(url, whole | {"q": "there"}).json()["pins"]] == ["There"]
    for wrong in ({}, whole | {"south": "nan"}, whole | {"east": "181"}, whole | {"start": "x"}):
        assert client.get(url, wrong).status_code == 422


@pytest.mark.parametrize(
    "positions",
    [
        [(47.3, 8.5)],
        [(47.3, 8.5), (47.3, 8.5)],
        [(90, 180), (-90, -180)],
        [(0, 179.9), (0, -179.9)],
        [(60, 10), (60.5, 12), (59.9, 9)],
        [(-33, 151)],
    ],
)
def test_a_drawn_map_has_every_position_and_a_scale(positions):
    drawn = DrawnMap.of([Position(*one) for one in positions])
    for latitude, longitude in positions:
        x, y = drawn.place(latitude, longitude)
        assert 0 <= x <= 100
        assert 0 <= y <= 100 or abs(latitude) > 85
    assert 0 < drawn.scale.percent <= 34 or len(positions) > 1
    assert 2 < len(list(drawn.grid)) < 60
