"""A lot laid out as a whole."""

import pytest
from django.db import transaction

from lots.models import Level, Spot, SpotCount, Zone
from lots.services import LotNotLockedError, lock_lot
from lots.services.layout import lay_out_level, lay_out_spots, lay_out_zone, remove_laid_out
from tests.factories import make_lot

pytestmark = pytest.mark.django_db

ZONE = {"name": "A", "spot_type": "regular", "prefix": "A-", "start": 1, "count": 2, "ordinal": 0}


@pytest.fixture
def lot():
    """A lot without places, locked."""
    lot = make_lot(levels=0)
    with transaction.atomic():
        lock_lot(lot.pk)
        yield lot


def spots(lot, zone, spot_type="regular"):
    parts = {"lot": lot, "level": zone.level, "zone": zone, "spot_type": spot_type}
    return [Spot(number=f"A-{number}", ordinal=number, **parts) for number in (1, 2)]


def free(lot):
    return {row.spot_type: row.free for row in SpotCount.objects.filter(lot=lot, total__gt=0)}


def test_places_are_made_and_laid_out_again(lot):
    level = lay_out_level(lot=lot, number=0, name="Ground")
    zone = lay_out_zone(level=level, values=ZONE)
    lay_out_spots(lot=lot, spots=spots(lot, zone))
    assert free(lot) == {"regular": 2}

    assert lay_out_level(lot=lot, number=0, name="Street", level=level).name == "Street"
    assert lay_out_zone(level=level, values={"spot_type": "ev"}, zone=zone) == zone
    for _ in range(2):
        lay_out_spots(lot=lot, spots=spots(lot, zone, "ev"))
    assert free(lot) == {"ev": 2}
    assert (Level.objects.get().name, Zone.objects.get().spot_type) == ("Street", "ev")


def test_places_are_removed(lot):
    zone = lay_out_zone(level=lay_out_level(lot=lot, number=0, name="Ground"), values=ZONE)
    lay_out_spots(lot=lot, spots=spots(lot, zone))

    for places in (lot.spots.all(), Zone.objects.all(), Level.objects.all()):
        remove_laid_out(lot=lot, places=places)
    assert not Level.objects.exists()


def test_lot_that_is_not_locked_is_left_as_it_is():
    lot = make_lot()

    for act in (
        lambda: lay_out_level(lot=lot, number=5, name="Roof"),
        lambda: lay_out_zone(level=lot.levels.first(), values=ZONE),
        lambda: lay_out_spots(lot=lot, spots=[]),
        lambda: remove_laid_out(lot=lot, places=lot.spots.all()),
    ):
        with pytest.raises(LotNotLockedError):
            act()
