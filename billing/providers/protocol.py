"""The interface of a card payment provider."""

from dataclasses import dataclass
from typing import Protocol


class ProviderUnavailableError(Exception):
    """The provider could not be reached and did not get the request: nothing will be taken."""


class ProviderTimeoutError(Exception):
    """The provider did not answer in time; it may have taken the money."""


@dataclass(frozen=True, slots=True)
class CardRequest:
    """One request for money. `reference` is our idempotency key, `token` stands for the driver's card."""

    reference: str
    amount: int
    currency: str
    token: str


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """The final result of one reference.

    `approved_amount` is in minor units and may be less than was asked for (a partial approval), or 0 with the reason in
    `failure`: `declined`, `cancelled`, or a short word of the provider.
    """

    approved_amount: int
    failure: str = ""
    provider_reference: str = ""


class PaymentProvider(Protocol):
    """A company that takes card payments.

    Every method answers within `timeout` seconds or raises ProviderTimeoutError, and raises ProviderUnavailableError
    only when the provider certainly did not receive the request. A known reference returns its first answer.
    """

    simulated: bool

    def charge(self, request: CardRequest, *, timeout: float) -> CardOutcome:
        """Take the money at once, all or part of it."""
        ...

    def conclude(self, reference: str, *, timeout: float) -> CardOutcome:
        """Return the final result of a reference: what was approved, or that it is cancelled for good.

        An unknown reference is cancelled in advance, so that a late request is refused.
        """
        ...

    def refund(self, reference: str, refund_reference: str, amount: int, *, timeout: float) -> None:
        """Refund `amount` (minor units) of `reference`, once per `refund_reference`."""
        ...
