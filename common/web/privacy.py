"""Keep private answers out of caches and secrets out of logs."""

import logging
import re
from collections.abc import Callable, MutableMapping
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common.web.client_address import client_address

NO_STORE = "no-store"
# These need a credential, or the address itself is one.
PRIVATE = re.compile(
    r"/(?:t|d|v|validate|pay|bookings|me|home|desk|manage|admin|accounts|_allauth|invitations?|unsubscribe|exports)/|/api/(?:v1/)?(?:tickets|gates|entry|exit|activities|garage)\b"
)
# The part of an address after these is a secret: it opens a stay, a receipt or an account.
SECRETS = re.compile(
    r"""
    (?P<place> /t/ | /d/ | /v/ | /pay/ | /bookings/(?:confirm/|back/)? | /api/(?:v1/)?tickets/ | /invitations?/
      | /unsubscribe/ | /not-me/ | (?<!/me)(?<!/v1)/exports/
      | /accounts/password/reset/key/ | /accounts/confirm-email/ | [?&](?:token|key|code|next|number)= )  [^\s/?&"'<>]+
    | (?P<device> \bpk_[0-9a-f]{12}_ ) [A-Za-z0-9_-]{43}
    | (?P<jwt> \beyJ ) [\w-]+ \. [\w-]+ \. [\w-]+
    """,
    re.VERBOSE,
)


def not_stored(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: forbid caches to keep answers to a session, a credential or a secret address."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "public" not in response.get("Cache-Control", "") and _is_private(request):
            response["Cache-Control"] = NO_STORE
        return response

    return answer


def bind_address(request: HttpRequest, **_more: object) -> None:
    """Bind the client's address to the log context (a receiver of django-structlog's signal)."""
    structlog.contextvars.bind_contextvars(ip=client_address(request))


def without_secrets(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor of structlog: remove secrets from every text."""
    return {name: redacted(value) if isinstance(value, str) else value for name, value in event.items()}


def redacted(text: str) -> str:
    """Return a text without the secrets in it."""
    return SECRETS.sub(lambda found: f"{found['place'] or found['device'] or found['jwt']}…", text)


class ExpectedOfClients(logging.Filter):
    """Removes the traceback from Django's log entries of refused requests: they are the client's mistake."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)
        if isinstance(status, int) and status < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True


def _is_private(request: HttpRequest) -> bool:
    return (
        settings.SESSION_COOKIE_NAME in request.COOKIES
        or "Authorization" in request.headers
        or bool(PRIVATE.match(request.path))
    )
