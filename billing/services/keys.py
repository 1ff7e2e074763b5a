"""Idempotency keys of rows of different charges: no lock keeps two of them from coming at the same instant."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from common.errors import DomainError


@contextmanager
def unique_key(constraint: str, error: DomainError) -> Iterator[None]:
    """Raise `error` when the row inserted inside breaks the unique `constraint`; the transaction goes on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as broken:
        if constraint not in str(broken):
            raise
        raise error from broken
