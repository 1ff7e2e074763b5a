"""Errors that Django itself answers below `/api/`, as problem documents too."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

from common.errors import DomainError
from common.web import outages
from common.web.problem import domain_problem, problem

DETAILS = {
    400: ("malformed", "The request could not be read."),
    403: ("forbidden", "You may not do this, or the CSRF token is missing."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method; see the Allow header."),
    401: ("unauthorized", "Send credentials: `Authorization: Bearer …`."),
    408: ("timeout", "The body did not arrive in time. Send the same request again."),
    500: ("internal_error", "Something went wrong on our side. It has been recorded; try again."),
    413: ("too_large", "The body is too large."),
}


def api_errors(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: replace the plain error pages of API addresses by problem documents."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path.startswith("/api/") or response.status_code not in DETAILS or _is_json(response):
            return response
        replaced = problem(response.status_code, *DETAILS[response.status_code])
        if "Allow" in response:
            replaced["Allow"] = response["Allow"]
        return replaced

    return answer


def refusal_of(error: BaseException) -> HttpResponse | None:
    """Return the problem document that answers an error; None for a mistake of ours."""
    if isinstance(error, DomainError):
        return domain_problem(error)
    if isinstance(error, Http404):
        return problem(404, "not_found", "There is nothing here, or it is not yours to see.")
    return outages.unavailable_problem(error) if outages.is_outage(error) else None


def not_offered(_request: HttpRequest, **_more: object) -> HttpResponse:
    """Say that an address of a package, or of another process, is not offered here."""
    return problem(404, "not_found", "This is not offered here.")


def _is_json(response: HttpResponse) -> bool:
    return "json" in response.get("Content-Type", "")
