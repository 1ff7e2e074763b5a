"""Rules of a lot's bookings: when they are paid, and how many places may be promised."""

from collections.abc import Mapping
from enum import StrEnum

MOST_PERCENT = 100


class Prepay(StrEnum):
    """When a booking is paid: at the exit, held by a card until then, or taken at once."""

    NONE = "none"
    HOLD = "hold"
    CAPTURE = "capture"


def promisable(total: int, spot_type: str, share_percent: Mapping[str, int]) -> int:
    """Return how many of a lot's places of a type may be promised at one instant; all where no share is set."""
    return total * share_percent.get(spot_type, MOST_PERCENT) // MOST_PERCENT
