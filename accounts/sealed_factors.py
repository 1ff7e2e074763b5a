"""The secrets of second factors, which allauth keeps in its own table, sealed again by the key that seals now."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet

from common.sealing import seal, sealed_beginning, unseal

SECRETS = ("secret", "seed")
"""What TOTP and recovery codes are made from, in the data of a row; a passkey has only what is public."""


def factors_left_to_seal(factors: "QuerySet[Any] | None" = None) -> list[int]:
    """Return the keys of the rows with a secret that the first key has not sealed."""
    rows = Authenticator.objects.all() if factors is None else factors
    stored = rows.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk").values_list("pk", "data")
    return [key for key, data in stored.iterator() if _is_left(data)]


def seal_factors_again(factors: "QuerySet[Any] | None" = None) -> int:
    """Seal these secrets by the first key, each row locked alone, and return how many rows that were.

    A row that is locked is left for the next time.
    """
    rows = Authenticator.objects.all() if factors is None else factors
    return sum(_seal_again(rows, key) for key in factors_left_to_seal(rows))


@transaction.atomic
def _seal_again(rows: "QuerySet[Any]", key: int) -> bool:
    factor = rows.select_for_update(skip_locked=True).filter(pk=key).first()
    if factor is None or not _is_left(factor.data):
        return False
    sealed = {name: seal(unseal(factor.data[name])) for name in SECRETS if name in factor.data}
    rows.filter(pk=key).update(data=factor.data | sealed)
    return True


def _is_left(data: dict[str, Any]) -> bool:
    return any(name in data and not data[name].startswith(sealed_beginning()) for name in SECRETS)
