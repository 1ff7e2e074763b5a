"""Leaving a server alone for a moment after it was silent, so that not everybody finds out by waiting."""

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """Open for `seconds` after each trip; meanwhile asking the server is pointless. Threads may share one."""

    seconds: float
    _open_until: float = 0.0

    @property
    def is_open(self) -> bool:
        """Tell whether the server is to be left alone right now."""
        return time.monotonic() < self._open_until

    def trip(self) -> None:
        """Note that the server did not answer."""
        self._open_until = time.monotonic() + self.seconds
