"""The secrets that webhooks are signed with, sealed for the database by the installation's key.

A key in SECRET_KEY_FALLBACKS still opens what it has sealed.
"""

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a new secret in the form that Standard Webhooks gives it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def seal(secret: str) -> str:
    """Return a secret as it is stored."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return a stored secret."""
    return _box().decrypt(sealed.encode()).decode()


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"webhooks:" + _raw(key)).digest())) for key in keys]
    )


def _raw(key: str | bytes) -> bytes:
    return key if isinstance(key, bytes) else key.encode()
