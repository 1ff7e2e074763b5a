"""What a lot offers a driver who comes now."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from billing.offers import PriceFrom, offers_of
from billing.tariffs import tariff_on, tariffs_at
from tests.factories import HOURLY, make_lot, make_tariff

pytestmark = pytest.mark.django_db

ZURICH = ZoneInfo("Europe/Zurich")
DAY_AND_NIGHT = [
    {"from": "07:00", "to": "19:00", "price": 200, "increment_minutes": 30},
    {"from": "19:00", "to": "07:00", "price": 100, "increment_minutes": 60},
]
STEPS = [{"up_to_minutes": 15, "price": 0}, {"up_to_minutes": 60, "price": 300}]


def tariff_of(*plans, **rules):
    return HOURLY | {"plans": list(plans)} | rules


def first_price(tariff, at, spot_type=""):
    [offer] = offers_of([make_lot(tariff=tariff)], at, spot_type)
    return offer.price


@pytest.mark.parametrize(("hour", "price"), [(18, PriceFrom(200, 30, 0)), (19, PriceFrom(100, 60, 0))])
def test_first_price_is_the_band_of_the_lots_own_clock(hour, price):
    assert first_price(tariff_of({"bands": DAY_AND_NIGHT}), dt.datetime(2026, 3, 2, hour, 30, tzinfo=ZURICH)) == price


def test_free_minutes_move_the_first_price():
    at = dt.datetime(2026, 3, 2, 18, 45, tzinfo=ZURICH)
    assert first_price(tariff_of({"bands": DAY_AND_NIGHT}, free_minutes=30), at) == PriceFrom(100, 60, 30)


def test_first_step_that_costs_something_is_named():
    assert first_price(tariff_of({"steps": STEPS}), dt.datetime(2026, 3, 2, 9, tzinfo=ZURICH)) == PriceFrom(300, 60, 0)


def test_price_that_is_charged_once_has_no_length():
    evening = {"from": "18:00", "to": "07:00", "price": 220, "once": True}
    day = {"from": "07:00", "to": "18:00", "price": 200, "increment_minutes": 30}
    tariff = tariff_of({"bands": [evening, day]})
    assert first_price(tariff, dt.datetime(2026, 3, 2, 22, tzinfo=ZURICH)) == PriceFrom(220, None, 0)


def test_day_and_spot_type_choose_the_plan():
    weekend = {"days": ["sat", "sun"], "priority": 1, "steps": [{"up_to_minutes": 60, "price": 150}]}
    charging = {"spot_types": ["ev"], "priority": 2, "steps": [{"up_to_minutes": 60, "price": 900}]}
    tariff = tariff_of({"bands": DAY_AND_NIGHT}, weekend, charging)
    saturday = dt.datetime(2026, 3, 7, 9, tzinfo=ZURICH)
    assert first_price(tariff, saturday) == PriceFrom(150, 60, 0)
    assert first_price(tariff, saturday, "ev") == PriceFrom(900, 60, 0)


def test_lot_without_a_tariff_offers_no_price():
    assert first_price(None, dt.datetime(2026, 3, 2, 9, tzinfo=ZURICH)) is None


def test_offers_say_whether_and_until_when_a_lot_is_open():
    lot = make_lot(opening_hours={"mon-sun": "06:00-22:00"})
    [now_open] = offers_of([lot], dt.datetime(2026, 3, 2, 9, tzinfo=ZURICH))
    [now_closed] = offers_of([lot], dt.datetime(2026, 3, 2, 23, tzinfo=ZURICH))
    assert (now_open.opened, now_open.changes_at) == (True, dt.datetime(2026, 3, 2, 22, tzinfo=ZURICH))
    assert (now_closed.opened, now_closed.changes_at) == (False, dt.datetime(2026, 3, 3, 6, tzinfo=ZURICH))


def test_tariffs_are_those_of_each_lots_own_day(django_assert_num_queries):
    at = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    zurich, auckland = make_lot(tariff=None), make_lot(tariff=None, timezone="Pacific/Auckland")
    for lot in (zurich, auckland):
        make_tariff(lot, name="Until the second", valid_until=dt.date(2026, 3, 2))
        make_tariff(lot, name="From the third", valid_from=dt.date(2026, 3, 3))
    with django_assert_num_queries(1):
        found = tariffs_at([zurich, auckland], at)
    assert found[zurich.pk].name == "Until the second"
    assert found[auckland.pk].name == "From the third"
    assert tariffs_at([], at) == {}


def test_superseded_tariffs_price_nothing():
    lot = make_lot(tariff=None)
    make_tariff(lot, name="Old", superseded_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert tariff_on(lot, dt.date(2026, 3, 2)) is None
    assert tariffs_at([lot], dt.datetime(2026, 3, 2, tzinfo=dt.UTC)) == {}
