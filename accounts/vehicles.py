"""Sizes of vehicles."""

from enum import StrEnum


class VehicleType(StrEnum):
    """The sizes of vehicle."""

    MOTORCYCLE = "motorcycle"
    COMPACT = "compact"
    REGULAR = "regular"
    LARGE = "large"
