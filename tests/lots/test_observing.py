"""What sensors and people saw, stored with the spot."""

import datetime as dt

import pytest

from lots.models import SpotCount
from lots.observations import Observation, Source
from lots.services import observe_spot
from tests.factories import make_lot, make_ticket

AT = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def seen(occupied, *, after=0, source=Source.SENSOR, confidence=0.95):
    return Observation(occupied, source, confidence, AT + dt.timedelta(seconds=after))


@pytest.fixture
def spot():
    return make_lot().spots.first()


def test_trusted_sighting_makes_a_free_spot_occupied_and_moves_the_counter(spot):
    observed = observe_spot(spot=spot, sighting=seen(True))
    assert (observed.status, observed.observed_at) == ("occupied", AT)
    assert SpotCount.objects.get().occupied == 1
    assert observe_spot(spot=spot, sighting=seen(False, after=60)).status == "available"


def test_doubtful_sighting_waits_for_a_second(spot):
    assert observe_spot(spot=spot, sighting=seen(True, confidence=0.7)).status == "available"
    second = observe_spot(spot=spot, sighting=seen(True, after=5, confidence=0.7))
    assert (second.status, second.pending_at) == ("occupied", None)


def test_same_sighting_twice_changes_nothing(spot, django_assert_num_queries):
    first = observe_spot(spot=spot, sighting=seen(True, confidence=0.7))
    again = observe_spot(spot=spot, sighting=seen(True, confidence=0.7))
    assert (first.status, again.status, again.pending_at) == ("available", "available", AT)


def test_person_does_not_overrule_a_fresh_sensor(spot):
    observe_spot(spot=spot, sighting=seen(True))
    assert observe_spot(spot=spot, sighting=seen(False, after=60, source=Source.PERSON)).status == "occupied"


def test_empty_sighting_never_ends_a_stay():
    ticket = make_ticket(make_lot())
    observed = observe_spot(spot=ticket.spot, sighting=seen(False))
    assert (observed.status, observed.stay) == ("occupied", ticket.pk)
