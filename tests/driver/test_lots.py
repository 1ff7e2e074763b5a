"""What drivers see of lots: finding one, its page, its board, and what a stay would cost."""

import datetime as dt

import pytest
from django.urls import reverse

from driver.lot_facts import directions_to
from lots.boards import lot_counts
from tests.factories import HOURLY, make_lot, make_promo_code, make_tariff, make_ticket

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
CLOSED = {"mon-sun": "closed"}


def lot_url(lot, **query):
    return reverse("driver:lot", args=[lot.slug], query=query or None)


def test_lot_page_shows_places_by_level_and_type(client, django_assert_num_queries):
    lot = make_lot(spots={"regular": 3, "handicap": 1}, levels=2)
    with django_assert_num_queries(8):
        page = client.get(lot_url(lot)).content.decode()
    for words in (
        "free of 6",
        "Tomorrow, 6 of 6 spots can still be booked all day",
        "Accessible",
        "Level 1",
        "Ground",
        "What will it cost?",
        "Any time",
        "per 1 h",
    ):
        assert words in page


def test_lot_page_says_closed_and_full(client):
    closed = make_lot(opening_hours=CLOSED)
    full = make_lot(spots={"regular": 1})
    make_ticket(full)
    shut = make_lot(is_closed=True)
    assert "Closed" in client.get(lot_url(closed)).content.decode()
    assert "Full" in client.get(lot_url(full)).content.decode()
    assert "Closed" in client.get(lot_url(shut)).content.decode()


def test_lot_page_and_board_count_the_same_places(client):
    lot = make_lot(spots={"regular": 3, "compact": 1, "handicap": 2, "ev": 1, "motorcycle": 1}, levels=2)
    make_ticket(lot, spot=lot.spots.filter(spot_type="regular").first())
    board = client.get(reverse("driver:board", args=[lot.slug])).context["lines"]
    page = client.get(lot_url(lot)).content.decode()
    assert sum(line.free for line in board) == 7
    assert f'<span class="free-now-number" data-free="{lot.slug}">7</span> <span class="muted">free of 8</span>' in page
    assert "+ 2 for motorcycles, 4 accessible, 2 EV" in page


def test_lot_without_places_for_any_car_counts_what_it_has(client):
    lot = make_lot(spots={"ev": 4})
    page = client.get(lot_url(lot)).content.decode()
    assert f'<span class="free-now-number" data-free="{lot.slug}">4</span>' in page
    assert '<span class="muted">free of 4</span></p>' in page


@pytest.mark.parametrize("how", [{"is_closed": True}, {"opening_hours": CLOSED}])
def test_a_closed_lot_shows_the_word_in_place_of_the_number(client, how):
    page = client.get(lot_url(make_lot(**how))).content.decode()
    assert "Closed" in page
    assert "free of" not in page


def test_lot_page_without_places_and_prices_says_so(client):
    page = client.get(lot_url(make_lot(spots={}, tariff=None))).content.decode()
    assert "This lot has no spots yet" in page
    assert "published no prices" in page


def test_lot_page_refreshes_its_part_only_when_something_changed(client):
    lot = make_lot()
    first = client.get(lot_url(lot), headers=HTMX)
    assert b"<html" not in first.content
    held = HTMX | {"If-None-Match": first["ETag"]}
    assert client.get(lot_url(lot), headers=held).status_code == 304
    make_ticket(lot)
    assert b">4</span>" in client.get(lot_url(lot), headers=held).content


def test_lot_page_answers_what_a_stay_costs(client):
    lot = make_lot()
    asked = {"entry": "2026-03-02T08:00", "exit": "2026-03-02T10:30", "spot_type": "regular"}
    response = client.get(lot_url(lot, **asked))
    assert response.context["answer"].total == 900
    assert "Mon 2 Mar 2026, 08:00" in response.content.decode()


def test_lot_page_takes_a_promo_code_into_its_answer(client):
    lot = make_lot()
    make_promo_code(lot.operator)
    asked = {"entry": "2026-03-02T08:00", "exit": "2026-03-02T10:30", "spot_type": "regular"}
    answer = client.get(lot_url(lot, **asked, promo_code="summer 26")).context["answer"]
    assert (answer.total, answer.lines[-1].label) == (450, "SUMMER-26: 50 % off")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"promo_code": "NOPE"}, "This code is not valid here."),
        ({"exit": "2026-03-02T07:00"}, "The exit is before the entry"),
        ({"exit": "2028-03-02T07:00"}, "at most 366 days"),
        ({"entry": "9999-12-31T23:59"}, "Enter a year from"),
        ({"entry": "yesterday"}, "Enter a date and a time"),
        ({"spot_type": "boat"}, "Select a valid choice"),
        ({"entry": "2019-03-02T08:00", "exit": "2019-03-02T09:00"}, "has no prices for 2 Mar 2019"),
    ],
)
def test_lot_page_explains_a_question_it_cannot_answer(client, wrong, words):
    asked = {"entry": "2026-03-02T08:00", "exit": "2026-03-02T10:30", "spot_type": "regular"} | wrong
    response = client.get(lot_url(make_lot(), **asked))
    assert words in response.content.decode()
    assert response.status_code == 422
    assert response.context["answer"] is None


