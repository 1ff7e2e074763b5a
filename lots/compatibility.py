"""Which spots a vehicle may use, best first."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from accounts.vehicles import VehicleType


class SpotType(StrEnum):
    """The kinds of bay."""

    COMPACT = "compact"
    REGULAR = "regular"
    LARGE = "large"
    MOTORCYCLE = "motorcycle"
    HANDICAP = "handicap"
    EV = "ev"


@dataclass(frozen=True, slots=True)
class VehicleProfile:
    """What decides which spots a vehicle may use; `wants_ev`: a charging bay was asked for or booked."""

    vehicle_type: VehicleType = VehicleType.REGULAR
    electric: bool = False
    permit: bool = False
    wants_ev: bool = False


_SIZES = (SpotType.MOTORCYCLE, SpotType.COMPACT, SpotType.REGULAR, SpotType.LARGE)


@cache
def spot_types_for(vehicle: VehicleProfile) -> tuple[SpotType, ...]:
    """Return the spot types a vehicle may use: what it asked for or holds a permit for, then rising size.

    A charging bay that was not asked for comes last.
    """
    own = SpotType(vehicle.vehicle_type.value)
    sizes = _SIZES[_SIZES.index(own) :]
    if own is SpotType.LARGE:
        return sizes
    wished = (SpotType.EV,) if vehicle.electric and vehicle.wants_ev else ()
    permitted = (SpotType.HANDICAP,) if vehicle.permit else ()
    spare = (SpotType.EV,) if vehicle.electric and not vehicle.wants_ev else ()
    return (*wished, *permitted, *sizes, *spare)


def larger_types(spot_type: str) -> tuple[SpotType, ...]:
    """Return the types that are larger than one, by rising size; none for what is not told by its size."""
    own = SpotType(spot_type)
    return _SIZES[_SIZES.index(own) + 1 :] if own in _SIZES else ()


def type_tiers(vehicle: VehicleProfile) -> dict[SpotType, int]:
    """Rank the spot types a vehicle may use: lower is better, all larger sizes are alike.

    0 a charging bay asked for, 1 a handicap bay for a permit holder, 2 the own size, 3 larger, 4 a spare charging bay.
    """
    own = SpotType(vehicle.vehicle_type.value)
    special = {SpotType.EV: 0 if vehicle.wants_ev else 4, SpotType.HANDICAP: 1, own: 2}
    return {spot_type: special.get(spot_type, 3) for spot_type in spot_types_for(vehicle)}
