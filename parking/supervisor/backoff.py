"""How long to wait before starting again what died."""

from dataclasses import dataclass

FIRST_SECONDS = 0.2
# Cars wait: whatever ails a process, it is tried again this soon.
LONGEST_SECONDS = 5.0
STABLE_SECONDS = 10.0


@dataclass(slots=True)
class Backoff:
    """Doubles the wait with each death in a row; one that ran `STABLE_SECONDS` starts afresh."""

    deaths: int = 0

    def wait_after(self, ran_seconds: float) -> float:
        """Return the seconds to wait after a process that ran this long died."""
        if ran_seconds >= STABLE_SECONDS:
            self.deaths = 0
        self.deaths += 1
        return min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(self.deaths - 1, 10))
