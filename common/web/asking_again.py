"""Waiting for news without keeping a thread: the server asks the application again, until there is some."""

from time import monotonic

from django.http import HttpRequest, HttpResponse

ASKS_AGAIN = "parking.asks_again"
"""Set in the environment of a request by a server that asks again."""
ASKED_SINCE = "parking.asked_since"
HEADER = "X-Ask-Again"
SECONDS = 1


def still_waits(request: HttpRequest, wait: int) -> bool:
    """Return whether the asking client still has time, and nothing of ours is kept busy by its waiting.

    Only a server that asks again lets it wait; Django's own, as in tests, does not.
    """
    since = request.META.setdefault(ASKED_SINCE, monotonic())
    return ASKS_AGAIN in request.META and monotonic() - since < wait


def ask_again(response: HttpResponse) -> None:
    """Let the server keep this answer back and ask again in a moment; the request's environment stays the same."""
    response[HEADER] = str(SECONDS)