def test_lot_page_prices_the_hour_a_clock_shows_twice(client):
    asked = {"entry": "2026-10-25T01:30", "exit": "2026-10-25T03:30", "spot_type": "regular"}
    assert client.get(lot_url(make_lot(), **asked)).context["answer"].total == 900


def test_lot_page_shows_the_tariff_of_the_lots_own_day(client):
    lot = make_lot(tariff=None, timezone="Pacific/Auckland")
    today = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=12))).date()
    make_tariff(lot, name="Old", valid_until=today - dt.timedelta(days=2))
    make_tariff(lot, HOURLY, name="New", valid_from=today - dt.timedelta(days=1))
    assert client.get(lot_url(lot)).context["tariff"].name == "New"


@pytest.mark.parametrize("name", ["driver:lot", "driver:board"])
def test_unknown_lot_is_not_found(client, name):
    assert client.get(reverse(name, args=["nowhere"])).status_code == 404


@pytest.mark.parametrize("name", ["driver:find", "driver:lot", "driver:board"])
def test_public_pages_only_answer_reads(client, name):
    lot = make_lot()
    url = reverse(name, args=[] if name == "driver:find" else [lot.slug])
    assert client.post(url).status_code == 405
    assert client.head(url).status_code == 200


def test_board_shows_one_number_a_level_and_charging_beside_it(client, django_assert_num_queries):
    lot = make_lot(spots={"regular": 3, "ev": 2, "handicap": 4}, levels=2)
    with django_assert_num_queries(2):
        lines = client.get(reverse("driver:board", args=[lot.slug])).context["lines"]
    assert [(line.name, line.free, line.direction, line.note) for line in lines] == [
        ("Level 1", 3, "up", "2 EV"),
        ("Ground", 3, "straight", "2 EV"),
    ]


def test_board_of_a_lot_with_one_level_needs_no_arrow(client):
    [line] = client.get(reverse("driver:board", args=[make_lot().slug])).context["lines"]
    assert (line.name, line.free, line.direction) == ("Free", 5, "")


def test_board_shows_a_level_that_only_charges(client):
    lot = make_lot(spots={"ev": 4})
    assert client.get(reverse("driver:board", args=[lot.slug])).context["lines"][0].note == "EV"


def test_board_says_full_and_closed_in_one_word(client):
    full, closed = make_lot(spots={"regular": 1}), make_lot(is_closed=True)
    make_ticket(full)
    assert b'<p class="board-word">FULL</p>' in client.get(reverse("driver:board", args=[full.slug])).content
    assert b'<p class="board-word">CLOSED</p>' in client.get(reverse("driver:board", args=[closed.slug])).content


def test_board_marks_a_full_level(client):
    lot = make_lot(spots={"regular": 1}, levels=2)
    make_ticket(lot)
    assert b"FULL" in client.get(reverse("driver:board", args=[lot.slug])).content


@pytest.mark.parametrize(("levels", "grid"), [(1, (1, 1)), (5, (5, 1)), (6, (3, 2)), (11, (4, 3))])
def test_board_lays_out_any_number_of_levels(client, levels, grid):
    context = client.get(reverse("driver:board", args=[make_lot(levels=levels).slug])).context
    assert (context["rows"], context["columns"]) == grid


def test_board_refreshes_without_javascript_too(client):
    page = client.get(reverse("driver:board", args=[make_lot().slug])).content
    assert b'<noscript><meta http-equiv="refresh"' in page


def test_board_part_is_sent_only_when_it_changed(client, monkeypatch):
    lot = make_lot()
    at = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)
    monkeypatch.setattr("driver.board.now", lambda: at)
    url = reverse("driver:board", args=[lot.slug])
    first = client.get(url, headers=HTMX)
    held = HTMX | {"If-None-Match": first["ETag"]}
    assert b"09:15" in first.content
    assert client.get(url, headers=held).status_code == 304
    make_ticket(lot)
    assert client.get(url, headers=held).status_code == 200


def test_counts_of_a_lot_add_up_by_column():
    lot = make_lot(spots={"regular": 3, "ev": 1}, levels=2)
    make_ticket(lot)
    counts = lot_counts(lot)
    assert (counts.all.total, counts.all.free, counts.all.occupied) == (8, 7, 1)
    assert [level.number for level in counts.levels] == [1, 0]
    assert {kind: count for kind, _, count in counts.sums}["regular"].free == 5


def test_directions_lead_to_the_position_or_else_to_the_address():
    located = make_lot(latitude=47.3769, longitude=8.5417)
    addressed = make_lot(address="Main St 1", postal_code="8001", city="Zürich")
    assert directions_to(located) == "https://www.openstreetmap.org/directions?to=47.3769%2C8.5417"
    assert directions_to(addressed) == "https://www.openstreetmap.org/search?query=Main+St+1+8001+Z%C3%BCrich"
    assert directions_to(make_lot(city="")) == ""


def test_lot_page_names_hours_height_and_amenities(client):
    lot = make_lot(max_height_cm=205, amenities=["lift", "cctv"], opening_hours={"mon-fri": "06:00-24:00"})
    page = client.get(lot_url(lot)).content.decode()
    for words in ("2.05 m", "Lift", "Video surveillance", "Mon–Fri", "06:00–24:00"):
        assert words in page
