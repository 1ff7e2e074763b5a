"""What every server of a stream can do."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol


class StreamAwayError(Exception):
    """The server did not take all entries: it is away, too slow, or refuses them."""


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """An event as it is sent, with the slugs of its operator and its lot, if it has one."""

    operator: str
    lot: str
    number: int
    body: bytes

    @property
    def key(self) -> str:
        """Return by what entries stay in their order."""
        return self.lot or self.operator


class StreamServer(Protocol):
    """Takes entries in their order, and waits for a silent server for seconds at most."""

    def send(self, entries: Sequence[StreamEntry]) -> str:
        """Send entries and return a mark of the last one, once the server has them all; raises StreamAwayError.

        After an error it may have some: of each key the first ones, none after one that is missing.
        """

    def lost_after(self, mark: str, operators: Collection[str]) -> dict[str, int] | None:
        """Return None while the server has all up to a mark, else the last number of each operator that it has.

        Raises StreamAwayError.
        """

    def close(self) -> None:
        """Let go of the server; what it did not confirm is not sent later."""
