"""What a provider of texts does."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text to a phone number in international form; the same `reference` is the same text."""

    reference: str
    phone: str
    text: str


class TextUnavailableError(Exception):
    """The provider did not take the text now; it is sent again later."""


class TextRefusedError(Exception):
    """The provider will never send this text."""


class TextProvider(Protocol):
    """Sends texts. It answers within the `timeout` in seconds, and may be given the same text twice."""

    simulated: bool

    def send(self, text: OutgoingText, *, timeout: float) -> None:
        """Hand a text over. Raises TextUnavailableError, TextRefusedError."""
