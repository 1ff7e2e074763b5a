"""Constraints of the database that are broken, and refusals in their place."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from common.errors import DomainError


def constraint_of(error: IntegrityError) -> str:
    """Return the name of the violated constraint, or an empty string."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnostics, "constraint_name", None) or "")


@contextmanager
def refused_by(constraint: str, refusal: DomainError) -> Iterator[None]:
    """Raise a refusal when the constraint with this in its name is violated; what the block has written is undone.

    To look first whether a value is taken would let two look at once, and the second end in an error.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint not in constraint_of(error):
            raise
        raise refusal from error
