"""Values that no booking takes: each is refused by name, and nothing is booked or changed."""

import datetime as dt
import json

import pytest
from django.utils.timezone import now

from reservations.models import Reservation
from tests.api.bookings_sent import PATH, at, book, patch, post, refusal, wanted
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_user

pytestmark = pytest.mark.django_db
PAST = (now() - dt.timedelta(minutes=2)).isoformat()
ROUND = dt.timedelta(hours=24)
UNPRINTABLE = ("\0", "a\0b", "\x1b[0m", "\ud800")

INSTANTS = [
    *(None, 5, True, "", "soon", [], {}, "2026-13-01T00:00:00Z", "2026-03-02T08:00:00", "0001-01-01T00:00:00+14:00"),
    *("9999-12-31T23:59:59-14:00", "2026-03-02", "\0", "9" * 10_000),
]
PLATES = [None, 5, [], "", "---", "\0", "ZH\x00 1", "\ud800", "A" * 16, "A" * 65, "9" * 100_000, "ΐ" * 15 + "-" * 49]
SPOTS = [5, [], *UNPRINTABLE, "x" * 33, "nowhere", "💥"]
TYPES = [None, 5, "", "boat", "REGULAR", [], "\0"]


@pytest.fixture
def lot():
    make_lot(slug="elsewhere", spots={"large": 9})
    return make_lot(slug="central", spots={"regular": 2, "large": 1, "ev": 1, "handicap": 1})


@pytest.fixture
def driver(lot):
    return client_of(make_user())


def periods() -> list[tuple[str, str, str]]:
    """Periods that can't be booked, with the end that is wrong."""
    return [
        (at(2), at(0), "end"),
        (at(0), at(0), "end"),
        (at(0), (dt.datetime.fromisoformat(at(0)) + dt.timedelta(minutes=14, seconds=59)).isoformat(), "end"),
        (at(0), at(30 * 24 + 1 / 3600), "end"),
        (at(0), at(31 * 24), "end"),
        (PAST, at(0), "start"),
        (at(-24 * 40), at(-24 * 40 + 2), "start"),
        (at(24 * 90), at(24 * 90 + 2), "start"),
    ]


CREATE = [
    *(({"lot": value}, "lot") for value in (None, 5, [], "x" * 61, *UNPRINTABLE)),
    *(({name: value}, name) for name in ("start", "end") for value in INSTANTS),
    *(({"plate": value}, "plate") for value in PLATES),
    *(({"spot": value}, "spot") for value in SPOTS),
    *(({"spot_type": value}, "spot_type") for value in TYPES),
    *(({"vehicle_type": value}, "vehicle_type") for value in (None, 5, "tank", "ev", [])),
    *(({"payment": value}, "payment") for value in (5, "tok_ok", [])),
    *(({"payment": {"token": value}}, "payment.token") for value in (None, 5, "", "x" * 201, *UNPRINTABLE)),
    ({"payment": {}}, "payment.token"),
    *(({"driver": value}, "driver") for value in (5, 0, "somebody@example.com", {}, False)),
    *(({"email": value, "driver": None}, "email") for value in (5, "nobody", "a@b\0.ch", "a" * 250 + "@example.com")),
    *(({"promo_code": value}, "promo_code") for value in (5, "SUMMER", "\0", "x" * 41)),
    ({"spot": "L0-1"}, "spot"),
    ({"spot": "L0-9", "spot_type": "large"}, "spot"),
    ({"vehicle_type": "large"}, "spot_type"),
    ({"spot_type": "handicap"}, "spot_type"),
    ({"spot_type": "ev", "vehicle_type": "large"}, "spot_type"),
]


@pytest.mark.parametrize(("wrong", "path"), CREATE, ids=lambda value: repr(value)[:60])
def test_value_that_does_not_fit_is_refused_by_name(driver, wrong, path):
    status, _code, paths = refusal(post(driver, json.dumps(wanted() | wrong)))

    assert (status, paths) == (422, [path])
    assert not Reservation.objects.exists()


