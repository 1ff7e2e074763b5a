"""The payment settings refuse what must not start."""

import pytest
from django.core.checks import ERROR, WARNING

from billing.checks import check_payment_providers


@pytest.mark.parametrize(
    ("production", "providers", "problems"),
    [
        (False, ["simulated"], []),
        (True, [], []),
        (True, ["simulated"], ["billing.E002"]),
        (True, ["billing.providers.simulated.SimulatedProvider"], ["billing.E002"]),
        (False, ["nobody"], ["billing.E001"]),
        (False, ["no.such.Provider"], ["billing.E001"]),
    ],
)
def test_payment_providers_are_checked(settings, production, providers, problems):
    settings.PRODUCTION = production
    settings.PAYMENT_PROVIDERS = providers

    assert [problem.id for problem in check_payment_providers(None)] == problems


@pytest.mark.parametrize(
    ("production", "key", "secret", "problems"),
    [
        (True, "sk_live_x", "whsec_x", []),
        (True, "", "whsec_x", [("billing.E003", ERROR)]),
        (True, "sk_live_x", "", [("billing.E003", ERROR)]),
        (False, "", "", [("billing.E003", WARNING)]),
    ],
)
def test_stripe_needs_its_keys(settings, production, key, secret, problems):
    settings.PRODUCTION, settings.PAYMENT_PROVIDERS = production, ["stripe"]
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = key, secret

    assert [(problem.id, problem.level) for problem in check_payment_providers(None)] == problems
