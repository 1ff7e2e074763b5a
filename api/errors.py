"""Turns errors below `/api/` into problem documents, also those that Django answers itself.

The classic API, which has no version in its addresses, says the same as a message.
"""

import json
import re
from collections.abc import Callable, Sequence
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja.errors import ValidationError

from common.errors import DomainError, FieldError
from common.web import outages
from common.web.problem import domain_problem, problem
from common.words import text as _

DETAILS = {
    400: ("malformed", _("The request could not be parsed.")),
    403: ("forbidden", _("You may not do this, or the CSRF token is missing.")),
    404: ("not_found", _("There is nothing at this address.")),
    405: ("method_not_allowed", _("This address does not allow this method; see the Allow header.")),
    401: ("unauthorized", _("Send credentials: `Authorization: Bearer …`.")),
    408: ("timeout", _("The body did not arrive in time. Send the same request again.")),
    500: ("internal_error", _("Something went wrong on our side. It has been recorded; try again.")),
    413: ("too_large", _("The body is too large.")),
}

CLASSIC = re.compile(r"/api/(?!v1/)")
OF_ITS_BODY = {402, 409, 413, 422}
"""What the classic API answers with 400."""
OF_CHECKS = "Value error, "
"""What the framework writes before the words of a check of ours."""


def api_errors(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: replace the error pages of API addresses with problem documents."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path.startswith("/api/") or response.status_code not in DETAILS or _is_json(response):
            return response
        replaced = error_at(request.path, response.status_code)
        if "Allow" in response:
            replaced["Allow"] = response["Allow"]
        return replaced

    return answer


def error_at(path: str, status: int) -> HttpResponse:
    """Return how a request to this address is refused with this status, in the form of the API it is for."""
    refused = problem(status, *DETAILS[status])
    return as_message(refused) if CLASSIC.match(path) else refused


def as_message(refused: HttpResponse) -> HttpResponse:
    """Return a problem document as the classic API says it, which knows few statuses."""
    status = HTTPStatus.BAD_REQUEST if refused.status_code in OF_ITS_BODY else refused.status_code
    said = JsonResponse({"message": json.loads(refused.content)["detail"]}, status=status)
    for header in ("Retry-After", "WWW-Authenticate"):
        if header in refused:
            said[header] = refused[header]
    return said


def refusal_of(error: BaseException) -> HttpResponse | None:
    """Return the problem document for an error; None for an error on our side."""
    if isinstance(error, DomainError):
        return domain_problem(error)
    if isinstance(error, Http404):
        return problem(404, "not_found", _("There is nothing here, or you may not see it."))
    return outages.unavailable_problem(error) if outages.is_outage(error) else None


def wrong_values(error: ValidationError) -> list[FieldError]:
    """Return what is wrong with a body or query, and where, in the words of our own checks or the framework's."""
    return [FieldError(_path(one["loc"]), one["msg"].removeprefix(OF_CHECKS)) for one in error.errors]


def _path(location: Sequence[str | int]) -> str:
    # What follows "body" is the name of our own parameter, which means nothing to callers.
    return ".".join(str(part) for part in location[2 if location[0] == "body" else 1 :])


def not_offered(_request: HttpRequest, **_more: object) -> HttpResponse:
    """Answer 404 for an address that a package or another process defines."""
    return problem(404, "not_found", _("This is not available here."))


def _is_json(response: HttpResponse) -> bool:
    return "json" in response.get("Content-Type", "")
