"""What is done to single bays, with the bookings that have them."""

from threading import Thread
from time import sleep

import pytest
from django.db import connection
from django.utils.timezone import now

from common.errors import InvalidValueError
from gates.reads.apply import apply_decision
from lots.models import Spot, Zone
from lots.services import SpotInUseError, UnknownSpotError, ZoneValues, hold_spot, set_maintenance
from reservations.models import Blackout, ReservationStatus
from reservations.services import (
    BayClosedError,
    ClosingPlan,
    NoAvailabilityError,
    apply_blackouts,
    change_row,
    close_bays,
    hold_bays,
    make_blackout,
    mark_no_shows,
    open_bays,
    retype_bays,
)
from tests.factories import make_lot, make_ticket, make_user
from tests.gates.lanes import Lanes
from tests.invariants import broken
from tests.reservations.bookings import HOUR, MINUTE, NOW, booked, reloaded, time


@pytest.fixture
def lot():
    return make_lot(spots={"regular": 4})


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator)


def close(lot, admin, *numbers, until=None, at=NOW):
    return close_bays(lot=lot, numbers=numbers, reason="Wet floor", until=until, by=admin, at=at)


def statuses(lot):
    return list(lot.spots.order_by("ordinal").values_list("status", flat=True))


@pytest.mark.django_db
def test_bays_out_of_use_until_an_hour_come_back_by_themselves(lot, admin):
    close(lot, admin, "R0-1", "R0-2", until=NOW + HOUR)
    assert statuses(lot) == ["maintenance", "maintenance", "available", "available"]
    for _ in range(2):
        apply_blackouts(at=NOW + 59 * MINUTE)
    assert statuses(lot)[:2] == ["maintenance"] * 2
    assert [apply_blackouts(at=NOW + HOUR) for _ in range(2)] == [2, 0]
    assert statuses(lot) == ["available"] * 4
    assert broken() == []


@pytest.mark.django_db
def test_bays_out_of_use_without_an_end_wait_for_a_person(lot, admin):
    close(lot, admin, "R0-1")
    apply_blackouts(at=NOW + 1000 * HOUR)
    assert (statuses(lot)[0], lot.spots.get(number="R0-1").maintenance_note) == ("maintenance", "Wet floor")
    open_bays(lot=lot, numbers=["R0-1"], by=admin, at=NOW)
    assert statuses(lot)[0] == "available"


@pytest.mark.django_db
def test_an_end_is_given_to_a_bay_that_had_none(lot, admin):
    set_maintenance(lot=lot, numbers=["R0-1"], on=True, note="Lamp")
    close(lot, admin, "R0-1", until=NOW + HOUR)
    assert apply_blackouts(at=NOW + HOUR) == 1
    assert statuses(lot)[0] == "available"


@pytest.mark.django_db
def test_some_of_the_bays_come_back_early_and_stay_so(lot, admin):
    close(lot, admin, "R0-1", "R0-2", "R0-3", until=NOW + HOUR)
    for _ in range(2):
        open_bays(lot=lot, numbers=["R0-1", "R0-2"], by=admin, at=NOW + MINUTE)
    apply_blackouts(at=NOW + 2 * MINUTE)
    assert statuses(lot) == ["available", "available", "maintenance", "available"]
    open_bays(lot=lot, numbers=["R0-3"], by=admin, at=NOW + 3 * MINUTE)
    apply_blackouts(at=NOW + 4 * MINUTE)
    assert statuses(lot) == ["available"] * 4
    assert Blackout.objects.get().lifted_at == NOW + 3 * MINUTE


@pytest.mark.django_db
def test_bay_closed_with_its_level_opens_only_with_it(lot, admin):
    plan = ClosingPlan(time=time(0, 1), reason="Flood", level=lot.levels.get())
    make_blackout(lot=lot, plan=plan, by=admin, at=NOW)
    with pytest.raises(BayClosedError, match="Flood"):
        open_bays(lot=lot, numbers=["R0-1"], by=admin, at=NOW)
    assert statuses(lot) == ["maintenance"] * 4


@pytest.mark.django_db
def test_booking_has_its_bay_again_when_that_comes_back(lot, admin):
    booking = booked(lot, 1, 3, spot="R0-1")
    made = close(lot, admin, "R0-1", until=NOW + 2 * HOUR)
    assert (made.left, reloaded(booking).place_lost_at) == ([booking], NOW)
    open_bays(lot=lot, numbers=["R0-1"], by=admin, at=NOW + MINUTE)
    assert reloaded(booking).place_lost_at is None


@pytest.mark.django_db
def test_unknown_bays_and_ends_that_are_over_change_nothing(lot, admin):
    with pytest.raises(UnknownSpotError):
        close(lot, admin, "R0-1", "X-1", until=NOW + HOUR)
    with pytest.raises(InvalidValueError):
        close(lot, admin, "R0-1", until=NOW - HOUR)
    assert statuses(lot) == ["available"] * 4


