"""Plates that ran out: what stays of one is a keyed hash, which the same plate has at the same operator.

It stands where the normalised plate stood, and begins with a mark that no plate has.
"""

import base64

from common.sealing import keyed_hashes

MARK = "~"
_LENGTH = 14
_PLATE, _BODY = "plate", "body"


def plate_hash(plate: str, operator_id: int) -> str:
    """Return what stays of a normalised plate at an operator."""
    return plate_hashes(plate, operator_id)[0]


def plate_hashes(plate: str, operator_id: int) -> list[str]:
    """Return what may have stayed of a normalised plate, by each key that hashes were made with."""
    return [_shortened(one) for one in keyed_hashes(f"{operator_id}:{plate}", purpose=_PLATE)]


def spellings(plate: str, operator_id: int) -> list[str]:
    """Return a normalised plate and what may have stayed of it."""
    return [plate, *plate_hashes(plate, operator_id)]


def has_run_out(plate: str | None) -> bool:
    """Return whether a stored normalised plate is what stayed of one."""
    return bool(plate) and str(plate).startswith(MARK)


def forgotten_fingerprints(fingerprint: bytes) -> list[bytes]:
    """Return what stays of the fingerprint of a body with a plate, by each key; the plain one could be tried out."""
    return [bytes.fromhex(one) for one in keyed_hashes(fingerprint.hex(), purpose=_BODY)]


def is_same_fingerprint(stored: str, fingerprint: bytes) -> bool:
    """Return whether a stored fingerprint, in hexadecimal, is that of a body, as it was or after its plate ran out."""
    return stored == fingerprint.hex() or bytes.fromhex(stored) in forgotten_fingerprints(fingerprint)


def _shortened(digest: str) -> str:
    return MARK + base64.b32encode(bytes.fromhex(digest)).decode()[:_LENGTH]
