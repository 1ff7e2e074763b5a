"""The payment settings refuse what must not start."""

import pytest

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
