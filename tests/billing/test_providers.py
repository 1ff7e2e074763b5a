"""The simulated terminal keeps its own record, as a real acquirer does."""

import pytest

from billing.models import SimulatedCardPayment
from billing.providers import CardReference, CardRequest, ProviderTimeoutError, default_provider, simulated
from billing.providers.simulated import TEST_CARDS, SimulatedProvider

pytestmark = pytest.mark.django_db
PROVIDER = SimulatedProvider()
KEY = CardReference("key")


def charge(token, *, reference="key", amount=600, timeout=0.01):
    return PROVIDER.charge(CardRequest(reference, amount, "CHF", token), timeout=timeout)


@pytest.mark.parametrize(
    ("token", "approved"),
    [("tok_ok", 600), ("tok_partial_400", 400), ("tok_partial_1250", 600), ("tok_partial_0", 0), ("tok_nobody", 0)],
)
def test_a_token_decides_what_is_approved(token, approved):
    outcome = charge(token)

    assert outcome.approved_amount == approved
    assert bool(outcome.failure) == (approved == 0)


def test_the_same_reference_gets_the_first_answer():
    first = charge("tok_ok")

    assert charge("tok_declined", amount=900) == first
    assert SimulatedCardPayment.objects.count() == 1


def test_a_slow_card_is_approved_in_its_time(monkeypatch):
    monkeypatch.setattr(simulated, "SLOW_SECONDS", 0.01)

    assert charge("tok_slow", timeout=1).approved_amount == 600


def test_a_card_slower_than_the_limit_is_found_when_concluding():
    with pytest.raises(ProviderTimeoutError):
        charge("tok_slow")

    assert PROVIDER.conclude(KEY, timeout=1).approved_amount == 600


def test_a_reference_never_heard_of_is_closed_for_good():
    assert PROVIDER.conclude(KEY, timeout=1).failure == "cancelled"

    assert charge("tok_ok").failure == "cancelled"
    assert PROVIDER.conclude(KEY, timeout=1).failure == "cancelled"


def test_a_refund_counts_once():
    charge("tok_ok")
    for _ in range(2):
        PROVIDER.refund(KEY, "refund-1", 200, timeout=1)

    assert SimulatedCardPayment.objects.get(reference="key").refunded_amount == 200


def test_the_first_configured_provider_takes_cards(settings):
    settings.PAYMENT_PROVIDERS = ["billing.providers.simulated.SimulatedProvider", "simulated"]

    name, provider = default_provider()

    assert name == "billing.providers.simulated.SimulatedProvider"
    assert isinstance(provider, SimulatedProvider)


def test_every_test_card_is_documented():
    from django.conf import settings

    documented = (settings.BASE_DIR / "docs" / "payments.md").read_text()
    assert [card.token for card in TEST_CARDS if f"`{card.token}`" not in documented] == []
