"""Bookings over the API: quote, book, list, change, cancel, and who may see them."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.utils.timezone import now

from reservations.models import Reservation
from tests.api.bookings_sent import PATH, at, book, cancel, patch, post, refusal, wanted
from tests.api.test_people import PASSWORD, token_client
from tests.entrance.sessions import client_of
from tests.factories import make_blocked_plate, make_lot, make_reservation, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db
QUOTE = f"{PATH}/quote"


@pytest.fixture
def lot():
    return make_lot(slug="central", spots={"regular": 2})


@pytest.fixture
def driver(lot):
    return client_of(make_user(email="driver@example.com"))


def asked(client, start=0, end=2, **fields):
    body = {"lot": "central", "spot_type": "regular", "start": at(start), "end": at(end)} | fields
    return post(client, body, path=QUOTE)


def test_quote_names_places_price_and_each_change_of_mind_in_money(client, lot):
    said = asked(client).json()

    policy = said.pop("policy")
    lines = said.pop("lines")
    assert said == {"available": 2, "price": 600, "tax": 45, "currency": "CHF"}
    assert sum(line["amount"] for line in lines) == 600
    assert (policy["late_cancel_fee"], policy["no_show_fee"], policy["early"]) == (
        300,
        600,
        {"minutes": 30, "fee": 300},
    )
    assert policy["overstay"] == [
        {"minutes": 30, "fee": 300},
        {"minutes": 60, "fee": 300},
        {"minutes": 120, "fee": 600},
        {"minutes": 240, "fee": 1200},
    ]
    start = dt.datetime.fromisoformat(at(0))
    for name, minutes in {"cancel_free_until": -60, "early_from": -10, "late_until": 130, "no_show_at": 15}.items():
        assert dt.datetime.fromisoformat(policy[name]) == start + dt.timedelta(minutes=minutes)


def test_instants_have_the_offset_of_the_lot(client):
    make_lot(slug="central", timezone="Asia/Kolkata")
    driver = client_of(make_user())

    booking = book(driver)

    for instant in (booking["start"], booking["end"], booking["policy"]["late_until"]):
        assert instant.endswith("+05:30")
    assert dt.datetime.fromisoformat(booking["start"]) == dt.datetime.fromisoformat(at(0))


def test_quote_of_a_full_or_unbookable_lot_has_no_places(client, lot, driver):
    for plate in ("ZH 1", "ZH 2"):
        book(driver, plate=plate)

    assert (asked(client).json()["available"], asked(client).json()["price"]) == (0, 600)
    assert asked(client, 10, 12).json()["available"] == 2
    assert asked(client, spot_type="ev").json()["available"] == 0
    make_lot(slug="closed-to-bookings", bookable=False)
    assert asked(client, lot="closed-to-bookings").json()["available"] == 0


@pytest.mark.parametrize("tracking", ["spots", "levels"])
def test_booking_answers_with_its_place_price_and_policy(tracking):
    make_lot(slug="central", spots={"regular": 1}, tracking=tracking)
    person = make_user(email="Driver@example.com")

    said = book(client_of(person), plate="zh 12-34", spot_type="regular", spot=None, promo_code=None, payment=None)

    policy = said.pop("policy")
    row = Reservation.objects.get()
    assert said == {
        "id": row.pk,
        "code": row.code,
        "status": "confirmed",
        "lot": "central",
        "spot": "R0-1" if tracking == "spots" else None,
        "level": 0,
        "spot_type": "regular",
        "start": said["start"],
        "end": said["end"],
        "plate": "ZH 12-34",
        "vehicle_type": "regular",
        "email": "driver@example.com",
        "price": 600,
        "currency": "CHF",
        "prepay": "none",
        "held": 0,
        "paid": 0,
        "fee": 0,
        "refunded": 0,
        "page_url": None,
    }
    assert (row.driver, row.booked_by) == (person, None)
    assert policy == asked(Client()).json()["policy"]
    assert client_of(person).get(f"{PATH}/{row.pk}").json() == said | {"policy": policy}


def test_particular_bay_is_kept_and_refused_to_others(driver):
    assert book(driver, spot="R0-2")["spot"] == "R0-2"

    assert refusal(post(driver, wanted(plate="ZH 2", spot="R0-2"))) == (409, "no_availability", ["spot"])


def test_full_lot_is_a_conflict_and_books_nothing(driver):
    book(driver, plate="ZH 1")
    book(driver, plate="ZH 2")

    assert refusal(post(driver, wanted(plate="ZH 3"))) == (409, "no_availability", ["start"])
    assert Reservation.objects.count() == 2


def test_same_key_gets_the_first_booking_and_another_body_is_refused(driver):
    first = post(driver, wanted(), key="a key")
    again = post(driver, wanted(), key="a key")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert refusal(post(driver, wanted(end=3), key="a key"))[:2] == (422, "idempotency_key_reused")
    assert Reservation.objects.count() == 1


def test_keys_of_two_people_are_two_keys(driver):
    other = client_of(make_user())

    assert (
        post(driver, wanted(), key="a key").json()["id"] != post(other, wanted(plate="ZH 2"), key="a key").json()["id"]
    )


def test_sixth_booking_of_a_person_is_refused(driver):
    for number in range(5):
        book(driver, 3 * number, 3 * number + 2)

    assert refusal(post(driver, wanted(15, 17))) == (409, "booking_limit", ["driver"])


def test_plate_has_one_booking_at_a_time_in_a_lot(driver):
    book(driver)

    assert refusal(post(driver, wanted(1, 3))) == (409, "already_booked", ["plate"])


def test_plate_may_be_booked_in_two_lots_at_a_time_with_a_warning_for_who_may_know(lot, driver):
    make_lot(lot.operator, slug="second", name="Second")
    make_lot(slug="third")
    book(driver)

    here = post(driver, wanted(1, 3, lot="second")).json()
    later = book(driver, 5, 6, lot="third")
    moved = patch(driver, later, preview=True, start=at(2.5), end=at(3.5)).json()

    assert [one["code"] for one in here["warnings"]] == ["booked_elsewhere"]
    assert here["warnings"][0]["message"] == "ZH 1 is booked at Central at this time, too."
    assert [one["message"] for one in moved["warnings"]] == ["ZH 1 is booked at Second at this time, too."]
    book(client_of(make_user()), lot="third")


def test_person_with_three_no_shows_is_blocked(lot, driver):
    person = make_user()
    for day in range(1, 4):
        missed = now() - dt.timedelta(days=day)
        make_reservation(lot, f"ZH 9{day}", missed, driver=person, status="no_show", missed_at=missed)

    assert refusal(post(client_of(person), wanted())) == (403, "booking_blocked", ["driver"])


def test_lot_that_takes_no_bookings_is_a_conflict(driver):
    make_lot(slug="closed-to-bookings", bookable=False)

    assert refusal(post(driver, wanted(lot="closed-to-bookings")))[:2] == (409, "not_bookable")


def test_unknown_and_unpublished_lots_are_not_found(client, driver):
    make_lot(slug="draft", published=False)
    for slug in ("nowhere", "draft"):
        assert refusal(post(driver, wanted(lot=slug))) == (404, "not_found", ["lot"])
        assert refusal(asked(client, lot=slug)) == (404, "not_found", ["lot"])


def test_lot_without_prices_is_a_conflict(driver):
    make_lot(slug="free-for-all", tariff=None)

    assert refusal(post(driver, wanted(lot="free-for-all")))[:2] == (409, "no_tariff")


def test_operators_people_book_for_callers_without_a_card_and_beyond_the_limits(lot):
    lot.prepay = "capture"
    lot.save()
    attendant = make_user("attendant", lot.operator)
    client = client_of(attendant)

    for hour in range(6):
        said = book(client, 3 * hour, 3 * hour + 2, driver=None, email="caller@example.com")

    row = Reservation.objects.get(pk=said["id"])
    assert (row.driver, row.booked_by, row.email, row.prepay) == (None, attendant, "caller@example.com", "none")
    assert client.get(PATH).json()["total"] == 6


def test_operators_people_are_drivers_where_they_say_nothing(lot):
    attendant = make_user("attendant", lot.operator)

    book(client_of(attendant))

    assert Reservation.objects.get().driver == attendant


def test_only_people_of_the_lot_book_for_callers(lot, driver):
    for client in (driver, client_of(make_user("admin"))):
        assert refusal(post(client, wanted(driver=None))) == (403, "forbidden", ["driver"])


def test_operators_people_book_in_their_unpublished_lots():
    lot = make_lot(slug="central", published=False)

    assert book(client_of(make_user("attendant", lot.operator)), driver=None)["status"] == "confirmed"


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_bookings_are_the_drivers_and_the_lots(lot, driver, method):
    booking = book(driver)

    def status(client):
        path = f"{PATH}/{booking['id']}"
        return client.generic(method, path, "{}", content_type="application/json").status_code

    assert status(Client()) == 401
    assert [status(client_of(one)) for one in (make_user(), make_user("admin"))] == [404, 404]
    assert status(client_of(make_user("attendant", lot.operator))) == 200


@pytest.mark.parametrize("reference", ["0", "9" * 19, "9" * 30, "9" * 5000, "nonsense", "-1", "%00", "1.5"])
def test_unknown_booking_is_not_found(driver, reference):
    for answer in (driver.get(f"{PATH}/{reference}"), driver.delete(f"{PATH}/{reference}")):
        assert refusal(answer)[0] == 404


def test_list_shows_ones_own_or_the_lots_newest_first(lot, driver):
    make_lot(slug="elsewhere")
    first, second = book(driver, 0, 2), book(driver, 4, 6)
    theirs = book(client_of(make_user()), 1, 3, plate="ZH 2")
    book(client_of(make_user()), lot="elsewhere", plate="ZH 3")

    mine = driver.get(PATH).json()
    assert mine == {"items": [second, first], "total": 2, "page": 1, "page_size": 50}
    ours = client_of(make_user("attendant", lot.operator)).get(PATH).json()
    assert [one["id"] for one in ours["items"]] == [second["id"], theirs["id"], first["id"]]
    assert Client().get(PATH).status_code == 401


def test_list_is_filtered_and_paged(lot, driver):
    rows = [book(driver, 3 * number, 3 * number + 2, plate=f"ZH {number}") for number in range(4)]
    cancel(driver, rows[3])

    def ids(**query):
        answer = driver.get(PATH, query)
        assert answer.status_code == 200, answer.content
        return [one["id"] for one in answer.json()["items"]]

    assert ids(status="cancelled") == [rows[3]["id"]]
    assert ids(**{"from": at(3), "to": at(9)}) == [rows[2]["id"], rows[1]["id"]]
    assert ids(plate="zh-2") == [rows[2]["id"]]
    assert ids(lot="central", page_size=3, page=2) == [rows[0]["id"]]
    assert ids(lot="elsewhere") == ids(plate="---") == ids(page=9) == []


def test_booking_that_lapsed_is_listed_only_when_asked_for(lot, driver):
    row = Reservation.objects.get(pk=book(driver)["id"])
    row.status = "lapsed"
    row.save()

    assert driver.get(PATH).json()["total"] == 0
    assert driver.get(PATH, {"status": "lapsed"}).json()["total"] == 1


@pytest.mark.parametrize(
    "query", ["status=gone", "from=yesterday", "to=2026-03-02", "page=0", "page_size=1000", "lot=%01", "plate=%01"]
)
def test_wrong_filter_of_bookings_is_named(driver, query):
    status, _code, paths = refusal(driver.get(f"{PATH}?{query}"))

    assert (status, paths[0].split(".")[-1]) == (422, query.partition("=")[0])


def test_many_bookings_are_listed_in_as_many_statements_as_few(lot, django_assert_max_num_queries):
    client = client_of(make_user("attendant", lot.operator))
    book(client, driver=None)
    for number in range(1, 8):
        make_reservation(lot, f"GE {number}", now() + dt.timedelta(days=number + 3))

    # Session, person, lots, count, bookings, of which none has a charge.
    with django_assert_max_num_queries(5):
        assert len(client.get(PATH).json()["items"]) == 8


MOST = {"POST": 19, "PATCH": 18, "DELETE": 12, "GET": 4}


@pytest.mark.parametrize("method", MOST)
def test_calls_take_no_more_statements_than_they_need(driver, method, django_assert_max_num_queries):
    booking = book(driver)
    path, body = f"{PATH}/{booking['id']}", {"end": at(4)}
    if method == "POST":
        path, body = PATH, wanted(5, 7)
    content = json.dumps(body)

    with django_assert_max_num_queries(MOST[method]):
        assert driver.generic(method, path, content, content_type="application/json").status_code in {200, 201}


def test_program_books_with_its_access_token(lot):
    client = token_client(make_user(password=PASSWORD))

    assert cancel(client, book(client)).json()["status"] == "cancelled"


def test_change_answers_with_the_difference_and_a_preview_changes_nothing(driver):
    booking = book(driver)

    shown = patch(driver, booking, preview=True, end=at(4), plate="ZH 7").json()
    assert (shown["price"], shown["difference"], shown["plate"]) == (1200, 600, "ZH 7")
    assert shown["end"] != booking["end"]
    assert driver.get(f"{PATH}/{booking['id']}").json() == booking

    changed = patch(driver, booking, end=at(4), plate="ZH 7").json()
    assert changed == shown
    assert patch(driver, booking, end=at(4), plate="ZH 7").json() == changed | {"difference": 0}
    assert patch(driver, booking, end=at(1)).json()["difference"] == -900
    assert broken() == []


def test_drivers_are_bound_by_the_blocklist_when_they_change_the_plate(lot, driver):
    booking = book(driver)
    make_blocked_plate(lot.operator, "ZH 666")

    for preview in (True, False):
        assert refusal(patch(driver, booking, preview=preview, plate="ZH 666")) == (403, "booking_blocked", ["plate"])
    attendant = client_of(make_user("attendant", lot.operator))
    assert patch(attendant, booking, plate="ZH 666").json()["plate"] == "ZH 666"


def test_change_of_nothing_is_no_change(driver):
    booking = book(driver)

    assert patch(driver, booking).json() == booking | {"difference": 0, "warnings": []}
    assert Reservation.objects.get().sequence == 0


def test_change_takes_a_bay_and_gives_it_up_again(driver):
    booking = book(driver)

    assert patch(driver, booking, spot="R0-2").json()["spot"] == "R0-2"
    assert Reservation.objects.get().asked_for
    patch(driver, booking, spot=None)
    assert not Reservation.objects.get().asked_for


def test_change_to_a_type_that_is_taken_is_refused(driver):
    make_lot(slug="mixed", spots={"regular": 1, "large": 1})
    booking = book(driver, lot="mixed")
    book(driver, lot="mixed", plate="ZH 2", spot_type="large")

    for preview in (True, False):
        assert refusal(patch(driver, booking, preview=preview, spot_type="large"))[:2] == (409, "no_availability")


def test_cancelling_answers_with_its_fee_and_twice_the_same(driver):
    booking = book(driver)

    first = cancel(driver, booking)

    assert first.status_code == 200
    assert first.json() == booking | {"status": "cancelled"}
    assert cancel(driver, booking).json() == first.json()


def test_cancelling_late_costs_what_the_policy_said(lot, driver):
    soon = now() + dt.timedelta(minutes=50)
    body = wanted() | {"start": soon.isoformat(), "end": (soon + dt.timedelta(minutes=60)).isoformat()}
    booking = post(driver, body).json()

    said = cancel(driver, booking).json()

    assert (said["status"], said["fee"], said["refunded"]) == ("cancelled", booking["policy"]["late_cancel_fee"], 0)
    assert said["fee"] == 150


def test_cancelled_booking_is_not_changed(driver):
    booking = book(driver)
    cancel(driver, booking)

    for preview in (True, False):
        assert refusal(patch(driver, booking, preview=preview, end=at(3)))[:2] == (409, "booking_state")


def test_booking_that_is_over_is_not_cancelled(driver):
    booking = book(driver)
    Reservation.objects.update(status="completed")

    assert refusal(cancel(driver, booking))[:2] == (409, "booking_state")


def test_operators_people_change_and_cancel_bookings_of_their_lots(lot, driver):
    client, booking = client_of(make_user("attendant", lot.operator)), book(driver)

    assert patch(client, booking, end=at(3)).json()["difference"] == 300
    assert cancel(client, booking).json()["status"] == "cancelled"


def test_a_driver_says_once_that_there_was_no_place(driver, lot):
    booking = book(driver)
    path = f"/api/v1/reservations/{booking['id']}/not-parked"
    assert refusal(driver.post(path))[:2] == (409, "booking_state")
    Reservation.objects.update(starts_at=now() - dt.timedelta(minutes=1))

    answers = [driver.post(path).json() for _ in range(2)]

    assert [(one["report"], one["turned_away_at"]) for one in answers] == [("waiting", None)] * 2
