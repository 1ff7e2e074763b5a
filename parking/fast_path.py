"""The fast path: answers the most frequent requests of machines before Django builds a request.

Gate reads and availability need no session, cookies, CSRF token or other middleware, which would take longer than the
answer itself. Any other request takes the slow path, which answers these addresses in the same way.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from django.http.request import split_domain_port, validate_host
from django.utils.timezone import now

from api.errors import DETAILS, refusal_of
from api.gate_reads import LARGEST_BODY
from common.db.postgresql.patience import WaitAtMost
from common.web.outages import LONGEST_WAIT_SECONDS
from common.web.privacy import NO_STORE
from common.web.problem import problem
from gates.reads.receive import receive_read
from lots.availability import CACHE_CONTROL, tell_availability

logger = structlog.get_logger(__name__)

_READ = re.compile(r"/api/v1/gates/([-\w]+)/reads", re.ASCII)
_AVAILABILITY = re.compile(r"/api/v1/lots/([-\w]+)/availability", re.ASCII)
_JSON = ("Content-Type", "application/json")
_NOT_STORED = ("Cache-Control", NO_STORE)
# The headers of the slow path's middleware that matter to programs.
_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
]
if settings.SECURE_HSTS_SECONDS:
    _HEADERS.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"))


@dataclass(frozen=True, slots=True)
class _Answer:
    """A minimal response: making Django's own would take longer than the rest of the fast path."""

    status: str
    headers: list[tuple[str, str]]
    content: bytes


def with_fast_path(slow_path: WSGIApplication) -> WSGIApplication:
    """Answer requests of the fast path, and pass all others on."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answered = _answered(environ)
        if answered is None:
            return slow_path(environ, start_response)
        start_response(answered.status, [*answered.headers, *_HEADERS])
        return [answered.content]

    return answer


def _answered(environ: WSGIEnvironment) -> _Answer | None:
    if not _is_served(environ.get("HTTP_HOST", "")) or environ.get("QUERY_STRING"):
        return None
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if method == "POST" and (found := _READ.fullmatch(path)):
        return _read(found[1], environ)
    if method == "GET" and (found := _AVAILABILITY.fullmatch(path)):
        return _availability(found[1], environ)
    return None


def _read(code: str, environ: WSGIEnvironment) -> _Answer | None:
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        return None
    body = environ["wsgi.input"].read(int(length))
    authorization = environ.get("HTTP_AUTHORIZATION", "")

    def answer() -> _Answer:
        told = receive_read(authorization=authorization, code=code, body=body, at=now())
        return _whole("200 OK", [_JSON, _NOT_STORED], json.dumps(told).encode())

    return _guarded(answer)


def _availability(slug: str, environ: WSGIEnvironment) -> _Answer:
    tags = environ.get("HTTP_IF_NONE_MATCH", "")

    def answer() -> _Answer:
        etag, told = tell_availability(slug, if_none_match=tags, at=now())
        headers = [("ETag", etag), ("Cache-Control", CACHE_CONTROL)]
        return _Answer("304 Not Modified", headers, b"") if told is None else _whole("200 OK", [_JSON, *headers], told)

    return _guarded(answer)


def _whole(status: str, headers: list[tuple[str, str]], content: bytes) -> _Answer:
    return _Answer(status, [*headers, ("Content-Length", str(len(content)))], content)


def _guarded(answer: Callable[[], _Answer]) -> _Answer:
    """Answer in bounded time."""
    try:
        with WaitAtMost(LONGEST_WAIT_SECONDS):
            return answer()
    except Exception as error:
        if not connection.in_atomic_block:
            close_old_connections()
        refused = refusal_of(error)
        if refused is None:
            logger.exception("fast_path_failed")
            refused = problem(500, *DETAILS[500])
        return _whole(
            f"{refused.status_code} {refused.reason_phrase}", [*refused.items(), _NOT_STORED], refused.content
        )


@lru_cache(maxsize=1024)
def _is_served(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
