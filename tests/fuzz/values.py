"""Values that programs meet at last: nearly right, wild, and impossible."""

import datetime as dt
import uuid
from random import Random
from typing import Any

TEXTS = [
    "", " ", "\x00", "a\x00b", "\n", "\r\n", "\x7f", "\x1b[31m", "\ufeff", "\u202e", "\u200b", "\ud800", "\udfff\ud800",
    "👩‍👩‍👧‍👦", "Ж" * 64, "\u0301" * 40, "ﷺ" * 20, "𝟙𝟚𝟛", "ı", "İ", "ß" * 40, "%s%d%n", "%00", "..", "../../etc/passwd",
    "'; DROP TABLE lots_gate; --", '"', "\\", "{}", "{0}", "<script>alert(1)</script>", "null", "NaN", "-Infinity",
    "0", "-1", "1e999", "9" * 400, "0x10", "٣", "²", "PS-", "PS-0000000000", "true", "x" * 65, "x" * 2_049, "x" * 20_000,
]  # fmt: skip
NUMBERS = [
    0, -0.0, 1, -1, 2, 0.1, 1.5, 127, 128, 255, 256, 32_767, 32_768, 65_536, 2**31 - 1, 2**31, -(2**31) - 1, 2**32,
    2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, 10**400, 1e15, 1e16, 1e300, 1e308,
    -1e308, 5e-324, float("nan"), float("inf"), float("-inf"),
]  # fmt: skip
INSTANTS = [
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00-23:59",
    "1582-10-10T00:00:00Z", "1899-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "1999-12-31T23:59:59-23:59",
    "2000-01-01T00:00:00Z", "2000-01-01T00:00:00+23:59", "2038-01-19T03:14:08Z", "2100-12-31T23:59:59Z",
    "2100-12-31T23:59:59-23:59", "2101-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999-23:59",
    "9999-12-31T23:59:59+23:59", "10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2024-02-29T12:00:00Z",
    "2026-03-29T02:30:00+01:00", "2026-10-25T02:30:00+02:00", "2026-06-30T23:59:60Z", "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:00", "2026-01-01", "2026-01-01t00:00:00z", "2026-01-01 00:00:00+00:00", "2026-01-01T00:00Z",
    "2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00-00:00",
    "2026-W01-1T00:00:00Z", "20260101T000000Z", "1767225600", "now", "٢٠٢٦-01-01T00:00:00Z",
]  # fmt: skip
SECONDS = [0, 0.5, 1, 29, 30, 31, 60, 119, 120, 121, 600, 3_600, 86_400, 7 * 86_400, 400 * 86_400, 20 * 366 * 86_400]


def wild_text(random: Random) -> str:
    if random.random() < 0.7:
        return random.choice(TEXTS)
    return "".join(chr(random.randrange(0x11_0000)) for _ in range(random.randrange(1, 70)))


def wild_instant(random: Random, now: dt.datetime) -> str:
    """An instant a device might send: usually one near `now`, in any zone."""
    if random.random() < 0.3:
        return random.choice(INSTANTS)
    at = now + dt.timedelta(seconds=random.choice(SECONDS) * random.choice([-1, 1, -random.random()]))
    zone = dt.timezone(dt.timedelta(minutes=random.choice([0, 60, 120, -480, 845, 1_439, -1_439])))
    try:
        return at.astimezone(zone).isoformat()
    except OverflowError:
        return at.isoformat()


def wild_value(random: Random, depth: int = 0) -> Any:
    """Any JSON value."""
    kind = random.randrange(9 if depth < 4 else 6)
    if kind == 0:
        return random.choice([None, True, False])
    if kind in {1, 2}:
        return random.choice(NUMBERS)
    if kind == 3:
        return random.choice(INSTANTS)
    if kind in {4, 5}:
        return str(uuid.UUID(int=random.getrandbits(128))) if random.random() < 0.1 else wild_text(random)
    if kind == 6:
        return [wild_value(random, depth + 1) for _ in range(random.choice([0, 1, 3, 25]))]
    return {wild_text(random): wild_value(random, depth + 1) for _ in range(random.randrange(4))}
