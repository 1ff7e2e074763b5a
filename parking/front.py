"""The front of a web process: takes in whole requests, and only then hands each to one of a few threads.

A thread is never kept by a client that sends slowly or not at all. Bodies are awaited by granian's event loop, with a
deadline and a largest size; a thousand that never end cost their connections and nothing else. What comes in chunks
arrives in one piece with its length, so the applications behind need not know about chunks.
"""

import asyncio
import io
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeAlias, TypeVar
from wsgiref.types import WSGIApplication, WSGIEnvironment

import structlog
from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined] # not in its __all__

from api.errors import DETAILS, error_at
from common.web.asking_again import HEADER
from common.web.streams import STREAMS, Followed, followed_by
from parking.request_environ import environ_of
from parking.streaming.relay import Relay, relayed_address
from parking.streaming.stream_hub import Streams

SWEEP_SECONDS = 0.1

logger = structlog.get_logger(__name__)
T = TypeVar("T")
Answered: TypeAlias = asyncio.Future[Followed | None]
"""Done once a request is answered, or with what is to be sent from then on."""


class OutageError(Exception):
    """The application failed."""


class Guard(Protocol):
    """Decides about a request before its body is awaited."""

    def must_check(self, environ: WSGIEnvironment) -> bool:
        """Return whether `check` has to decide. Called in the event loop, so it may not wait for anything."""

    def check(self, environ: WSGIEnvironment) -> int:
        """Return the status that refuses the request, or 0 to let it in. Called in a thread."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many requests are answered at once, by when a body must have come, and how many bytes it may have by path."""

    threads: int
    body_seconds: float
    largest_body: Callable[[str], int]


