"""A circuit breaker: after a server was silent, nobody waits for it for a moment."""

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """Open for `seconds` after each trip. Threads may share one."""

    seconds: float
    _open_until: float = 0.0

    @property
    def is_open(self) -> bool:
        """Return whether the server must not be asked now."""
        return time.monotonic() < self._open_until

    def trip(self) -> None:
        """Open the breaker: the server did not answer."""
        self._open_until = time.monotonic() + self.seconds
