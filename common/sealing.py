"""Texts sealed for the database by the installation's keys, and keyed hashes by which they are still found.

The first key seals; every key opens, so that a key can be rolled while traffic runs. What is sealed begins with the
name of its key, which says whether it has to be sealed again.
"""

import base64
import hashlib
import hmac
import re
from functools import lru_cache
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

_SEALED = re.compile(r"[0-9a-f]{8}\.gAAAA[\w-]+=*\Z")


class SealBrokenError(RuntimeError):
    """A sealed text opens with none of the keys: the one it was sealed with was taken out too early."""


class SealingKey(NamedTuple):
    """A key in its three uses: its public name, what seals, what hashes."""

    name: str
    box: Fernet
    hashing: bytes


def seal(text: str) -> str:
    """Return a text as it is stored; an empty one stays empty."""
    if not text:
        return ""
    key = sealing_keys()[0]
    return f"{key.name}.{key.box.encrypt(text.encode()).decode()}"


def unseal(stored: str) -> str:
    """Return a stored text; one that was never sealed is returned as it is. Raises SealBrokenError."""
    if not is_sealed(stored):
        return stored
    boxes = MultiFernet([key.box for key in sealing_keys()])
    try:
        return boxes.decrypt(stored.partition(".")[2].encode()).decode()
    except InvalidToken as error:
        raise SealBrokenError("FIELD_KEYS has no key that opens what is stored; put the earlier one back.") from error


def is_sealed(stored: str) -> bool:
    """Return whether a stored text is sealed, by whichever key."""
    return _SEALED.match(stored) is not None


def sealed_beginning() -> str:
    """Return how everything begins that the first key has sealed."""
    return f"{sealing_keys()[0].name}."


def keyed_hash(text: str, *, purpose: str) -> str:
    """Return the hash of a text by the first key, 64 characters; without the key nobody can try out texts."""
    return _hashed(sealing_keys()[0], text, purpose)


def keyed_hashes(text: str, *, purpose: str) -> list[str]:
    """Return the hashes of a text by all keys: one of them was stored."""
    return [_hashed(key, text, purpose) for key in sealing_keys()]


def sealing_keys() -> tuple[SealingKey, ...]:
    """Return the keys, that which seals first: those of FIELD_KEYS, then those that are derived from SECRET_KEY."""
    given = (*settings.FIELD_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(_derived(key if isinstance(key, bytes) else key.encode()) for key in given)


@lru_cache(maxsize=32)
def _derived(key: bytes) -> SealingKey:
    sealing = hashlib.sha256(b"fields:" + key).digest()
    name = hashlib.sha256(b"name:" + sealing).hexdigest()[:8]
    return SealingKey(name, Fernet(base64.urlsafe_b64encode(sealing)), hmac.digest(sealing, b"keyed hashes", "sha256"))


def _hashed(key: SealingKey, text: str, purpose: str) -> str:
    return hmac.new(key.hashing, f"{purpose}:{text}".encode(), "sha256").hexdigest()
