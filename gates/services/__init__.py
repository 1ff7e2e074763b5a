"""Every write at a gate."""

from gates.services.keys import IssuedKey, KeyRevokedError, issue_device_key, revoke_device_key, roll_device_key
from gates.services.reads import EventConflictError, answer_read

__all__ = [
    "EventConflictError",
    "IssuedKey",
    "KeyRevokedError",
    "answer_read",
    "issue_device_key",
    "revoke_device_key",
    "roll_device_key",
]
