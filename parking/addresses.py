"""Addresses that no browser and no honest program sends."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


def without_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: refuse a NUL in an address or a cookie, so that none gets as far as PostgreSQL, whose text has none.

    In forms and JSON the fields themselves refuse it, and say which.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", "") or _in_cookies(request):
            raise BadRequest("There is a NUL in the address or in a cookie.")
        return get_response(request)

    return answer


def _in_cookies(request: HttpRequest) -> bool:
    # A quoted cookie writes it as \000.
    return any("\0" in value for value in request.COOKIES.values())
