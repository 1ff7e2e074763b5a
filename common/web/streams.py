"""What a page follows as server-sent events: a view only says who may follow what, the server sends the events."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from common.web.client_address import client_network
from common.web.outages import is_outage
from common.web.privacy import NO_STORE

STREAMS = "parking.streams"
"""Set in the environment of a request by a server that sends events."""
TOPICS, WHO = "X-Follow", "X-Follow-As"
MOST_TOPICS = 50
COUNTS, LOT = "counts", "lot"
"""The kinds of topics: the free spots of a public lot, and that anything at a lot has changed."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What an answer lets somebody follow: the topics, whose connection it is, for the limits, and what is sent before.

    Nobody is told who follows what, nor a length.
    """

    topics: tuple[str, ...]
    who: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def is_person(self) -> bool:
        """Return whether somebody has signed in."""
        return self.who.startswith("person:")


def topic(kind: str, lot_id: int) -> str:
    """Return the name of what is followed at a lot."""
    return f"{kind}:{lot_id}"


def follow(request: HttpRequest, topics: Iterable[str]) -> HttpResponse:
    """Let the server send what happens to these topics; one that sends no events answers 204."""
    if STREAMS not in request.META or request.method != "GET":
        return HttpResponse(status=204)
    response = HttpResponse(content_type="text/event-stream")
    response[TOPICS] = " ".join(sorted(topics))
    person = request.user.pk
    response[WHO] = f"person:{person}" if person else f"address:{client_network(request)}"
    response["Cache-Control"] = NO_STORE
    # So that nginx passes on each event at once.
    response["X-Accel-Buffering"] = "no"
    return response


def followed_by(headers: list[tuple[str, str]]) -> Followed | None:
    """Return what an answer with these headers lets its receiver follow; None for any other answer."""
    told = dict(headers)
    if WHO not in told:
        return None
    sent = tuple((name, value) for name, value in headers if name not in {TOPICS, WHO, "Content-Length"})
    return Followed(tuple(told[TOPICS].split()), told[WHO], sent)


def not_signed_in(_request: HttpRequest) -> HttpResponse:
    """Answer 401 without a page, and without leading to the log-in: a stream is no page."""
    return HttpResponse(status=401)


def not_allowed(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 a handler
    """Answer 403 without a page (Django's handler403 where only streams are served)."""
    return HttpResponse(status=403)


def not_streamed(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 a handler
    """Answer 404 without a page (Django's handler404 where only streams are served)."""
    return HttpResponse(status=404)


def malformed(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 a handler
    """Answer 400 without a page (Django's handler400 where only streams are served)."""
    return HttpResponse(status=400)


def failed(_request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away, else 500, without a page (Django's handler500 where only streams are)."""
    return HttpResponse(status=503 if is_outage(sys.exception()) else 500)
