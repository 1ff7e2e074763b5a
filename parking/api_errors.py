"""Errors that Django itself answers below `/api/`, as problem documents too."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from common.problem import problem

DETAILS = {
    400: ("malformed", "The request could not be read."),
    403: ("forbidden", "You may not do this, or the CSRF token is missing."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method; see the Allow header."),
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


def not_offered(_request: HttpRequest) -> HttpResponse:
    """Say that an address of a package is not offered here."""
    return problem(404, "not_found", "This is not offered here.")


def _is_json(response: HttpResponse) -> bool:
    return "json" in response.get("Content-Type", "")
