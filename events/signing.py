"""Signatures of Standard Webhooks 1.0: HMAC-SHA256 of the id, the time and the body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a new secret in the form that Standard Webhooks gives it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed_headers(message_id: str, body: bytes, valid: Collection[str], *, at: datetime) -> dict[str, str]:
    """Return the headers by which a receiver knows a message as ours: a signature for each valid secret."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(
            _signature(secret, f"{message_id}.{timestamp}.".encode() + body) for secret in valid
        ),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"
