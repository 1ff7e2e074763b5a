"""The interface of a card payment provider."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

FORM = "form/"
"""Where a form of a provider stands on our own pages: below the address that its payer comes back to."""


class ProviderUnavailableError(Exception):
    """The provider could not be reached and did not get the request: nothing will be taken."""


class ProviderTimeoutError(Exception):
    """The provider did not answer in time; it may have taken the money."""


class RefundRefusedError(Exception):
    """The provider won't give the money back; `reason` is its short word, `is_final` when asking again is no use."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


class ProviderRefusedError(Exception):
    """The provider understood the request and will never do it; the text is its reason, `code` its short word."""

    def __init__(self, reason: str, code: str = "refused") -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class CardRequest:
    """One request for money. `reference` is our idempotency key, `token` stands for the driver's card.

    Without a token the payer enters the card on a page of the provider, or in its form on ours at `FORM` below
    `return_url`, and comes back to `return_url`.
    `off_session`: the card is a saved one, and its owner is not there to answer questions. `hold`: only hold the
    amount, until it is captured or voided. `provider_reference` is what `prepare` returned. `label` is for display,
    `started_at` the same at every try.
    """

    reference: str
    amount: int
    currency: str
    token: str
    off_session: bool = False
    hold: bool = False
    return_url: str = ""
    provider_reference: str = ""
    label: str = ""
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CardReference:
    """A request made before: our key, the provider's own reference ('' when none is known), and what was asked for."""

    reference: str
    provider_reference: str = ""
    amount: int = 0
    currency: str = ""
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that the provider knows and that has moved no money yet.

    With a `page_url` the payer enters the card there, before `page_until`, and nothing more is to be asked for.
    """

    provider_reference: str = ""
    page_url: str = ""
    page_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """The result of one reference, exactly one of four, amounts in minor units.

    Taken: `approved_amount`, which may be less than was asked for (a partial approval). Held: `held_amount`, until
    `capture_before`. The payer's turn: they act on `page_url` before `page_until`. Nothing, for good: the reason is in
    `failure`: `declined`, `cancelled`, `voided`, `expired`, or a short word of the provider.
    """

    approved_amount: int
    failure: str = ""
    provider_reference: str = ""
    held_amount: int = 0
    capture_before: datetime | None = None
    page_url: str = ""
    page_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that a provider keeps for us: its token, and what people read."""

    token: str
    label: str


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event of a provider about the payment, set-up or refund with our `reference`; `payload` is all of it."""

    event_id: str
    kind: str
    reference: str
    occurred_at: datetime
    payload: dict[str, object]


class BadSignatureError(Exception):
    """What was received is not from the provider, was altered, or is too old."""


class PaymentProvider(Protocol):
    """A company that takes card payments.

    Every method answers within `timeout` seconds or raises ProviderTimeoutError, and raises ProviderUnavailableError
    only when the provider certainly did not receive the request. The same call with the same reference again has the
    first call's effect and answer.
    """

    simulated: bool
    """Whether no money moves."""
    has_pages: bool
    """Whether payers without a token enter their card on a page of the provider."""
    settings_needed: tuple[str, ...]
    """The settings that it can't work without."""

    def prepare(self, request: CardRequest, *, timeout: float) -> Prepared:
        """Announce a request, without moving money. What is returned is stored before `charge` is called."""
        ...

    def charge(self, request: CardRequest, *, timeout: float) -> CardOutcome:
        """Take or hold the money at once, all or part of it, or say on which page the payer has to agree first."""
        ...

    def status(self, card: CardReference, *, timeout: float) -> CardOutcome | None:
        """Return the present result of a reference without changing it; None while the provider is still at it."""
        ...

    def conclude(self, card: CardReference, *, timeout: float) -> CardOutcome:
        """Return the final result of a reference: what was taken or is held, or that it is cancelled for good.

        What waits for the payer is cancelled. An unknown reference is cancelled in advance, so that a late request is
        refused.
        """
        ...

    def capture(self, card: CardReference, amount: int, *, timeout: float) -> CardOutcome:
        """Take `amount` minor units of what is held, and let go of the rest; once a reference."""
        ...

    def void(self, card: CardReference, *, timeout: float) -> CardOutcome:
        """Let go of what is held."""
        ...

    def refund(self, card: CardReference, refund_reference: str, amount: int, *, timeout: float) -> None:
        """Refund `amount` (minor units) of what was taken, once per `refund_reference`. Raises RefundRefusedError."""
        ...

    def check_refund(self, card: CardReference, refund_reference: str, *, timeout: float) -> None:
        """Raise RefundRefusedError when a refund that was accepted has failed since, so the driver got nothing."""
        ...

    def start_saving(self, reference: str, *, return_url: str, owner: str, timeout: float) -> Prepared:
        """Return the page on which a person lets the provider keep a card for us; `owner` is our name of them."""
        ...

    def saved_card(self, card: CardReference, *, timeout: float) -> SavedCard | None:
        """Return the card that was saved under a reference of `start_saving`; None while there is none."""
        ...

    def forget(self, token: str, *, timeout: float) -> None:
        """Have the provider drop a saved card, and what it knows of the person by it. Idempotent."""
        ...

    def read_event(self, body: bytes, signature: str) -> ReceivedEvent | None:
        """Return the event in a webhook's body, or None when it is about nothing of ours. Raises BadSignatureError."""
        ...
