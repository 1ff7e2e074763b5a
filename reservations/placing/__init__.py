"""The pure core that gives bookings their places: which one is free and fits best, and whom to move when none is."""

from reservations.placing.busy import Busy, Period, most_at_once, rows_by_place
from reservations.placing.choosing import FreeStretch, choose_place, free_stretches
from reservations.placing.moving import Occupied, Placing, make_room

__all__ = [
    "Busy",
    "FreeStretch",
    "Occupied",
    "Period",
    "Placing",
    "choose_place",
    "free_stretches",
    "make_room",
    "most_at_once",
    "rows_by_place",
]
