"""What lots offer over a period, many at once: places left, price, what is open."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from lots.boards import lot_counts
from lots.lot_search import LotSearch
from lots.models import Lot
from lots.positions import Position
from lots.queries import counts_by_type
from reservations.booked_time import BookedTime
from reservations.free_places import load_stock
from reservations.lot_offers import Wanted, find, left_tomorrow
from reservations.models import ReservationStatus
from reservations.offering import offer_booking, promised_period
from reservations.ranking import SortBy
from reservations.rooms import rooms
from tests.actions import listen
from tests.factories import make_blackout, make_lot, make_reservation, make_tariff, make_ticket
from tests.reservations.bookings import HOUR, MINUTE, NOW, booked, time

pytestmark = pytest.mark.django_db

HERE = Position(47.0, 8.0)


def found(period=None, *, sort=SortBy.NEAR, open_then=False, at=NOW, first=0, limit=20, **search):
    wanted = Wanted(
        lots=LotSearch(**search), time_in=lambda _zone: period or time(24, 26), sort=sort, open_then=open_then
    )
    return find(wanted, first=first, limit=limit, at=at)


def a_used_lot(drawn, tracking):
    """A lot with all that changes what is left: cars, bookings in every state, held spots, repairs, closures, shares."""
    lot = make_lot(
        tracking=tracking,
        spots={"regular": 4, "ev": 2},
        levels=2,
        booking_share_percent=drawn.choice([{}, {"regular": 50}, {"ev": 0}]),
    )
    spots = list(lot.spots.all())
    for spot in spots:
        if drawn.random() < 0.15:
            spot.maintenance = True
            spot.save(update_fields=["maintenance"])
        elif drawn.random() < 0.3:
            make_ticket(lot, f"IN {spot.pk}", spot=spot)
    if not spots:
        for number in range(drawn.randrange(4)):
            make_ticket(lot, f"IN {number}")
    for number in range(14):
        start, length = NOW + drawn.randrange(-8, 30) * HOUR, drawn.choice([0.5, 2, 9]) * HOUR
        spot = drawn.choice(spots) if spots else None
        kind = spot.spot_type if spot else drawn.choice(["regular", "ev"])
        begun = start <= NOW < start + length
        status = ReservationStatus.ACTIVE if begun else ReservationStatus.CONFIRMED
        place = {} if spot else {"place": drawn.randrange(1, 5), "level": drawn.choice(list(lot.levels.all()))}
        try:
            with transaction.atomic():
                booking = make_reservation(
                    lot, f"B {number}", start, start + length, spot=spot, spot_type=kind, status=status, **place
                )
        except IntegrityError:
            continue
        if spot and spot.hold is None and start > NOW and drawn.random() < 0.5:
            spot.hold = booking.pk
            spot.save(update_fields=["hold"])
    if drawn.random() < 0.3:
        closed = {"level": drawn.choice([None, *lot.levels.all()]), "spot_type": drawn.choice(["", "ev"])}
        make_blackout(lot, NOW + drawn.randrange(-2, 12) * HOUR, drawn.randrange(1, 8), **closed)
    return lot


def test_rooms_of_many_lots_are_what_the_stock_of_each_has():
    drawn = random.Random(3)
    made = [a_used_lot(drawn, "spots") for _ in range(7)] + [a_used_lot(drawn, "levels") for _ in range(4)]
    lots = list(Lot.objects.filter(pk__in=[lot.pk for lot in made]))
    counts, wrong = counts_by_type(lots), []
    for start, end in [(0, 2), (1, 2), (3, 5), (4, 12), (-0.01, 1), (6, 6.5), (24, 26), (0, 40)]:
        period = time(start, end)
        wanted = {lot.pk: promised_period(lot, period) for lot in lots}
        together = rooms(lots, wanted, counts, at=NOW)
        for lot in lots:
            alone = {
                kind: load_stock(lot, kind, wanted[lot.pk], at=NOW).room(wanted[lot.pk]) for kind in counts[lot.pk]
            }
            if together[lot.pk] != alone:
                wrong.append((lot.pk, lot.tracking, start, end, together[lot.pk], alone))
    assert wrong == []


def test_a_found_lot_costs_what_its_booking_costs_and_has_as_many_places():
    lot = make_lot(spots={"regular": 3, "handicap": 1}, latitude=47.01, longitude=8.0)
    booked(lot)
    [one] = found(near=HERE).lots
    offer = offer_booking(lot, "regular", time(24, 26), at=NOW)
    assert (one.price, one.left, one.total) == (offer.price.total, offer.available, 3) == (600, 2, 3)
    assert (one.kind, one.walk_minutes, one.begins_now) == ("regular", 16, False)
    [accessible] = found(spot_type="handicap").lots
    assert (accessible.kind, accessible.left, accessible.walk_minutes) == ("handicap", 1, None)


def test_where_no_regular_spot_is_left_another_that_any_car_may_use_is_offered():
    lot = make_lot(spots={"regular": 1, "large": 2})
    booked(lot)
    [one] = found().lots
    assert (one.kind, one.left) == ("large", 2)


def test_nothing_is_promised_where_nobody_can_book_but_the_stay_is_priced():
    make_lot(bookable=False)
    [one] = found(time(0, 0.25)).lots
    assert (one.left, one.free, one.price, one.begins_now) == (None, 5, 300, True)


def test_a_lot_without_prices_and_one_whose_plan_does_not_fit_have_no_price():
    make_lot(tariff=None)
    late = make_lot(tariff=None)
    make_tariff(late, valid_from=dt.date(2027, 1, 1))
    assert [one.price for one in found().lots] == [None, None]


def test_each_lot_is_priced_by_its_tariff_of_the_day_and_its_own_clock():
    lot = make_lot(tariff=None)
    make_tariff(lot, name="Old", valid_until=dt.date(2026, 3, 2))
    dear = {
        "plans": [{"name": "D", "bands": [{"from": "00:00", "to": "24:00", "price": 900, "increment_minutes": 60}]}]
    }
    make_tariff(lot, dear, valid_from=dt.date(2026, 3, 3))
    assert [one.price for one in found(time(0, 1)).lots + found(time(24, 25)).lots] == [300, 900]
    make_lot(timezone="America/New_York")

    def at_noon(zone):
        start = dt.datetime(2026, 3, 4, 12, tzinfo=zone)
        return BookedTime(start.astimezone(dt.UTC), (start + HOUR).astimezone(dt.UTC))

    offers = find(Wanted(lots=LotSearch(), time_in=at_noon), first=0, limit=9, at=NOW).lots
    assert {one.time.start.astimezone(ZoneInfo(one.lot.timezone)).hour for one in offers} == {12}
    assert len({one.time.start for one in offers}) == 2


def test_open_then_keeps_what_is_open_from_start_to_end():
    names = {
        "always": {},
        "day": {"mon-sun": "06:00-20:00"},
        "short": {"mon-sun": "06:00-09:30"},
        "closed": {"mon-sun": "closed"},
    }
    for name, hours in names.items():
        make_lot(name=name, opening_hours=hours)
    assert [one.lot.name for one in found(time(24, 27)).lots] == sorted(names)
    kept = found(time(24, 27), open_then=True)
    assert ([one.lot.name for one in kept.lots], kept.total) == (["always", "day"], 2)


def test_cheapest_first_over_all_pages():
    prices = (500, 200, 900, 100)
    for number, price in enumerate(prices):
        rules = {"plans": [{"name": "D", "steps": [{"up_to_minutes": 60, "price": price}]}]}
        make_lot(name=str(number), tariff=rules, latitude=47 + number / 100, longitude=8)
    pages = [found(sort=SortBy.CHEAP, near=HERE, first=first, limit=2) for first in (0, 2)]
    assert [one.price for page in pages for one in page.lots] == sorted(prices)
    assert [page.total for page in pages] == [4, 4]


@pytest.mark.parametrize("sort", SortBy)
def test_a_search_takes_as_many_statements_for_many_lots_as_for_few(sort):
    def statements():
        return listen(lambda: found(sort=sort, near=HERE, radius_m=900_000, limit=4))

    zones = ["Europe/Zurich", "Asia/Tokyo", "America/New_York"]
    for number in range(4):
        make_lot(latitude=47.1, longitude=8.1, timezone=zones[number % 3])
    few = len(statements())
    for number in range(12):
        lot = make_lot(latitude=47.2, longitude=8.1, timezone=zones[number % 3], spots={"regular": 2, "ev": 1})
        booked(lot, plate=f"GE {number}")
        booked(lot, plate=f"ZH {number}")
    assert len(statements()) == few <= 6


def test_tomorrow_counts_what_can_be_booked_all_day():
    lot = make_lot(spots={"regular": 3, "ev": 1})
    booked(lot, 30, 31)
    booked(lot, 40, 41, plate="ZH 2")
    assert left_tomorrow(lot, lot_counts(lot), at=NOW) == 2
    lot.bookable = False
    assert left_tomorrow(lot, lot_counts(lot), at=NOW) is None


def test_cars_that_stand_there_now_count_only_for_what_begins_soon():
    lot = make_lot(spots={"regular": 2})
    make_ticket(lot, entry_at=NOW)
    assert [found(period).lots[0].left for period in (time(0, 2), time(2.9, 4), time(3 + 1 / 60, 4))] == [1, 1, 2]
    assert found(BookedTime(NOW - 5 * MINUTE, NOW + HOUR)).lots[0].time is None
