"""Blocked plates with an end and lots, as gates decide, and who tried."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from accounts.blocklist import BlockTerms, block_plate, change_block, lift_block
from accounts.models import BlockedPlate
from billing.services import record_debt
from gates.blocked_attempts import attempts_of, with_attempts
from reservations.limits import BookingBlockedError
from tests.factories import make_blocked_plate, make_charge, make_permit, zone_of_another_day
from tests.gates.lanes import Lanes
from tests.reservations.bookings import NOW, booked

pytestmark = pytest.mark.django_db
PLATE = "ZH 666"
DAY = dt.timedelta(days=1)


@pytest.fixture
def lanes():
    return Lanes(spots={"regular": 9})


def today(lot):
    return now().astimezone(ZoneInfo(lot.timezone)).date()


def reason(lanes, plate=PLATE):
    return lanes.entry.read(plate)["reason"]


@pytest.mark.parametrize(("days", "expected"), [(None, "blocked"), (1, "blocked"), (0, "blocked"), (-1, "ok")])
def test_block_holds_up_to_its_last_day_on_the_lots_clock(lanes, days, expected):
    last = None if days is None else today(lanes.lot) + days * DAY
    make_blocked_plate(lanes.lot.operator, PLATE, last_day=last)

    assert reason(lanes) == expected


def test_block_holds_at_its_lots_alone(lanes):
    other = Lanes(operator=lanes.lot.operator, spots={"regular": 1})
    make_blocked_plate(lanes.lot.operator, PLATE, lot_ids=[other.lot.pk])

    assert (reason(lanes), reason(other)) == ("ok", "blocked")


def test_ended_block_makes_room_for_another_and_one_that_stands_is_changed_instead(lanes):
    operator, at = lanes.lot.operator, now()
    first = block_plate(operator=operator, plate=PLATE, terms=BlockTerms("x", at.date()), today=at.date(), at=at)
    later = at + 3 * DAY
    terms, day = BlockTerms("y", later.date() + DAY), later.date()
    second = block_plate(operator=operator, plate=PLATE, terms=terms, today=day, at=later)
    assert (BlockedPlate.objects.in_force().get(), first.pk != second.pk) == (second, True)

    changed = change_block(blocked=second, terms=BlockTerms("z", None, [lanes.lot.pk]), today=day)
    assert (changed.reason, changed.last_day, changed.lot_ids) == ("z", None, [lanes.lot.pk])


def test_debts_block_beside_a_block_that_ends(lanes):
    """Else the plate would come in again after the last day, with all its debts."""
    make_blocked_plate(lanes.lot.operator, PLATE, last_day=today(lanes.lot))
    for _ in range(3):
        record_debt(charge=make_charge(lanes.lot), plate=PLATE, reason="left without paying", at=now())

    assert BlockedPlate.objects.in_force().filter(for_debts=True).count() == 1


def test_who_tried_is_counted_since_the_block_and_once_a_car(lanes):
    block = make_blocked_plate(lanes.lot.operator, PLATE, blocked_at=now() - dt.timedelta(hours=2))
    lanes.entry.read(PLATE, minute=-30)
    lanes.entry.read(PLATE, minute=-29.9)  # the same car again
    lanes.entry.read(PLATE, minute=-5)
    lanes.entry.read("ZH 1")
    Lanes(spots={"regular": 1}).entry.read(PLATE)  # another operator's

    [row] = with_attempts(BlockedPlate.objects.all())

    tried = list(attempts_of(block))
    assert (row.attempts, row.last_attempt_at) == (2, tried[0].at)
    assert tried[0].gate == lanes.entry.gate
    lift_block(blocked=block, at=now() - dt.timedelta(minutes=15))
    assert with_attempts(BlockedPlate.objects.all()).get().attempts == 1


def test_attempts_are_found_by_their_index(lanes):
    make_blocked_plate(lanes.lot.operator, PLATE)
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        list(with_attempts(BlockedPlate.objects.all()))
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "event_blocked" in plan


def test_block_refuses_bookings_up_to_its_last_day(lanes):
    make_blocked_plate(lanes.lot.operator, PLATE, last_day=NOW.date() + DAY)
    with pytest.raises(BookingBlockedError):
        booked(lanes.lot, 24, 26, PLATE)
    assert booked(lanes.lot, 72, 74, PLATE).pk


@pytest.mark.parametrize(("kind", "expected"), [("accessible", "handicap"), ("resident", "regular")])
def test_only_a_permit_for_accessible_parking_opens_accessible_spots(kind, expected):
    lanes = Lanes(spots={"regular": 1, "handicap": 1})
    make_permit(lanes.lot.operator, PLATE, kind=kind)

    assert lanes.entry.read(PLATE)["spot"]["type"] == expected


@pytest.mark.parametrize(("days", "expected"), [(-1, "regular"), (0, "handicap"), (1, "regular")])
def test_permit_holds_on_the_days_of_the_lots_clock(days, expected):
    lanes = Lanes(spots={"regular": 1, "handicap": 1}, timezone=zone_of_another_day())
    day = today(lanes.lot) + days * DAY
    make_permit(lanes.lot.operator, PLATE, valid_from=day, valid_until=day)

    assert lanes.entry.read(PLATE)["spot"]["type"] == expected
