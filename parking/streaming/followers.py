"""One connection that follows something: what waits for it, and its writing."""

import asyncio
from contextlib import suppress
from typing import Protocol
from wsgiref.types import WSGIEnvironment

from common.web.streams import Followed

GAP_SECONDS = 0.25
"""Who follows many topics gets events at most so often."""
MOST_SENT = 262_144
"""After so many bytes a stream ends, and its client comes back for what it has missed.

The server keeps what a client does not take, however much it is, and tells nobody that it waits.
"""
BEAT = "beat"


class Transport(Protocol):
    """Where events are written to."""

    async def send_str(self, data: str) -> None:
        """Send a text. Fails when the client is gone."""


class Follower:
    """A connection, and the latest event of each kind that it has not been sent."""

    __slots__ = (
        "_ended",
        "_pending",
        "_sent",
        "_wake",
        "_writing",
        "beat_at",
        "check_at",
        "checking",
        "environ",
        "is_person",
        "topics",
        "who",
    )  # fmt: skip

    def __init__(self, followed: Followed, environ: WSGIEnvironment) -> None:
        self.topics, self.who, self.is_person = followed.topics, followed.who, followed.is_person
        self.environ = environ
        self.beat_at = self.check_at = 0.0
        self.checking: asyncio.Task[None] | None = None
        self._pending: dict[str, str] = {}
        self._wake: asyncio.Future[None] | None = None
        self._writing: asyncio.Task[None] | None = None
        self._sent = 0
        self._ended = False

    @property
    def last_event_id(self) -> str | None:
        """Return the event that a client which comes back has seen last; None for one that begins."""
        return self.environ.get("HTTP_LAST_EVENT_ID")

    def put(self, key: str, text: str) -> None:
        """Send an event soon, instead of an earlier one of this key that still waits."""
        self._pending.pop(key, None)
        self._pending[key] = text
        self._awake()

    def end(self) -> None:
        """End the stream; a client takes no notice of half an event."""
        self._ended = True
        if self._writing:
            self._writing.cancel()

    async def send_all(self, transport: Transport) -> None:
        """Send what comes, until the stream ends or the client is gone."""
        loop = asyncio.get_running_loop()
        self._writing = loop.create_task(self._send(loop, transport))
        with suppress(asyncio.CancelledError):
            await self._writing

    async def _send(self, loop: asyncio.AbstractEventLoop, transport: Transport) -> None:
        with suppress(Exception):  # what the server makes of a client that is gone
            while not self._ended and self._sent < MOST_SENT:
                if not self._pending:
                    self._wake = loop.create_future()
                    await self._wake
                    continue
                text, self._pending = "".join(self._pending.values()), {}
                self._sent += len(text)
                await transport.send_str(text)
                await asyncio.sleep(GAP_SECONDS)

    def _awake(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
