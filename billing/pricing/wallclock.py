"""Conversion between instants and local time, through every offset change of a zone.

Instants are whole seconds since 1970-01-01T00:00Z; local times are seconds since 1970-01-01T00:00 local time.
"""

from bisect import bisect_right
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import pairwise

from billing.pricing.windows import DAY_SECONDS

CHUNK_SECONDS = 2**25  # a little over a year
PROBE_SECONDS = 6 * 3600  # no known zone has changed its offset and back in less


class WallClock:
    """The offsets of a zone, found by probing each requested year once."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._chunks: dict[int, tuple[list[int], list[int], list[int]]] = {}

    def offset_at(self, instant: int) -> tuple[int, int]:
        """Return the UTC offset in seconds, and an instant until which it is constant."""
        chunk = instant // CHUNK_SECONDS
        starts, ends, offsets = self._chunks.get(chunk) or self._probe(chunk)
        piece = bisect_right(starts, instant) - 1
        return offsets[piece], ends[piece]

    def local(self, instant: int) -> int:
        """Return the local time at an instant."""
        return instant + self.offset_at(instant)[0]

    def first_instant(self, local: int) -> int:
        """Return the first instant at which local time is `local` or later: the end of a gap, the first of a repeat."""
        instant = local - DAY_SECONDS  # offsets are less than a day
        while True:
            offset, until = self.offset_at(instant)
            reached = max(instant, local - offset)
            if reached < until:
                return reached
            instant = until

    def moment(self, instant: int) -> datetime:
        """Return the instant as an aware local datetime."""
        return datetime.fromtimestamp(instant, self.zone)

    def _probe(self, chunk: int) -> tuple[list[int], list[int], list[int]]:
        first, last = chunk * CHUNK_SECONDS, (chunk + 1) * CHUNK_SECONDS
        starts = [first]
        for left, right in pairwise([*range(first, last, PROBE_SECONDS), last]):
            if self._ask(left) != self._ask(right):
                starts.append(self._change_between(left, right))
        starts = [start for start in starts if start < last]
        pieces = (starts, [*starts[1:], last], [self._ask(start) for start in starts])
        self._chunks[chunk] = pieces
        return pieces

    def _change_between(self, left: int, right: int) -> int:
        before = self._ask(left)
        while right - left > 1:
            middle = (left + right) // 2
            if self._ask(middle) == before:
                left = middle
            else:
                right = middle
        return right

    def _ask(self, instant: int) -> int:
        offset = self.moment(instant).utcoffset()
        return 0 if offset is None else offset.days * DAY_SECONDS + offset.seconds


@lru_cache(maxsize=512)
def wall_clock(zone: tzinfo) -> WallClock:
    """Return the cached clock of a zone."""
    return WallClock(zone)
