"""Quotes over the public API."""

import pytest

from tests.factories import HOURLY, make_lot, make_tariff

pytestmark = pytest.mark.django_db

STAY = {"entry": "2026-03-02T08:00:00+01:00", "exit": "2026-03-02T10:30:00+01:00"}


def ask(client, body, slug="central"):
    return client.post(f"/api/v1/lots/{slug}/quote", body, content_type="application/json")


@pytest.fixture
def lot():
    return make_lot(slug="central")


def test_stay_is_priced_with_lines_that_sum_to_the_total(client, lot):
    answer = ask(client, STAY)
    price = answer.json()
    assert answer.status_code == 200
    assert (price["total"], price["tax"], price["currency"]) == (900, 67, "CHF")
    assert sum(line["amount"] for line in price["lines"]) == 900
    assert price["lines"][0].keys() == {"label", "from", "to", "amount"}


def test_grace_counts_for_a_stay_and_not_for_a_reservation(client, lot):
    short = STAY | {"exit": "2026-03-02T08:08:00+01:00"}
    assert ask(client, short).json()["total"] == 0
    assert ask(client, short | {"reservation": True}).json()["total"] == 300


def test_discounts_are_taken_off(client, lot):
    discounts = [{"percent": "10"}, {"free_minutes": 30}, {"amount": 100}]
    assert ask(client, STAY | {"discounts": discounts}).json()["total"] == 440


def test_spot_type_chooses_its_plan(client):
    plans = [
        {"name": "Cars", "bands": HOURLY["plans"][0]["bands"]},
        {
            "name": "EV",
            "priority": 1,
            "spot_types": ["ev"],
            "bands": [{"from": "00:00", "to": "24:00", "price": 100, "increment_minutes": 60}],
        },
    ]
    make_lot(slug="central", tariff=HOURLY | {"plans": plans})
    assert ask(client, STAY | {"spot_type": "ev"}).json()["total"] == 300
    assert ask(client, STAY).json()["total"] == 900


def test_stay_is_priced_by_the_tariff_of_the_day_it_begins(client):
    lot = make_lot(slug="central", tariff=None)
    dearer = HOURLY | {"plans": [{"bands": [{"from": "00:00", "to": "24:00", "price": 500, "increment_minutes": 60}]}]}
    make_tariff(lot, valid_until="2026-03-01")
    make_tariff(lot, dearer, valid_from="2026-03-02")
    before_midnight = {"entry": "2026-03-01T22:30:00Z", "exit": "2026-03-01T23:30:00Z"}
    assert ask(client, before_midnight).json()["total"] == 300
    assert ask(client, {"entry": "2026-03-01T23:00:00Z", "exit": "2026-03-02T00:00:00Z"}).json()["total"] == 500


def test_unknown_fields_are_ignored(client, lot):
    assert ask(client, STAY | {"colour": "red"}).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"entry": "2026-03-02T08:00:00"}, "entry"),
        ({"exit": "9999-12-31T23:59:59Z"}, "exit"),
        ({"entry": "2026-02-30T08:00:00Z"}, "entry"),
        ({"entry": "soon"}, "entry"),
        ({"entry": 1772434800}, "entry"),
        ({"entry": None}, "entry"),
        ({"exit": "2026-03-02T07:59:59+01:00"}, "exit"),
        ({"exit": "2027-03-04T08:00:01+01:00"}, "exit"),
        ({"spot_type": "boat"}, "spot_type"),
        ({"spot_type": None}, "spot_type"),
        ({"reservation": "yes"}, "reservation"),
        ({"discounts": "half"}, "discounts"),
        ({"discounts": ["half"]}, "discounts.0"),
        ({"discounts": [{"percent": "101"}]}, "discounts[0].percent"),
        ({"discounts": [{"amount": -5}]}, "discounts[0].amount"),
        ({"discounts": [{"amount": 1}] * 51}, "discounts"),
    ],
)
def test_wrong_values_are_refused_by_name(client, lot, wrong, path):
    answer = ask(client, STAY | wrong)
    assert answer.status_code == 422, answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["path"] for error in answer.json()["errors"]] == [path]


def test_missing_times_are_both_named(client, lot):
    answer = ask(client, {})
    assert [error["path"] for error in answer.json()["errors"]] == ["entry", "exit"]


def test_day_without_a_tariff_is_a_conflict(client, lot):
    answer = ask(client, {"entry": "2019-03-02T08:00:00Z", "exit": "2019-03-02T09:00:00Z"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_tariff")


def test_unknown_lot_is_not_found(client, lot):
    assert ask(client, STAY, slug="nowhere").status_code == 404
    assert ask(client, STAY, slug="%00").status_code == 404


@pytest.mark.parametrize("body", ["{", "\xff", "nul", "[" * 100_000])
def test_broken_body_is_malformed(client, lot, body):
    answer = ask(client, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("body", ["", "[]", "5", "null", '"x"'])
def test_body_that_is_no_object_is_refused(client, lot, body):
    assert ask(client, body).status_code in (400, 422)


def test_quote_needs_a_post(client, lot):
    assert client.get("/api/v1/lots/central/quote").status_code == 405


def test_longest_quote_is_answered_with_readable_lines(client, lot):
    answer = ask(client, STAY | {"exit": "2027-03-02T08:00:00+01:00"})
    assert answer.json()["total"] == 365 * 24 * 300
    assert len(answer.json()["lines"]) < 70
