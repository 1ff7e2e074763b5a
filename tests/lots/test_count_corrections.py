"""Where only cars are counted, people correct the count; stays, sums and the counters still agree."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import DomainError, InvalidValueError
from lots.models import CountCorrection, SpotCount
from lots.services import (
    CarsCounted,
    CarsKnownInsideError,
    SpotsAreKnownError,
    correct_count,
    count_corrections,
    reset_counts,
)
from tests.at_once import at_once, meeting
from tests.factories import make_lot, make_ticket, make_user
from tests.gates.lanes import Lane
from tests.invariants import broken

ZONE = ZoneInfo("Europe/Zurich")
EVENING = dt.datetime(2026, 3, 2, 21, 0, tzinfo=ZONE)


def counting_lot(**fields):
    return make_lot(spots={"regular": 5}, tracking="levels", **fields)


def correct(lot, inside, *, at=EVENING, by=None, spot_type="regular"):
    counted = CarsCounted(lot.levels.get(), spot_type, inside, "Walk round")
    return correct_count(lot=lot, counted=counted, by=by or make_user(), at=at)


def count_of(lot):
    row = SpotCount.objects.get(lot=lot)
    return row.occupied, row.uncounted, row.free


@pytest.mark.django_db
def test_corrected_count_is_told_apart_from_stays():
    lot = counting_lot()
    make_ticket(lot)

    correction = correct(lot, 3)

    assert (correction.added, correction.inside, correction.is_reset) == (2, 3, False)
    assert count_of(lot) == (3, 2, 2)
    assert lot.tickets.count() == 1
    assert broken() == []


@pytest.mark.django_db
def test_fewer_cars_than_stays_are_refused_and_more_than_fit_too():
    lot = counting_lot()
    make_ticket(lot)
    make_ticket(lot, "ZH 2")
    correct(lot, 4)

    with pytest.raises(CarsKnownInsideError) as refused:
        correct(lot, 1)
    assert [(one.path, "2 cars" in one.message) for one in refused.value.errors] == [("inside", True)]
    with pytest.raises(InvalidValueError):
        correct(lot, 6)
    assert correct(lot, 4) is None
    assert correct(lot, 2).added == -2
    assert count_of(lot) == (2, 0, 3)


@pytest.mark.django_db
def test_known_spots_are_not_counted():
    lot = make_lot(spots={"regular": 5})
    with pytest.raises(SpotsAreKnownError):
        correct(lot, 3)
    with pytest.raises(InvalidValueError):
        correct(counting_lot(), 1, spot_type="ev")


@pytest.mark.django_db
def test_lot_that_is_full_by_a_correction_turns_cars_away_until_it_is_corrected():
    lot = counting_lot()
    entry, out = Lane(lot, "entry"), Lane(lot, "exit")
    entry.read("ZH 1")
    correct(lot, 5)
    assert entry.read("ZH 2")["reason"] == "full"
    correct(lot, 4)
    assert entry.read("ZH 3")["action"] == "open"
    out.read("ZH 1")
    assert broken() == []


@pytest.mark.django_db
def test_database_keeps_what_was_corrected():
    lot = counting_lot()
    correction = correct(lot, 3)
    with pytest.raises(IntegrityError), transaction.atomic():
        CountCorrection.objects.filter(pk=correction.pk).update(added=1)
    with pytest.raises(IntegrityError, match="spot_count_knows_its_stays"), transaction.atomic():
        CountCorrection.objects.create(
            lot=lot, level=lot.levels.get(), spot_type="regular", added=-4, inside=0, reason="x", at=EVENING
        )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lots_spotcount SET uncounted = 1, occupied = 1 WHERE lot_id = %s", [lot.pk])
    assert [line.split(":")[0] for line in broken()] == ["counters_equal_stays"]


@pytest.mark.django_db
def test_reset_is_once_a_day_at_the_hour_of_the_lot():
    lot = counting_lot(counts_reset_hour=4)
    other = counting_lot()
    correct(lot, 3)
    correct(other, 3)

    assert reset_counts(at=EVENING.replace(hour=23)) == 0
    # A beat that comes a day late catches up.
    assert reset_counts(at=EVENING + dt.timedelta(days=1)) == 1
    assert (count_of(lot), count_of(other)) == ((0, 0, 5), (3, 3, 2))
    assert reset_counts(at=EVENING + dt.timedelta(days=1)) == 0
    reset = CountCorrection.objects.filter(lot=lot).first()
    assert (reset.is_reset, reset.added, reset.by) == (True, -3, None)
    # Corrected after the hour: it holds until the next morning.
    correct(lot, 1, at=dt.datetime(2026, 3, 4, 4, 30, tzinfo=ZONE))
    assert reset_counts(at=dt.datetime(2026, 3, 4, 5, 0, tzinfo=ZONE)) == 0
    assert reset_counts(at=dt.datetime(2026, 3, 5, 4, 0, tzinfo=ZONE)) == 1
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_reset_comes_also_on_days_when_the_clock_jumps(day):
    lot = counting_lot(counts_reset_hour=2)
    correct(lot, 3, at=dt.datetime.combine(day, dt.time(0, 30), ZONE))
    assert reset_counts(at=dt.datetime.combine(day, dt.time(1, 30), ZONE)) == 0
    assert reset_counts(at=dt.datetime.combine(day, dt.time(4), ZONE)) == 1


@pytest.mark.django_db
@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["in", "out", "count", "morning"]), st.integers(0, 6)), max_size=25))
def test_any_day_of_cars_and_corrections_adds_up(moves):
    with transaction.atomic():
        lot = counting_lot(counts_reset_hour=4)
        at, inside = EVENING, []
        for move, number in moves:
            at += dt.timedelta(hours=1)
            if move == "in" and count_of(lot)[2]:
                inside.append(make_ticket(lot, f"ZH {at:%d%H}", entry_at=at))
            elif move == "out" and inside:
                inside.pop().delete()
            elif move == "count":
                known = len(inside)
                try:
                    correct(lot, number, at=at)
                    assert known <= number <= 5
                except DomainError:
                    assert not known <= number <= 5
            elif move == "morning":
                reset_counts(at=at)
        added = sum(CountCorrection.objects.filter(lot=lot).values_list("added", flat=True))
        assert count_of(lot)[:2] == (len(inside) + added, added)
        assert broken() == []
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False])
def test_two_who_count_at_once_agree(is_locked, monkeypatch, settings):
    """Without the lock both add the difference to what they saw, and the count is that of nobody."""
    lot = counting_lot()
    people = [make_user(), make_user()]
    if not is_locked:
        settings.ASSERT_LOCKS = False
        monkeypatch.setattr(count_corrections, "lock_lot", lambda _pk: None)
        monkeypatch.setattr(count_corrections, "_record", meeting(count_corrections._record))

    at_once([lambda by=by: correct(lot, 2, by=by) for by in people])

    assert count_of(lot)[0] == (2 if is_locked else 4)
