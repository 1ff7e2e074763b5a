"""Responses while PostgreSQL is away, frozen, starting or out of space: 503 soon, never a hung lane."""

import sys
from collections.abc import Callable

import structlog
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from common.db.postgresql.patience import WaitAtMost
from common.web.problem import problem

logger = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 20.0
RETRY_AFTER_SECONDS = 1
READ_ONLY = "25006"


def patient(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: limit how long a request waits for a slow or frozen database."""

    def answer(request: HttpRequest) -> HttpResponse:
        with WaitAtMost(LONGEST_WAIT_SECONDS):
            return get_response(request)

    return answer


class PageOutage:
    """Innermost middleware: answer database outages with 503 and without a traceback in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 503 when the database failed."""
        return _unavailable(request, error) if is_outage(error) else None


def is_outage(error: BaseException | None) -> bool:
    """Return whether the database failed rather than a statement: gone, starting, frozen, full, or a stand-by."""
    if isinstance(error, InternalError):
        return getattr(error.__cause__, "sqlstate", None) == READ_ONLY
    return isinstance(error, OperationalError | InterfaceError)


def unavailable_problem(error: BaseException) -> HttpResponse:
    """Answer a program with 503: it should send the same request again."""
    logger.error("database_unavailable", error=str(error))
    detail = _("The database can't be used at the moment. Send the same request again.")
    return problem(503, "unavailable", detail, retry_after=RETRY_AFTER_SECONDS)


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500: answer 503 when the database is away, else 500."""
    error = sys.exception()
    if error is None or not is_outage(error):
        return server_error(request)
    return _unavailable(request, error)


def _unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    if request.path.startswith("/api/"):
        return unavailable_problem(error)
    logger.error("database_unavailable", error=str(error))
    # Rendered without the request: its session and user are in the database.
    response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
