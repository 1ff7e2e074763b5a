import pytest

from accounts.vehicles import VehicleType
from lots.compatibility import SpotType, VehicleProfile, spot_types_for, type_tiers


@pytest.mark.parametrize(
    ("vehicle", "types"),
    [
        (VehicleProfile(VehicleType.MOTORCYCLE), "motorcycle compact regular large"),
        (VehicleProfile(VehicleType.COMPACT), "compact regular large"),
        (VehicleProfile(VehicleType.REGULAR), "regular large"),
        (VehicleProfile(VehicleType.LARGE), "large"),
        (VehicleProfile(electric=True), "regular large ev"),
        (VehicleProfile(electric=True, wants_ev=True), "ev regular large"),
        (VehicleProfile(wants_ev=True), "regular large"),
        (VehicleProfile(permit=True), "handicap regular large"),
        (VehicleProfile(electric=True, permit=True), "handicap regular large ev"),
        (VehicleProfile(VehicleType.LARGE, electric=True, permit=True, wants_ev=True), "large"),
    ],
)
def test_vehicle_may_use_its_own_size_or_larger_and_what_it_is_entitled_to(vehicle, types):
    assert spot_types_for(vehicle) == tuple(SpotType(name) for name in types.split())


def test_larger_sizes_rank_alike_and_an_unasked_charging_bay_last():
    assert type_tiers(VehicleProfile(VehicleType.COMPACT, electric=True)) == {
        SpotType.COMPACT: 2,
        SpotType.REGULAR: 3,
        SpotType.LARGE: 3,
        SpotType.EV: 4,
    }
