"""System checks of the settings that name the providers of mails and texts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from notifications.mail_providers import UnknownMailProviderError, backend_path, server_of
from notifications.texts import BUILT_IN, text_provider_class


@register(Tags.security)
def check_text_provider(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's call
    """Report a provider that can't be imported, or is simulated in production."""
    name = settings.TEXT_PROVIDER
    if not name:
        return []
    try:
        provider = text_provider_class(name)
    except ImportError as error:
        hint = f"Use {', '.join(BUILT_IN)} or the dotted path of a class. ({error})"
        return [Error(f"TEXT_PROVIDER names an unknown provider: {name}.", hint=hint, id="notifications.E001")]
    if settings.PRODUCTION and provider.simulated:
        hint = "Leave TEXT_PROVIDER empty, or name your own."
        return [Error(f"The simulated provider {name} sends no texts.", hint=hint, id="notifications.E002")]
    return []


@register(Tags.security)
def check_mail_providers(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's call
    """Report when nothing sends mail, or a provider of mail that there isn't."""
    if not settings.MAIL_PROVIDERS:
        return [Error("MAIL_PROVIDERS is empty, so no mail is sent.", hint="Use smtp.", id="notifications.E003")]
    hint = "Use smtp, an address of a mail server, a provider of django-anymail or a dotted path."
    return [
        Error(f"MAIL_PROVIDERS: {problem}", hint=hint, id="notifications.E003")
        for problem in filter(None, map(_problem_of, settings.MAIL_PROVIDERS))
    ]


def _problem_of(given: str) -> str:
    try:
        if "://" in given:
            server_of(given)
        else:
            backend_path(given)
    except UnknownMailProviderError as error:
        return str(error)
    return ""
