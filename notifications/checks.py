"""System checks of the setting that names the provider of texts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

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
