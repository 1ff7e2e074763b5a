"""How much one run of a worker sends: a provider that hangs must not keep the workers from everything else."""

from collections.abc import Iterator
from time import monotonic

RUN_SECONDS = 15.0
EXPIRES = 30
"""After so many seconds in the queue a run is dropped, as later ones were asked for meanwhile."""


def rounds(limit: int) -> Iterator[int]:
    """Yield up to `limit` times, but not after RUN_SECONDS; the next run does the rest."""
    begun = monotonic()
    for number in range(limit):
        if number and monotonic() - begun > RUN_SECONDS:
            return
        yield number
