"""How long a request waits for the database, kept for the thread that answers it.

A frozen server keeps its sockets open, so none of its own timeouts ends a wait for it, and on a unix socket none of
the kernel's does either. Only whoever waits can give up.
"""

from contextvars import ContextVar, Token
from dataclasses import dataclass

from common.breaker import Breaker

# A machine that is only busy takes seconds to fork a backend; refusing a lane for that would be worse than waiting.
SILENT_SECONDS = 2.0
"""A silence after which the server is asked whether it lives."""
PROBE_SECONDS = 2.0
CONNECT_SECONDS = 5.0
LEAVE_ALONE_SECONDS = 0.5


@dataclass(slots=True)
class Patience:
    """The seconds that are left of a request's waits."""

    seconds: float


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


@dataclass(slots=True)
class WaitAtMost:
    """Let all waits for the database inside its block take `seconds` together; commands and tasks wait unlimited."""

    seconds: float
    _before: "Token[Patience | None] | None" = None

    def __enter__(self) -> None:
        self._before = _patience.set(Patience(self.seconds))

    def __exit__(self, *_raised: object) -> None:
        assert self._before is not None  # noqa: S101 entered
        _patience.reset(self._before)


def remaining() -> Patience | None:
    """Return what is left of the present request's patience; None outside of requests."""
    return _patience.get()


breaker = Breaker(LEAVE_ALONE_SECONDS)
"""Trips when the server does not even greet a newcomer."""
