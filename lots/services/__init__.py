"""Every write to places. Changes to a lot's places lock the lot first."""

from lots.services.gates import GateCodeTakenError, change_gate, close_gate, create_gate, remove_gate, reopen_gate
from lots.services.holds import SpotNotFreeError, hold_spot, release_hold
from lots.services.levels import LevelExistsError, PlacesInUseError, add_level, change_level, remove_level
from lots.services.locks import LotNotLockedError, NoTransactionError, assert_lot_locked, lock_lot, lot_lock
from lots.services.lots import (
    InvalidLotError,
    SlugTakenError,
    TrackingFixedError,
    close_lot,
    create_lot,
    reopen_lot,
    restore_lot,
    unpublish_lot,
    update_lot,
)
from lots.services.spots import UnknownSpotError, observe_spot, set_maintenance
from lots.services.zones import (
    CapacityInUseError,
    SpotExistsError,
    TooManySpotsError,
    ZoneExistsError,
    ZoneValues,
    add_places,
    add_zone,
    change_zone,
    remove_zone,
)

__all__ = [
    "CapacityInUseError",
    "GateCodeTakenError",
    "InvalidLotError",
    "LevelExistsError",
    "LotNotLockedError",
    "NoTransactionError",
    "PlacesInUseError",
    "SlugTakenError",
    "SpotExistsError",
    "SpotNotFreeError",
    "TooManySpotsError",
    "TrackingFixedError",
    "UnknownSpotError",
    "ZoneExistsError",
    "ZoneValues",
    "add_level",
    "add_places",
    "add_zone",
    "assert_lot_locked",
    "change_gate",
    "change_level",
    "change_zone",
    "close_gate",
    "close_lot",
    "create_gate",
    "create_lot",
    "hold_spot",
    "lock_lot",
    "lot_lock",
    "observe_spot",
    "release_hold",
    "remove_gate",
    "remove_level",
    "remove_zone",
    "reopen_gate",
    "reopen_lot",
    "restore_lot",
    "set_maintenance",
    "unpublish_lot",
    "update_lot",
]
