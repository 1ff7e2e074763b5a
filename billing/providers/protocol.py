"""What every card payment provider does for us."""

from dataclasses import dataclass
from typing import Protocol


class ProviderUnavailableError(Exception):
    """The provider could not be reached, so nothing was asked of it and nothing will be taken."""


class ProviderTimeoutError(Exception):
    """The provider did not answer in time; whether it took the money is unknown."""


@dataclass(frozen=True, slots=True)
class CardRequest:
    """One request for money. `reference` is our idempotency key, `token` stands for the driver's card."""

    reference: str
    amount: int
    currency: str
    token: str


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """The provider's last word on one reference.

    `approved_amount` is in minor units and may be less than was asked for (a partial approval), or 0 with the reason in
    `failure`: `declined`, `cancelled`, or a short word of the provider's own.
    """

    approved_amount: int
    failure: str = ""
    provider_reference: str = ""


class PaymentProvider(Protocol):
    """A company that takes cards for us.

    Every method answers within `timeout` seconds or raises ProviderTimeoutError, and raises ProviderUnavailableError
    only when the provider certainly did not receive the request. Calls with a reference it knows give the first answer.
    """

    simulated: bool

    def charge(self, request: CardRequest, *, timeout: float) -> CardOutcome:
        """Take the money at once, all or part of it."""
        ...

    def conclude(self, reference: str, *, timeout: float) -> CardOutcome:
        """Say what became of a reference for good: what was approved, or that it was cancelled and never will be.

        A reference that the provider has not seen is cancelled in advance, so a late request finds it closed.
        """
        ...

    def refund(self, reference: str, refund_reference: str, amount: int, *, timeout: float) -> None:
        """Give back `amount` (minor units) of what `reference` took; once per `refund_reference`."""
        ...
