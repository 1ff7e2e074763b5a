"""Card payment providers, by the names in the setting PAYMENT_PROVIDERS; see docs/payments.md."""

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from billing.models import Payment
from billing.providers.protocol import (
    BadSignatureError,
    CardOutcome,
    CardReference,
    CardRequest,
    PaymentProvider,
    Prepared,
    ProviderRefusedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    ReceivedEvent,
    RefundRefusedError,
)
from common.errors import DomainError

BUILT_IN = {
    "simulated": "billing.providers.simulated.SimulatedProvider",
    "stripe": "billing.providers.stripe.StripeProvider",
}

__all__ = [
    "BUILT_IN",
    "BadSignatureError",
    "CardOutcome",
    "CardReference",
    "CardRequest",
    "NoProviderError",
    "PaymentProvider",
    "Prepared",
    "ProviderRefusedError",
    "ProviderTimeoutError",
    "ProviderUnavailableError",
    "ReceivedEvent",
    "RefundRefusedError",
    "cards_are_simulated",
    "default_provider",
    "pages_take_cards",
    "provider_class",
    "provider_named",
    "reference_of",
]


class NoProviderError(DomainError):
    """No provider is configured."""

    code = "no_provider"
    status = 409


def provider_class(name: str) -> type[PaymentProvider]:
    """Return the class behind a name of PAYMENT_PROVIDERS: one of ours, or a dotted path. Raises ImportError."""
    found: type[PaymentProvider] = import_string(BUILT_IN.get(name, name))
    return found


def provider_named(name: str) -> PaymentProvider:
    """Return the provider of an earlier payment, also when it takes no new ones."""
    return provider_class(name)()


def default_provider() -> tuple[str, PaymentProvider]:
    """Return the name and provider that take new card payments: the first configured. Raises NoProviderError."""
    if not settings.PAYMENT_PROVIDERS:
        raise NoProviderError(_("Cards can't be taken here at the moment. Please pay in cash or call the attendant."))
    name = settings.PAYMENT_PROVIDERS[0]
    return name, provider_named(name)


def cards_are_simulated() -> bool:
    """Return whether new card payments go to a provider that only pretends, so that pages offer its test cards."""
    return bool(settings.PAYMENT_PROVIDERS) and provider_class(settings.PAYMENT_PROVIDERS[0]).simulated


def pages_take_cards() -> bool:
    """Return whether payers enter their card on a page of the provider that takes new payments."""
    return bool(settings.PAYMENT_PROVIDERS) and provider_class(settings.PAYMENT_PROVIDERS[0]).has_pages


def reference_of(payment: Payment) -> CardReference:
    """Return what a provider knows a payment by."""
    return CardReference(
        reference=payment.idempotency_key,
        provider_reference=payment.provider_reference,
        amount=payment.amount,
        currency=payment.charge.currency,
        hold=payment.is_hold,
    )