class Front:
    """Serves a WSGI application by granian's RSGI interface."""

    def __init__(
        self,
        application: WSGIApplication,
        guard: Guard,
        capacity: Capacity,
        *,
        streams: Streams | None = None,
        relay: Relay | None = None,
    ) -> None:
        self._application = application
        self._guard = guard
        self._threads = capacity.threads
        self._body_seconds = capacity.body_seconds
        self._largest_body = capacity.largest_body
        self._streams, self._relay = streams, relay
        self._work: SimpleQueue[Callable[[], Answered | None]] = SimpleQueue()
        self._answered: deque[Answered] = deque()
        self._awaited: dict[Any, float] = {}
        self._loop: asyncio.AbstractEventLoop

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads of this process; granian calls this after the fork."""
        self._loop = loop
        for number in range(self._threads):
            Thread(target=self._run, name=f"request-{number}", daemon=True).start()
        loop.call_later(SWEEP_SECONDS, self._sweep)
        if self._streams:
            self._streams.begin(loop, in_thread=self.in_thread, check=self._followed_still)

    async def __rsgi__(self, scope: Scope, proto: HTTPProtocol) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        if self._relay and self._relay.takes(environ):
            await self._relay.pass_on(environ, proto)
            return
        if self._streams:
            environ[STREAMS] = True
            environ["REMOTE_ADDR"] = relayed_address(environ) or environ["REMOTE_ADDR"]
        refused = await self._refused(environ)
        if not refused and _has_body(environ):
            refused = await self._take_in(environ, proto)
        if refused:
            _refuse(proto, refused, environ["PATH_INFO"])
            return
        answered: Answered = self._loop.create_future()
        self._work.put(lambda: self._answer(environ, proto, answered))
        followed = await answered
        if followed and self._streams:
            await self._streams.serve(followed, environ, proto)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run something that waits in one of the threads, and return its result or raise its error."""
        done: asyncio.Future[T] = self._loop.create_future()

        def run() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 raised where it is awaited
                self._loop.call_soon_threadsafe(done.set_exception, error)
            else:
                self._loop.call_soon_threadsafe(done.set_result, result)

        self._work.put(run)
        return await done

    async def _refused(self, environ: WSGIEnvironment) -> int:
        """Return the status that refuses a request unread, or 0."""
        length = environ.get("CONTENT_LENGTH", "")
        if length and not (length.isascii() and length.isdecimal()):
            return 400
        if length and int(length) > self._largest_body(environ["PATH_INFO"]):
            return 413
        if not self._guard.must_check(environ):
            return 0
        return await self.in_thread(lambda: self._guard.check(environ))

    async def _take_in(self, environ: WSGIEnvironment, proto: HTTPProtocol) -> int:
        """Put the body into `environ`, or return the status that refuses the request."""
        deadline = time.monotonic() + self._body_seconds
        largest = self._largest_body(environ["PATH_INFO"])
        try:
            if environ.pop("HTTP_TRANSFER_ENCODING", None) is None:
                body = await self._until(deadline, proto())
            else:
                body = await self._joined(deadline, aiter(proto), largest)
        except asyncio.CancelledError:
            return 408
        except Exception:  # noqa: BLE001 whatever the server makes of a client that is gone or breaks the protocol
            return 400
        if len(body) > largest:
            return 413
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)
        return 0

    async def _joined(self, deadline: float, chunks: AsyncIterator[bytes], largest: int) -> bytes:
        """Return the chunks as one, and no more of them than show that they are too many.

        granian gives an empty chunk at the end and in place of an error; only after the end there is nothing more.
        """
        body = bytearray()
        while chunk := await self._until(deadline, anext(chunks)):
            body += chunk
            if len(body) > largest:
                return bytes(body)
        try:
            await self._until(deadline, anext(chunks))
        except StopAsyncIteration:
            return bytes(body)
        raise EOFError

    async def _until(self, deadline: float, awaited: Awaitable[bytes]) -> bytes:
        """Await a part of a body, which the sweep cancels after the deadline. A timer for each would cost more."""
        self._awaited[awaited] = deadline
        try:
            return await awaited
        finally:
            del self._awaited[awaited]

    def _sweep(self) -> None:
        """Give up bodies that are too late, and let the coroutines of answered requests end.

        An answer leaves when the thread has it; waking the loop for each, only to end a coroutine, would be dear.
        """
        while self._answered:
            self._answered.popleft().set_result(None)
        now = time.monotonic()
        for awaited in [awaited for awaited, deadline in self._awaited.items() if deadline <= now]:
            awaited.cancel()
        self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def _run(self) -> None:
        while True:
            answered = self._work.get()()
            if answered:
                self._answered.append(answered)

    def _answer(self, environ: WSGIEnvironment, proto: HTTPProtocol, answered: Answered) -> Answered | None:
        try:
            status, headers, content = _response(self._application, environ)
            if later := next((float(value) for name, value in headers if name == HEADER), 0.0):
                self._ask_later(later, lambda: self._answer(environ, proto, answered))
                return None
            if followed := followed_by(headers):
                self._loop.call_soon_threadsafe(answered.set_result, followed)
                return None
            proto.response_bytes(status, headers, content)
        except Exception:
            logger.exception("request_failed")
            _refuse(proto, 500, environ["PATH_INFO"])
        return answered

    async def _followed_still(self, environ: WSGIEnvironment) -> Followed | None:
        """Return what the sender of a request may follow by now. Raises OutageError while that can't be known."""
        status, headers, _content = await self.in_thread(lambda: _response(self._application, environ))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise OutageError(status)
        return followed_by(headers)

    def _ask_later(self, seconds: float, answer: Callable[[], Answered | None]) -> None:
        """Ask the application again in a while; meanwhile the request costs its connection, but no thread."""
        self._loop.call_soon_threadsafe(lambda: self._loop.call_later(seconds, self._work.put, answer))


def _response(application: WSGIApplication, environ: WSGIEnvironment) -> tuple[int, list[tuple[str, str]], bytes]:
    started: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        started.append((int(status[:3]), headers))
        return _no_write

    parts: Iterable[bytes] = application(environ, start_response)
    try:
        content = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
    status, headers = started[-1]
    return status, headers, content


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("An application returns its content; the old `write` is not offered.")


def _has_body(environ: WSGIEnvironment) -> bool:
    return "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "0") != "0"


def _refuse(proto: HTTPProtocol, status: int, path: str) -> None:
    """Answer without the application, and part with a client of whose body we want no more."""
    headers = [("Connection", "close"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    if path.startswith("/api/"):
        response = error_at(path, status)
        if status == HTTPStatus.UNAUTHORIZED:
            response["WWW-Authenticate"] = "Bearer"
        proto.response_bytes(response.status_code, [*headers, *response.items()], response.content)
    else:
        proto.response_bytes(
            status, [*headers, ("Content-Type", "text/plain; charset=utf-8")], DETAILS[status][1].encode()
        )


served: Front
"""What this process serves, set before granian forks its workers."""
