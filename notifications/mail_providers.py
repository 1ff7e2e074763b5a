"""Providers of mail by the setting MAIL_PROVIDERS, in the order in which they are to be used.

Each is `smtp` (the server of EMAIL_URL), the address of another server such as `smtp+tls://user:password@host:587`, a
provider that django-anymail knows such as `postmark`, or the dotted path of an email backend.
"""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string
from environ import Env

SMTP = "smtp"


class UnknownMailProviderError(Exception):
    """The setting names something that is no provider of mail."""


def provider_names() -> list[str]:
    """Return the providers in their order, each by a name without secrets."""
    return [shown_name(given) for given in settings.MAIL_PROVIDERS]


def shown_name(given: str) -> str:
    """Return a provider's name: an address without its password, anything else as it is."""
    scheme, between, rest = given.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if between else given


def connection_to(name: str) -> BaseEmailBackend:
    """Return a connection to a provider; it is opened with the first mail."""
    given = next(one for one in settings.MAIL_PROVIDERS if shown_name(one) == name)
    if given == SMTP:
        return get_connection()
    if "://" in given:
        return _smtp_at(given)
    return get_connection(backend_path(given))


def backend_path(name: str) -> str:
    """Return the dotted path of a provider's email backend. Raises UnknownMailProviderError."""
    if name == SMTP:
        return str(settings.EMAIL_BACKEND)
    path = name if "." in name else f"anymail.backends.{name.replace('-', '_')}.EmailBackend"
    try:
        import_string(path)
    except ImportError as error:
        message = f"{name} is no provider of mail: {error}"
        raise UnknownMailProviderError(message) from error
    return path


@lru_cache
def server_of(address: str) -> dict[str, Any]:
    """Return what an address of a mail server says. Raises UnknownMailProviderError."""
    try:
        found: dict[str, Any] = Env.email_url_config(address)
    except Exception as error:  # the package raises whatever it stumbles over
        message = f"{shown_name(address)} is no address of a mail server."
        raise UnknownMailProviderError(message) from error
    return found


def _smtp_at(address: str) -> BaseEmailBackend:
    server = server_of(address)
    return get_connection(
        server["EMAIL_BACKEND"],
        host=server["EMAIL_HOST"],
        port=server["EMAIL_PORT"],
        username=server["EMAIL_HOST_USER"] or "",
        password=server["EMAIL_HOST_PASSWORD"] or "",
        use_tls=server.get("EMAIL_USE_TLS", False),
        use_ssl=server.get("EMAIL_USE_SSL", False),
        timeout=settings.EMAIL_TIMEOUT,
    )
