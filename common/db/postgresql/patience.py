"""How long a request may wait for the database, kept per thread.

A frozen server keeps its sockets open, so neither its own timeouts nor, on a unix socket, the kernel's end a wait.
Only the client can give up.
"""

from contextvars import ContextVar, Token
from dataclasses import dataclass

from common.breaker import Breaker

# A busy machine takes seconds to fork a backend; refusing a lane for that would be worse than waiting.
SILENT_SECONDS = 2.0
"""Seconds of silence after which the server is greeted."""
PROBE_SECONDS = 2.0
CONNECT_SECONDS = 5.0
LEAVE_ALONE_SECONDS = 0.5


@dataclass(slots=True)
class Patience:
    """The seconds that a request may still wait."""

    seconds: float


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


@dataclass(slots=True)
class WaitAtMost:
    """Limit the waits for the database inside the block to `seconds` in all; commands and tasks have no limit."""

    seconds: float
    _before: "Token[Patience | None] | None" = None

    def __enter__(self) -> None:
        self._before = _patience.set(Patience(self.seconds))

    def __exit__(self, *_raised: object) -> None:
        assert self._before is not None  # noqa: S101 entered
        _patience.reset(self._before)


def remaining() -> Patience | None:
    """Return the patience of the current request; None outside of requests."""
    return _patience.get()


breaker = Breaker(LEAVE_ALONE_SECONDS)
"""Trips when the server does not answer a greeting."""
