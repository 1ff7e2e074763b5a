"""The delay before a dead process is restarted."""

from dataclasses import dataclass

FIRST_SECONDS = 0.2
# Cars are waiting, so a restart is never delayed longer than this.
LONGEST_SECONDS = 5.0
STABLE_SECONDS = 10.0


@dataclass(slots=True)
class Backoff:
    """Doubles the delay with each death in a row; a process that ran for `STABLE_SECONDS` resets it."""

    deaths: int = 0

    def wait_after(self, ran_seconds: float) -> float:
        """Return the delay in seconds after the death of a process that ran this long."""
        if ran_seconds >= STABLE_SECONDS:
            self.deaths = 0
        self.deaths += 1
        return min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(self.deaths - 1, 10))
