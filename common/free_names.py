"""Short names that nobody has yet."""

from collections.abc import Callable
from itertools import count


def first_free(start: str, is_free: Callable[[str], bool]) -> str:
    """Return `start`, or the first of `start-2`, `start-3`, … that is free."""
    tried = (start if number == 1 else f"{start}-{number}" for number in count(1))
    return next(one for one in tried if is_free(one))
