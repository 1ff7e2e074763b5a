"""When a message is tried again: the schedule of Standard Webhooks, ten tries over 75 hours and 35 minutes."""

import secrets
from datetime import timedelta

DELAYS = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5)),
    *(timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24)),
)
"""What lies between one try and the next; the first is made at once."""
MOST_TRIES = len(DELAYS) + 1
JITTER = 0.1
_STEPS = 10_000


def delay_after(tries: int) -> timedelta | None:
    """Return how long to wait after so many failed tries, a little more or less each time; None after the last."""
    if tries >= MOST_TRIES:
        return None
    varied = 1 - JITTER + 2 * JITTER * secrets.randbelow(_STEPS) / (_STEPS - 1)
    return DELAYS[tries - 1] * varied
