"""System checks of the payment settings."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name

from billing.providers import BUILT_IN, provider_class


@register(Tags.security)
def check_payment_providers(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's call
    """Report providers that can't be imported, lack a setting, or are simulated in production."""
    return [problem for name in settings.PAYMENT_PROVIDERS for problem in _problems(name)]


def _problems(name: str) -> list[CheckMessage]:
    try:
        provider = provider_class(name)
    except ImportError as error:
        known = ", ".join(BUILT_IN)
        hint = f"Use {known} or the dotted path of a class. ({error})"
        return [Error(f"PAYMENT_PROVIDERS names an unknown provider: {name}.", hint=hint, id="billing.E001")]
    if settings.PRODUCTION and provider.simulated:
        hint = "Remove it from PAYMENT_PROVIDERS; it pretends to take money."
        return [
            Error(f"The simulated payment provider {name} must not run in production.", hint=hint, id="billing.E002")
        ]
    missing = [setting for setting in provider.settings_needed if not getattr(settings, setting)]
    if missing:
        hint = "Set it in the environment; see docs/payments.md."
        problem = Error if settings.PRODUCTION else Warning
        return [problem(f"The payment provider {name} lacks {', '.join(missing)}.", hint=hint, id="billing.E003")]
    return []
