"""Device keys: `pk_<prefix>_<secret>`. The prefix finds the row, a hash of the secret proves the key.

The secret has 256 random bits, so a plain SHA-256 is enough: it can't be guessed, and a slow hash would slow each read.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from threading import Lock

from cachetools import LRUCache
from django.db.models.expressions import RawSQL

from devices.models import Device

_PREFIX_BYTES = 6
_SECRET_BYTES = 32
_SHAPE = re.compile(r"pk_(?P<prefix>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device as cached in this process, and the version of its row."""

    device: Device
    version: str


# The same expression as in `gates.reads.facts`.
_VERSION = RawSQL("concat_ws(' ', devices_device.xmin, devices_device.ctid)", ())
_cache: LRUCache[bytes, KnownDevice] = LRUCache(maxsize=10_000)
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
    """Return a new random key."""
    return DeviceKey(secrets.token_hex(_PREFIX_BYTES), secrets.token_urlsafe(_SECRET_BYTES))


def parse_key(text: str) -> DeviceKey | None:
    """Parse a key as a device sends it; None for any other text."""
    match = _SHAPE.fullmatch(text)
    return DeviceKey(prefix=match["prefix"], secret=match["secret"]) if match else None


def find_device(key: str) -> KnownDevice | None:
    """Load and cache the device of a key; None for an unknown or revoked key."""
    parsed = parse_key(key)
    if parsed is None:
        return None
    known = _loaded(parsed)
    with _cache_lock:
        if known is None:
            _cache.pop(_fingerprint(key), None)
        else:
            _cache[_fingerprint(key)] = known
    return known


def known_device(key: str) -> KnownDevice | None:
    """Return the cached device of a key; else as `find_device`.

    The device may be stale: the caller must check its version with the next statement, and look it up again when it has
    changed.
    """
    with _cache_lock:
        known = _cache.get(_fingerprint(key))
    return known or find_device(key)


def is_remembered(key: str) -> bool:
    """Return whether `known_device` has the device cached."""
    with _cache_lock:
        return _fingerprint(key) in _cache


def _fingerprint(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _loaded(key: DeviceKey) -> KnownDevice | None:
    devices = Device.objects.annotate(version=_VERSION).filter(key_prefix=key.prefix, revoked_at=None)
    device = devices.select_related("gate", "lot").first()
    if device is None or not hmac.compare_digest(bytes(device.key_hash), key.hash):
        return None
    return KnownDevice(device, device.version)
