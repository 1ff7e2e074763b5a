"""Passes streams on from the web process to the one that streams, where no proxy leads them there."""

import asyncio
from contextlib import suppress
from urllib.parse import quote, urlsplit
from wsgiref.types import WSGIEnvironment

import structlog
from django.core import signing
from granian.rsgi import HTTPProtocol  # type: ignore[attr-defined] # not in its __all__

FOLDER = "/stream/"
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 30
PART = 4096
MOST = 1000
"""Streams passed on at once by each process; pages need connections, too."""
RELAYED_FOR = "HTTP_X_RELAYED_FOR"
SALT = "relay"
PASSED_ON = {
    "HTTP_HOST": "Host",
    "HTTP_COOKIE": "Cookie",
    "HTTP_LAST_EVENT_ID": "Last-Event-ID",
    "HTTP_ACCEPT_LANGUAGE": "Accept-Language",
    "HTTP_X_FORWARDED_FOR": "X-Forwarded-For",
    "HTTP_X_FORWARDED_PROTO": "X-Forwarded-Proto",
    "HTTP_USER_AGENT": "User-Agent",
}
UNAVAILABLE = [("Retry-After", "10"), ("Cache-Control", "no-store")]

logger = structlog.get_logger(__name__)


class Relay:
    """Asks the process at `url` for streams, and passes on what it sends as it comes."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._open = 0

    def takes(self, environ: WSGIEnvironment) -> bool:
        """Return whether a request is for a stream."""
        path: str = environ["PATH_INFO"]
        return environ["REQUEST_METHOD"] == "GET" and path.startswith(FOLDER)

    async def pass_on(self, environ: WSGIEnvironment, proto: HTTPProtocol) -> None:
        """Answer a request with what the other process answers; 503 while that is away, or too much is passed on."""
        if self._open >= MOST:
            proto.response_empty(503, UNAVAILABLE)
            return
        self._open += 1
        try:
            await self._pass_on(environ, proto)
        finally:
            self._open -= 1

    async def _pass_on(self, environ: WSGIEnvironment, proto: HTTPProtocol) -> None:
        writer = None
        try:
            opening = asyncio.open_connection(self._host, self._port, limit=4 * PART)
            reader, writer = await asyncio.wait_for(opening, CONNECT_SECONDS)
            writer.write(_request(environ))
            status, headers = await asyncio.wait_for(_head(reader), ANSWER_SECONDS)
        except (OSError, TimeoutError, EOFError, ValueError):
            if writer:
                writer.close()
            proto.response_empty(503, UNAVAILABLE)
            return
        transport = proto.response_stream(status, headers)
        gone = asyncio.ensure_future(proto.client_disconnect())
        gone.add_done_callback(lambda _gone: writer.close())
        with suppress(Exception):  # one of both sides is gone
            while part := await reader.read(PART):
                await transport.send_bytes(part)
        gone.cancel()
        writer.close()


def relayed_address(environ: WSGIEnvironment) -> str | None:
    """Return the address that a relay of this installation was connected to by; None for a direct connection."""
    told = environ.pop(RELAYED_FOR, None)
    try:
        return None if told is None else str(signing.loads(told, salt=SALT, max_age=ANSWER_SECONDS))
    except signing.BadSignature:
        return None


def _request(environ: WSGIEnvironment) -> bytes:
    """Return the request for the other process, of HTTP/1.0, so that it answers without chunks."""
    target = quote(environ["PATH_INFO"].encode("latin-1"))
    if environ["QUERY_STRING"]:
        target += f"?{environ['QUERY_STRING']}"
    lines = [f"GET {target} HTTP/1.0", f"X-Relayed-For: {signing.dumps(environ['REMOTE_ADDR'], salt=SALT)}"]
    lines += [f"{name}: {environ[key]}" for key, name in PASSED_ON.items() if key in environ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


async def _head(reader: asyncio.StreamReader) -> tuple[int, list[tuple[str, str]]]:
    """Return the status and the headers of an answer."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines if line)]
    kept = [(name, value) for name, value in headers if name.lower() not in {"connection", "transfer-encoding"}]
    return int(first.split()[1]), kept
