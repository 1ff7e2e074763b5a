"""Waiting for news without keeping a thread: the server asks the application again, until there is some."""

from django.http import HttpRequest, HttpResponse

ASKS_AGAIN = "parking.asks_again"
"""Set in the environment of a request by a server that asks again."""
HEADER = "X-Ask-Again"
SECONDS = 1


def may_ask_again(request: HttpRequest) -> bool:
    """Return whether the server of a request would ask again; Django's own, as in tests, does not."""
    return ASKS_AGAIN in request.META


def ask_again(response: HttpResponse) -> None:
    """Let the server keep this answer back and ask again in a moment; the request's environment stays the same."""
    response[HEADER] = str(SECONDS)
