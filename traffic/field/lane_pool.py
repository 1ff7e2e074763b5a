"""The lanes of a lot: one car at a time stands in each."""

import threading
from collections.abc import Sequence
from random import Random

from traffic.client import KeyedLane, Site


class LanePool:
    """The lanes of a lot, each for one car at a time. Thread-safe."""

    def __init__(self, site: Site) -> None:
        self.entries, self.exits = site.entries, site.exits
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def take(self, lanes: Sequence[KeyedLane], random: Random) -> KeyedLane | None:
        """Take and return a free lane of these; None when a car stands in each of them."""
        with self._lock:
            free = [lane for lane in lanes if lane.gate not in self._taken]
            if not free:
                return None
            lane = random.choice(free)
            self._taken.add(lane.gate)
            return lane

    def leave(self, lane: KeyedLane) -> None:
        """Free a lane for the next car."""
        with self._lock:
            self._taken.discard(lane.gate)
