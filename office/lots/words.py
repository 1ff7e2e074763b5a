"""Places in the words of the operators' pages."""

from collections.abc import Mapping

from common.web.templatetags.look import number
from lots.allocation import Strategy
from lots.models import Lot, SpotStatus

FILLS = {
    Strategy.NEAREST_ENTRANCE: "fills from the entrance",
    Strategy.NEAREST_ELEVATOR: "fills from the lift",
    Strategy.SPREAD: "fills its levels evenly",
    Strategy.COMPACT_FIRST: "smallest spot that fits first",
    Strategy.FILL_FROM_TOP: "fills from the top",
    Strategy.RANDOM: "fills at random",
}
STATES = {
    SpotStatus.AVAILABLE: "Free",
    SpotStatus.OCCUPIED: "Occupied",
    SpotStatus.RESERVED: "Reserved",
    SpotStatus.MAINTENANCE: "Out of use",
}


def lot_words(lot: Lot, total: int) -> str:
    """Describe a lot of `total` spots: `Zürich · 400 numbered spots · fills from the entrance`."""
    if lot.counts_spots:
        parts = [lot.city, spots_counted(total).replace(" ", " numbered "), FILLS[Strategy(lot.allocation)]]
    else:
        parts = [lot.city, f"{spots_counted(total)}, cars are only counted"]
    return " · ".join(part for part in parts if part)


def spots_counted(count: int) -> str:
    """Say how many spots: `1 spot`, `400 spots`."""
    return f"{number(count)} {'spot' if count == 1 else 'spots'}"


def spots_with_cars(totals: Mapping[str, int]) -> str:
    """Say how many spots there are and how many cars stand on them: `80 spots (11 cars on them)`."""
    spots, cars = totals["total"], totals["occupied"]
    said = spots_counted(spots)
    if not cars:
        return said
    return f"{said} ({number(cars)} {'car' if cars == 1 else 'cars'} on {'it' if spots == 1 else 'them'})"