def test_what_is_missing_is_named(driver):
    assert refusal(post(driver, {}))[2] == ["lot", "start", "end", "plate"]


def test_what_is_unknown_is_ignored(driver):
    assert book(driver, colour="red")["status"] == "confirmed"


def test_spot_of_another_lot_is_refused(lot, driver):
    assert refusal(post(driver, wanted(spot_type="large", spot="L0-5"))) == (422, "invalid", ["spot"])


def test_spot_in_maintenance_is_refused(lot, driver):
    lot.spots.filter(number="R0-1").update(maintenance=True)

    assert refusal(post(driver, wanted(spot="R0-1"))) == (409, "no_availability", ["spot"])


@pytest.mark.parametrize("number", range(8))
def test_period_that_can_not_be_booked_is_refused_by_its_end(driver, number):
    start, end, path = periods()[number]
    booking = book(driver)
    quoted = {"lot": "central", "start": start, "end": end}

    assert refusal(post(driver, quoted | {"plate": "ZH 2"}))[::2] == (422, [path])
    assert refusal(post(driver, quoted, path=f"{PATH}/quote"))[::2] == (422, [path])
    for preview in (True, False):
        assert refusal(patch(driver, booking, preview=preview, start=start, end=end))[::2] == (422, [path])
    assert Reservation.objects.count() == 1
    assert driver.get(f"{PATH}/{booking['id']}").json() == booking


def test_shortest_and_longest_bookings_are_taken(driver):
    book(driver, 0, 0.25)
    book(driver, 1, 30 * 24 + 1)


CHANGE = [
    *(({name: value}, name) for name in ("start", "end") for value in INSTANTS),
    *(({"plate": value}, "plate") for value in PLATES),
    *(({"spot": value}, "spot") for value in SPOTS),
    *(({"spot_type": value}, "spot_type") for value in TYPES),
    ({"spot_type": "handicap"}, "spot_type"),
    ({"spot": "L0-1"}, "spot"),
    ({"payment": {"token": "\0"}}, "payment.token"),
]


@pytest.mark.parametrize(("wrong", "path"), CHANGE, ids=lambda value: repr(value)[:60])
def test_change_that_does_not_fit_is_refused_by_name(driver, wrong, path):
    booking = book(driver)

    for preview in ("", "?preview=true"):
        answer = driver.patch(f"{PATH}/{booking['id']}{preview}", json.dumps(wrong), content_type="application/json")
        assert refusal(answer)[::2] == (422, [path])
    assert driver.get(f"{PATH}/{booking['id']}").json() == booking


def test_preview_is_yes_or_no(driver):
    booking = book(driver)

    answer = driver.patch(f"{PATH}/{booking['id']}?preview=maybe", {}, content_type="application/json")

    assert refusal(answer)[::2] == (422, ["preview"])


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"', "\ud800", "nul", "5", "[" * 100_000, "\0"])
def test_body_that_is_no_object_is_refused(driver, body):
    booking = book(driver)
    sent = body.encode(errors="surrogatepass")

    for method, path in (("POST", PATH), ("POST", f"{PATH}/quote"), ("PATCH", f"{PATH}/{booking['id']}")):
        answer = driver.generic(method, path, sent, content_type="application/json")
        assert answer.status_code in {400, 422}, path
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("key", ["x" * 256, "x" * 5000])
def test_key_that_is_too_long_is_refused(driver, key):
    assert refusal(post(driver, wanted(), key=key))[0] == 422


def test_methods_that_are_not_there_are_refused(driver):
    booking = book(driver)
    for method, path in (
        ("PUT", PATH),
        ("DELETE", PATH),
        ("POST", f"{PATH}/{booking['id']}"),
        ("GET", f"{PATH}/quote"),
    ):
        assert refusal(driver.generic(method, path, "{}", content_type="application/json"))[0] == 405
