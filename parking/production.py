"""Checks that settings are safe for production."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

NEEDED = (
    ("TEXT_PROVIDER", "twilio", ("TEXT_ACCOUNT", "TEXT_SECRET", "TEXT_SENDER")),
    ("PAYMENT_PROVIDERS", "stripe", ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")),
)
"""What a provider in a setting needs to be set, too."""
ENVIRONMENTS = ("development", "production")
SHORTEST_KEY = 32


def refuse_unsafe(settings: Mapping[str, Any]) -> None:
    """Raise ImproperlyConfigured with every reason when these settings are unsafe for production."""
    environment = settings["PARKING_ENV"]
    if environment not in ENVIRONMENTS:
        raise ImproperlyConfigured(f"PARKING_ENV is {environment!r}; it is one of {', '.join(ENVIRONMENTS)}.")
    if environment == "production" and (reasons := list(_reasons(settings))):
        raise ImproperlyConfigured("This can't run with PARKING_ENV=production:\n- " + "\n- ".join(reasons))


def _reasons(settings: Mapping[str, Any]) -> Iterator[str]:
    if not settings["SECRET_KEY"]:
        yield "SECRET_KEY is not set. Set it to 50 or more random characters and keep it secret."
    if any(len(key) < SHORTEST_KEY for key in settings["FIELD_KEYS"]):
        yield f"FIELD_KEYS has a key of less than {SHORTEST_KEY} characters. Set each to that many random ones."
    if not settings["ALLOWED_HOSTS"]:
        yield "ALLOWED_HOSTS is not set. Set it to the host names people use, separated by commas."
    if settings["DEBUG"]:
        yield "DEBUG is on. It shows the inside of the program to anyone; unset it."
    if settings["PARKING_DEMO"]:
        yield "PARKING_DEMO is on. In a demo programs need no key; unset it."
    if "simulated" in settings["PAYMENT_PROVIDERS"]:
        yield "PAYMENT_PROVIDERS names the simulated provider, which takes no money. Leave it out."
    if settings["TEXT_PROVIDER"] == "simulated":
        yield "TEXT_PROVIDER names the simulated provider, which sends no texts. Leave it out, or name your own."
    if settings["WEBHOOKS_PRIVATE"]:
        yield "WEBHOOKS_PRIVATE is on. It lets webhooks reach your own network; unset it."
    for setting, provider, names in NEEDED:
        missing = [name for name in names if not settings[name]] if provider in settings[setting] else []
        yield from (f"{name} is not set. {setting} names {provider}, which needs it." for name in missing)
