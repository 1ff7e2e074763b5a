"""The simulated provider: its texts reach no phone; pages show them instead."""

from notifications.texts.text_protocol import OutgoingText, TextRefusedError, TextUnavailableError

NOBODY, BUSY = "+99900", "+99901"
"""How numbers begin that it refuses, and to which it never gets through."""


class SimulatedTexts:
    """Takes every text, except those to two kinds of number."""

    simulated = True

    def send(self, text: OutgoingText, *, timeout: float) -> None:  # noqa: ARG002 - the protocol's
        """Take a text."""
        if text.phone.startswith(NOBODY):
            raise TextRefusedError("This number is not in use.")
        if text.phone.startswith(BUSY):
            raise TextUnavailableError("The network is busy.")
