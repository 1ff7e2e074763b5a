"""Providers that send texts to phones, by the name in the setting TEXT_PROVIDER; see docs/bookings.md."""

from django.conf import settings
from django.utils.module_loading import import_string

from notifications.texts.text_protocol import OutgoingText, TextProvider, TextRefusedError, TextUnavailableError

BUILT_IN = {
    "simulated": "notifications.texts.simulated_texts.SimulatedTexts",
    "twilio": "notifications.texts.http_texts.HttpTexts",
}

__all__ = [
    "BUILT_IN",
    "OutgoingText",
    "TextProvider",
    "TextRefusedError",
    "TextUnavailableError",
    "can_send_texts",
    "text_provider",
    "text_provider_class",
    "texts_are_simulated",
]


def text_provider_class(name: str) -> type[TextProvider]:
    """Return the class behind a name: one of ours, or a dotted path. Raises ImportError."""
    found: type[TextProvider] = import_string(BUILT_IN.get(name, name))
    return found


def text_provider() -> TextProvider:
    """Return the provider that sends texts; call it only when there is one (`can_send_texts`)."""
    return text_provider_class(settings.TEXT_PROVIDER)()


def can_send_texts() -> bool:
    """Return whether a provider is configured."""
    return bool(settings.TEXT_PROVIDER)


def texts_are_simulated() -> bool:
    """Return whether texts reach no phone, so that pages show them."""
    return can_send_texts() and text_provider_class(settings.TEXT_PROVIDER).simulated
