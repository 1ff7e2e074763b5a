"""Idempotency keys of programs."""

import hashlib

from accounts.models import User


def stored_key(person: User, idempotency_key: str) -> str | None:
    """Return the stored key of a person's own idempotency key: keys of different people never collide."""
    if not idempotency_key:
        return None
    return f"api-{person.pk}-{hashlib.sha256(idempotency_key.encode()).hexdigest()[:40]}"
