"""Compares two sets of millions of lines in little memory. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from zlib import crc32

BUCKETS = 4096
_WRAPS = 1 << 64


def bucket_of(key: str) -> int:
    """Return the bucket of a line that is about `key`."""
    return crc32(key.encode()) % BUCKETS


@dataclass(slots=True)
class Tally:
    """The number of lines in each bucket and the sum of their hashes, which don't depend on order.

    Equal tallies have the same lines, each as often, except with a probability of 2**-64.
    """

    counts: list[int] = field(default_factory=lambda: [0] * BUCKETS)
    sums: list[int] = field(default_factory=lambda: [0] * BUCKETS)

    def add(self, key: str, line: str) -> None:
        """Count a line about `key`."""
        bucket = bucket_of(key)
        digest = hashlib.blake2b(line.encode(), digest_size=8).digest()
        self.counts[bucket] += 1
        self.sums[bucket] = (self.sums[bucket] + int.from_bytes(digest, "big")) % _WRAPS

    @property
    def total(self) -> int:
        """How many lines there are."""
        return sum(self.counts)

    def differing(self, other: "Tally") -> frozenset[int]:
        """Return the buckets in which the two differ."""
        ours, theirs = zip(self.counts, self.sums, strict=True), zip(other.counts, other.sums, strict=True)
        return frozenset(bucket for bucket, (one, two) in enumerate(zip(ours, theirs, strict=True)) if one != two)


def differences(ours: Iterable[str], theirs: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield the lines that only one side has, in order, with True for ours."""
    mine, yours = Counter(ours), Counter(theirs)
    yield from sorted([(line, True) for line in mine - yours] + [(line, False) for line in yours - mine])
