"""Device keys: `pk_<prefix>_<secret>`. The prefix finds the row, a hash of the secret proves the key.

The secret has 256 random bits, so a plain SHA-256 is enough: there is nothing to guess, and gates are fast.
"""

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass, replace
from threading import Lock

from cachetools import LRUCache

from common.flush import run_together
from gates import statements
from gates.models import Device

CACHE_SECONDS = 10
_PREFIX_BYTES = 6
_SECRET_BYTES = 32
_SHAPE = re.compile(r"pk_(?P<prefix>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class _Known:
    """A device with the versions of its rows, which are asked for again after a time (on the monotonic clock)."""

    device: Device
    versions: str
    trusted_until: float


_cache: LRUCache[bytes, _Known] = LRUCache(maxsize=10_000)
_cache_lock = Lock()


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key in its two parts."""

    prefix: str
    secret: str

    def __str__(self) -> str:
        return f"pk_{self.prefix}_{self.secret}"

    def __repr__(self) -> str:
        return f"DeviceKey({self.prefix})"

    @property
    def hash(self) -> bytes:
        """What is stored of the secret."""
        return hashlib.sha256(self.secret.encode()).digest()


def new_key() -> DeviceKey:
    """Draw a key."""
    return DeviceKey(secrets.token_hex(_PREFIX_BYTES), secrets.token_urlsafe(_SECRET_BYTES))


def parse_key(text: str) -> DeviceKey | None:
    """Read a key as a device sends it, or return None when it has another shape."""
    match = _SHAPE.fullmatch(text)
    return DeviceKey(prefix=match["prefix"], secret=match["secret"]) if match else None


def find_device(key: str) -> Device | None:
    """Return the device that a key belongs to, with its gate and lot; None for an unknown or revoked key.

    A found device is remembered for CACHE_SECONDS, so its gate and lot may be that old, and a key that another process
    revoked works that much longer; one revoked by this process stops at once. After that time it is only asked whether
    a row has changed.
    """
    parsed = parse_key(key)
    if parsed is None:
        return None
    fingerprint = hashlib.sha256(key.encode()).digest()
    with _cache_lock:
        known = _cache.get(fingerprint)
    if known is None or time.monotonic() >= known.trusted_until:
        known = _checked(parsed, known)
        with _cache_lock:
            _keep(fingerprint, known)
    return known.device if known else None


def _checked(parsed: DeviceKey, known: _Known | None) -> _Known | None:
    """Return a device as it is now: the known one while its rows are unchanged, else the one the key opens, if any."""
    # The versions come first: when a row changes in between, they are older than what is loaded and never fit again.
    row = run_together((statements.DEVICE_VERSIONS, {"prefix": parsed.prefix}))
    trusted_until = time.monotonic() + CACHE_SECONDS
    if row is None:
        return None
    if known is not None and known.versions == row[0]:
        return replace(known, trusted_until=trusted_until)
    device = Device.objects.select_related("gate", "lot").filter(key_prefix=parsed.prefix, revoked_at=None).first()
    if device is None or not hmac.compare_digest(bytes(device.key_hash), parsed.hash):
        return None
    return _Known(device, row[0], trusted_until)


def _keep(fingerprint: bytes, known: _Known | None) -> None:
    if known is None:
        _cache.pop(fingerprint, None)
    else:
        _cache[fingerprint] = known


def forget_device(device: Device) -> None:
    """Drop what this process remembers of a device's key; called when the key is revoked or rolled."""
    with _cache_lock:
        for fingerprint in [known for known, row in _cache.items() if row.device.pk == device.pk]:
            del _cache[fingerprint]