@pytest.mark.django_db
def test_booked_bay_keeps_its_type_and_one_asked_for_its_number(lot, admin):
    asked = booked(lot, spot="R0-2")
    with pytest.raises(SpotInUseError) as refused:
        retype_bays(lot=lot, numbers=["R0-1", "R0-2"], spot_type="ev")
    assert [(one.path, one.message) for one in refused.value.errors] == [("spot_type", "R0-2 is booked.")]
    zone = Zone.objects.get()
    values = ZoneValues("Row", "regular", 4, prefix="R0-", start=1, step=2)
    with pytest.raises(SpotInUseError):
        change_row(zone=zone, values=values)
    asked.delete()
    booked(lot)  # any of the type
    change_row(zone=zone, values=values)
    assert sorted(lot.spots.values_list("number", flat=True)) == ["R0-1", "R0-3", "R0-5", "R0-7"]


@pytest.mark.django_db
def test_bays_are_held_for_cars_and_free_again_when_they_do_not_come(lot, admin):
    made = hold_bays(lot=lot, numbers=["R0-2", "R0-4"], plates=["ZH 9", "AG 1"], time=time(1, 3), by=admin, at=NOW)
    assert {one.spot.number: one.plate for one in made} == {"R0-2": "ZH 9", "R0-4": "AG 1"}
    assert statuses(lot) == ["available", "reserved", "available", "reserved"]
    assert broken() == []
    mark_no_shows(at=NOW + HOUR + 16 * MINUTE)
    assert {reloaded(one).status for one in made} == {ReservationStatus.NO_SHOW}
    assert statuses(lot) == ["available"] * 4


@pytest.mark.django_db
def test_hold_of_several_is_all_or_nothing_and_says_what_is_wrong(lot, admin):
    make_ticket(lot)
    hold_spot(spot=lot.spots.get(number="R0-2"), reservation_id=2_000_000_000)

    def hold(numbers, plates, start=1):
        return hold_bays(lot=lot, numbers=numbers, plates=plates, time=time(start, 3), by=admin, at=NOW)

    with pytest.raises(SpotInUseError) as refused:
        hold(["R0-1", "R0-2", "R0-3"], ["A 1", "A 2", "A 3"])
    assert [one.message for one in refused.value.errors] == ["R0-1 is not free.", "R0-2 is not free."]
    with pytest.raises(InvalidValueError, match="as many plates"):
        hold(["R0-3", "R0-4"], ["A 1"])
    with pytest.raises(InvalidValueError):
        hold(["R0-3", "R0-4"], ["A 1", "…"])
    booked(lot, 1, 3, "A 2", spot="R0-4")
    with pytest.raises(NoAvailabilityError):
        hold(["R0-3", "R0-4"], ["A 1", "A 3"])
    assert lot.spots.filter(status="reserved").count() == 1


class ClosedMeanwhile:
    """A car is read at the entry, and the only spot is taken out of use before the answer is written."""

    def __init__(self, monkeypatch):
        self.lanes = Lanes(spots={"regular": 1})
        self.admin = make_user("admin", self.lanes.lot.operator)
        self.closing = Thread(target=self.close)
        self.was_closed_before = None
        monkeypatch.setattr("gates.reads.answer.apply_decision", self.write_late)

    def close(self):
        try:
            close_bays(lot=self.lanes.lot, numbers=["R0-1"], reason="Oil", until=now() + HOUR, by=self.admin, at=now())
        finally:
            connection.close()

    def write_late(self, *what, **more):
        if self.was_closed_before is not None:
            return apply_decision(*what, **more)
        self.closing.start()
        while self.closing.is_alive() and not waits_for_a_lot():
            sleep(0.01)
        self.was_closed_before = not self.closing.is_alive()
        return apply_decision(*what, **more)

    def happens(self):
        answer = self.lanes.entry.read("ZH 1")
        self.closing.join(30)
        spot = Spot.objects.get()
        return answer["action"], self.was_closed_before, spot.stay is not None, spot.maintenance


def waits_for_a_lot():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted)"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_a_car_is_sent_to_a_bay_that_is_out_of_use(monkeypatch, settings):
    settings.ASSERT_LOCKS = False
    monkeypatch.setattr("gates.reads.answer.lot_lock", lambda _lot_id: ("SELECT 1", {}))
    assert ClosedMeanwhile(monkeypatch).happens() == ("open", True, True, True)


@pytest.mark.django_db(transaction=True)
def test_bay_goes_out_of_use_before_or_after_a_car_is_sent_to_it(monkeypatch):
    race = ClosedMeanwhile(monkeypatch)
    assert race.happens() == ("open", False, True, True)
    assert broken() == []
    assert race.lanes.entry.read("ZH 2")["reason"] == "full"
