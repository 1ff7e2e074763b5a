"""How long lanes of a process wait for card providers: one that hangs must not keep all threads, and so all lanes.

A few threads stay free of waiting, however slow one is; for a place among the others a thread waits only while all that
wait have begun moments ago. A provider that has been silent twice in a row is left alone for a while.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition

from common.breaker import Breaker

KEPT_FREE = 2
"""How many threads of a process never wait for a provider at a lane."""
SOON_SECONDS = 0.5
"""How long the longest wait may be for others to expect that it ends soon."""
SILENCES = 2
REST_SECONDS = 10.0
_ANY_NUMBER = 10**6


@dataclass
class _Silence:
    in_a_row: int = 0
    rest: Breaker = field(default_factory=lambda: Breaker(REST_SECONDS))


class WaitingPlaces:
    """Counts the threads that wait, and who has been silent. Threads share one."""

    def __init__(self, places: int = _ANY_NUMBER) -> None:
        """Let `places` threads wait at once."""
        self._places, self._begun, self._left = places, list[float](), Condition()
        self._silences: dict[str, _Silence] = {}

    @contextmanager
    def waiting_for(self, provider: str) -> Iterator[bool]:
        """Return whether this thread may wait for a provider, and keep its place while the context lasts."""
        begun = self._begin(provider)
        try:
            yield begun is not None
        finally:
            if begun is not None:
                with self._left:
                    self._begun.remove(begun)
                    self._left.notify()

    def _begin(self, provider: str) -> float | None:
        """Take a place, and return since when; None without one."""
        with self._left:
            while not self._of(provider).rest.is_open:
                at = time.monotonic()
                if len(self._begun) < self._places:
                    self._begun.append(at)
                    return at
                soon = self._begun[0] + SOON_SECONDS - at
                if soon <= 0:
                    break
                self._left.wait(soon)
        return None

    def note(self, provider: str, *, answered: bool) -> None:
        """Note whether a provider answered in time."""
        with self._left:
            silence = self._of(provider)
            silence.in_a_row = 0 if answered else silence.in_a_row + 1
            if silence.in_a_row >= SILENCES:
                silence.rest.trip()

    def _of(self, provider: str) -> _Silence:
        return self._silences.setdefault(provider, _Silence())


_shared = WaitingPlaces()


def waiting_places() -> WaitingPlaces:
    """Return those of this process."""
    return _shared


def share_threads(threads: int) -> None:
    """Keep some of the threads that answer this process's requests free of waiting; called before any starts."""
    global _shared  # noqa: PLW0603 - one a process
    _shared = WaitingPlaces(max(1, threads - KEPT_FREE))
