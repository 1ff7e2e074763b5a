"""Cars inside without a place get one as soon as one frees, whatever frees it."""

import datetime as dt
from itertools import product

import pytest
from django.db import connection
from django.utils.timezone import now

from accounts.vehicles import VehicleType
from lots.compatibility import SpotType, VehicleProfile, spot_types_for
from lots.models import SpotCount, Zone
from lots.services import (
    ZoneValues,
    add_zone,
    change_zone,
    hold_spot,
    release_hold,
    set_maintenance,
)
from tests.factories import make_lot, make_reservation, make_ticket, make_user
from tests.invariants import broken
from tickets.models import Ticket
from tickets.services import close_ticket, return_from_review, review_ticket, void_ticket

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
KINDS = pytest.mark.parametrize("tracking", ["spots", "levels"])


def full_lot(tracking="spots", places=1, **waiting):
    """Return a lot of regular places that are all taken, the stays in them, and a car that waits."""
    lot = make_lot(tracking=tracking, spots={"regular": places})
    inside = [make_ticket(lot, f"ZH {number}", AT) for number in range(places)]
    return lot, inside, make_waiting(lot, **waiting)


def make_waiting(lot, plate="ZH 77", minutes=0, **fields):
    entry_at = AT + dt.timedelta(minutes=minutes)
    return make_ticket(lot, plate, entry_at, level=None, **fields)


def has_place(ticket):
    ticket.refresh_from_db()
    return ticket.level_id is not None


def free(lot):
    assert broken() == []
    return sum(SpotCount.objects.filter(lot=lot).values_list("free", flat=True))


@pytest.mark.parametrize("vehicle_type", VehicleType)
def test_database_fits_vehicles_as_the_rule_does(vehicle_type):
    for electric, permit, spot_type in product((False, True), (False, True), SpotType):
        profile = VehicleProfile(vehicle_type, electric=electric, permit=permit)
        with connection.cursor() as cursor:
            cursor.execute("SELECT tickets_fits(%s, %s, %s, %s)", [vehicle_type, electric, permit, spot_type])
            assert cursor.fetchone()[0] == (spot_type in spot_types_for(profile)), (profile, spot_type)


@KINDS
def test_first_of_those_that_fit_gets_the_place(tracking):
    lot, (left,), first = full_lot(tracking, minutes=1, vehicle_type="large")
    later, second = make_waiting(lot, "ZH 79", 3), make_waiting(lot, "ZH 78", 2)

    close_ticket(ticket=left, at=now(), reason="grace", why="left")

    assert [has_place(one) for one in (first, second, later)] == [False, True, False]
    assert free(lot) == 0


def test_car_that_gets_a_place_keeps_its_price_and_its_history():
    _, (left,), waiting = full_lot()

    close_ticket(ticket=left, at=now(), reason="grace", why="left")

    waiting.refresh_from_db()
    assert (waiting.spot, waiting.spot_type) == (left.spot, "regular")
    assert (waiting.priced_as, waiting.status, waiting.changes.count()) == ("regular", "active", 1)


@KINDS
def test_review_and_void_hand_the_place_on(tracking):
    lot, (aside, never), first = full_lot(tracking, 2)
    second = make_waiting(lot, "ZH 78", 1)

    review_ticket(ticket=aside, at=now(), why="looked empty")
    assert (has_place(first), has_place(second)) == (True, False)
    Ticket.objects.filter(pk=never.pk).update(status="entering")
    void_ticket(ticket=never, at=now(), why="backed out")

    assert has_place(second)
    assert free(lot) == 0


@KINDS
def test_car_that_is_taken_back_waits_for_the_next_place(tracking):
    lot, (aside, left), first = full_lot(tracking, 2)
    review_ticket(ticket=aside, at=now(), why="looked empty")
    assert has_place(first)

    return_from_review(ticket=aside, at=now(), why="it stands in the corner", by=make_user())
    assert not has_place(aside)
    close_ticket(ticket=left, at=now(), reason="grace", why="left")

    assert has_place(aside)
    assert free(lot) == 0


def test_spot_back_in_use_goes_to_the_car_that_waits():
    lot = make_lot(spots={"regular": 1})
    set_maintenance(lot=lot, numbers=["R0-1"], on=True)
    waiting = make_waiting(lot)

    set_maintenance(lot=lot, numbers=["R0-1"], on=False)

    assert has_place(waiting)
    assert free(lot) == 0


def test_spot_whose_hold_ends_goes_to_the_car_that_waits():
    lot = make_lot(spots={"regular": 1})
    spot = lot.spots.get()
    hold_spot(spot=spot, reservation_id=7)
    waiting = make_waiting(lot)

    release_hold(spot=spot, reservation_id=7)

    assert has_place(waiting)


def test_held_or_broken_spot_of_a_car_that_leaves_is_not_given_on():
    lot, (held, broken), waiting = full_lot(places=2)
    lot.spots.filter(pk=held.spot_id).update(hold=make_reservation(lot, spot=held.spot).pk)
    lot.spots.filter(pk=broken.spot_id).update(maintenance=True)

    for ticket in (held, broken):
        close_ticket(ticket=ticket, at=now(), reason="grace", why="left")

    assert not has_place(waiting)
    assert free(lot) == 0


@KINDS
def test_new_places_go_to_the_cars_that_wait(tracking):
    lot, _, first = full_lot(tracking)
    second = make_waiting(lot, "ZH 78", 1)

    add_zone(level=lot.levels.get(), values=ZoneValues("New", "regular", 3, prefix="N"))

    assert has_place(first)
    assert has_place(second)
    assert free(lot) == 1


def test_raised_capacity_goes_to_the_cars_that_wait():
    lot, _, first = full_lot("levels")
    second = make_waiting(lot, "ZH 78", 1)
    zone = Zone.objects.get()

    change_zone(zone=zone, values=ZoneValues(zone.name, "regular", 2))

    assert (has_place(first), has_place(second), free(lot)) == (True, False, 0)


def test_check_for_waiting_cars_reads_an_index_of_nothing_but_them():
    lot = make_lot(spots={"regular": 3})
    make_ticket(lot, "ZH 1", AT)
    with connection.cursor() as cursor:
        # Of a few stays every way to read them costs the same; only their own index has them in order.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_incremental_sort = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM tickets_ticket WHERE lot_id = %s AND level_id IS NULL"
            " AND status IN ('entering', 'active', 'paid') ORDER BY entry_at, id LIMIT 1",
            [lot.pk],
        )
        assert "ticket_without_place" in "\n".join(row[0] for row in cursor.fetchall())


def test_no_index_offers_the_open_stays_of_all_lots():
    """While few are inside the planner would read them all along it, and go on so when there are many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'tickets_ticket' AND indexdef LIKE '%entering%'"
        )
        indexes = [row[0] for row in cursor.fetchall()]

    assert len(indexes) > 3
    assert [one for one in indexes if "(lot_id" not in one and "spot_id IS NOT NULL" not in one] == []
