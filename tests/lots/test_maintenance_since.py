"""Since when a spot is out of use is noted by the database, whoever takes it out and however."""

import datetime as dt

import pytest
from django.utils.timezone import now

from lots.models import Spot
from lots.services import set_maintenance
from tests.factories import make_lot

pytestmark = pytest.mark.django_db


def test_taking_a_spot_out_is_noted_once_and_forgotten_again():
    lot = make_lot()
    number = lot.spots.first().number
    (spot,) = set_maintenance(lot=lot, numbers=[number], on=True)
    assert abs(spot.maintenance_since - now()) < dt.timedelta(minutes=1)

    long_ago = now() - dt.timedelta(days=30)
    Spot.objects.filter(pk=spot.pk).update(maintenance_since=long_ago)
    (spot,) = set_maintenance(lot=lot, numbers=[number], on=True, note="still broken")
    assert spot.maintenance_since == long_ago

    (spot,) = set_maintenance(lot=lot, numbers=[number], on=False)
    assert spot.maintenance_since is None


def test_spot_made_out_of_use_counts_from_then():
    lot = make_lot()
    zone = lot.levels.get().zones.get()
    spot = Spot.objects.create(
        lot=lot, level=zone.level, zone=zone, number="X", spot_type="regular", ordinal=99, maintenance=True
    )

    spot.refresh_from_db()
    assert spot.maintenance_since is not None


def test_saving_a_row_read_before_keeps_what_the_database_noted():
    lot = make_lot()
    stale = lot.spots.first()
    set_maintenance(lot=lot, numbers=[stale.number], on=True)

    stale.maintenance = True
    stale.save()

    assert Spot.objects.get(pk=stale.pk).maintenance_since is not None
